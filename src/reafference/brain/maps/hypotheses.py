"""Many charts as hypotheses of one map: they compete, the weak are overwritten, and the past can be lived again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import charts as kernels
from reafference.brain.maps.charts import Charts, Rules
from reafference.brain.maps.pay import Pay, earn, hand_on, unpaid

ENOUGH = 0.5  # effective number of charts, as a share of all, below which weak ones are overwritten

PAID = "pay "  # how names of arrays begin


class Hypotheses:
    """Charts that hear the same commands and symbols.

    target   (cells, actions) int32, the sheet: where the packet goes, -1 beyond the edge
    charts   how many
    symbols  how many there can be
    first    symbol at the start
    rng      of what is drawn: whose packet moves, which charts are copied

    `pay` is what each chart was paid where; None until something is paid.
    charts.place and the rest of the state are in `charts`; `weight` (charts,) are the strengths as shares of one.
    `evidence` is the log probability of all symbols so far, given the commands, as these charts estimate it: the
    comparison of two sets of charts with the same past (Verge, Dubarry, Del Moral and Moulines, Stat. Comput. 25 (2015)
    243-260, for such islands of particles). `spikes` and `events` count those of the last action, its replay copies and
    what was preplayed before it included; None where no chart is made of cells.
    """

    made_of = "arrays"
    spikes: int | None = None
    events: int | None = None

    def __init__(
        self,
        target: npt.NDArray[np.int32],
        *,
        charts: int,
        symbols: int,
        first: int,
        rng: np.random.Generator,
        rules: Rules | None = None,
    ) -> None:
        if charts < 1 or symbols < 1:
            raise ValueError(f"charts = {charts} and symbols = {symbols}; a map needs at least one of each.")
        self.target, self.rules, self.symbols, self.rng = target, rules or Rules(), symbols, rng
        self.back = kernels.way_back(target, self.rules)
        self.charts: Charts = kernels.blank(charts, target.shape[0], target.shape[1], symbols)
        self.weight = np.full(charts, 1.0 / charts)
        self.copies = np.zeros(charts, np.int64)
        self.overwritten = 0
        self.evidence = 0.0
        self.pay: Pay | None = None
        self.first = self._known(first)
        for k in range(charts):
            kernels.tag(self.charts, k, 0, first, symbols)

    @property
    def leader(self) -> int:
        """The chart that has foretold the last symbols best."""
        return int(np.argmax(self.charts.standing))

    @property
    def surprise(self) -> float:
        """Of the leading chart, in nats an action, over the last 1 / (1 - fade) actions or so."""
        return float(-self.charts.standing[self.leader] * (1.0 - self.rules.fade))

    def move(self, action: int, symbol: int, reward: float | None = None) -> None:
        """The command, and the symbol that followed, and the reward, where there could have been one."""
        before, here = self.rules.keep * self.charts.strength, self.charts.place.copy()
        draw = self.rng.random(self.weight.size)
        kernels.move(self.charts, self.target, self.back, self.rules, action, self._known(symbol), self.symbols, draw)
        self._earn(here, action, reward)
        self._compare(before)

    def preplay(
        self, motifs: npt.NDArray[np.int32], *, decay: float, novelty: float, value: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """How much would be learned from doing each motif, (motifs,); see `charts.preplay`."""
        score = np.zeros(len(motifs))
        kernels.preplay(
            self.charts,
            self.target,
            self.rules,
            self.weight,
            motifs,
            self.symbols,
            decay,
            novelty,
            self.leader,
            value,
            np.zeros(self.weight.size, np.int32),
            np.zeros(self.symbols),
            score,
        )
        return score

    def _earn(self, here: npt.NDArray[np.int32], action: int, reward: float | None) -> None:
        """Tag a reward on all charts, whose packets were `here` before the action."""
        if self.pay is None and reward:
            self.pay = unpaid(self.weight.size, *self.target.shape)
        if self.pay is not None and reward is not None:
            earn(self.pay, here, self.charts.place, action, float(reward))

    def _compare(self, before: npt.NDArray[np.float64]) -> None:
        """What the symbol makes of the strengths, which were `before` without it; weak charts are overwritten."""
        gained = self.charts.strength - before
        self.evidence += float(np.log(self.weight @ np.exp(gained - gained.max())) + gained.max())
        if kernels.normalise(self.charts, self.weight) < ENOUGH * self.weight.size:
            kernels.offspring(self.weight, self.rng.random(), self.copies)
            self.overwritten += self._overwrite()
            if self.pay is not None:
                hand_on(self.pay, self.copies)
            self.weight[:] = 1.0 / self.weight.size

    def _overwrite(self) -> int:
        """Make `copies` of the charts; returns how many are overwritten."""
        return kernels.overwrite(self.charts, self.copies)

    def packed(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Numbers and arrays that decide how they go on, the generator of their draws apart; `unpack` takes them."""
        about = {"overwritten": self.overwritten, "evidence": self.evidence}
        pay = {} if self.pay is None else {PAID + name: array for name, array in self.pay._asdict().items()}
        return about, {"weight": self.weight, **self.charts._asdict(), **pay}

    def unpack(self, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Become what `packed` told, in charts as young as they were made."""
        self.overwritten, self.evidence = about["overwritten"], about["evidence"]
        self.weight[:] = arrays["weight"]
        for name, own in self.charts._asdict().items():
            own[:] = arrays[name]
        if PAID + "clock" in arrays:
            self.pay = Pay(**{name: np.array(arrays[PAID + name]) for name in Pay._fields})

    def relived(self, lived: Sequence[tuple[int, int]], rewards: Sequence[float | None]) -> Hypotheses:
        """Fresh charts that have gone through the same commands, symbols and rewards, with draws of their own."""
        fresh = Hypotheses(
            self.target,
            charts=self.weight.size,
            symbols=self.symbols,
            first=self.first,
            rng=self.rng,
            rules=self.rules,
        )
        for (action, symbol), reward in zip(lived, rewards, strict=True):
            fresh.move(action, symbol, reward)
        return fresh

    def foretell(self, actions: npt.NDArray[np.int64], seen: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The symbol that the leading chart expects before each of `seen` along a walk, (steps,). Nothing is learned.

        The walk begins where the packet is; where the body may be on that map is carried exactly.
        """
        predicted = np.zeros(actions.size, np.int64)
        scratch = np.zeros((2, self.target.shape[0]))
        kernels.foretell(
            self.charts,
            self.target,
            self.rules,
            self.leader,
            actions,
            seen,
            self.symbols,
            scratch[0],
            scratch[1],
            np.zeros(self.symbols),
            predicted,
        )
        return predicted

    def places(self) -> int:
        """Places with a tag in the leading chart."""
        return int(self.charts.count[self.leader].any(axis=1).sum())

    def _known(self, symbol: int) -> int:
        if not 0 <= symbol < self.symbols:
            raise ValueError(
                f"symbol {symbol} is not one of 0 to {self.symbols - 1}; make the charts with more symbols."
            )
        return symbol

    def __repr__(self) -> str:
        return f"Hypotheses: {self.weight.size} charts, {self.places()} places in the best, log p {self.evidence:.1f}"

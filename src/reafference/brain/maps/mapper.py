"""Hypothesise, act, compare, consolidate: the loop that maps a world by acting on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import charts as kernels
from reafference.brain.maps.chart_value import ChartValue
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.hypotheses import Hypotheses


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """How the next motif is chosen: by what the charts disagree about when they preplay it, and by what it is worth.

    motifs, length  how many are drawn, of how many actions
    done            how many of its actions are carried out before the next choice; 0: each action is drawn, nothing is
                    preplayed
    decay           how much less the next action of a motif counts
    novelty         worth of a place never seen, in Gini indices of disagreement
    pull            worth of what unknown lies beyond the end of the motif, so that an agent surrounded by what it knows
                    does not stay there; far: its discount with each action; doubt: worth of a barrier in doubt
    rest            actions after which the whole past is lived again in fresh charts, which take over if they tell it
                    better; 0: never.  growth: when to do so next, as a multiple
    trouble         nats of surprise an action, over the last 50 or so, from which on that is done earlier: but not
                    before `rest` actions, nor within `soon` actions of the last time
    value           worth of the largest reward met so far, in the same currency; 0: none is wanted
    discount        of a reward one action later
    renewal         what a known place promises that was entered n actions ago: so much times the root of n, in units of
                    the largest reward; see `chart_value.py`
    awake, asleep   most places whose value is backed up before a choice, and at a rest
    efforts         how often the past is lived again in one rest, at most: once, and twice as often as in the last
                    rest if too much surprises
    """

    motifs: int = 40
    length: int = 6
    done: int = 2
    decay: float = 0.8
    novelty: float = 0.1
    pull: float = 0.005
    far: float = 0.9
    doubt: float = 1.0
    sweeps: int = 25
    rest: int = 75
    growth: float = 1.5
    trouble: float = 0.5
    soon: int = 25
    efforts: int = 8
    value: float = 1.0
    discount: float = 0.9
    renewal: float = 0.003
    awake: int = 200
    asleep: int = 20_000


@dataclass(frozen=True)
class Preplay:
    """What was considered when the last motif was chosen.

    motifs  (motifs, actions) int32
    score   (motifs,) float64
    start   cell at which the leading chart had its packet
    """

    motifs: npt.NDArray[np.int32]
    score: npt.NDArray[np.float64]
    start: int


class Mapper:
    """An agent that hears symbols and gives commands.

    Its side of a world is `act() -> action` and `feel(symbol)` or `feel(symbol, reward)`, in turn. `kind` is what its
    charts are made of: `SpikingHypotheses` or `DreamingHypotheses` for a life in spikes.

    Until it is paid for the first time it does what it would do in a world without reward, command by command. From
    then on what a motif earns on the leading chart adds to its score, and one of the motifs is the way that values
    lead.
    """

    def __init__(
        self,
        target: npt.NDArray[np.int32],
        *,
        charts: int,
        symbols: int,
        first: int,
        seed: int,
        rules: Rules | None = None,
        exploration: Exploration | None = None,
        kind: type[Hypotheses] = Hypotheses,
    ) -> None:
        self.rng = np.random.default_rng([seed, 2])
        self.hypotheses = kind(target, charts=charts, symbols=symbols, first=first, rng=self.rng, rules=rules)
        self.exploration = exploration or Exploration()
        self.worth = ChartValue(target.shape[0], discount=self.exploration.discount, renewal=self.exploration.renewal)
        self.lived: list[tuple[int, int]] = []
        self.rewards: list[float | None] = []  # of each action; None: there was none to be had
        self.replayed = 0  # actions lived again, all together
        self.replaced = 0  # rests after which fresh charts took over
        self._rested = 0  # actions before the last rest
        self._next = self.exploration.rest
        self._efforts = 1  # of the last rest
        self._planned: list[int] = []
        self.preplayed: Preplay | None = None

    def packed(self) -> list[Any]:
        """What decides when it rests and what it does next, for a file; `unpack` takes it."""
        rests = [self.replayed, self.replaced, self._rested, self._next, self._efforts, self._planned]
        return [*rests, self.rewards, *self.worth.packed()]

    def unpack(self, held: list[Any]) -> None:
        """Take what `packed` gave."""
        self.replayed, self.replaced, self._rested, self._next, self._efforts, self._planned, self.rewards = held[:7]
        self.worth.unpack(held[7:])

    @property
    def idle(self) -> bool:
        """Whether it is yet to be decided what comes next."""
        return not self._planned

    def intend(self, action: int) -> None:
        """Do this next, whatever it would have chosen."""
        self._planned, self.preplayed = [action], None

    def act(self) -> int:
        """The next command."""
        if not self._planned:
            self._planned = self.choose()
        return self._planned[0]

    def feel(self, symbol: int, reward: float | None = None) -> None:
        """What followed the command, and what it earned where it could earn something."""
        self._live(self._planned.pop(0), symbol, reward)

    def hear(self, action: int, symbol: int, reward: float | None = None) -> None:
        """The command of whoever moves its body, and what followed. What it was about to do is considered anew."""
        self._planned = []
        self._live(action, symbol, reward)

    def rest(self) -> None:
        """Live the whole past again in fresh charts, which take over if they tell it better; then replay backwards."""
        self._rested = len(self.lived)
        self._relive()
        if self.exploration.value > 0:
            self.worth.replay(self.hypotheses, self.exploration.asleep)

    def note(self, reward: float | None) -> None:
        """What the last action earned."""
        self.rewards.append(reward)
        self.worth.largest = max(self.worth.largest, abs(reward or 0.0))

    def _live(self, action: int, symbol: int, reward: float | None) -> None:
        self.lived.append((action, symbol))
        self.note(reward)
        self.hypotheses.move(action, symbol, reward)
        if self._tired():
            self.rest()

    def relived(self, begin: int = 0) -> Hypotheses:
        """Fresh charts, by the rules of the present ones, that have gone through what was lived from an action on."""
        return self.hypotheses.relived(self.lived[begin:], self.rewards[begin:])

    def _tired(self) -> bool:
        """Whether it is time to rest: by the clock, or because too much surprises."""
        plan, age = self.exploration, len(self.lived)
        if plan.rest == 0 or age < plan.rest:
            return False
        if age >= self._next:
            self._next = max(age + 1, int(self._next * plan.growth))
            return True
        return age >= self._rested + plan.soon and self.hypotheses.surprise > plan.trouble

    def _relive(self) -> None:
        """Live the past again, in fresh charts each time; those take over to which it was most probable."""
        plan = self.exploration
        troubled = self.hypotheses.surprise > plan.trouble
        self._efforts = min(2 * self._efforts, plan.efforts) if troubled else 1
        before = self.hypotheses
        for _ in range(self._efforts):
            fresh = before.relived(self.lived, self.rewards)
            self.replayed += len(self.lived)
            if fresh.evidence > self.hypotheses.evidence:
                self.hypotheses = fresh
        self.replaced += self.hypotheses is not before

    def choose(self) -> list[int]:
        """The first actions of the motif whose preplay promises most."""
        plan, hypotheses = self.exploration, self.hypotheses
        actions = hypotheses.target.shape[1]
        if plan.done == 0:
            return [int(self.rng.integers(actions))]
        motifs = self.rng.integers(actions, size=(plan.motifs, plan.length)).astype(np.int32)
        value = np.zeros(hypotheses.target.shape[0])
        kernels.worth(
            hypotheses.charts,
            hypotheses.target,
            hypotheses.rules,
            hypotheses.leader,
            hypotheses.symbols,
            plan.far,
            plan.doubt,
            plan.sweeps,
            value,
        )
        wants = hypotheses.pay is not None and plan.value > 0
        if wants:
            self.worth.replay(hypotheses, plan.awake)
            motifs[0] = self.worth.way(hypotheses, plan.length)
        score = hypotheses.preplay(motifs, decay=plan.decay, novelty=plan.novelty, value=plan.pull * value)
        if wants:
            score += plan.value / self.worth.largest * self.worth.returns(hypotheses, motifs)
        self.preplayed = Preplay(motifs, score, int(hypotheses.charts.place[hypotheses.leader]))
        return [int(action) for action in motifs[int(score.argmax())][: plan.done]]

"""An agent that lives by charts alone: it never gives up the algebra of its body."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.mapper import Mapper
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.snapshot import KnownPlace, Motif, Phase, Snapshot

CHARTS = 256
BEST = 4  # motifs that a snapshot shows
SMOOTH = 50  # actions over which surprise is smoothed
UNKNOWN = -1  # foretold where the leading chart has been nowhere near


class BrokenBrain(ValueError):
    """The file is no whole brain."""


class ChartedAgent:
    """A Mapper that can be looked at, saved and gone on with.

    sheet    the body's algebra
    symbols  that may be met; first: the one before the first action
    seed     of all that is drawn
    charts   how many

    What is saved is the life: commands and symbols, from which `restore` makes the same brain again.
    """

    phase = Phase.CHARTS
    noticed: int | None = None

    def __init__(self, sheet: Sheet, *, symbols: int, first: int, seed: int, charts: int = CHARTS) -> None:
        if charts < 1:
            raise ValueError(f"charts = {charts}; a map needs at least one.")
        self.sheet, self.symbols, self.first, self.seed, self.charts = sheet, symbols, first, seed, charts
        self._mapper = Mapper(sheet.target, charts=charts, symbols=symbols, first=first, seed=seed)
        self._surprise = float(np.log(symbols))
        self._last: tuple[int | None, int] = (None, first)
        self._preplayed: tuple[Motif, ...] = ()

    def act(self) -> int:
        """The next command."""
        preplayed = self._mapper.preplayed
        action = self._mapper.act()
        if self._mapper.preplayed is not preplayed:
            self._preplayed = self._best()
        return action

    def feel(self, symbol: int) -> None:
        """What followed."""
        action = self.act()
        before, replaced = self._mapper.hypotheses.evidence, self._mapper.replaced
        self._mapper.feel(symbol)
        if self._mapper.replaced == replaced:
            self._surprise += (before - self._mapper.hypotheses.evidence - self._surprise) / SMOOTH
        self._last = action, symbol

    def foretell(self, actions: npt.NDArray[np.int64], seen: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The symbol expected before each of `seen` along a walk from here, (steps,); nothing is learned."""
        return self._mapper.hypotheses.foretell(actions, seen)

    def snapshot(self) -> Snapshot:
        """What it knows."""
        hypotheses = self._mapper.hypotheses
        charts, leader, rules = hypotheses.charts, hypotheses.leader, hypotheses.rules
        count, free = self._known()
        cells = np.flatnonzero(count.any(axis=1))
        chance = (count[cells] + rules.alpha) / (count[cells].sum(axis=1, keepdims=True) + self.symbols * rules.alpha)
        return Snapshot(
            actions=len(self._mapper.lived),
            phase=self.phase,
            action=self._last[0],
            symbol=self._last[1],
            surprise=self._surprise,
            strengths=np.sort(hypotheses.weight)[::-1].copy(),
            place=int(charts.place[leader]),
            places=tuple(
                KnownPlace(int(cell), int(p.argmax()), float(p.max()), tuple(free[cell].tolist()))
                for cell, p in zip(cells, chance, strict=True)
            ),
            motifs=self._preplayed,
            spikes=None,
            synaptic_events=None,
        )

    def _known(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Of the leading chart: counts (cells, symbols), and the probability that an action moves (cells, actions)."""
        hypotheses = self._mapper.hypotheses
        charts, leader, rules = hypotheses.charts, hypotheses.leader, hypotheses.rules
        odds = np.log(rules.wall / (1 - rules.wall)) + rules.step * charts.barrier[leader].astype(np.float64)
        free = np.where(self.sheet.target >= 0, 1 / (1 + np.exp(odds)), 0.0)
        return charts.count[leader].astype(np.float64), free

    def _best(self) -> tuple[Motif, ...]:
        """The best motifs of the preplay just done, with what the leading chart makes of them."""
        motifs, score = self._mapper.preplayed
        count, free = self._known()
        start = int(self._mapper.hypotheses.charts.place[self._mapper.hypotheses.leader])
        shown: list[Motif] = []
        for best in np.argsort(-score, kind="stable")[:BEST]:
            cell, foretold = start, list[int]()
            for action in motifs[best].tolist():
                if free[cell, action] >= 0.5:
                    cell = int(self.sheet.target[cell, action])
                foretold.append(int(count[cell].argmax()) if count[cell].any() else UNKNOWN)
            shown.append(Motif(tuple(motifs[best].tolist()), tuple(foretold), float(score[best])))
        return tuple(shown)

    def save(self, path: Path) -> Path:
        """Write one file, never half of it."""
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            np.savez_compressed(
                file,
                target=self.sheet.target,
                sizes=np.array([self.symbols, self.first, self.seed, self.charts]),
                lived=np.array(self._mapper.lived, np.int64).reshape(-1, 2),
            )
        part.replace(path)
        return path

    @classmethod
    def restore(cls, path: Path) -> Self:
        """Live the saved life again, up to its last moment. Raises BrokenBrain where the file is damaged."""
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                sheet, lived = Sheet(file["target"]), file["lived"].tolist()
                symbols, first, seed, charts = file["sizes"].tolist()
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zipfile.error) as error:
            raise BrokenBrain(
                f"{path} is no whole brain ({type(error).__name__}: {error}); bring it back from a copy, or begin a "
                "new life in another folder."
            ) from error
        agent = cls(sheet, symbols=symbols, first=first, seed=seed, charts=charts)
        for moment, (action, symbol) in enumerate(lived):
            if agent.act() != action:
                raise BrokenBrain(
                    f"{path}: action {moment} of this life is {action}, and the same brain now does {agent.act()}; it "
                    "was saved by another version. Begin a new life in another folder."
                )
            agent.feel(symbol)
        return agent

"""A mapping life: a body babbles, then an agent with that body maps a world by acting on it; it can be gone on with."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from reafference.brain.loop import Progress, WorldFailed, answer_of_the_world, live_through
from reafference.brain.maps.algebra import Algebra, learn
from reafference.brain.maps.born import Agent, Born
from reafference.brain.maps.known_bodies import body_arena, motions_of, unknown_sheet
from reafference.brain.maps.map_life import BRAIN, LIVED, SAID, MapLife, MapPlan
from reafference.brain.maps.record import Record, Recorder, lived
from reafference.brain.maps.snapshot import Phase
from reafference.brain.maps.step_time import StepTime
from reafference.brain.maps.symbols import GymnasiumSymbols, symbol_world
from reafference.brain.worlds import TooManySymbols, WorldError
from reafference.brain.worlds.true_room import Eye, eye_for
from reafference.engine.array_file import BadFile

UNKNOWN_SYMBOLS = 64  # that are provided for where the world does not say how many it has
HELD_OUT = 1000  # random actions of the walk that scores the map

Ints = npt.NDArray[np.int64]


class CannotGoOn(ValueError):
    """A life that was saved cannot be gone on with."""


def open_symbols(plan: MapPlan) -> tuple[GymnasiumSymbols, int]:
    """The world of a plan, and how many symbols to provide for."""
    world = symbol_world(plan.world, seed=plan.seed)
    space = world.environment.observation_space
    symbols = plan.symbols or (int(space.n) if isinstance(space, spaces.Discrete) else UNKNOWN_SYMBOLS)
    return symbol_world(plan.world, seed=plan.seed, most_symbols=symbols), symbols


class MappingLife:
    """A life that is being lived.

    Worlds are not saved: the same seed and actions give the same world again, and that is checked.
    """

    def __init__(self, plan: MapPlan, born: Born, progress: Progress | None = None) -> None:
        self.plan, self._born = plan, born
        self._say: Progress = progress or (lambda _, __: None)
        self._say(0.0, "opening the world")
        self.world, self.symbols = open_symbols(plan)
        self._eye: Eye | None = eye_for(self.world.environment)
        first = self.world.reset()
        self._say(0.0, "babbling in a practice arena (compiles once)")
        self.algebra: Algebra | None = None
        arena = body_arena(self.world.actions, plan.seed)
        if arena is None:
            self.sheet = unknown_sheet(self.world.actions, self.symbols)
        else:
            self.algebra = learn(arena, plan.seed, plan.radius)
            self.sheet = self.algebra.sheet
        if self.symbols > self.sheet.cells and arena is not None:
            raise ValueError(
                f"{plan.world} has {self.symbols} symbols, but the sheet of radius {plan.radius} has "
                f"{self.sheet.cells} cells, fewer than one for each; give a larger radius (--radius), or a wrapper "
                "that makes fewer symbols."
            )
        free = frozenset[int]() if self.algebra is None else self.algebra.free
        self.agent: Agent = born.of(self.sheet, free, self.symbols, first, plan.seed)
        self._say(0.0, "waking the time cells (compiles once)")
        self._clock = StepTime(plan.seed)
        self._recorder = Recorder(first, self._pose(), stages=self._clock.stages)
        self._spent = self._wall = 0.0
        self._done, self._full = 0, False

    def _pose(self) -> int:
        return -1 if self._eye is None else self._eye.pose()

    @classmethod
    def resumed(
        cls,
        folder: Path,
        born: Born,
        *,
        actions: int | None = None,
        symbols: int | None = None,
        progress: Progress | None = None,
    ) -> MappingLife:
        """Go on with the life in `folder`, to as many `actions` in all as it was meant to have, or to so many.

        symbols  that may be met from now on, where it has met more than were provided for; None: as many as before

        Raises CannotGoOn, BrokenRecord or what the agent raises where something in the folder is damaged.
        """
        try:
            said = json.loads((folder / SAID).read_text(encoding="utf-8"))
            plan = MapPlan(
                world=said["world"],
                actions=actions or said["planned_actions"],
                seed=said["seed"],
                radius=said["radius"],
                symbols=said.get("symbols"),
            )
            spent, wall = float(said["cpu_seconds"]), float(said["wall_seconds"])
        except FileNotFoundError as error:
            raise CannotGoOn(f"{folder} holds no life to go on with; leave --resume out to begin one.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise CannotGoOn(
                f"{folder / SAID} is damaged ({type(error).__name__}: {error}); bring it back from a copy, or begin a "
                "new life in another folder."
            ) from error
        try:
            record = Record.load(folder / LIVED)
        except FileNotFoundError as error:
            raise CannotGoOn(
                f"{folder} has no {LIVED}, the record of the life; bring it back from a copy, or begin a new life in "
                "another folder."
            ) from error
        if record.actions > plan.actions:
            raise CannotGoOn(
                f"{folder} has lived {record.actions} actions already; give more than that, not {actions}."
            )
        life = cls(plan, born, progress)
        if said.get("sheet_cells", life.sheet.cells) != life.sheet.cells:
            raise CannotGoOn(
                f"{folder / SAID} speaks of a sheet of {said['sheet_cells']} cells, and radius {plan.radius} makes "
                f"{life.sheet.cells}; bring it back from a copy, or begin a new life in another folder."
            )
        life._say(0.0, "living the past of the world again")
        relive(life.world, record)
        for _ in range(record.actions):
            life._clock.step()
        try:
            life.agent = born.restored(folder / BRAIN)
        except (BadFile, FileNotFoundError) as error:
            raise CannotGoOn(
                f"{folder / BRAIN} is no whole brain ({error}); bring it back from a copy, or begin a new life in "
                "another folder."
            ) from error
        if life.agent.snapshot().actions != record.actions:
            raise CannotGoOn(
                f"{folder}: the brain has lived {life.agent.snapshot().actions} actions and the record has "
                f"{record.actions}; the files are of different moments. Bring them back from one copy."
            )
        if symbols is not None:
            born.widen(life.agent, symbols)
            life.plan, life.symbols = replace(plan, symbols=symbols), symbols
            life.world.provide(symbols)
        life._recorder = Recorder.of(record)
        life._spent, life._wall, life._done = spent, wall, record.actions
        return life

    def live(self) -> MapLife:
        """Live what is left. Ctrl-C ends it between two actions; what was lived until then comes back."""

        def moment(_: int) -> str:
            started, clock = time.process_time(), time.perf_counter()
            action = self.agent.act()
            symbol, reward = self._answer(action)
            self.agent.feel(symbol, reward)
            self._spent += time.process_time() - started
            self._wall += time.perf_counter() - clock
            self._recorder.add(self.agent.snapshot(), self._pose(), self._clock.step())
            self._done += 1
            return "mapping" if self.agent.phase is Phase.CHARTS else "the sheet is given up; mapping by clones"

        ending = live_through(
            range(self._done, self.plan.actions),
            moment,
            lambda what: self._say(self._done / self.plan.actions, what),
        )
        record = self._recorder.record()
        notes: list[str] = []
        if self._full:
            notes.append(self._too_few_symbols())
        elif ending.failure:
            notes.append(f"{self.plan.world} failed after {self._done} actions: {ending.failure}")
        elif not ending.complete:
            notes.append(f"Interrupted after {self._done} of {self.plan.actions} actions; --resume goes on from there.")
        score, complete = None, ending.complete
        if complete:
            try:
                self._say(1.0, "a walk that was held out")
                score, note = self._score(record)
            except KeyboardInterrupt:
                complete = False
                note = "Interrupted in the walk that scores the map; all actions are kept, --resume walks it again."
            notes += [note] if note else []
        return MapLife(
            plan=self.plan,
            summary=self._summary(record, score, complete=complete, failure=ending.failure),
            record=record,
            sheet=self.sheet,
            motions=motions_of(self.world),
            room=None if self._eye is None else self._eye.room(self.world.met),
            agent=self.agent,
            whole=ending.whole,
            complete=complete,
            notes=tuple(notes),
        )

    def _answer(self, action: int) -> tuple[int, float | None]:
        try:
            with answer_of_the_world():
                return self.world.earn(action)
        except WorldFailed as error:
            self._full = isinstance(error.__cause__, TooManySymbols)
            raise

    def _too_few_symbols(self) -> str:
        """What to do where the world showed one symbol more than there is room for."""
        more = min(2 * self.symbols, self.sheet.cells)
        remedy = (
            f"If observations do come back, go on from there with room for more: --resume --symbols {more}; charts in "
            f"cells cannot be given more, so there begin again, with --symbols {more}."
            if more > self.symbols
            else f"The sheet has no cell for another: begin again, with --radius above {self.plan.radius}."
        )
        return (
            f"{self.plan.world} showed more than {self.symbols} different observations after {self._done} actions; the "
            f"life is kept up to there. {remedy} A world in which hardly any comes back "
            "has no map: wrap it in an ObservationWrapper that rounds or picks what matters."
        )

    def _score(self, record: Record) -> tuple[tuple[float, float] | None, str]:
        """Share of symbols foretold on random actions from here, in a world that was lived up to here once more.

        And the share that always naming the most frequent symbol of that walk foretells; or a note why there is none.
        """
        copy, _ = open_symbols(self.plan)
        rng = np.random.default_rng([self.plan.seed, 7])
        actions, seen = rng.integers(self.world.actions, size=HELD_OUT), np.zeros(HELD_OUT, np.int64)
        try:
            copy.reset()
            relive(copy, record)
            for step, action in enumerate(actions.tolist()):
                seen[step] = copy.step(action)
        except (WorldError, CannotGoOn) as error:
            return None, f"No held-out walk: {error}"
        finally:
            copy.close()
        return (self._born.score(self.agent, actions, seen), float(np.bincount(seen).max() / HELD_OUT)), ""

    def _summary(
        self, record: Record, score: tuple[float, float] | None, *, complete: bool, failure: str
    ) -> dict[str, Any]:
        last = record.actions > 0
        in_cells = last and np.isfinite(record.spikes).any()
        frame = record.frames[-1] if record.frames else None
        effective = float(record.effective[-1]) if last else np.nan
        earned = self.agent.earned
        return {
            "world": self.plan.world,
            "seed": self.plan.seed,
            "radius": self.plan.radius,
            "symbols": self.plan.symbols,
            "planned_actions": self.plan.actions,
            "actions": record.actions,
            "complete": complete,
            "failure": failure or None,
            "places": None if frame is None else len(frame.places),
            "symbols_met": len(self.world.met),
            "charts": int(self.agent.snapshot().strengths.size),
            "accuracy": None if score is None else score[0],
            "accuracy_of_most_frequent": None if score is None else score[1],
            "held_out_actions": None if score is None else HELD_OUT,
            "earned": None if earned is None else earned.total,
            "first_earned_at": None if earned is None else earned.first,
            "earned_in_last_quarter": None if earned is None else earned.late,
            "surprise_nats": float(record.surprise[-1]) if last else None,
            "effective_charts": effective if np.isfinite(effective) else None,
            "phase": str(self.agent.phase),
            "noticed_at": self.agent.noticed,
            "cpu_ms_per_action": self._spent / record.actions * 1e3 if last else None,
            "spikes_per_action": float(np.nanmean(record.spikes)) if in_cells else None,
            "synaptic_events_per_action": float(np.nanmean(record.events)) if in_cells else None,
            "sheet_cells": self.sheet.cells,
            "babbled_actions": None if self.algebra is None else len(self.algebra.babble.commands),
            "relations": None if self.algebra is None else [list(word) for word in self.algebra.relations],
            "cpu_seconds": self._spent,
            "wall_seconds": self._wall,
        }


def relive(world: GymnasiumSymbols, record: Record) -> None:
    """Do in a world that has just begun what was done. Raises CannotGoOn where it does not answer as it did."""
    for step, (action, symbol) in enumerate(lived(record)):
        try:
            again = world.step(action)
        except WorldError as error:
            raise CannotGoOn(f"{world.name} cannot repeat action {step} of the saved life: {error}") from error
        if again != symbol:
            raise CannotGoOn(
                f"{world.name} answered action {step} with symbol {again}, and in the life that was saved with "
                f"{symbol}; it is another world now, or one whose chance does not follow its seed."
            )

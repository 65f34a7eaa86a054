"""One life: charts on the sheet of the body while the world obeys it, the clone store once it does not."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from reafference.brain.maps import charts as kernels
from reafference.brain.maps.agent_file import read_agent, write_agent
from reafference.brain.maps.clone_value import promised
from reafference.brain.maps.clones import CloneStore
from reafference.brain.maps.doors import door
from reafference.brain.maps.life_plan import LifePlan, check_life
from reafference.brain.maps.mapper import Mapper
from reafference.brain.maps.notice import Folds, excess, repetition
from reafference.brain.maps.pay import Earned, earned
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.snapshot import KnownPlace, Motif, Phase, Snapshot
from reafference.brain.maps.suspicion import errand, untold

SMOOTH = 0.98  # of surprise that is shown and watched: over the last 50 actions or so
SHOWN = 5  # motifs in a snapshot


class MappingAgent:
    """An agent that maps a world by its own commands and the symbols that follow.

    sheet    what the actions of the body do to one another
    symbols  how many there can be; at most the cells of the sheet
    first    symbol at the start
    seed     of every draw

    `act` and `feel` in turn; a reward, where the world has some, is told with the symbol. `phase` tells which map it
    lives by, `noticed` the action at which it was first found that the world breaks the sheet (None: it was not). A
    door that opens one way only is let into the charts. Anything else makes it give the sheet up; then commands are
    drawn at random until something is paid, and by what the clones are worth from then on.

    Raises ValueError for what cannot be a life.
    """

    def __init__(self, sheet: Sheet, *, symbols: int, first: int, seed: int, plan: LifePlan | None = None) -> None:
        self.sheet, self.symbols, self.seed, self.plan = sheet, symbols, seed, plan or LifePlan()
        check_life(sheet, symbols, first, self.plan)
        self.phase = Phase.CHARTS
        self.mapper = Mapper(
            sheet.target,
            charts=self.plan.charts,
            symbols=symbols,
            first=first,
            seed=seed,
            rules=self.plan.rules,
            exploration=self.plan.exploration,
            kind=self.plan.kind,
        )
        self.store: CloneStore | None = None
        self.noticed: int | None = None
        self._folds = Folds(sheet.target)
        self._excess = self._surprise = 0.0
        self._contradicted = self._age = 0
        self._suspect: tuple[int, int | None] | None = None  # an automorphism, or a cell and an action at a door
        self._since = 0  # the age at which it was first suspected
        self._command: int | None = None
        self._last: tuple[int | None, int] = None, first

    @property
    def actions(self) -> int:
        """Actions lived so far."""
        return self._age

    def __repr__(self) -> str:
        mapped = self.mapper.hypotheses
        lines = [
            f"MappingAgent after {self._age:,} actions, seed {self.seed}: {mapped.weight.size} charts of "
            f"{self.sheet.cells} cells, {self.sheet.actions} actions, at most {self.symbols} symbols",
            f"  map: {mapped.places()} places in the leading chart; surprise {self._surprise:.3g} nats an action",
        ]
        if self.store is None and self.noticed is not None:
            lines.append(f"  a door that opens one way only was let in at action {self.noticed:,}")
        if self.store is not None:
            lines.append(f"  the sheet was given up at action {self.noticed:,}; it lives by {self.store}")
        return "\n".join(lines)

    @property
    def earned(self) -> Earned | None:
        """What it was paid; None while it was paid nothing."""
        return earned(self.mapper.rewards)

    def act(self) -> int:
        """The next command; the same one until `feel` tells what followed."""
        if self._command is None:
            if self.store is None:
                self._go_and_see()
                self._command = self.mapper.act()
            else:
                self._command = self._wanted(self.store)
        return self._command

    def feel(self, symbol: int, reward: float | None = None) -> None:
        """What followed the command, and what it earned in a world in which something can be earned.

        Raises TypeError or ValueError, and changes nothing, if it can be no symbol or no reward.
        """
        symbol = self._possible(symbol, reward)
        self._live(self.act(), symbol, reward, self.mapper.feel)

    def hear(self, action: int, symbol: int, reward: float | None = None) -> None:
        """The command of whoever moves its body, and what followed; what it was about to do is considered anew.

        Raises as `feel` does, and for what is no action.
        """
        action, symbol = operator.index(action), self._possible(symbol, reward)
        if not 0 <= action < self.sheet.actions:
            raise ValueError(f"action {action} is outside 0 to {self.sheet.actions - 1}; the body has no such command.")
        self._live(action, symbol, reward, partial(self.mapper.hear, action))

    def _possible(self, symbol: int, reward: float | None) -> int:
        """The symbol as a whole number. Raises TypeError or ValueError for what can be no symbol or no reward."""
        symbol = operator.index(symbol)
        if not 0 <= symbol < self.symbols:
            raise ValueError(
                f"symbol {symbol} is outside 0 to {self.symbols - 1}; make the agent with more symbols, or have the "
                "world tell fewer things apart."
            )
        if reward is not None and not math.isfinite(reward):
            raise ValueError(f"reward = {reward}; give a finite number, and 0 for none.")
        return symbol

    def _live(self, action: int, symbol: int, reward: float | None, told: Callable[[int, float | None], None]) -> None:
        """What followed an action; `told` tells it to the mapper, while it maps."""
        self._command = None
        self._age += 1
        self._last = action, symbol
        if self.store is None:
            beyond = excess(self.mapper.hypotheses, action, symbol)
            self._excess += (1.0 - SMOOTH) * (beyond - self._excess)
            told(symbol, reward)
            self._surprise = self.mapper.hypotheses.surprise
            if self._broken():
                self._hand_over()
        else:
            nats = -math.log(self.store.step(action, symbol))
            self._surprise += (1.0 - SMOOTH) * (nats - self._surprise)
            self.mapper.note(reward)
            self._sleep(self.store)

    def _wanted(self, store: CloneStore) -> int:
        """The next command in the phase of clones: any, until something was paid."""
        plan, rng = self.plan.exploration, self.mapper.rng
        wanders = self.mapper.worth.largest == 0 or plan.value == 0 or rng.random() < self.plan.wandering
        if wanders:
            return int(rng.integers(self.sheet.actions))
        return int(promised(store, self.mapper.rewards, discount=plan.discount, renewal=plan.renewal).argmax())

    def snapshot(self) -> Snapshot:
        """What can be shown of the agent now."""
        mapped, leader = self.mapper.hypotheses, self.mapper.hypotheses.leader
        charts = mapped.charts
        places = list[KnownPlace]()
        for cell in sorted(charts.touched[leader, : charts.size[leader]].tolist()):
            tags = charts.count[leader, cell].astype(np.float64)
            if tags.any():
                share = (tags + mapped.rules.alpha) / (tags.sum() + mapped.rules.alpha * self.symbols)
                free = tuple(
                    float(kernels.passage(charts, mapped.rules, leader, cell, action))
                    for action in range(self.sheet.actions)
                )
                places.append(KnownPlace(cell, int(share.argmax()), float(share.max()), free))
        return Snapshot(
            actions=self._age,
            phase=self.phase,
            action=self._last[0],
            symbol=self._last[1],
            surprise=self._surprise,
            strengths=np.sort(mapped.weight)[::-1].copy(),
            place=int(charts.place[leader]),
            places=tuple(places),
            motifs=self._motifs() if self.phase is Phase.CHARTS else (),
            spikes=mapped.spikes if self.phase is Phase.CHARTS else None,
            synaptic_events=mapped.events if self.phase is Phase.CHARTS else None,
        )

    def save(self, path: str | Path) -> None:
        """Write everything to one file, whole or not at all."""
        watch = [self.noticed, self._excess, self._surprise, self._contradicted, self._age, self._command, *self._last]
        rules = self.plan.rules._replace(mutual=self.mapper.hypotheses.rules.mutual)
        write_agent(
            Path(path),
            self.mapper,
            self.store,
            [*watch, self._since, self._suspect],
            sheet=self.sheet,
            symbols=self.symbols,
            seed=self.seed,
            plan=replace(self.plan, rules=rules),
        )

    @classmethod
    def restore(cls, path: str | Path) -> MappingAgent:
        """The agent that was saved; it goes on with exactly the same commands and, with charts in cells, spikes.

        Raises BadFile if the file is cut short, damaged, of another version, or holds no agent.
        """
        held = read_agent(Path(path))
        agent = cls(held.sheet, symbols=held.symbols, first=held.first, seed=held.seed, plan=held.plan)
        held.wake(agent.mapper)
        agent.store, agent.phase = held.store, Phase.CHARTS if held.store is None else Phase.CLONES
        agent.noticed, agent._excess, agent._surprise, agent._contradicted, agent._age, agent._command, *last = (
            held.watch
        )
        agent._last, agent._since = (last[0], last[1]), last[2]
        agent._suspect = None if last[3] is None else (last[3][0], last[3][1])
        return agent

    def _broken(self) -> bool:
        """Whether the map repeats itself, also after the past was lived again, or goes on contradicting itself."""
        plan = self.plan
        self._contradicted = self._contradicted + 1 if self._excess > plan.contradicted else 0
        if self._contradicted >= plan.patience:
            return True
        before, repeats = self._suspect, False
        if self._age % plan.every == 0 and self._repeats() and self._repeated_lately():
            self.mapper.rest()
            repeats = self._repeats()
        if self._age % plan.every == 0 or (before is not None and before[1] is not None):
            self._look_for_doors()
        if before is None or self._age > self._since + 5 * plan.errand:
            self._since = self._age
        return repeats

    def _repeats(self) -> bool:
        """Whether the map repeats itself."""
        found = repetition(self.mapper.hypotheses, self._folds)
        self._suspect = None
        if found is not None and found.evidence > self.plan.suspected:
            self._suspect = found.cell, None
        return found is not None and found.evidence > self.plan.repeated

    def _repeated_lately(self) -> bool:
        """Whether a map of the last actions alone repeats itself, too.

        One of the whole past also does where a room has changed: its old and its new look then lie apart. Fresh charts
        live these actions, from a moment on when the symbol was the first one of life.
        """
        mapped, lived = self.mapper.hypotheses, self.mapper.lived
        begin = max(0, len(lived) - self.plan.window)
        while 0 < begin < len(lived) and lived[begin - 1][1] != mapped.first:
            begin += 1
        if begin == 0:
            return True
        found = repetition(self.mapper.relived(begin), self._folds)
        return found is not None and found.evidence > self.plan.repeated

    def _look_for_doors(self) -> None:
        """Let doors into the map if there is one; suspect one if there may be."""
        plan = self.plan
        found = door(self.mapper.hypotheses, self.mapper.lived[-plan.window :])
        if found is not None and found.evidence > plan.door:
            self._let_doors_in()
        elif found is not None and found.evidence > plan.ajar:
            self._suspect = found.cell, found.action

    def _let_doors_in(self) -> None:
        """From now on each side of a passage learns by itself; the past is lived again so."""
        self.noticed = self._age
        mapped = self.mapper.hypotheses
        mapped.rules = mapped.rules._replace(mutual=False)
        self.mapper.hypotheses = self.mapper.relived()
        self._suspect = None

    def _go_and_see(self) -> None:
        """Put a suspicion to the test, if there is one and nothing else was planned."""
        if self._suspect is None or not self.mapper.idle or self._age >= self._since + self.plan.errand:
            return
        mapped, (cell, action) = self.mapper.hypotheses, self._suspect
        if action is None:
            action = errand(mapped, untold(mapped, self._folds, cell))
        elif cell != mapped.charts.place[mapped.leader]:
            action = errand(mapped, np.array([cell]))
        if action is not None:
            self.mapper.intend(action)

    def _hand_over(self) -> None:
        """Give the sheet up: the clone store lives all that was lived, and goes on."""
        self.noticed, self.phase = self.noticed or self._age, Phase.CLONES
        self.store = CloneStore(self.sheet.actions, self.symbols, clones=self.plan.clones, seed=self.seed)
        self.store.start(self.mapper.hypotheses.first)
        for action, symbol in self.mapper.lived:
            self.store.step(action, symbol)
        self.store.replay(self.plan.replays)

    def _sleep(self, store: CloneStore) -> None:
        plan, thousands = self.plan, self._age // 1000
        if self._age % plan.rest == 0:
            store.replay(plan.replays)
        if self._age % 1000 == 0 and thousands & (thousands - 1) == 0:
            for _ in range(plan.rivals):
                store.rival(plan.dreams)

    def _motifs(self) -> tuple[Motif, ...]:
        preplay, mapped = self.mapper.preplayed, self.mapper.hypotheses
        if preplay is None:
            return ()
        leader, motifs = mapped.leader, list[Motif]()
        even = math.log((1.0 - mapped.rules.wall) / mapped.rules.wall)
        for best in np.argsort(-preplay.score, kind="stable")[:SHOWN].tolist():
            cell, foretold = preplay.start, list[int]()
            for action in preplay.motifs[best].tolist():
                there = int(mapped.target[cell, action])
                if there >= 0 and mapped.rules.step * int(mapped.charts.barrier[leader, cell, action]) < even:
                    cell = there
                foretold.append(int(mapped.charts.count[leader, cell].argmax()))
            motifs.append(Motif(tuple(preplay.motifs[best].tolist()), tuple(foretold), float(preplay.score[best])))
        return tuple(motifs)

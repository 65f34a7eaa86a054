"""Lives in rooms whose places look alike: after how many actions a map foretells a walk that nobody learned from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.charts import Rules
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.mapper import Exploration, Mapper
from reafference.brain.worlds import AliasedRoom, FourWay
from reafference.brain.worlds.bodies import Body

Ints = npt.NDArray[np.int64]
Walk = tuple[Ints, Ints, Ints]

EVERY = 25  # actions between two walks
HELD_OUT = 1000  # actions of a walk


@dataclass(frozen=True, kw_only=True)
class Task:
    """Rooms of one kind, and what counts as knowing one.

    mark   share of the true symbols of a held-out walk that has to be foretold
    limit  actions after which a life has failed
    """

    rows: int
    columns: int
    noise: float = 0.0
    mark: float = 0.99
    limit: int = 2000
    symbols: int = 4
    body: Body = field(default_factory=FourWay)

    def __str__(self) -> str:
        noise = f", {self.noise:.0%} wrong" if self.noise else ""
        return f"{self.rows * self.columns} places{noise}"


@dataclass(frozen=True, kw_only=True)
class Means:
    """What an agent has to map with."""

    target: npt.NDArray[np.int32]
    charts: int = 256
    rules: Rules = field(default_factory=Rules)
    exploration: Exploration = field(default_factory=Exploration)

    def mapper(self, task: Task, first: int, seed: int) -> Mapper:
        """An agent that has met the first symbol."""
        return Mapper(
            self.target,
            charts=self.charts,
            symbols=task.symbols,
            first=first,
            seed=seed,
            rules=self.rules,
            exploration=self.exploration,
        )


class Housed:
    """A room with a body in it, and the truth about both.

    room  seed of what is where;  life  seed of where the body begins and which sensations are wrong
    """

    def __init__(self, task: Task, room: int, life: int):
        self.room, self.life, self.noise = room, life, task.noise
        self.world = AliasedRoom(
            task.rows, task.columns, symbols=task.symbols, noise=task.noise, body=task.body, seed=room
        )
        self.first, self.info = self.world.reset(seed=life)

    def step(self, action: int) -> int:
        """Act, and return what is sensed then."""
        symbol, _, _, _, self.info = self.world.step(action)
        return symbol

    def walk(self, number: int) -> Walk:
        """A random walk from where the body is, which stays there: actions, symbols seen and true, each (steps,)."""
        layout = self.world.layout
        rng = np.random.default_rng([self.room, self.life, number])
        actions = rng.integers(layout.target.shape[1], size=HELD_OUT)
        true = np.zeros(HELD_OUT, np.int64)
        pose = int(self.info["pose"])
        for step, action in enumerate(actions):
            pose = layout.target[pose, action]
            true[step] = layout.symbol[pose]
        wrong = rng.random(HELD_OUT) < self.noise
        return actions, (true + wrong * rng.integers(1, layout.symbols, size=HELD_OUT)) % layout.symbols, true


@dataclass
class Watch:
    """What held-out walks say of what somebody has learned so far; `needed` is infinite until the mark was passed."""

    mark: float
    needed: float = np.inf
    right: float = 0.0
    story: list[str] = field(default_factory=list[str])

    def look(self, hypotheses: Hypotheses, walk: Walk, action: int) -> None:
        """Let the map foretell a walk."""
        actions, seen, true = walk
        self.right = float((hypotheses.foretell(actions, seen) == true).mean())
        self.story.append(f"{action}: {self.right:.2f} {hypotheses.places()}")
        if self.right > self.mark and self.needed == np.inf:
            self.needed = action


@dataclass
class Listener:
    """A passive twin: it feels what the driver's body feels, and is told `command` of each command of the driver."""

    mapper: Mapper
    command: Callable[[int], int]
    watch: Watch


@dataclass
class Lives:
    """What came of several lives; times are those of choosing and learning, the world and the walks left out."""

    needed: list[float] = field(default_factory=list[float])
    right: list[float] = field(default_factory=list[float])
    failures: list[str] = field(default_factory=list[str])
    actions: int = 0
    replayed: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    def add(self, watch: Watch, mapper: Mapper, name: str) -> None:
        """Note what came of one."""
        self.needed.append(watch.needed)
        self.right.append(watch.right)
        self.actions += len(mapper.lived)
        self.replayed += mapper.replayed
        if watch.needed == np.inf:
            last = watch.story[:: max(1, len(watch.story) // 8)]
            self.failures.append(f"{name} ({'; '.join([*last, watch.story[-1]])})")

    def refused(self, name: str, why: str) -> None:
        """Note a life that had nothing to map with."""
        self.needed.append(np.inf)
        self.failures.append(f"{name} ({why})")

    def needed_row(self) -> list[str]:
        """Number of lives, median and worst of the actions needed, failures."""
        needed = np.array(self.needed)
        failed = int(np.isinf(needed).sum())
        middle = float(np.sort(needed)[[(needed.size - 1) // 2, needed.size // 2]].mean())
        return [str(needed.size), shown(middle), shown(float(needed.max())), f"{failed}"]

    def cost_row(self) -> list[str]:
        """Milliseconds an action by the wall clock and of CPU, and actions lived again for each."""
        if self.actions == 0:
            return ["-", "-", "-"]
        return [
            f"{self.wall / self.actions * 1e3:.2f}" if self.wall else "-",
            f"{self.cpu / self.actions * 1e3:.2f}" if self.cpu else "-",
            f"{self.replayed / self.actions:.1f}",
        ]


def shown(actions: float) -> str:
    """A number of actions, or what stands for none being enough."""
    return "inf" if np.isinf(actions) else f"{actions:.0f}"


def live(task: Task, means: Means, room: int, life: int, lives: Lives, stream: int = 0, twins: Sequence[Twin] = ()):
    """One life in one room until its map passes the mark, and in any case for `stream` actions if there are twins."""
    housed = Housed(task, room, life)
    seed = 1000 * room + life
    mapper, own = means.mapper(task, housed.first, seed), Watch(task.mark)
    listeners = [twin.listener(task, means, housed.first, seed) for twin in twins]
    for action in range(1, task.limit + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        command = mapper.act()
        lives.wall += time.perf_counter() - wall
        lives.cpu += time.process_time() - cpu
        symbol = housed.step(command)
        wall, cpu = time.perf_counter(), time.process_time()
        mapper.feel(symbol)
        lives.wall += time.perf_counter() - wall
        lives.cpu += time.process_time() - cpu
        for listener in listeners:
            listener.mapper.hear(listener.command(command), symbol)
        if action % EVERY == 0:
            walk = housed.walk(action)
            own.look(mapper.hypotheses, walk, action)
            for listener in listeners:
                listener.watch.look(listener.mapper.hypotheses, walk, action)
            if own.needed < np.inf and (not listeners or action >= stream):
                break
    name = f"room {room} life {life}"
    lives.add(own, mapper, name)
    for twin, listener in zip(twins, listeners, strict=True):
        twin.lives.add(listener.watch, listener.mapper, name)


@dataclass
class Twin:
    """A kind of passive twin.

    command  (twin's own random numbers, command of the driver) -> command that the twin is told
    """

    command: Callable[[np.random.Generator, int], int]
    lives: Lives = field(default_factory=Lives)

    def listener(self, task: Task, means: Means, first: int, seed: int) -> Listener:
        """One twin of this kind, whose charts draw random numbers of their own."""
        rng = np.random.default_rng([seed, 4])
        return Listener(
            means.mapper(task, first, seed + 1_000_000_000),
            lambda command: self.command(rng, command),
            Watch(task.mark),
        )

"""Babbling that finds relations: words of actions that return, wherever they begin.

A body that knows nothing but its own commands repeats a short random motif, as infants repeat a movement (Thelen 1979,
Animal Behaviour 27:699-715), until the sensation that it began with is there again. If that takes k repetitions from
several starts, motif^k is a relation. So words are found that a random walk hardly ever makes: eight actions lead a
body that turns and walks around a square, and it has to repeat a motif of two.

Each motif is under a sequential test (after Wald 1945, Annals of Mathematical Statistics 16:117-186): it is kept when
returns at one order exceed the runs that went past this order by `KEEP`, and are at least a third of all runs; it is
dropped when runs in vain exceed those that returned by `DROP`. Every run of a motif begins at another sensation. A run
that is stopped (a step after which the sensation is the same: a wall) says nothing about the orders that it did not
reach. An action that leaves nearly all sensations as they are does nothing: it is a relation by itself, and is in no
longer motif.

The practice arena must look different in every pose, or the return of a sensation is not the return of the body; see
`algebra.py` for how an arena that does not is noticed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from reafference.brain.maps.cosets import Word
from reafference.brain.maps.symbols import SymbolWorld

KEEP = 3
"""Returns from different starts, beyond the runs that went past the same order, that make a relation."""

DROP = 5
"""Runs in vain, beyond those that returned, that drop a motif. More than `KEEP`, as a wall stops many a true one."""

STILL_MARGIN = 16
"""Sensations that an action leaves as they are, beyond `STILL_ODDS` times those that it changes, that make it one that
does nothing; more than a wall has places."""

STILL_ODDS = 2
"""What one sensation that the action changes counts against; wrong sensations make it seem so for one in ten."""


@dataclass(frozen=True)
class Relation:
    """A motif that returns when it is done `order` times.

    motif    actions, at least 1
    order    repetitions after which the sensation of the start was there again
    returns  runs, each from another sensation, that returned at this order
    misses   runs that went past this order without a return
    """

    motif: Word
    order: int
    returns: int
    misses: int

    @property
    def word(self) -> Word:
        """The whole word that returns."""
        return self.motif * self.order

    def __str__(self) -> str:
        return f"{self.motif}^{self.order}: {self.returns} of {self.returns + self.misses} returned"


@dataclass(frozen=True)
class Babble:
    """What a babbling body did, felt and found.

    actions    actions that the body has
    symbols    (commands + 1,) int32   sensation before the first command and after each
    commands   (commands,) int32       what it did
    relations  in the order in which they were found
    dropped    motifs that do not return
    open       motifs that were begun and not decided when the commands were used up
    """

    actions: int
    symbols: NDArray[np.int32]
    commands: NDArray[np.int32]
    relations: tuple[Relation, ...]
    dropped: tuple[Word, ...]
    open: tuple[Word, ...]

    @property
    def words(self) -> list[Word]:
        """The words that return."""
        return [relation.word for relation in self.relations]

    def __repr__(self) -> str:
        return (
            f"{len(self.commands)} commands, {len(set(self.symbols.tolist()))} different sensations, "
            f"{len(self.relations)} relations, {len(self.dropped)} motifs dropped, {len(self.open)} open"
        )


@dataclass
class Trial:
    """The test of one motif: `returns[k]` and `passes[k]` count runs that returned at order k, or went past it.

    starts          sensations at which its runs began
    vain            runs without return
    chance          1 at first, one more each time that it is taken up again after it was dropped
    still, changed  of a motif of one action: sensations that it mostly left as they were, or mostly changed
    """

    motif: Word
    starts: set[int] = field(default_factory=set[int])
    returns: Counter[int] = field(default_factory=Counter[int])
    passes: Counter[int] = field(default_factory=Counter[int])
    vain: int = 0
    chance: int = 1
    still: int = 0
    changed: int = 0

    def judge(self) -> Relation | None:
        """Return the relation, if the runs so far are enough for one."""
        if self.still - STILL_ODDS * self.changed >= STILL_MARGIN:
            return Relation(self.motif, 1, self.still, self.changed)
        if self.seems_still:
            return None
        order = max(self.returns, key=lambda order: (self.returns[order], -order), default=0)
        returns, misses = self.returns[order], self.passes[order]
        if returns - misses >= KEEP and 2 * returns > self.vain:
            return Relation(self.motif, order, returns, misses)
        return None

    @property
    def seems_still(self) -> bool:
        """Whether the motif is one action that may be one that does nothing."""
        return STILL_ODDS * self.still > self.changed

    @property
    def hopeless(self) -> bool:
        """Whether runs in vain exceed returns by the margin; twice that if none of them was let through once.

        With each chance the margin is as much wider.
        """
        margin = self.chance * (DROP if self.passes[1] else 2 * DROP)
        return not self.seems_still and self.vain - self.returns.total() >= margin

    @property
    def urgency(self) -> tuple[bool, int]:
        """Motifs that have returned come first, then those that were tried least."""
        return self.returns.total() > 0, -len(self.starts)


class Body:
    """A world together with everything that was done and felt in it, and how much may still be done."""

    def __init__(self, world: SymbolWorld, most_actions: int):
        self.world, self.left = world, most_actions
        self.symbols = [world.reset()]
        self.commands = list[int]()
        self.kept: list[Counter[int]] = [Counter() for _ in range(world.actions)]

    @property
    def symbol(self) -> int:
        """The sensation now."""
        return self.symbols[-1]

    def step(self, action: int) -> bool:
        """Do one action; return whether the sensation changed."""
        before = self.symbol
        self.symbols.append(self.world.step(action))
        self.commands.append(action)
        self.left -= 1
        changed = self.symbol != before
        self.kept[action][before] += -1 if changed else 1
        return changed

    def stillness(self, action: int) -> tuple[int, int]:
        """Return how many sensations an action mostly left as they were, and how many it mostly changed."""
        tries = self.kept[action].values()
        return sum(net > 0 for net in tries), sum(net < 0 for net in tries)


def babble(
    world: SymbolWorld,
    seed: int,
    most_actions: int = 2000,
    longest_motif: int = 4,
    most_repetitions: int = 6,
) -> Babble:
    """Babble in a practice arena and return what was found.

    world             an arena in which every pose looks different
    seed              of the babbling; the world has its own
    most_actions      commands in all, at least 1
    longest_motif     actions, at least 1
    most_repetitions  of a motif in one run, at least 1

    Motifs are tried from short to long. One that contains a word already known to return is left out, since it says the
    same as a shorter one. Of motifs that are rotations of one another, which return together, one is counted, and each
    run begins at a random place in it. What was dropped is taken up again when nothing else is left, with wider bounds.
    """
    for name, value in (
        ("most_actions", most_actions),
        ("longest_motif", longest_motif),
        ("most_repetitions", most_repetitions),
        ("world.actions", world.actions),
    ):
        if value < 1:
            raise ValueError(f"{name} = {value}; it must be at least 1.")
    rng = np.random.default_rng(seed)
    body = Body(world, most_actions)
    relations, dropped, undecided = list[Relation](), list[Trial](), list[Trial]()
    for length in range(1, longest_motif + 1):
        if body.left <= 0:
            break
        trials = [Trial(motif) for motif in motifs(world.actions, length, [known.word for known in relations])]
        relations += settle(body, trials, dropped, rng, most_repetitions)
        undecided += trials
    while body.left > 0 and dropped:
        again, dropped = dropped, []
        for trial in again:
            trial.chance += 1
        relations += settle(body, again, dropped, rng, most_repetitions)
        undecided += again
    return Babble(
        world.actions,
        np.array(body.symbols, np.int32),
        np.array(body.commands, np.int32),
        tuple(relations),
        tuple(trial.motif for trial in dropped),
        tuple(trial.motif for trial in undecided),
    )


def settle(
    body: Body, trials: list[Trial], dropped: list[Trial], rng: np.random.Generator, most_repetitions: int
) -> list[Relation]:
    """Test motifs until each is decided or no command is left, and return the relations among them.

    What was decided is taken out of `trials`; what was decided against is put into `dropped`.
    """
    found = list[Relation]()
    while trials and body.left > 0:
        fresh = [trial for trial in trials if body.symbol not in trial.starts]
        news = [trial for trial in trials if len(trial.motif) == 1]  # these also learn from what others do
        if fresh:
            first = max(trial.urgency for trial in fresh)
            ready = [trial for trial in fresh if trial.urgency == first]
            trial = ready[rng.integers(len(ready))]
            run(body, trial, int(rng.integers(len(trial.motif))), most_repetitions)
            news = news if trial in news else [*news, trial]
        if body.left > 0:  # on to another start
            body.step(int(rng.integers(body.world.actions)))
        for trial in news:
            if len(trial.motif) == 1:
                trial.still, trial.changed = body.stillness(trial.motif[0])
            relation = trial.judge()
            if relation is not None:
                found.append(relation)
                trials.remove(trial)
            elif trial.hopeless:
                dropped.append(trial)
                trials.remove(trial)
    return found


def run(body: Body, trial: Trial, rotation: int, most_repetitions: int) -> None:
    """Repeat a motif until the first sensation is back, a step changes nothing, or it was done often enough; note it.

    A run that is cut off because no command is left is not noted.
    """
    motif = trial.motif[rotation:] + trial.motif[:rotation]
    start = body.symbol
    for order in range(1, most_repetitions + 1):
        for action in motif:
            if body.left <= 0:
                return
            if not body.step(action):
                trial.starts.add(start)
                trial.vain += 1
                return
        if body.symbol == start:
            trial.starts.add(start)
            trial.returns[order] += 1
            return
        trial.passes[order] += 1
    trial.starts.add(start)
    trial.vain += 1


def motifs(actions: int, length: int, known: Sequence[Word]) -> Iterator[Word]:
    """Yield every motif of this length that is worth a try, one for each set of rotations, in alphabetical order.

    Left out are motifs that repeat a shorter one, and those that contain a word of `known`, read round and round.
    """
    for word in product(range(actions), repeat=length):
        rotations = [word[turn:] + word[:turn] for turn in range(1, length)]
        if all(word < rotation for rotation in rotations) and not any(occurs(part, word) for part in known):
            yield word


def occurs(part: Word, motif: Word) -> bool:
    """Return whether `part`, or a rotation of it, occurs in the motif read round and round; a longer one does not."""
    if len(part) > len(motif):
        return False
    rotations = {part[turn:] + part[:turn] for turn in range(len(part))}
    twice = motif + motif
    return any(twice[place : place + len(part)] in rotations for place in range(len(motif)))

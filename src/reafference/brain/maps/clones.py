"""The clone store: a map for worlds of any shape, learned by replay that samples which cell stood for which moment.

Every symbol has a number of cells, its clones, that nothing distinguishes at first. What is learned are counts of
transitions (clone, action) -> clone. Since a clone belongs to one symbol, what is seen selects which cells compete,
and the past, through the counts, which of them wins: places that look alike come apart because they lead to different
things.

- Awake, a filter keeps the belief over the clones of the current symbol, and one clone, drawn from those that the
  last one leads to, stands for the moment; its transition counts +1.
- At rest the remembered stream is replayed in stretches. A stretch is first unlearned. A sweep forward in time
  filters it, a sweep backwards samples for each moment the clone that leads to the one sampled just before (forward
  filtering, backward sampling), and each transition of that path counts +1. Moments of the stream thus have one count
  each: what a replay learns, the sample that it replaces loses, and what falls out of memory loses its count.
- What was learned early can be a poor optimum that later replays keep. So a rival that is dreamed from nothing but the
  memory takes over if it explains the memory better.

This is blocked Gibbs sampling of a hidden Markov model with the transition probabilities integrated out (but for
transitions that repeat within one stretch), a Monte-Carlo form of the batch expectation-maximisation of George et
al., Nature Communications 12:2392 (2021). Forward filtering and backward sampling: Scott, Journal of the American
Statistical Association 97:337 (2002). Spiking networks that sample so: Kappel, Nessler, Maass, PLoS Computational
Biology 10:e1003511 (2014). Nothing about the space in which actions move is assumed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.clone_replay import Counts, draw, move, reassign, replay_all, settle
from reafference.engine.array_file import BadFile, read_arrays, write_arrays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
KIND = "clone store 1"
PART = 0.1  # of the memory that a stretch has at most: what is unlearned while it is sampled cannot guide the sampling


class CloneStore:
    """Clones for each symbol, and what they lead to.

    actions      number of discrete actions, at least 1
    symbols      most symbols that the world may have; cells are made for pairs of symbols that followed one another
    clones       cells of each symbol; a symbol that is seen at more places than it has clones cannot be told apart
                 there
    pseudocount  prior count of each transition; small ones make sampling keep what it has, large ones forget rare moves
    memory       steps that are remembered for replay and counted
    stretch      most symbols that a replay samples at once; never more than a tenth of what is remembered
    seed         of every draw; the same seed, stream and rests make the same store

    Give the first symbol to `start`, then an action and the symbol after it to each `step`.
    """

    def __init__(
        self,
        actions: int,
        symbols: int,
        *,
        clones: int = 20,
        pseudocount: float = 0.01,
        memory: int = 10_000,
        stretch: int = 200,
        seed: int = 0,
    ) -> None:
        for name, value in (
            ("actions", actions),
            ("symbols", symbols),
            ("clones", clones),
            ("memory", memory),
            ("stretch", stretch),
        ):
            if value < 1:
                raise ValueError(f"CloneStore.{name} = {value} is below 1; give at least 1.")
        if not 0 < pseudocount < np.inf:
            raise ValueError(f"CloneStore.pseudocount = {pseudocount:g} is not above 0; try 0.01.")
        self.actions, self.symbols, self.clones = actions, symbols, clones
        self.pseudocount, self.memory, self.stretch = float(pseudocount), memory, stretch
        self.rng = np.random.default_rng(seed)
        self.counts = Counts(
            np.full((actions, symbols, symbols), -1, np.int32),
            np.zeros((4, clones, clones), np.int32),
            np.zeros((actions, symbols, clones), np.int32),
        )
        self._blocks = 0  # rows of counts.count in use
        # The stream is a window that moves through arrays of twice its size, and is moved back when it meets their end.
        self._symbol, self._action, self._path = (np.zeros(2 * memory + 2, np.int32) for _ in range(3))
        self._first, self._length = 0, 0  # of the window; length counts symbols
        self.belief = np.full(clones, 1.0 / clones)  # (clones,) over the clones of the current symbol
        self.sweeps = 0  # replays of the whole memory so far

    @property
    def steps(self) -> int:
        """Steps that are remembered."""
        return max(self._length - 1, 0)

    @property
    def stream(self) -> tuple[Ints, Ints, Ints]:
        """What is remembered: symbols (steps + 1,), actions (steps,), clones standing for the symbols (steps + 1,)."""
        begin, end = self._first, self._first + self._length
        return self._symbol[begin:end], self._action[begin : max(end - 1, begin)], self._path[begin:end]

    def __repr__(self) -> str:
        symbols, _, path = self.stream
        used = np.unique(symbols.astype(np.int64) * self.clones + path).size
        return (
            f"{used} of {np.unique(symbols).size * self.clones} clones of {np.unique(symbols).size} symbols in use "
            f"after {self.sweeps} replays of {self.steps} steps"
        )

    def start(self, symbol: int) -> None:
        """The first symbol of the one stream. An agent that is carried elsewhere just goes on with `step`."""
        self._check("symbol", symbol, self.symbols)
        if self._length:
            raise ValueError("CloneStore.start: a stream has begun already; go on with step(action, symbol).")
        self._symbol[0], self._path[0], self._length = symbol, self.rng.integers(self.clones), 1

    def step(self, action: int, symbol: int) -> float:
        """Take in an action and the symbol after it; the probability that the symbol had been given."""
        self._check("action", action, self.actions)
        self._check("symbol", symbol, self.symbols)
        self._begun()
        if self.steps == self.memory:
            self._forget()
        last = self._first + self._length - 1
        source = int(self._symbol[last])
        after = np.empty(self.clones)
        probability = move(self.counts, self.pseudocount, action, source, symbol, self.belief, after)
        self.belief = after
        self._room_for(action, source, symbol)
        clone, row = int(self._path[last]), self.counts.block[action, source, symbol]
        target = draw(self.counts.count[row, clone] + self.pseudocount, self.rng.random())
        self.counts.count[row, clone, target] += 1
        self.counts.total[action, source, clone] += 1
        self._action[last], self._symbol[last + 1], self._path[last + 1] = action, symbol, target
        self._length += 1
        return float(probability)

    def predict(self, action: int) -> Floats:
        """Probability of each symbol (symbols,) after an action, from what is believed now."""
        self._check("action", action, self.actions)
        self._begun()
        source = int(self._symbol[self._first + self._length - 1])
        total = self.counts.total[action, source] + self.pseudocount * self.clones * self.symbols
        weight = self.belief / total
        rows = self.counts.block[action, source]
        met = rows >= 0
        learned = np.zeros(self.symbols)
        learned[met] = self.counts.count[rows[met]].sum(axis=2) @ weight
        return learned + self.pseudocount * self.clones * weight.sum()

    def replay(self, sweeps: int) -> None:
        """Rest: replay all that is remembered `sweeps` times; afterwards the belief is what the whole memory says."""
        self._begun()
        symbols, actions, path = self.stream
        stretch = max(1, min(self.stretch, int(self.steps * PART)))
        for _ in range(sweeps):
            shift, chance = int(self.rng.integers(stretch)), self.rng.random(symbols.size)
            replay_all(self.counts, self.pseudocount, symbols, actions, path, stretch, shift, chance)
            self.sweeps += 1
        settle(self.counts, self.pseudocount, symbols, actions, self.belief, np.empty(self.steps))

    def listen(self, symbols: npt.ArrayLike, actions: npt.ArrayLike) -> Floats:
        """Probability (steps,) that each symbol but the first of another stream had been given.

        `symbols` (steps + 1,) and `actions` (steps,) may begin anywhere. Nothing is learned, and the belief stays.
        """
        seen, done = np.asarray(symbols, np.int32), np.asarray(actions, np.int32)
        if seen.shape != (done.size + 1,):
            raise ValueError(f"listen: {done.size} actions lead to {done.size + 1} symbols, not {seen.size}.")
        for name, values, limit in (("symbol", seen, self.symbols), ("action", done, self.actions)):
            for value in (int(values.min(initial=0)), int(values.max(initial=0))):
                self._check(name, value, limit)
        probability = np.empty(done.size)
        settle(self.counts, self.pseudocount, seen, done, np.empty(self.clones), probability)
        return probability

    def rival(self, sweeps: int) -> bool:
        """Rest with a second opinion; whether it won.

        A rival has the same memory but begins with clones drawn at random and is replayed `sweeps` times, so it does
        not share what this store got stuck with early in life. It takes over if it gives the memory the higher
        probability.
        """
        self._begun()
        symbols, actions, path = self.stream
        mine = self.surprise()
        count, total, kept = self.counts.count.copy(), self.counts.total.copy(), path.copy()
        path[:] = self.rng.integers(self.clones, size=path.size)
        self.counts.count[:] = 0
        self.counts.total[:] = 0
        reassign(self.counts, symbols, actions, path, 0, self.steps, 1)
        self.replay(sweeps)
        if self.surprise() < mine:
            return True
        self.counts.count[:], self.counts.total[:], path[:] = count, total, kept
        settle(self.counts, self.pseudocount, symbols, actions, self.belief, np.empty(self.steps))
        return False

    def surprise(self) -> float:
        """Mean surprise (bits) of a remembered symbol, when all that is remembered is listened to again."""
        symbols, actions, _ = self.stream
        return float(-np.log2(self.listen(symbols, actions)).mean()) if self.steps else 0.0

    def replay_for(self, seconds: float) -> int:
        """Rest for so many seconds of the clock, at least one replay; the replays done, which depend on the machine."""
        end, done = time.perf_counter() + seconds, 0
        while done == 0 or time.perf_counter() < end:
            self.replay(1)
            done += 1
        return done

    def packed(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Everything, as what JSON can hold and as arrays; `unpacked` makes a store of it again."""
        symbols, actions, clones = self.stream
        about: dict[str, Any] = {
            "kind": KIND,
            "actions": self.actions,
            "symbols": self.symbols,
            "clones": self.clones,
            "pseudocount": self.pseudocount,
            "memory": self.memory,
            "stretch": self.stretch,
            "sweeps": self.sweeps,
            "random": json.dumps(self.rng.bit_generator.state),
        }
        arrays = {
            "block": self.counts.block,
            "count": self.counts.count[: self._blocks],
            "total": self.counts.total,
            "belief": self.belief,
            "symbol": symbols,
            "action": actions,
            "path": clones,
        }
        return about, arrays

    @classmethod
    def unpacked(cls, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> CloneStore:
        """The store that was packed; it goes on as that one would have."""
        store = cls(
            about["actions"],
            about["symbols"],
            clones=about["clones"],
            pseudocount=about["pseudocount"],
            memory=about["memory"],
            stretch=about["stretch"],
        )
        store.rng.bit_generator.state = json.loads(about["random"])
        store.sweeps = about["sweeps"]
        store._blocks = arrays["count"].shape[0]
        spare = np.zeros((max(4, store._blocks), store.clones, store.clones), np.int32)
        spare[: store._blocks] = arrays["count"]
        store.counts = Counts(np.array(arrays["block"]), spare, np.array(arrays["total"]))
        store.belief = np.array(arrays["belief"])
        store._length = arrays["symbol"].size
        store._symbol[: store._length], store._path[: store._length] = arrays["symbol"], arrays["path"]
        store._action[: store.steps] = arrays["action"]
        return store

    def save(self, path: Path) -> None:
        """Write everything to one file, whole or not at all."""
        write_arrays(path, *self.packed())

    @classmethod
    def restore(cls, path: Path) -> CloneStore:
        """The store that was saved; it goes on as the saved one would have.

        Raises BadFile if the file is damaged or holds no clone store.
        """
        about, arrays = read_arrays(path)
        if about.get("kind") != KIND:
            raise BadFile(f"{path.name} holds {about.get('kind', 'something else')!r} and no {KIND!r}")
        return cls.unpacked(about, arrays)

    def _room_for(self, action: int, source: int, target: int) -> None:
        """A block of counts for a transition between symbols that was never met."""
        if self.counts.block[action, source, target] >= 0:
            return
        if self._blocks == self.counts.count.shape[0]:
            more = np.zeros((2 * self._blocks, self.clones, self.clones), np.int32)
            more[: self._blocks] = self.counts.count
            self.counts = self.counts._replace(count=more)
        self.counts.block[action, source, target] = self._blocks
        self._blocks += 1

    def _forget(self) -> None:
        """Drop the oldest step and its count."""
        symbols, actions, path = self.stream
        row = self.counts.block[actions[0], symbols[0], symbols[1]]
        self.counts.count[row, path[0], path[1]] -= 1
        self.counts.total[actions[0], symbols[0], path[0]] -= 1
        self._first, self._length = self._first + 1, self._length - 1
        if self._first + self._length + 1 > self._symbol.size:
            for array in (self._symbol, self._action, self._path):
                array[: self._length] = array[self._first : self._first + self._length].copy()
            self._first = 0

    def _check(self, name: str, value: int, limit: int) -> None:
        if not 0 <= value < limit:
            raise ValueError(
                f"{name} = {value} is outside 0 to {limit - 1}; this store has {limit} {name}s, make one with more."
            )

    def _begun(self) -> None:
        if not self._length:
            raise ValueError("CloneStore: there is no stream yet; give the first symbol to start(symbol).")

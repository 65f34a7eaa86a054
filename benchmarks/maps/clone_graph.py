# pyright: basic
"""The clone-structured cognitive graph: a hidden Markov model with many cells for each symbol, fitted in batch.

Each symbol has `clones` hidden states that emit it and nothing else; an action selects the transition matrix. Fitting
is expectation-maximisation over the whole stream, then Viterbi training. A peer for the brain's own maps: it needs
the whole stream at once, and knows nothing of what actions do to one another.

Source: George, Rikhye, Gothoskar, Guntupalli, Dedieu, Lazaro-Gredilla, Nature Communications 12:2392 (2021). Own
implementation; from the same first counts the likelihoods of 60 iterations equal those of the published program to
1e-14 bits (float64; 500 to 3,000 steps, 5 to 20 clones, pseudocounts 1e-10 to 1e-2). A stream is `symbols` (steps +
1,) and `actions` (steps,): action t leads from symbol t to t + 1.

    python benchmarks/maps/clone_graph.py              # the published room, 10,000 steps, 20 clones
    python benchmarks/maps/clone_graph.py --published  # as published: 50,000 steps, 70 clones; a night
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numba import njit

PUBLISHED_ROOM = np.array(
    [
        [1, 2, 3, 0, 3, 1, 1, 1],
        [1, 1, 3, 2, 3, 2, 3, 1],
        [1, 1, 2, 0, 1, 2, 1, 0],
        [0, 2, 1, 1, 3, 0, 0, 2],
        [3, 3, 1, 0, 1, 0, 3, 0],
        [2, 1, 2, 3, 3, 3, 2, 0],
    ]
)  # (rows, columns) symbol of each place; published with the paper's code


@njit(cache=True)
def forward(transitions, symbols, actions, messages, log2_likelihood):
    """Normalised forward messages (steps + 1, clones) and log2 p(symbol | past) (steps + 1,), both filled in place."""
    number, clones = transitions.shape[1], transitions.shape[3]
    messages[0] = 1.0 / clones
    log2_likelihood[0] = np.log2(1.0 / number)
    for t in range(actions.size):
        block = transitions[actions[t], symbols[t], symbols[t + 1]]
        after, before = messages[t + 1], messages[t]
        after[:] = 0.0
        for i in range(clones):
            weight = before[i]
            for j in range(clones):
                after[j] += weight * block[i, j]
        total = after.sum()
        if total == 0.0:  # the stream is impossible under hard transitions: start again from not knowing
            after[:] = 1.0 / clones
        else:
            after /= total
        log2_likelihood[t + 1] = np.log2(total) if total > 0.0 else -np.inf


@njit(cache=True)
def expect(transitions, symbols, actions, messages, counts):
    """Add the expected transitions of a stream to `counts` (in place), by a backward sweep over forward `messages`."""
    clones = transitions.shape[3]
    back, here = np.full(clones, 1.0 / clones), np.empty(clones)
    joint = np.empty((clones, clones))
    for t in range(actions.size - 1, -1, -1):
        block = transitions[actions[t], symbols[t], symbols[t + 1]]
        target = counts[actions[t], symbols[t], symbols[t + 1]]
        total = 0.0
        for i in range(clones):
            through = 0.0
            for j in range(clones):
                joint[i, j] = block[i, j] * back[j]
                through += joint[i, j]
            here[i] = through
            total += messages[t, i] * through
        scale = 0.0
        for i in range(clones):
            weight = messages[t, i] / total
            for j in range(clones):
                target[i, j] += weight * joint[i, j]
            scale += here[i]
        for i in range(clones):
            back[i] = here[i] / scale


@njit(cache=True)
def best_path(transitions, symbols, actions, path):
    """The most probable path of clones (steps + 1,), filled in place; its log2 probability."""
    clones = transitions.shape[3]
    steps = actions.size
    score = np.full(clones, 1.0 / clones)
    came = np.empty((steps, clones), np.int32)
    after = np.empty(clones)
    log2_probability = 0.0
    for t in range(steps):
        block = transitions[actions[t], symbols[t], symbols[t + 1]]
        after[:] = -1.0
        for i in range(clones):
            for j in range(clones):
                value = score[i] * block[i, j]
                if value > after[j]:
                    after[j] = value
                    came[t, j] = i
        top = after.max()
        if top <= 0.0:
            return -np.inf
        score[:] = after / top
        log2_probability += np.log2(top)
    path[steps] = np.argmax(score)
    for t in range(steps - 1, -1, -1):
        path[t] = came[t, path[t + 1]]
    return log2_probability


class CloneGraph:
    """Transition probabilities between clones, and their fit.

    number       symbols that the world has
    clones       hidden states of each symbol
    pseudocount  added to every expected count before it is normalised
    counts       (actions, number, number, clones, clones) float64: expected transitions from clone i of one symbol to
                 clone j of another; drawn uniformly from `seed` before the first fit
    transitions  the same shape; all that leaves one clone by one action sums to 1
    """

    def __init__(self, number: int, actions: int, clones: int, pseudocount: float, seed: int):
        self.pseudocount = pseudocount
        self.counts = np.random.default_rng(seed).random((actions, number, number, clones, clones))
        self.normalise(pseudocount)

    def normalise(self, pseudocount: float) -> None:
        """Probabilities from counts; a clone that nothing ever left by an action goes nowhere if there is no
        pseudocount."""
        raised = self.counts + pseudocount
        total = raised.sum(axis=(2, 4), keepdims=True)
        self.transitions = raised / np.where(total == 0, 1, total)

    def filter(self, symbols: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Forward messages (steps + 1, clones) and log2 p(symbol | past) (steps + 1,)."""
        messages = np.empty((symbols.size, self.counts.shape[3]))
        log2_likelihood = np.empty(symbols.size)
        forward(self.transitions, symbols, actions, messages, log2_likelihood)
        return messages, log2_likelihood

    def bits(self, symbols: np.ndarray, actions: np.ndarray) -> float:
        """Mean surprise of a symbol, bits."""
        return float(-self.filter(symbols, actions)[1].mean())

    def accuracy(self, symbols: np.ndarray, actions: np.ndarray) -> float:
        """Share of the steps whose symbol had been given a probability above one half."""
        return float((self.filter(symbols, actions)[1][1:] > -1).mean())

    def foretell(self, symbols: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """The most probable symbol after each action (steps,), given all symbols before it."""
        messages, _ = self.filter(symbols, actions)
        leads = self.transitions.sum(axis=4)[
            actions, symbols[:-1]
        ]  # (steps, symbols, clones): from a clone to a symbol
        return np.einsum("tc,tsc->ts", messages[:-1], leads).argmax(axis=1)

    def em(self, symbols: np.ndarray, actions: np.ndarray, iterations: int, least: float = 0.0) -> list[float]:
        """Expectation-maximisation; the mean surprise (bits) before each iteration.

        Stops early when an iteration gains less than `least` bits a step.
        """
        past: list[float] = []
        for _ in range(iterations):
            messages, log2_likelihood = self.filter(symbols, actions)
            past.append(float(-log2_likelihood.mean()))
            self.counts[:] = 0
            expect(self.transitions, symbols, actions, messages, self.counts)
            self.normalise(self.pseudocount)
            if len(past) > 1 and past[-2] - past[-1] < least:
                break
        return past

    def viterbi(self, symbols: np.ndarray, actions: np.ndarray, iterations: int) -> int:
        """Viterbi training without a pseudocount, from the current counts, until the path stays; states it uses."""
        self.normalise(0.0)
        path, last = np.zeros(symbols.size, np.int64), -np.inf
        for _ in range(iterations):
            value = best_path(self.transitions, symbols, actions, path)
            if value <= last:
                break
            last = value
            self.counts[:] = 0
            np.add.at(self.counts, (actions, symbols[:-1], symbols[1:], path[:-1], path[1:]), 1)
            self.normalise(0.0)
        self.normalise(self.pseudocount)
        return np.unique(symbols * self.counts.shape[3] + path).size


def walk(room: np.ndarray, steps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A uniform random walk in a walled room with four actions (left, right, up, down): symbols, actions."""
    actions = rng.integers(4, size=steps)
    places = np.empty((steps + 1, 2), np.int64)
    places[0] = rng.integers(room.shape[0]), rng.integers(room.shape[1])
    moves = ((0, -1), (0, 1), (-1, 0), (1, 0))
    for t, action in enumerate(actions):
        row, column = places[t, 0] + moves[action][0], places[t, 1] + moves[action][1]
        inside = 0 <= row < room.shape[0] and 0 <= column < room.shape[1]
        places[t + 1] = (row, column) if inside else places[t]
    return room[places[:, 0], places[:, 1]], actions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--steps", default="1000,2000,5000,10000")
    parser.add_argument("--clones", type=int, default=20)
    parser.add_argument("--iterations", type=int, default=500)
    parser.add_argument("--published", action="store_true", help="50,000 steps, 70 clones, 1,000 iterations")
    chosen = parser.parse_args()
    lengths = [50_000] if chosen.published else [int(text) for text in chosen.steps.split(",")]
    clones, iterations = (70, 1000) if chosen.published else (chosen.clones, chosen.iterations)
    for steps in lengths:
        for seed in (int(text) for text in chosen.seeds.split(",")):
            rng = np.random.default_rng(seed)
            symbols, actions = walk(PUBLISHED_ROOM, steps, rng)
            later = walk(PUBLISHED_ROOM, 3000, rng)
            graph = CloneGraph(4, 4, clones, 2e-3, seed)
            start = time.perf_counter()
            past = graph.em(symbols, actions, iterations)
            between = time.perf_counter()
            fitted = graph.accuracy(*later)
            states = graph.viterbi(symbols, actions, 100)
            print(
                f"{steps} steps, seed {seed}: accuracy {fitted:.3f} after EM, {graph.accuracy(*later):.3f} after "
                f"Viterbi, "
                f"{states} states (48 places), {past[-1]:.4f} bits/step, "
                f"{len(past)} iterations in {between - start:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()

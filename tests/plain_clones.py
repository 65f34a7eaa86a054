"""Plain twin of the clone store: lists and dictionaries, the same draws in the same order.

Written from the description in the docstring of reafference.brain.maps.clones.
"""

from __future__ import annotations

from collections import Counter


class PlainClones:
    """Transitions ((symbol, clone), action, (symbol, clone)) of the remembered stream, counted."""

    def __init__(self, symbols, clones, pseudocount, memory, stretch, rng):
        self.symbols, self.clones, self.c = symbols, clones, pseudocount
        self.memory, self.stretch, self.rng = memory, stretch, rng
        self.seen, self.done, self.path = [], [], []
        self.count = Counter()

    def transition(self, t):
        return (self.seen[t], self.path[t]), self.done[t], (self.seen[t + 1], self.path[t + 1])

    def probability(self, state, action, target):
        """Of one clone after another: counted over all that ever left it by the action."""
        left = sum(n for (a, b, _), n in self.count.items() if (a, b) == (state, action))
        n = self.count[state, action, target] + self.c
        return n / (left + self.c * self.clones * self.symbols)

    def draw(self, weights, chance):
        left = chance * sum(weights)
        for k, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return k
        return weights.index(max(weights))

    def start(self, symbol):
        self.seen, self.path = [symbol], [int(self.rng.integers(self.clones))]

    def step(self, action, symbol):
        if len(self.done) == self.memory:
            self.count[self.transition(0)] -= 1
            for remembered in (self.seen, self.done, self.path):
                del remembered[0]
        state = self.seen[-1], self.path[-1]
        weights = [self.count[state, action, (symbol, j)] + self.c for j in range(self.clones)]
        self.seen.append(symbol)
        self.done.append(action)
        self.path.append(self.draw(weights, self.rng.random()))
        self.count[self.transition(len(self.done) - 1)] += 1

    def filtered(self, symbols, actions, belief):
        """Beliefs over the clones of each symbol, and the probabilities of each symbol but the first."""
        beliefs, given = [belief], []
        for a, s, q in zip(actions, symbols[:-1], symbols[1:], strict=True):
            joint = [
                sum(b * self.probability((s, i), a, (q, j)) for i, b in enumerate(beliefs[-1]))
                for j in range(self.clones)
            ]
            given.append(sum(joint))
            beliefs.append([x / sum(joint) for x in joint])
        return beliefs, given

    def replay(self):
        steps = len(self.done)
        stretch = max(1, min(self.stretch, steps // 10))
        first = -int(self.rng.integers(stretch))
        chance = self.rng.random(steps + 1)  # of each moment
        while first <= steps:
            self.replay_stretch(max(first, 0), min(first + stretch - 1, steps), chance)
            first += stretch

    def replay_stretch(self, first, last, chance):
        steps = len(self.done)
        begin, end = max(first - 1, 0), min(last + 1, steps)
        for t in range(begin, end):
            self.count[self.transition(t)] -= 1
        known = [1 / self.clones] * self.clones
        if first > 0:
            known = [float(i == self.path[begin]) for i in range(self.clones)]
        beliefs, _ = self.filtered(self.seen[begin : end + 1], self.done[begin:end], known)
        if last == steps:
            self.path[end] = self.draw(beliefs[-1], chance[end])
        for t in range(end - 1, first - 1, -1):
            target = self.seen[t + 1], self.path[t + 1]
            self.path[t] = self.draw(
                [
                    b * self.probability((self.seen[t], i), self.done[t], target)
                    for i, b in enumerate(beliefs[t - begin])
                ],
                chance[t],
            )
        for t in range(begin, end):
            self.count[self.transition(t)] += 1

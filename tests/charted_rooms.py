"""A sheet for a body that goes north, east, south, west, and rooms whose places look alike."""

from __future__ import annotations

import numpy as np

STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))


def planar(radius):
    """The sheet's target (cells, actions), and the coordinates of its cells."""
    within = range(-radius, radius + 1)
    cells = sorted(
        ((x, y) for x in within for y in within if abs(x) + abs(y) <= radius), key=lambda c: (abs(c[0]) + abs(c[1]), c)
    )
    number = {cell: i for i, cell in enumerate(cells)}
    return np.array([[number.get((x + dx, y + dy), -1) for dx, dy in STEPS] for x, y in cells], np.int32), cells


class Room:
    """`height` x `width` places with one of `symbols` symbols each, walls around; a share `noise` is wrong."""

    def __init__(self, height, width, symbols, seed, noise=0.0):
        self.rng = np.random.default_rng([seed, 1])
        self.floor, self.symbols, self.noise = self.rng.integers(symbols, size=(height, width)), symbols, noise
        self.y, self.x = (int(self.rng.integers(size)) for size in (height, width))

    def sense(self):
        """The symbol here, as it looks now."""
        symbol = int(self.floor[self.y, self.x])
        if self.noise and self.rng.random() < self.noise:
            return int((symbol + self.rng.integers(1, self.symbols)) % self.symbols)
        return symbol

    def step(self, action):
        """Go, or bump; the symbol after it."""
        dx, dy = STEPS[action]
        y, x = self.y + dy, self.x + dx
        if 0 <= y < self.floor.shape[0] and 0 <= x < self.floor.shape[1]:
            self.y, self.x = y, x
        return self.sense()

    def walk(self, steps, seed):
        """A random walk from here, after which the body is back here: (actions, seen, true symbols), each (steps,)."""
        keep, self.rng = (self.y, self.x, self.rng), np.random.default_rng([seed, 3])
        actions, seen, true = self.rng.integers(4, size=steps), np.zeros(steps, np.int64), np.zeros(steps, np.int64)
        for i, action in enumerate(actions):
            seen[i] = self.step(action)
            true[i] = self.floor[self.y, self.x]
        self.y, self.x, self.rng = keep
        return actions, seen, true

"""Plain twin of an unreliable synapse: the hash that decides written out, one event at a time."""

from __future__ import annotations

from dataclasses import dataclass

from plain import GOLDEN, WORD, PlainSynapse, plain_mix


def plain_release_number(seed: int, projection: int, source: int, delay: int, tick: int, target: int) -> float:
    """The number in [0, 1) with which the probability of release is compared; neurons by number in the network."""
    word = plain_mix((plain_mix(seed & WORD) + GOLDEN * (projection + 1)) & WORD)
    word = plain_mix((word + GOLDEN * (source + 1)) & WORD)
    word = plain_mix((word + GOLDEN * delay) & WORD)
    word = plain_mix((word + GOLDEN * tick) & WORD)
    return (plain_mix((word + GOLDEN * (target + 1)) & WORD) >> 11) / 2**53


@dataclass
class FailingSynapse(PlainSynapse):
    seed: int = 0
    projection: int = 0
    probability: float = 1.0
    half: float = 0.0

    def act(self, tick: int) -> float:
        """The weight with which an event acts at `tick`: its own or 0."""
        size = abs(self.weight)
        drawn = plain_release_number(self.seed, self.projection, self.source, self.delay, tick, self.target)
        passes = size > 0 and drawn < self.probability * size / (size + self.half)
        return self.weight if passes else 0.0

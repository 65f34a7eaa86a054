"""What the publications leave open, as objects: what a potential does at its limits, which resets there are."""

from __future__ import annotations

from dataclasses import dataclass, field

LEAST, MOST = -(2**19), 2**19 - 1  # a potential has 20 bits, two's complement


@dataclass(frozen=True)
class Saturating:
    """A potential that would leave [low, high] stays at the limit.

    Applied once after all synapses of a tick and once after the leak, so the order of axons plays no part. The papers
    give the width of 20 bits and do not say what happens at its ends; a public model of the chip (NeMo) stops at
    +-393,216, that is `Saturating(-393_216, 393_216)`.
    """

    low: int = LEAST
    high: int = MOST


@dataclass(frozen=True)
class Wrapping:
    """A potential that would leave its 20 bits goes on at the other end, as two's complement does."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How a machine reads what is not published.

    overflow       what a potential does at its limits
    encoded_reset  True: a reset potential must be 0 or +-(2^k - 1), the only ones that the encoding of a public model
                   of the chip (NeMo) can hold, so that a program is legal under every reading; False: any 20 bits
    """

    overflow: Saturating | Wrapping = field(default_factory=Saturating)
    encoded_reset: bool = True

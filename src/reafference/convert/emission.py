"""How a number of spikes travels: as one event with a payload, as so many events, or as events of powers of two.

All three carry the same integer, so what is received is the same; they differ in how many events it takes, and which
chip can carry them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Emission(Protocol):
    """A way to send counts.

    `planes` takes counts (any shape, whole numbers) and gives (planes, ...) of whole numbers that sum to them, where
    each entry other than 0 is one event of that size.
    """

    @property
    def name(self) -> str:
        """One word."""
        ...

    def planes(self, counts: Tensor, *, most: int) -> Tensor:
        """The events of neurons that send at most `most` in size."""
        ...

    def events(self, counts: Tensor) -> Tensor:
        """How many events each count takes, of the shape of `counts`."""
        ...


@dataclass(frozen=True)
class Graded:
    """One event with an integer payload, for any count but 0."""

    name: str = "graded"

    def planes(self, counts: Tensor, *, most: int) -> Tensor:
        """(1, ...): the counts themselves."""
        return counts.unsqueeze(0)

    def events(self, counts: Tensor) -> Tensor:
        """1 where there is something to say."""
        return (counts != 0).to(counts.dtype)


@dataclass(frozen=True)
class Unary:
    """n events of size 1; below 0, of size -1."""

    name: str = "unary"

    def planes(self, counts: Tensor, *, most: int) -> Tensor:
        """(most, ...): plane k has an event where the count is larger than k."""
        steps = torch.arange(most, dtype=counts.dtype, device=counts.device).view(-1, *(1,) * counts.dim())
        return torch.where(counts.abs() > steps, counts.sign(), torch.zeros_like(counts))

    def events(self, counts: Tensor) -> Tensor:
        """The count without its sign."""
        return counts.abs()


@dataclass(frozen=True)
class BitPlane:
    """Events of sizes 1, 2, 4, ...: one for each bit of the count, with the count's sign."""

    name: str = "bitplane"

    def planes(self, counts: Tensor, *, most: int) -> Tensor:
        """(bits of most, ...)."""
        bits = max(int(most).bit_length(), 1)
        size = counts.abs().to(torch.int64)
        sign = counts.sign()
        return torch.stack([sign * ((size >> bit) & 1).to(counts.dtype) * 2**bit for bit in range(bits)])

    def events(self, counts: Tensor) -> Tensor:
        """Bits that are set."""
        left = counts.abs().to(torch.int64)
        total = torch.zeros_like(left)
        while bool(left.any()):
            total += left & 1
            left = left >> 1
        return total.to(counts.dtype)

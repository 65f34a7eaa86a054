"""The same network on neuromorphic hardware: what fits, where it goes, and what is missing."""

from reafference.chips.shortage import DoesNotFit, Shortage

__all__ = ["DoesNotFit", "Shortage"]

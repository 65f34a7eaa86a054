"""Brains with bodies: they act, predict what acting feels like, and learn from the difference."""

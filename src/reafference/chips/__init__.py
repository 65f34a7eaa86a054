"""The same network on silicon: each chip in its own arithmetic."""

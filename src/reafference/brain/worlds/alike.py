"""Which poses of a world nobody can tell apart, whatever he does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def alike(target: Ints, symbol: Ints) -> Ints:
    """Return a class for each pose, (poses,): two poses share one if and only if no word of actions tells them apart.

    target  (poses, actions)  pose that each action leads to
    symbol  (poses,)          what is sensed there

    Poses with different symbols are apart; then, again and again, those that some action leads to poses which are
    apart, until a round separates nothing. As many classes as poses means that the world can be mapped at all.
    Source: Moore, "Gedanken-experiments on sequential machines", in *Automata Studies* (1956), theorem 6 and its proof.
    """
    _, classes = np.unique(symbol, return_inverse=True)
    found = 0
    while found < (now := int(classes.max()) + 1):
        found = now
        seen = np.column_stack([classes, classes[target]])
        _, classes = np.unique(seen, axis=0, return_inverse=True)
        classes = classes.reshape(-1)  # NumPy 2.0 gives it a second axis
    return classes.astype(np.int64)


def all_apart(target: Ints, symbol: Ints) -> bool:
    """Return whether some word of actions tells apart any two poses."""
    return int(alike(target, symbol).max()) + 1 == len(symbol)

"""How much of what was sensed had been predicted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reafference.measure.checks import Floats, finite_array


def cancelled_variance(sensed: npt.ArrayLike, predicted: npt.ArrayLike) -> Floats:
    """Return, per sense, the share of the sensed variance that the prediction took away.

        cancelled = 1 - Var(sensed - predicted) / Var(sensed)

    sensed, predicted  (frames, senses), or (frames,) for one sense; same unit
    returns            (senses,)  1 = everything predicted, 0 = as if nothing had been, below 0 = made worse;
                       nan for a sense that never changed, which has nothing to cancel

    Variances are about the mean, so a constant offset of the prediction costs nothing. The prediction has to be fixed
    before the sensation arrives: a rule that follows its target within the frame also "cancels".
    Source: explained variance (coefficient of determination without the bias term).

    Raises ValueError when shapes differ, fewer than 2 frames are given, or a value is not finite.

    >>> cancelled_variance([1, 2, 3, 4], [1, 2, 3, 4]).tolist()
    [1.0]
    """
    seen = _columns("sensed", sensed)
    guessed = _columns("predicted", predicted)
    _same_shape("sensed", seen, "predicted", guessed)
    return _share_taken(rest=seen - guessed, whole=seen)


def cancelled_command(residual_own: npt.ArrayLike, residual_cut: npt.ArrayLike) -> Floats:
    """Return, per sense, the share of what the command itself causes that the prediction took away.

        cancelled = 1 - Var(residual_own) / Var(residual_cut)

    residual_own  (frames, senses) or (frames,)  sensed - predicted of the brain in question
    residual_cut  same shape, same frames        sensed - predicted of its twin whose command copy is cut
    returns       (senses,)  1 = all of it, 0 = no better than the twin, below 0 = worse;
                  nan where the twin had nothing left

    The twin senses the same and learns by the same rule, so it can predict everything but what the command causes: most
    of a pendulum's motion follows from its state, and cancelled variance alone would praise a brain that ignores its
    commands. What noise no brain could predict stays in both variances, so 1 is reached only in a world without noise.
    Source: partial coefficient of determination, with the cut twin as the reduced model.

    Raises ValueError when shapes differ, fewer than 2 frames are given, or a value is not finite.
    """
    own = _columns("residual_own", residual_own)
    cut = _columns("residual_cut", residual_cut)
    _same_shape("residual_own", own, "residual_cut", cut)
    return _share_taken(rest=own, whole=cut)


def _columns(name: str, values: npt.ArrayLike) -> Floats:
    array = finite_array(name, values, dimensions=(1, 2), least=2)
    return array[:, np.newaxis] if array.ndim == 1 else array


def _same_shape(name: str, array: Floats, other_name: str, other: Floats) -> None:
    if array.shape != other.shape:
        raise ValueError(
            f"{name} has shape {array.shape} and {other_name} {other.shape}; both need the same frames and senses."
        )


def _share_taken(*, rest: Floats, whole: Floats) -> Floats:
    # Not `var() > 0`: the variance of a constant 0.1 rounds to something above zero.
    changed = np.ptp(whole, axis=0) > 0
    share = np.full(whole.shape[1], np.nan)
    share[changed] = 1 - rest[:, changed].var(axis=0) / whole[:, changed].var(axis=0)
    return share

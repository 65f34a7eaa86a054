"""Numbers from arrays: pure functions, each with its definition and source."""

from reafference.measure.adaptation import half_time
from reafference.measure.cancellation import cancelled_command, cancelled_variance
from reafference.measure.detection import d_prime, d_prime_error, smallest_detected
from reafference.measure.inequality import LogNormalFit, fit_lognormal, gini, half_share

__all__ = [
    "LogNormalFit",
    "cancelled_command",
    "cancelled_variance",
    "d_prime",
    "d_prime_error",
    "fit_lognormal",
    "gini",
    "half_share",
    "half_time",
    "smallest_detected",
]

"""Numbers from arrays: pure functions, each with its definition and source."""

from reafference.measure.adaptation import half_time
from reafference.measure.cancellation import cancelled_command, cancelled_variance
from reafference.measure.coincidence import coincidence_factor, common_spikes
from reafference.measure.detection import d_prime, d_prime_error, smallest_detected
from reafference.measure.inequality import LogNormalFit, fit_lognormal, gini, half_share
from reafference.measure.irregularity import interval_variation, mean_correlation
from reafference.measure.rate_families import FamilyFit, RateFits, best, fit_families, ks_p_value

__all__ = [
    "FamilyFit",
    "LogNormalFit",
    "RateFits",
    "best",
    "cancelled_command",
    "cancelled_variance",
    "coincidence_factor",
    "common_spikes",
    "d_prime",
    "d_prime_error",
    "fit_families",
    "fit_lognormal",
    "gini",
    "half_share",
    "half_time",
    "interval_variation",
    "ks_p_value",
    "mean_correlation",
    "smallest_detected",
]

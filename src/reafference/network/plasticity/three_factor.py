"""Rules that change weights at intervals: presynaptic trace x what targets did x a modulator that the loop may set."""

from __future__ import annotations

from dataclasses import dataclass

from reafference.units import check_range, check_time, ms


@dataclass(frozen=True, kw_only=True)
class ThreeFactor:
    """Presynaptic trace x postsynaptic spikes x modulator.

        every `interval`:   dw_ij = rate * M * x_j / N_j * n_i        (then clipped to [low, high])

    x_j   trace of the events that arrived through this synapse: +1 each, decays with `tau`, forgotten below 0.001
    n_i   spikes of the target neuron since the last change
    M     modulator, 1 at the start; the loop sets it (0 freezes the synapses, reward or surprise may scale it)
    N_j   1, or with `normalise` the running mean of x_j^2 over that time plus `floor`, so that a busy synapse does not
          learn faster merely because it is busy. The mean is taken at the changes, 0 where the trace is forgotten; the
          first changes weigh 1, 1/2, 1/3 ... until the weight is interval / normalise. It stands still while M is 0.

    rate      V  weight change for one coincidence; negative makes the rule anti-Hebbian
    tau       s  decay of the trace
    interval  s  time between two changes; a multiple of the step
    low, high V  bounds of the weight
    normalise s  time over which x_j^2 is averaged; None: N_j = 1
    floor        added to the mean, so that a silent synapse does not jump at its first spike

    Source: Fremaux and Gerstner, Front. Neural Circuits 9 (2016) 85, for three-factor rules.
    """

    rate: float
    tau: float = 20 * ms
    interval: float = 10 * ms
    low: float = -1.0
    high: float = 1.0
    normalise: float | None = None
    floor: float = 0.1

    def check(self, projection: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        check_rule(self, projection)


@dataclass(frozen=True, kw_only=True)
class AntiHebbian:
    """Presynaptic trace x imbalance of two error populations x modulator: prediction that cancels.

        every `interval`:   dw_ij = -rate * M * x_j / N_j * (n_own - n_other) / n        (then clipped to [low, high])

    n_own    spikes since the last change of the population `own`, usually the target population itself
    n_other  spikes of its antagonist `other` (ON against OFF); n is the number of neurons in `own`
    x_j, M, N_j and the parameters are those of ThreeFactor.

    The weights stop changing when what arrives through them cancels, on average and in every presynaptic context,
    what drives `own` and `other` apart.
    Source: Bell, Han, Sugawara, Grant, Nature 387 (1997) 278-281, for the anti-Hebbian rule of negative images; the
    form with an ON and an OFF population is this package's. Widrow and Stearns, *Adaptive Signal Processing* (1985),
    for steps that are normalised by the power of the input.
    """

    rate: float
    own: str
    other: str
    tau: float = 20 * ms
    interval: float = 10 * ms
    low: float = -1.0
    high: float = 1.0
    normalise: float | None = None
    floor: float = 0.1

    def check(self, projection: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        check_rule(self, projection)


def check_rule(rule: ThreeFactor | AntiHebbian, projection: str) -> None:
    """Checks that both rules share."""
    name = f"{projection}: {type(rule).__name__}"
    check_range(f"{name}.rate", rule.rate, -1.0, 1.0, "V")
    check_time(f"{name}.tau", rule.tau, 1e-9, 10.0)
    check_time(f"{name}.interval", rule.interval, 1e-10, 10.0)
    check_range(f"{name}.low", rule.low, -1.0, 1.0, "V")
    check_range(f"{name}.high", rule.high, -1.0, 1.0, "V")
    if rule.normalise is not None:
        check_time(f"{name}.normalise", rule.normalise, rule.interval, 1e5)
    check_range(f"{name}.floor", rule.floor, 1e-6, 1e6, "")
    if rule.low > rule.high:
        raise ValueError(f"{name}.low = {rule.low} V is above high = {rule.high} V; swap them.")

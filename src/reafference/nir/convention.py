"""What a NIR file means in volts, amperes, seconds and spikes.

NIR's neurons are differential equations and its numbers have no unit. What a spike is, it does not settle: by the
equations it is an impulse; what the frameworks export is what they run, a signal that is 1 for one step of forward
Euler. The two differ by the factor dt and by the decay in a step, so whoever reads or writes a file says which.

    CubaLIF   tau_syn dI/dt = w_in x - I,   tau_mem dv/dt = v_leak - v + r I
    LIF       tau dv/dt = v_leak - v + r x
    IF        dv/dt = r x

x is the sum of weight times spike over the synapses, plus what biases add, which is constant under both conventions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reafference.units import check_range, check_time, ms, mV, nA

Floats = npt.NDArray[np.float64]
STEPS = 1e-11, 0.02  # s, shortest and longest tick of the engine


@dataclass(frozen=True, kw_only=True)
class Units:
    """How large 1 is.

    voltage  V  of v_threshold, v_leak, v_reset
    current  A  of what weights and biases add up to; so r = 1 is voltage / current, 1 MOhm by default
    time     s  of tau, tau_mem, tau_syn and Delay; seconds are what files have, though NIR's pages say ms
    """

    voltage: float = 1 * mV
    current: float = 1 * nA
    time: float = 1.0

    def __post_init__(self) -> None:
        check_range("Units.voltage", self.voltage, 1e-12, 1e3, "V")
        check_range("Units.current", self.current, 1e-15, 1.0, "A")
        check_range("Units.time", self.time, 1e-12, 1e3, "s")

    @property
    def resistance(self) -> float:
        """Ohm of r = 1."""
        return self.voltage / self.current


class Convention(Protocol):
    """What a spike is. Times are in s, gains in NIR's v for an event of weight 1 (of g = r I for CubaLIF)."""

    @property
    def dt(self) -> float:
        """One tick, s: what an edge without a Delay takes."""
        ...

    def membrane(self, tau: Floats) -> Floats:
        """Time constant of the engine's neuron for NIR's `tau`."""
        ...

    def tau(self, membrane: Floats) -> Floats:
        """The other way round."""
        ...

    def lif_gain(self, tau: Floats, unit: float) -> Floats:
        """What an event adds to v, over r, where tau (s) is NIR's and `unit` (s) its unit of time."""
        ...

    def if_gain(self, unit: float) -> float:
        """The same without leak."""
        ...

    def cuba_gain(self, tau_mem: Floats, tau_syn: Floats, unit: float) -> Floats:
        """What an event adds to g, over r w_in."""
        ...

    def w_in(self, tau_syn: Floats, unit: float) -> Floats:
        """The w_in with which a weight of 1 adds 1 to I."""
        ...

    def delay(self, wait: Floats) -> Floats:
        """Delay of a synapse for what the Delay nodes on its way add up to."""
        ...

    def wait(self, delay: Floats) -> Floats:
        """The other way round."""
        ...

    def before(self, depth: int, membrane: Floats) -> Floats:
        """What the engine's membrane leaves of a voltage by the time that NIR's begins.

        depth  how many populations a spike of an Input has to pass
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Impulses:
    """The equations as they stand: a spike is a Dirac impulse of area 1 (in the unit of time).

    An event of weight w adds r w / tau to v of a LIF, r w to v of an IF, w_in w / tau_syn to I of a CubaLIF. Between
    events the engine is exact, so the result depends on dt only as far as spikes lie on ticks.

    dt  s  one tick of the run that is planned. It is what an edge without a Delay takes, as no spike can be heard in
           the tick in which it is made; with a Delay, a synapse takes that, but never less than one tick.
    """

    dt: float = 0.1 * ms

    def __post_init__(self) -> None:
        check_time("Impulses.dt", self.dt, *STEPS)

    def membrane(self, tau: Floats) -> Floats:
        """The same."""
        return tau

    def tau(self, membrane: Floats) -> Floats:
        """The same."""
        return membrane

    def lif_gain(self, tau: Floats, unit: float) -> Floats:
        """1 / tau."""
        return unit / tau

    def if_gain(self, unit: float) -> float:
        """One."""
        return 1.0

    def cuba_gain(self, tau_mem: Floats, tau_syn: Floats, unit: float) -> Floats:
        """1 / tau_syn."""
        return unit / tau_syn

    def w_in(self, tau_syn: Floats, unit: float) -> Floats:
        """Tau_syn."""
        return tau_syn / unit

    def delay(self, wait: Floats) -> Floats:
        """The wait, at least one tick."""
        return np.maximum(wait, self.dt)

    def wait(self, delay: Floats) -> Floats:
        """The delay, but for one of a tick, which needs no node."""
        return np.where(delay <= self.dt * (1 + 1e-9), 0.0, delay)

    def before(self, depth: int, membrane: Floats) -> Floats:
        """All: both begin together."""
        return np.ones(membrane.size)


@dataclass(frozen=True, kw_only=True)
class EulerSteps:
    """What frameworks run: forward Euler in steps of dt, in which a spike is a signal that is 1 for one step.

        I[n+1] = I[n] + dt / tau_syn (w_in x[n+1] - I[n])          CubaLIF
        v[n+1] = v[n] + dt / tau (v_leak - v[n] + r x)             x = x[n+1] for LIF and IF, I[n] for CubaLIF

    snnTorch, Norse and Lava export tau, r and w_in so that this is what they did. On a grid of ticks of dt, the
    engine's exact neuron does the same to the rounding: its time constant is the one with exp(-dt / tau') = 1 - dt /
    tau, and its weights take up the factor dt / tau. Run what was read with the same dt.

    An edge takes one tick, with a Delay of k steps k + 1 ticks. So each population spikes as many ticks later than in a
    framework in which spikes go through all layers within a step as there are populations before it; synapses of a
    population onto itself take one tick here as there. So that biases begin with the first input, v starts where they
    bring it to 0 by the tick at which that could arrive (below threshold; a strong negative bias of a fast neuron
    far behind the inputs may leave it a little below 0). snnTorch, Norse and Lava use I[n+1] in the second line, so
    that behind a CubaLIF everything is one tick later still, and what a CubaLIF sends to itself arrives one tick late.

    dt  s  the step with which the file was made; it is not in the file. snnTorch and Norse export with 0.1 ms and 1 ms
           unless told otherwise.
    """

    dt: float

    def __post_init__(self) -> None:
        check_time("EulerSteps.dt", self.dt, *STEPS)

    def membrane(self, tau: Floats) -> Floats:
        """Tau' with exp(-dt / tau') = 1 - dt / tau. Raises ValueError where tau is not above dt."""
        if np.any(tau <= self.dt):
            raise ValueError(
                f"a time constant of {float(np.min(tau)):g} s is not above a step of {self.dt:g} s, so a step would "
                "overshoot; give the dt with which the file was made"
            )
        return -self.dt / np.log1p(-self.dt / tau)

    def tau(self, membrane: Floats) -> Floats:
        """NIR's tau of a decay by exp(-dt / tau') in a step."""
        return -self.dt / np.expm1(-self.dt / membrane)

    def lif_gain(self, tau: Floats, unit: float) -> Floats:
        """Dt / tau."""
        return self.dt / tau

    def if_gain(self, unit: float) -> float:
        """Dt."""
        return self.dt / unit

    def cuba_gain(self, tau_mem: Floats, tau_syn: Floats, unit: float) -> Floats:
        """(dt / tau_mem) (dt / tau_syn) over what the engine's v gains in a tick from a g of 1."""
        gain = in_a_tick(self.dt / self.membrane(tau_mem), self.dt / self.membrane(tau_syn))
        return (self.dt / tau_mem) * (self.dt / tau_syn) / gain

    def w_in(self, tau_syn: Floats, unit: float) -> Floats:
        """Tau_syn / dt."""
        return tau_syn / self.dt

    def delay(self, wait: Floats) -> Floats:
        """Whole steps of the wait and one more."""
        return (np.rint(wait / self.dt) + 1.0) * self.dt

    def wait(self, delay: Floats) -> Floats:
        """Whole ticks of the delay less one."""
        return np.maximum(np.rint(delay / self.dt) - 1.0, 0.0) * self.dt

    def before(self, depth: int, membrane: Floats) -> Floats:
        """That of `depth` ticks."""
        return np.exp(-depth * self.dt / membrane)


def in_a_tick(step_m: Floats, step_s: Floats) -> Floats:
    """What v gains in a tick from a synaptic current of 1 at its begin, which decays by exp(-step_s) while v leaks.

    (exp(-step_s) - exp(-step_m)) step_m / (step_m - step_s), without the cancellation.
    """
    gap = np.abs(step_m - step_s)
    close = gap < 1e-5
    whole = -np.expm1(-gap) / np.where(close, 1.0, gap)
    series = 1.0 - gap / 2.0 + gap * gap / 6.0
    return step_m * np.exp(-np.minimum(step_m, step_s)) * np.where(close, series, whole)

"""The log-normal brain: a network that keeps itself awake, with a few strong synapses among many weak ones.

Nothing drives it. Its excitatory synapses are so unequal that a spike is passed on by the few strongest of them while
the many weak ones together keep the cells just below threshold: noise that the network makes for itself.

Source: Teramae, Tsubo and Fukai, "Optimal spike-based communication in excitable networks with strong-sparse and
weak-dense links", Sci. Rep. 2 (2012) 485. docs/lognormal.md says what of its state was found again here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reafference.network import (
    ConductanceLIF,
    FixedProbability,
    LogNormal,
    Network,
    OneToOne,
    Population,
    Projection,
    Release,
    SpikeTrain,
    Uniform,
)
from reafference.units import check_range, check_time, ms, mV

EPSP_OVER_CONDUCTANCE = 0.1 * mV  # V s: an EPSP of 1 mV from a conductance of 10 Hz, in the units of the leak 1 / tau


@dataclass(frozen=True, kw_only=True)
class LogNormalPlan:
    """Parameters of the log-normal brain. Each is marked with where it comes from.

    [paper] as the Methods of the source are remembered, not copied from a text at hand; [chosen] here. Two defaults
    are not the paper's, `excitation` and `delay_other`: with its values, see `published`, the state is there but ends
    within seconds, and the rates are a third above the published ones.

    excitatory, inhibitory     cells [paper]
    tau_excitatory, tau_inhibitory  s  membrane time constants [paper]
    rest, threshold, reset     V  [paper]
    reversal_e, reversal_i     V  [paper]
    tau_synapse                s  of all conductances [paper]
    refractory                 s  [paper]
    sending_excitatory, sending_inhibitory  probability that a cell reaches another one [paper]
    epsp_mode, epsp_sigma      V, 1  E -> E: log-normal sizes of the EPSP from rest, most frequent one and standard
                               deviation of the logarithm [paper]; their mean is 0.89 mV
    epsp_most                  V  larger ones are drawn again [paper]
    excitation                 Hz  conductance of E -> I in the units of the leak 1 / tau [chosen; 18 in the paper]
    inhibition, disinhibition  Hz  the same, I -> E and I -> I [paper]
    failure                    V  an E -> E event fails with failure / (failure + EPSP) [paper]; 0: none fails
    delay_ee                   s  bounds of uniform delays E -> E [paper]
    delay_other                s  the same, all others [chosen; 0 to 2 ms in the paper]; 0.1 ms is one step
    kick_seconds, kick_rate, kick_epsp  s, Hz, V  for so long, each excitatory cell receives a Poisson train of EPSPs,
                               whose rate falls evenly to 0, since a kick that ends at once often takes the activity
                               with it [chosen]; kick_seconds = 0: no kick, and silence
    """

    excitatory: int = 10_000
    inhibitory: int = 2_000
    tau_excitatory: float = 20 * ms
    tau_inhibitory: float = 10 * ms
    rest: float = -70 * mV
    threshold: float = -50 * mV
    reset: float = -60 * mV
    reversal_e: float = 0.0
    reversal_i: float = -80 * mV
    tau_synapse: float = 2 * ms
    refractory: float = 1 * ms
    sending_excitatory: float = 0.1
    sending_inhibitory: float = 0.5
    epsp_mode: float = 0.2 * mV
    epsp_sigma: float = 1.0
    epsp_most: float = 20 * mV
    excitation: float = 19.0
    inhibition: float = 2.0
    disinhibition: float = 2.5
    failure: float = 0.1 * mV
    delay_ee: tuple[float, float] = (1 * ms, 3 * ms)
    delay_other: tuple[float, float] = (0.1 * ms, 1 * ms)
    kick_seconds: float = 1.0
    kick_rate: float = 2.0
    kick_epsp: float = 20 * mV

    def __post_init__(self) -> None:
        for name in ("excitatory", "inhibitory"):
            check_range(f"LogNormalPlan.{name}", getattr(self, name), 2, 10_000_000, "")
        for name in ("epsp_mode", "epsp_most", "kick_epsp"):
            check_range(f"LogNormalPlan.{name}", getattr(self, name), 1e-9, 0.1, "V")
        for name in ("excitation", "inhibition", "disinhibition"):
            check_range(f"LogNormalPlan.{name}", getattr(self, name), 0.0, 1e4, "Hz")
        check_range("LogNormalPlan.epsp_sigma", self.epsp_sigma, 0.0, 5.0, "")
        check_range("LogNormalPlan.failure", self.failure, 0.0, 0.1, "V")
        check_range("LogNormalPlan.kick_rate", self.kick_rate, 0.0, 1e4, "Hz")
        check_time("LogNormalPlan.kick_seconds", self.kick_seconds, 0.0, 100.0)

    @staticmethod
    def published() -> LogNormalPlan:
        """The plan as the paper is remembered; only its shortest delay is one step of 0.1 ms instead of 0."""
        return LogNormalPlan(excitation=18.0, delay_other=(0.1 * ms, 2 * ms))

    @property
    def epsp(self) -> LogNormal:
        """EPSPs (V) of the excitatory synapses onto excitatory cells."""
        log_mean = math.log(self.epsp_mode) + self.epsp_sigma**2
        return LogNormal(log_mean=log_mean, log_sigma=self.epsp_sigma, most=self.epsp_most)

    @property
    def weight_of_epsp(self) -> float:
        """Weight (leak conductances) of an excitatory cell's synapse for each V of EPSP."""
        return self.tau_excitatory / EPSP_OVER_CONDUCTANCE


def lognormal_brain(plan: LogNormalPlan | None = None, *, seed: int = 1) -> Network:
    """The network of a plan; its populations are "excitatory", "inhibitory" and, with a kick, "kick".

    plan  None: LogNormalPlan()
    seed  of the kick; wiring, strengths and failures belong to the seed of the run

    About 24 million synapses at full size, 170 MB. Project onto its cells from populations of your own by a Network of
    its `populations` and `projections` and yours.

    >>> lognormal_brain(LogNormalPlan(excitatory=1000, inhibitory=200)).neurons
    2200
    """
    plan = LogNormalPlan() if plan is None else plan

    def cells(tau: float) -> ConductanceLIF:
        return ConductanceLIF(
            tau=tau,
            tau_e=plan.tau_synapse,
            tau_i=plan.tau_synapse,
            rest=plan.rest,
            reversal_e=plan.reversal_e,
            reversal_i=plan.reversal_i,
            threshold=plan.threshold,
            reset=plan.reset,
            refractory=plan.refractory,
        )

    excitatory = Population("excitatory", plan.excitatory, cells(plan.tau_excitatory))
    inhibitory = Population("inhibitory", plan.inhibitory, cells(plan.tau_inhibitory))
    scale, epsp = plan.weight_of_epsp, plan.epsp
    by_e, by_i = FixedProbability(plan.sending_excitatory), FixedProbability(plan.sending_inhibitory)
    other = Uniform(*plan.delay_other)
    projections = [
        Projection(
            excitatory,
            excitatory,
            by_e,
            weight=LogNormal(
                log_mean=epsp.log_mean + math.log(scale), log_sigma=epsp.log_sigma, most=epsp.most * scale
            ),
            delay=Uniform(*plan.delay_ee),
            release=Release(half=plan.failure * scale) if plan.failure else None,
        ),
        Projection(excitatory, inhibitory, by_e, weight=plan.excitation * plan.tau_inhibitory, delay=other),
        Projection(inhibitory, excitatory, by_i, weight=-plan.inhibition * plan.tau_excitatory, delay=other),
        Projection(inhibitory, inhibitory, by_i, weight=-plan.disinhibition * plan.tau_inhibitory, delay=other),
    ]
    populations = [excitatory, inhibitory]
    if plan.kick_seconds:
        kick = Population("kick", plan.excitatory, _kick(plan, seed))
        populations.append(kick)
        projections.append(Projection(kick, excitatory, OneToOne(), weight=plan.kick_epsp * scale, delay=1 * ms))
    return Network(populations=populations, projections=projections)


def _kick(plan: LogNormalPlan, seed: int) -> SpikeTrain:
    """A Poisson train for each excitatory cell; the rate falls to 0 within the time of the kick."""
    rng = np.random.default_rng([seed, 1])
    number = rng.poisson(plan.kick_rate * plan.kick_seconds / 2, plan.excitatory)
    return SpikeTrain(
        time=0.1 * ms + plan.kick_seconds * (1 - np.sqrt(rng.random(int(number.sum())))),
        neuron=np.repeat(np.arange(plan.excitatory), number),
    )

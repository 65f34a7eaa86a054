"""Workload e: two balanced networks whose excitatory synapses onto excitatory cells learn from pairs of spikes.

    python benchmarks/engine/e_stdp.py --network brunel --simulator nest
    python benchmarks/engine/e_stdp.py --network hpc

brunel  the network of workload a at its constant drive. The synapses between excitatory cells, 6.4 of 10 million, learn
        by additive STDP of all pairs (20 ms both, depression 5 % stronger) with weights from zero to three times the
        first one, which they start near (10 % spread).
hpc     NEST's `hpc_benchmark`: power-law STDP (exponent 0.4, 15 and 30 ms), Poisson input. 11,250 neurons here have 900
        excitatory and 225 inhibitory inputs, a tenth of those there, with weights larger by the root of ten and a mean
        input from outside as there (1.685 times what reaches the threshold); `--scale` makes neurons and inputs fewer.
        Currents decay exponentially with the same charge and time constant instead of as alpha functions. w0, by which
        the rule takes its unit of weight, is multiplied like the weights. Cells fire at 23 Hz, irregularly.

The delay is that of the axon, apart from NEST, where it is that of the dendrite, as always there. So spikes meet at the
synapse 1.5 ms later or earlier than in the others, and weights drift a little differently. GeNN learns from a target's
spike in the step after it. Besides rates, the mean and the standard deviation of the weights at the end are told, in V.

Sources: Song, Miller, Abbott, Nat. Neurosci. 3 (2000) 919-926, for the additive rule; Morrison, Aertsen, Diesmann,
Neural Comput. 19 (2007) 1437-1467, for the power law; Kunkel et al., Front. Neuroinform. 8 (2014) 78, and the example
`hpc_benchmark` of NEST, for the network.
"""

from __future__ import annotations

import math
from dataclasses import replace

import a_brunel
import numpy as np
from bench.command import main, parser
from bench.learning import PairSTDP
from bench.model import Cells, Model, Noise, Synapses
from bench.values import Normal
from bench.wiring import FixedInDegree

SPREAD = 0.1
GROWN = math.sqrt(10.0)  # times every weight of hpc, for a tenth of the inputs
EXCITATORY, INHIBITORY = "excitatory", "inhibitory"


def brunel(scale: float, seed: int) -> Model:
    """Workload a, its synapses between excitatory cells apart from the others."""
    model = a_brunel.describe(scale, "constant", seed)
    excitation, inhibition = model.synapses
    weight = a_brunel.weight_of(scale)
    rule = PairSTDP(high=3 * weight, a_plus=0.005, a_minus=0.00525)
    start = Normal(mean=weight, std=SPREAD * weight, low=0.0, high=3 * weight)
    return replace(
        model,
        network="Brunel with additive STDP",
        synapses=(
            replace(excitation, targets=(EXCITATORY,), weight=start, stdp=rule),
            replace(excitation, targets=(INHIBITORY,)),
            inhibition,
        ),
    )


def charge(tau: float, tau_s: float, capacitance: float) -> float:
    """Weight (A) of an exponential current with the charge of the alpha current whose potential peaks at 1 V."""
    # The peak of the response to t exp(1 - t / tau_s) / tau_s, found on a fine grid.
    t = np.arange(0.0, 20 * tau_s, tau_s / 2000)
    b = 1 / tau_s - 1 / tau
    response = (
        math.e / (tau_s * capacitance) * ((np.exp(-t / tau) - np.exp(-t / tau_s)) / b**2 - t * np.exp(-t / tau_s) / b)
    )
    return math.e / float(response.max())


def hpc(scale: float, seed: int) -> Model:
    """NEST's benchmark with a tenth of the inputs."""
    inputs = max(round(225 * scale), 1)
    sizes = {EXCITATORY: 40 * inputs, INHIBITORY: 10 * inputs}
    tau, tau_s, capacitance, threshold = 10e-3, 0.32582722403722841e-3, 250e-12, 20e-3
    grown = GROWN
    ohm = tau / capacitance
    weight = 0.14e-3 * grown * charge(tau, tau_s, capacitance) * ohm
    rng = np.random.default_rng([seed, 1000])
    # The input that reaches the threshold on average, times 1.685: what its charge makes of it at rest.
    rate = 1.685 * threshold / (weight * tau_s)
    cells = Cells(
        kind="current",
        sizes=sizes,
        initial=rng.normal(5.7e-3, 7.2e-3, sum(sizes.values())),
        tau=tau,
        rest=0.0,
        threshold=threshold,
        reset=0.0,
        refractory=0.5e-3,
        tau_e=tau_s,
        tau_i=tau_s,
    )
    rule = PairSTDP(
        high=20 * weight,
        a_plus=0.1,
        a_minus=0.1 * 0.0513,
        tau_plus=15e-3,
        tau_minus=30e-3,
        mu=0.4,
        w0=1e-12 * math.e * grown * ohm,
    )
    start = Normal(mean=weight, std=3.47e-12 * math.e * grown * ohm, low=0.0, high=20 * weight)
    everyone = tuple(sizes)
    excited, inhibited = FixedInDegree(degree=4 * inputs), FixedInDegree(degree=inputs)
    synapses = (
        Synapses(source=EXCITATORY, targets=(EXCITATORY,), wiring=excited, weight=start, delay=1.5e-3, stdp=rule),
        Synapses(source=EXCITATORY, targets=(INHIBITORY,), wiring=excited, weight=weight, delay=1.5e-3),
        Synapses(source=INHIBITORY, targets=everyone, wiring=inhibited, weight=-5 * weight, delay=1.5e-3),
    )
    noise = tuple(Noise(target=name, inputs=4 * inputs, rate=rate / (4 * inputs), weight=weight) for name in everyone)
    return Model(network="hpc_benchmark, a tenth of the inputs", cells=cells, synapses=synapses, noise=noise, seed=seed)


NETWORKS = {"brunel": brunel, "hpc": hpc}

if __name__ == "__main__":
    options = parser(__doc__)
    options.add_argument("--network", choices=tuple(NETWORKS), default="brunel")
    arguments = options.parse_args()
    main(arguments, lambda scale: NETWORKS[arguments.network](scale, arguments.seed))

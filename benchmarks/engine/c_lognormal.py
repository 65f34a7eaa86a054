"""Workload c: a large, sparse, nearly silent network with log-normal everything.

    python benchmarks/engine/c_lognormal.py --simulator reafference --rate 0.5

100,000 neurons (80 % excitatory) send 100 delta synapses each on average; numbers of synapses, weights (mean 0.2 mV,
inhibitory ones -1 mV) and rates are log-normal. Every neuron has a spike train of its own whose events carry it over
the threshold; the network adds to that and takes away. The mean rate is near `--rate`, and the busiest 15 % of the
neurons make half or more of the spikes (sigma 1.2 of the logarithm: 57 % of what the trains ask for). Trains are drawn
beforehand: nothing is random in the run, and all simulators are to spike at the same ticks.

Source for the shape: Buzsaki, Mizuseki, Nat. Rev. Neurosci. 15 (2014) 264-278.
"""

from __future__ import annotations

import numpy as np
from bench.command import main, parser
from bench.model import Cells, Model, Synapses, Trains
from bench.values import LogNormal
from bench.wiring import LogNormalDegree, OneToOne

DELAY, KICK, SIGMA = 1.5e-3, 25e-3, 1.2
FASTEST = 300.0  # Hz, of a train; faster ones would mostly meet a neuron that is refractory


def describe(scale: float, rate: float, seconds: float, seed: int) -> Model:
    count = max(round(100_000 * scale), 10)
    rng = np.random.default_rng([seed, 1000])
    rates = rng.lognormal(np.log(rate) - SIGMA**2 / 2, SIGMA, count)
    return Model(
        network=f"sparse log-normal, {rate:g} Hz",
        cells=Cells(
            kind="delta",
            sizes={"cells": count},
            initial=np.full(count, -65e-3),
            rest=-65e-3,
            threshold=-50e-3,
            reset=-65e-3,
        ),
        synapses=(
            Synapses(
                source="cells",
                targets=("cells",),
                wiring=LogNormalDegree(mean=min(100.0, count / 4), sigma=0.8),
                weight=LogNormal(mean=0.2e-3, sigma=1.0, inhibitory=0.2, ratio=-5.0),
                delay=DELAY,
            ),
            Synapses(source="inputs", targets=("cells",), wiring=OneToOne(), weight=KICK, delay=DELAY),
        ),
        trains=(Trains.poisson("inputs", np.minimum(rates, FASTEST), seconds, rng),),
        seed=seed,
    )


if __name__ == "__main__":
    options = parser(__doc__)
    options.add_argument("--rate", type=float, default=0.5, help="mean rate of the input trains, Hz")
    arguments = options.parse_args()
    main(arguments, lambda scale: describe(scale, arguments.rate, arguments.seconds, arguments.seed))

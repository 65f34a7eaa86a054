"""Workload b: the networks of Vogels and Abbott with current-based (CUBA) or conductance-based (COBA) synapses.

    python benchmarks/engine/b_vogels_abbott.py --simulator nest --synapses current

4,000 neurons (3,200 excitatory), each pair joined with probability 2 %, synaptic time constants 5 and 10 ms, delay one
step of 0.1 ms. Current-based: events of 1.62 mV and -9 mV, resting level -49 mV, 1 mV above the threshold, which keeps
the network active. Conductance-based: 0.6 and 6.7 times the leak. The resting level is -49 mV there, too: at the -60 mV
of the paper activity depends on how it is started and may die out, which is no ground for a comparison.

Sources: Vogels, Abbott, J. Neurosci. 25 (2005) 10786-10795; Brette et al., J. Comput. Neurosci. 23 (2007) 349-398,
benchmarks 1 (COBA) and 2 (CUBA).
"""

from __future__ import annotations

import numpy as np
from bench.command import main, parser
from bench.model import Cells, Model, Synapses
from bench.wiring import FixedProbability

WEIGHTS = {"current": (1.62e-3, -9e-3), "conductance": (0.6, -6.7)}
DELAY = 0.1e-3


def describe(scale: float, kind: str, seed: int) -> Model:
    excitatory = max(round(3200 * scale), 4)
    sizes = {"excitatory": excitatory, "inhibitory": excitatory // 4}
    rng = np.random.default_rng([seed, 1000])
    cells = Cells(
        kind=kind,
        sizes=sizes,
        initial=rng.uniform(-60e-3, -50e-3, sum(sizes.values())),
        rest=-49e-3,
        threshold=-50e-3,
        reset=-60e-3,
        refractory=5e-3,
    )
    wiring = FixedProbability(probability=min(0.02 / scale, 1.0))
    return Model(
        network=f"Vogels-Abbott, {kind}",
        cells=cells,
        synapses=tuple(
            Synapses(source=name, targets=tuple(sizes), wiring=wiring, weight=weight, delay=DELAY)
            for name, weight in zip(sizes, WEIGHTS[kind], strict=True)
        ),
        seed=seed,
    )


if __name__ == "__main__":
    options = parser(__doc__)
    options.add_argument("--synapses", choices=tuple(WEIGHTS), default="current")
    arguments = options.parse_args()
    main(arguments, lambda scale: describe(scale, arguments.synapses, arguments.seed))

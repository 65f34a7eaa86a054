"""Workload a: Brunel's balanced network, asynchronous irregular.

    python benchmarks/engine/a_brunel.py --simulator reafference --drive constant --threads 1 --seconds 1

10,000 neurons (8,000 excitatory), each with 800 excitatory and 200 inhibitory inputs, delta synapses of 0.1 mV and
-0.5 mV, delay 1.5 ms, step 0.1 ms. The outside is 20,000 events a second and neuron of 0.1 mV, twice what reaches the
threshold on average, or the constant drive of 40 mV that these add up to. At another scale neurons and inputs shrink
together and weights grow, so that the mean input stays; small networks become synchronous.

Source: N. Brunel, J. Comput. Neurosci. 8 (2000) 183-208, model A at g = 5, external rate 2 times threshold.
"""

from __future__ import annotations

import numpy as np
from bench.command import main, parser
from bench.model import Cells, Model, Noise, Synapses
from bench.wiring import FixedInDegree

WEIGHT, RATIO, DELAY = 0.1e-3, 5.0, 1.5e-3


def inputs_of(scale: float) -> int:
    """Inhibitory inputs of a neuron."""
    return max(round(200 * scale), 1)


def weight_of(scale: float) -> float:
    """Excitatory weight, V."""
    return WEIGHT * 200 / inputs_of(scale)


def describe(scale: float, drive: str, seed: int) -> Model:
    inputs, weight = inputs_of(scale), weight_of(scale)
    sizes = {"excitatory": 40 * inputs, "inhibitory": 10 * inputs}
    rng = np.random.default_rng([seed, 1000])
    external = 20_000 * inputs / 200
    cells = Cells(
        kind="delta",
        sizes=sizes,
        initial=rng.uniform(0.0, 20e-3, sum(sizes.values())),
        drive=external * weight * 20e-3 if drive == "constant" else 0.0,
    )
    everyone = tuple(sizes)
    wirings = FixedInDegree(degree=4 * inputs), FixedInDegree(degree=inputs)
    noise = [Noise(target=name, inputs=4 * inputs, rate=external / (4 * inputs), weight=weight) for name in everyone]
    return Model(
        network=f"Brunel, {drive} drive",
        cells=cells,
        synapses=(
            Synapses(source="excitatory", targets=everyone, wiring=wirings[0], weight=weight, delay=DELAY),
            Synapses(source="inhibitory", targets=everyone, wiring=wirings[1], weight=-RATIO * weight, delay=DELAY),
        ),
        noise=tuple(noise) if drive == "poisson" else (),
        seed=seed,
    )


if __name__ == "__main__":
    options = parser(__doc__)
    options.add_argument("--drive", choices=("constant", "poisson"), default="constant")
    arguments = options.parse_args()
    main(arguments, lambda scale: describe(scale, arguments.drive, arguments.seed))

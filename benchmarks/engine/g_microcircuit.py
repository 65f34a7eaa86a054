"""Workload g: the cortical microcircuit of Potjans and Diesmann, all neurons with a tenth of their inputs, or full.

    python benchmarks/engine/g_microcircuit.py --inputs tenth
    python benchmarks/engine/g_microcircuit.py --inputs full --wiring own

Eight populations of layers 2/3, 4, 5 and 6 under 1 square millimetre of cortex, 77,169 neurons, 0.3 billion synapses;
exponential currents of 0.5 ms, membrane 10 ms, normally distributed weights (87.8 pA, inhibitory ones -4 times that,
10 % spread, those from 4e to 2/3e doubled) and delays (1.5 ms from excitatory, 0.75 ms from inhibitory cells, half of
that spread); each neuron has K_ext background inputs of 8 Hz. The total number of synapses of a pair of populations is
that at which the published probability to be joined at least once is met.

With a tenth of the inputs, background included, weights grow by the root of ten, which keeps the variance of the
input, and a constant input makes up for the mean that is lost, from the published rates. `--scale` is the part of the
neurons that there are; inputs per neuron do not depend on it.

The rates are the check: each has to lie within 10 %, or 0.2 Hz, of the interval between two published ones (that of the
paper, and that of NEST's example at full scale, from other draws of the network); with `--check` the exit status says
so. They hold with all inputs; with a tenth of them two populations depart, in every simulator alike. Give it a second
or more.

Sources: Potjans, Diesmann, Cereb. Cortex 24 (2014) 785-806, tables 4 to 6; van Albada, Helias, Diesmann, PLoS Comput.
Biol. 11 (2015) e1004490, for the scaling. Initial voltages, and rates for the scaling: NEST's example `Potjans_2014`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping

import numpy as np
from bench.command import main, parser
from bench.model import Cells, Model, Noise, Synapses
from bench.values import Normal
from bench.wiring import FixedTotalNumber

NAMES = ("L23e", "L23i", "L4e", "L4i", "L5e", "L5i", "L6e", "L6i")
SIZES = (20_683, 5_834, 21_915, 5_479, 4_850, 1_065, 14_395, 2_948)
JOINED = (  # probability that a source (column) reaches a target (row) at least once
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)
BACKGROUND = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)  # inputs of a neuron, 8 Hz each
PAPER = (0.86, 2.80, 4.45, 5.93, 7.59, 8.64, 1.09, 7.88)  # Hz
FULL = (0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523)  # Hz, of the authors' implementation
START = ((-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94))
START += ((-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46), (-61.43, 4.48))  # mV, mean and standard deviation of v
PART, LEAST = 0.1, 0.2  # of the published rate; Hz
CURRENT, RATIO, SPREAD = 87.8e-12, -4.0, 0.1  # A
TAU, TAU_S, CAPACITANCE = 10e-3, 0.5e-3, 250e-12  # s, s, F
RATE = 8.0  # Hz
INPUTS = {"tenth": 0.1, "full": 1.0}


def in_degree(target: int, source: int) -> float:
    """Synapses that a neuron of one population has from all of another at full scale, on average."""
    pairs = SIZES[target] * SIZES[source]
    return np.log1p(-JOINED[target][source]) / np.log1p(-1 / pairs) / SIZES[target]


def jump(target: int, source: int) -> float:
    """Mean weight at full scale, V."""
    doubled = 2.0 if (NAMES[source], NAMES[target]) == ("L4e", "L23e") else 1.0
    return CURRENT * TAU / CAPACITANCE * (RATIO if source % 2 else doubled)


def lost(target: int, inputs: float) -> float:
    """Mean input (V) that a smaller number of inputs with larger weights lacks."""
    mean = CURRENT * TAU / CAPACITANCE * BACKGROUND[target] * RATE
    mean += sum(jump(target, source) * in_degree(target, source) * FULL[source] for source in range(8))
    return float((1 - math.sqrt(inputs)) * mean * TAU_S)


def describe(scale: float, inputs: float, seed: int) -> Model:
    sizes = {name: max(round(size * scale), 2) for name, size in zip(NAMES, SIZES, strict=True)}
    rng = np.random.default_rng([seed, 1000])
    grown = 1 / math.sqrt(inputs)
    cells = Cells(
        kind="current",
        sizes=sizes,
        initial=np.concatenate([
            rng.normal(mean * 1e-3, std * 1e-3, size)
            for (mean, std), size in zip(START, sizes.values(), strict=True)
        ]),
        tau=TAU,
        rest=-65e-3,
        threshold=-50e-3,
        reset=-65e-3,
        refractory=2e-3,
        tau_e=TAU_S,
        tau_i=TAU_S,
        drive={name: lost(number, inputs) for number, name in enumerate(NAMES)},
    )  # fmt: skip
    synapses = []
    for source in range(8):
        for target in range(8):
            number = round(in_degree(target, source) * inputs * sizes[NAMES[target]])
            if not number:
                continue
            weight, delay = jump(target, source) * grown, 0.75e-3 if source % 2 else 1.5e-3
            limits = {"high": 0.0} if weight < 0 else {"low": 0.0}
            synapses.append(
                Synapses(
                    source=NAMES[source],
                    targets=(NAMES[target],),
                    wiring=FixedTotalNumber(number=number),
                    weight=Normal(mean=weight, std=abs(weight) * SPREAD, **limits),
                    delay=Normal(mean=delay, std=delay / 2, low=0.05e-3),
                )
            )
    weight = CURRENT * TAU / CAPACITANCE * grown
    return Model(
        network=f"microcircuit, {inputs:g} of the inputs",
        cells=cells,
        synapses=tuple(synapses),
        noise=tuple(
            Noise(target=name, inputs=round(count * inputs), rate=RATE, weight=weight)
            for name, count in zip(NAMES, BACKGROUND, strict=True)
        ),
        seed=seed,
    )


def outside(rates: Mapping[str, float]) -> list[str]:
    """Populations whose rate is not as published."""
    found = []
    for name, *published in zip(NAMES, PAPER, FULL, strict=True):
        low, high = min(published), max(published)
        slack = max(PART * high, LEAST)
        if not low - slack <= rates[name] <= high + slack:
            found.append(f"{name}: {rates[name]:.2f} Hz, published {low:g} to {high:g} Hz")
    return found


if __name__ == "__main__":
    options = parser(__doc__)
    options.add_argument("--inputs", choices=tuple(INPUTS), default="tenth", help="part of the inputs of a neuron")
    options.add_argument("--check", action="store_true", help="exit with 1 where rates are not as published")
    arguments = options.parse_args()
    line = main(arguments, lambda scale: describe(scale, INPUTS[arguments.inputs], arguments.seed))
    wrong = outside(line["rates"])
    print("Rates as published." if not wrong else "Rates: " + json.dumps(wrong), file=sys.stderr)
    sys.exit(1 if wrong and arguments.check else 0)

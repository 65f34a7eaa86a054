"""Workload d: the fruit-fly brain model, in shape (a surrogate) or on the real connectome.

    python benchmarks/engine/d_fly.py --simulator reafference
    python benchmarks/engine/d_fly.py --connectome Connectivity_783.parquet --neurons Completeness_783.csv

The model of Shiu et al.: exponential currents of 5 ms, membrane 20 ms, threshold 7 mV above rest, refractory 2.2 ms,
delay 1.8 ms, 0.275 mV for each synapse of a connection; sugar-sensing neurons driven at 200 Hz.

The surrogate has 138,639 neurons and about 15 million connections with log-normal numbers of synapses (mean 3.7) and
log-normal out-degrees (mean 109); 30 % of the neurons are inhibitory. 21 driven neurons reach a circuit of 700, with 8
synapses a connection on average; a tenth of the circuit's own connections stay within it. These four numbers were
chosen so that about as many neurons are active, and as unequally, as in the published runs (448 over 30 trials;
quartiles 5, 23 and 52 Hz); the wiring means nothing biologically.

The real one is read from the authors' file (`Presynaptic_Index`, `Postsynaptic_Index`, `Excitatory x Connectivity`;
Parquet or CSV, both need pyarrow) and, to find the driven neurons, the list of neuron ids (CSV, ids in its first
column).

In all simulators alike, unlike in the paper: the synaptic current goes on through a spike and the refractory time
(the paper sets it to zero and freezes it), and driven neurons are given as the spike trains that their drive makes.

Source: Shiu et al., Nature 634 (2024) 210-219; repository philshiu/Drosophila_brain_model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from bench.command import main, parser
from bench.model import Cells, Model, Synapses, Trains
from bench.values import Floats, Index
from bench.wiring import Given

RATE, DELAY, SYNAPSE = 200.0, 1.8e-3, 0.275e-3
# The 21 sugar-sensing neurons of the right side, FlyWire ids of version 630, and the one that has another id in 783.
SUGAR_RIGHT = (
    720575940611875570,
    720575940612670570,
    720575940616885538,
    720575940617000768,
    720575940617937543,
    720575940620900446,
    720575940621502051,
    720575940621754367,
    720575940624963786,
    720575940628853239,
    720575940629176663,
    720575940630233916,
    720575940630797113,
    720575940632425919,
    720575940632889389,
    720575940633143833,
    720575940637568838,
    720575940638202345,
    720575940639198653,
    720575940639332736,
    720575940640649691,
)
RENAMED = {720575940620900446: 720575940639259967}

Connections = tuple[Index, Index, Floats]  # source, target (driven neurons first), weight in volts


def surrogate(scale: float, seed: int) -> tuple[int, int, Connections]:
    """(neurons, driven ones among them, connections)."""
    neurons, driven, circuit = (max(round(n * scale), least) for n, least in ((138_639, 200), (21, 2), (700, 20)))
    rng = np.random.default_rng([seed, 0])
    degree = np.rint(rng.lognormal(np.log(109) - 0.8**2 / 2, 0.8, neurons))
    degree[:driven] = 110
    degree = np.minimum(degree, neurons // 4).astype(np.int64)
    source = np.repeat(np.arange(neurons, dtype=np.uint32), degree)
    target = rng.integers(driven, neurons, source.size, dtype=np.uint32)
    members = driven + rng.permutation(neurons - driven)[:circuit].astype(np.uint32)
    inside = np.zeros(neurons)
    inside[members] = 0.1
    inside[:driven] = 1.0
    chosen = np.flatnonzero(rng.random(source.size) < inside[source])
    target[chosen] = rng.choice(members, chosen.size)
    mean = np.where(source < driven, 8.0, 3.6)
    count = np.maximum(np.rint(mean * rng.lognormal(-(1.1**2) / 2, 1.1, source.size)), 1)
    sign = np.where(rng.random(neurons) < 0.3, -1.0, 1.0)
    sign[:driven] = 1.0
    return neurons, driven, (source, target, count * sign[source] * SYNAPSE)


def connectome(path: Path, ids: Path) -> tuple[int, int, Connections]:
    """The same from the authors' files."""
    from pyarrow import csv, parquet

    names = ["Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity"]
    if path.suffix == ".parquet":
        table = parquet.read_table(path, columns=names)
    else:
        table = csv.read_csv(path, convert_options=csv.ConvertOptions(include_columns=names))
    source, target, count = (table[name].to_numpy() for name in names)
    known = csv.read_csv(ids).column(0).to_numpy()
    place = {int(number): k for k, number in enumerate(known)}
    driven = [place[n] if n in place else place[RENAMED[n]] for n in SUGAR_RIGHT]
    rank = np.full(known.size, -1, np.int64)
    rank[driven] = np.arange(len(driven))
    rank[rank < 0] = np.arange(len(driven), known.size)
    source, target = rank[source], rank[target]
    keep = target >= len(driven)  # what reaches a driven neuron cannot change its train
    edges = source[keep].astype(np.uint32), target[keep].astype(np.uint32), count[keep] * SYNAPSE
    return known.size, len(driven), edges


def describe(scale: float, arguments: argparse.Namespace) -> Model:
    seed = arguments.seed
    real = arguments.connectome if scale == arguments.scale else None  # what warms up is always a small surrogate
    neurons, driven, (source, target, weight) = connectome(real, arguments.neurons) if real else surrogate(scale, seed)
    rng = np.random.default_rng([seed, 1000])
    from_driven = source < driven
    cells = neurons - driven
    parts = []
    for name, mine, first in (("driven", from_driven, 0), ("brain", ~from_driven, driven)):
        wiring = Given(source=source[mine] - np.uint32(first), target=target[mine] - np.uint32(driven))
        parts.append(Synapses(source=name, targets=("brain",), wiring=wiring, weight=weight[mine], delay=DELAY))
    return Model(
        network=f"fly, {real.name}" if real else "fly, surrogate",
        cells=Cells(
            kind="current",
            sizes={"brain": cells},
            initial=np.full(cells, -52e-3),
            rest=-52e-3,
            threshold=-45e-3,
            reset=-52e-3,
            refractory=2.2e-3,
            tau_e=5e-3,
            tau_i=5e-3,
        ),
        synapses=tuple(parts),
        trains=(Trains.poisson("driven", np.full(driven, RATE), arguments.seconds, rng),),
        seed=seed,
    )


if __name__ == "__main__":
    options = parser(__doc__)
    options.add_argument("--connectome", type=Path, help="the authors' table of connections; none: the surrogate")
    options.add_argument("--neurons", type=Path, help="the authors' list of neuron ids, needed with --connectome")
    arguments = options.parse_args()
    if (arguments.connectome is None) != (arguments.neurons is None):
        options.error("--connectome and --neurons belong together; give both or none.")
    main(arguments, lambda scale: describe(scale, arguments))

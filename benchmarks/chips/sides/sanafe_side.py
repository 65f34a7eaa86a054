"""Random networks on the Loihi of SANA-FE, run by that package: what it counts, spends and needs, one JSON a line.

Runs where `sanafe` (2.2.9) is installed, and needs nothing of this package:

    python sanafe_side.py NETWORKS [FIRST_SEED] > sanafe.jsonl

`sanafe_prices.py` reads the lines. SANA-FE is under the GPL; it is run as it comes and nothing of it is kept here.
"""

import contextlib
import json
import os
import random
import sys

import sanafe

TICKS = 12
KINDS = ("loihi_dense_synapse", "loihi_sparse_synapse", "loihi_conv_synapse")


def drawn(seed: int) -> dict:
    """A network: cores, neurons, synapses (source, target, weight), their kind by target, spikes of the sources."""
    r = random.Random(seed)
    cores = r.sample(range(128), r.choice([1, 2, 3, 4, 8, 16, 32]))
    sources, neurons = r.randint(1, 20), r.randint(10, 400)
    dense = r.choice([0.01, 0.03, 0.1]) if neurons > 100 else r.choice([0.05, 0.2, 0.5])
    core = [r.choice(cores) for _ in range(sources + neurons)]
    synapses = [
        (i, j, r.choice([1.0, 1.0, -0.5]))
        for i in range(sources + neurons)
        for j in range(sources, sources + neurons)
        if r.random() < dense
    ]
    rate = r.choice([0.2, 0.6, 1.0])
    return {
        "seed": seed, "sources": sources, "core": core, "synapses": synapses,
        "kind": [r.randrange(3) for _ in range(sources + neurons)],
        "trains": [[int(r.random() < rate) for _ in range(TICKS)] for _ in range(sources)],
        "threshold": r.choice([1.0, 2.0, 4.0]), "leak": r.choice([0.5, 1.0]),
        "bias": [0.0 if r.random() < 0.9 else 0.25 for _ in range(neurons)],
    }  # fmt: skip


def run(net: dict) -> dict:
    """What SANA-FE makes of it."""
    arch, made, sources = sanafe.load_loihi(), sanafe.Network(), net["sources"]
    cores, count = arch.cores(), len(net["core"])
    inputs = made.create_neuron_group("in", sources, {}, soma_hw_name="loihi_inputs[0]")
    cells = made.create_neuron_group(
        "cells", count - sources, {"threshold": net["threshold"], "leak_decay": net["leak"], "reset": 0.0},
        log_potential=True, log_spikes=True, soma_hw_name="loihi_lif",
    )  # fmt: skip
    for i in range(count - sources):
        cells[i].set_attributes(default_synapse_hw_name=KINDS[net["kind"][sources + i]])
    nodes = [inputs[i] for i in range(sources)] + [cells[i] for i in range(count - sources)]
    for i, train in enumerate(net["trains"]):
        nodes[i].set_attributes(model_attributes={"spikes": train}, soma_hw_name=f"loihi_inputs[{i}]")
    for i, bias in enumerate(net["bias"]):
        if bias:
            nodes[sources + i].set_attributes(model_attributes={"bias": bias})
    for i, node in enumerate(nodes):
        node.map_to_core(cores[net["core"][i]])
    for i, j, weight in net["synapses"]:
        nodes[i].connect_to_neuron(nodes[j], {"weight": weight})
    chip = sanafe.SpikingChip(arch)
    chip.load(made)
    found = chip.sim(TICKS, timing_model="detailed", spike_trace=True, potential_trace=True, perf_trace=True)
    spikes = [[sources + each.neuron_offset for each in tick] for tick in found["spike_trace"]]
    return {
        **net,
        "spikes": [[i for i in range(sources) if net["trains"][i][t]] + sorted(spikes[t]) for t in range(TICKS)],
        "potential": found["potential_trace"],
        "x": [(each // 4) // 4 for each in range(128)],
        "y": [(each // 4) % 4 for each in range(128)],
        "energy": found["energy"],
        "seconds": found["perf_trace"]["sim_time"],
        "updated": found["perf_trace"]["updated"],
        "fired": found["perf_trace"]["fired"],
        "hops": found["perf_trace"]["hops"],
        "messages": found["packets_sent"],
        "events": found["spikes"],
    }


if __name__ == "__main__":
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for seed in range(first, first + int(sys.argv[1])):
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            line = json.dumps(run(drawn(seed)))
        print(line)

"""Networks on the Loihi of SANA-FE, run by that package: what happens and what it costs, one JSON a line.

Runs where `sanafe` (2.2.9) is installed, and needs nothing of this package:

    python sanafe_side.py random NETWORKS [FIRST_SEED] > random.jsonl   # networks that are drawn here
    python sanafe_side.py files TICKS FILE.yaml ... > files.jsonl       # networks in SANA-FE's own description

`sanafe_prices.py` reads the lines. Units of other architectures' files are put on those of the Loihi file. SANA-FE is
under the GPL; it is run as it comes and nothing of it is kept here.
"""

import contextlib
import json
import os
import random
import re
import sys
import tempfile
from pathlib import Path

import sanafe

TICKS = 12
KINDS = ("loihi_dense_synapse", "loihi_sparse_synapse", "loihi_conv_synapse")


def drawn(seed: int) -> dict:
    """A network as SANA-FE describes it: cores, sources and neurons of several kinds, synapses of all three kinds."""
    r = random.Random(seed)
    cores = r.sample(range(128), r.choice([1, 2, 3, 4, 8, 16, 32]))
    sources, neurons = r.randint(1, 20), r.randint(10, 300)
    dense = r.choice([0.01, 0.03, 0.1]) if neurons > 100 else r.choice([0.05, 0.2, 0.5])
    rate, choice = r.choice([0.2, 0.6, 1.0]), r.choice([[1.0, -0.5], [0.3, -0.17, 0.77], [2.0, 3.0, -4.0]])
    given = [
        {str(i): {
            "soma_hw_name": f"loihi_inputs[{i}]", "spikes": [int(r.random() < rate) for _ in range(TICKS)],
        }} for i in range(sources)
    ]  # fmt: skip
    group = {
        "log_spikes": True, "threshold": r.choice([1.0, 2.0, 4.0]), "leak_decay": r.choice([0.5, 0.9, 1.0]),
        "input_decay": r.choice([0.0, 0.0, 0.5]), "reset_mode": r.choice(["hard", "hard", "soft"]),
        "refractory_delay": r.choice([0, 0, 1, 3]),
        "reverse_reset_mode": r.choice(["none", "none", "hard", "soft", "saturate"]), "reverse_threshold": -2.0,
    }  # fmt: skip
    cells = [{str(i): _own(r)} for i in range(neurons)]
    edges = [
        {f"{a} -> cells.{j}": {"weight": r.choice(choice)}}
        for a in [f"in.{i}" for i in range(sources)] + [f"cells.{i}" for i in range(neurons)]
        for j in range(neurons)
        if r.random() < dense
    ]
    places = [f"in.{i}" for i in range(sources)] + [f"cells.{i}" for i in range(neurons)]
    r.shuffle(places)
    mappings = [{each: {"core": f"{core // 4}.{core % 4}"}} for each in places for core in [r.choice(cores)]]
    groups = [
        {"name": "in", "attributes": {"log_spikes": True}, "neurons": given},
        {"name": "cells", "attributes": group, "neurons": cells},
    ]
    return {"network": {"name": f"drawn_{seed}", "groups": groups, "edges": edges}, "mappings": mappings}


def _own(r: random.Random) -> dict:
    """What one neuron has for itself."""
    own: dict = {"synapse_hw_name": r.choice(KINDS)}
    if r.random() < 0.1:
        own["bias"] = r.choice([0.25, 0.1])
    if r.random() < 0.05:
        own["force_update"] = True
    return own


def run(path: str, ticks: int) -> dict:
    """What SANA-FE makes of a file."""
    arch = sanafe.load_loihi()
    chip = sanafe.SpikingChip(arch)
    chip.load(sanafe.load_net(path, arch))
    found = chip.sim(ticks, timing_model="detailed", spike_trace=True, perf_trace=True)
    perf = found["perf_trace"]
    return {
        "version": "2.2.9", "ticks": ticks, "energy": found["energy"]["total"], "seconds": perf["sim_time"],
        "events": found["spikes"], "messages": found["packets_sent"], "hops": sum(perf["hops"]),
        "updated": found["neurons_updated"], "fired": found["neurons_fired"],
        "spikes": [sorted(f"{each.group_name}.{each.neuron_offset}" for each in tick) for tick in found["spike_trace"]],
    }  # fmt: skip


def for_loihi(text: str) -> str:
    """A description for the units of `example_chip.yaml`, on Loihi's; every source gets an input unit of its own."""
    text = text.replace("demo_soma_default", "loihi_lif").replace("demo_input", '"loihi_inputs[0]"')
    return re.sub(r"(- in\.(\d+): )[{[]core: ([\d.]+).*", r'\1{core: \3, soma: "loihi_inputs[\2]"}', text)


def told(name: str, text: str, ticks: int, document: object = None) -> None:
    """Run one, and print its line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.yaml"
        path.write_text(text)
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            found = run(str(path), ticks)
    print(json.dumps({"name": name, **({"text": text} if document is None else {"document": document}), **found}))
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "random":
        first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
        for seed in range(first, first + int(sys.argv[2])):
            net = drawn(seed)
            told(f"drawn {seed}", json.dumps(net), TICKS, net)
    else:
        for file in sys.argv[3:]:
            told(Path(file).name, for_loihi(Path(file).read_text()), int(sys.argv[2]))

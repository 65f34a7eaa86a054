"""Networks of `loihi_networks.py` in brian2-loihi: python brian2loihi_side.py DRAWN.jsonl ANSWERS.jsonl

Runs in an environment with brian2-loihi and nothing of this project. Each line of ANSWERS is one network: I and v of
every neuron after every tick, spikes as [tick, neuron]. Networks that are answered already are not run again.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from brian2 import prefs, start_scope
from brian2_loihi import (
    LoihiNetwork,
    LoihiNeuronGroup,
    LoihiSpikeGeneratorGroup,
    LoihiSpikeMonitor,
    LoihiStateMonitor,
    LoihiSynapses,
    synapse_sign_mode,
)

prefs.codegen.target = "numpy"
SIGN = {
    "mixed": synapse_sign_mode.MIXED,
    "excitatory": synapse_sign_mode.EXCITATORY,
    "inhibitory": synapse_sign_mode.INHIBITORY,
}


def run(drawn):
    """(I, v, spikes) of one network. Its clock starts at 0, where ours has tick 1."""
    start_scope()
    ticks = drawn["ticks"]
    source = LoihiSpikeGeneratorGroup(
        drawn["inputs"], np.array(drawn["input_source"], int), np.array(drawn["input_tick"], int) - 1
    )
    cells, first = [], 0
    for population in drawn["populations"]:
        mine = slice(first, first + population["size"])
        first += population["size"]
        cell = LoihiNeuronGroup(
            population["size"],
            refractory=population["refractory"],
            threshold_v_mant=population["threshold"],
            decay_v=population["decay_v"],
            decay_I=population["decay_u"],
        )
        # Its current decays at the end of a tick, ours at the beginning: give it what is left after the first decay.
        size = np.array(drawn["u"][mine])
        cell.I = np.sign(size) * (np.abs(size) * (4096 - population["decay_u"]) // 4096)
        cell.v = np.array(drawn["v"][mine])
        cells.append(cell)
    synapses = []
    for group in drawn["groups"]:
        origin = source if group["source_population"] < 0 else cells[group["source_population"]]
        delay = np.array(group["delay"])
        for d in np.unique(delay):
            mine = delay == d
            some = LoihiSynapses(
                origin,
                cells[group["target_population"]],
                delay=int(d),
                w_exp=group["exponent"],
                sign_mode=SIGN[group["sign"]],
                num_weight_bits=group["bits"],
            )
            some.connect(i=np.array(group["source"])[mine], j=np.array(group["target"])[mine])
            some.w = np.array(group["mantissa"])[mine]
            synapses.append(some)
    spikes = [LoihiSpikeMonitor(cell) for cell in cells]
    currents = [LoihiStateMonitor(cell, "I") for cell in cells]
    voltages = [LoihiStateMonitor(cell, "v") for cell in cells]
    network = LoihiNetwork(source, *cells, *synapses, *spikes, *currents, *voltages)
    network.run(ticks)
    pairs, first = [], 0
    for monitor, population in zip(spikes, drawn["populations"], strict=True):
        tick = np.rint(np.asarray(monitor.t)).astype(int) + 1
        pairs += [[int(t), int(n) + first] for t, n in zip(tick, np.asarray(monitor.i), strict=True)]
        first += population["size"]
    u = np.concatenate([monitor.I for monitor in currents]).T
    v = np.concatenate([monitor.v for monitor in voltages]).T
    if (u != np.rint(u)).any() or (v != np.rint(v)).any():
        raise ValueError(f"network {drawn['seed']}: brian2-loihi left the whole numbers")
    return u.astype(np.int64), v.astype(np.int64), sorted(pairs)


def main():
    given, answers = Path(sys.argv[1]), Path(sys.argv[2])
    done = {json.loads(line)["seed"] for line in answers.read_text().splitlines()} if answers.exists() else set()
    name = f"brian2-loihi {version('brian2-loihi')}, brian2 {version('brian2')}"
    with answers.open("a") as file:
        for line in given.read_text().splitlines():
            drawn = json.loads(line)
            if drawn["seed"] in done:
                continue
            u, v, spikes = run(drawn)
            answer = {"seed": drawn["seed"], "version": name, "u": u.tolist(), "v": v.tolist(), "spikes": spikes}
            print(json.dumps(answer), file=file, flush=True)


if __name__ == "__main__":
    main()

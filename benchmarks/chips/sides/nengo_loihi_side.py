"""Networks of `loihi_networks.py` in nengo-loihi's emulator: python nengo_loihi_side.py DRAWN.jsonl ANSWERS.jsonl

Runs in an environment with nengo-loihi and nothing of this project. Blocks are filled with integers, past the builder
that would choose them; weights go through the builder's own `discretize_weights`. Each line of ANSWERS is one
network: u and v of every neuron after every tick, spikes as [tick, neuron]. Networks that are answered already are not
run again.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from nengo_loihi.block import Axon, LoihiBlock, Synapse, SynapseConfig
from nengo_loihi.builder.discretize import discretize_weights
from nengo_loihi.emulator.interface import EmulatorInterface
from nengo_loihi.inputs import SpikeInput

FANOUT = {"mixed": 1, "excitatory": 0, "inhibitory": 2}


def block_of(drawn, population, mine):
    """A block of compartments with the drawn integers."""
    block = LoihiBlock(population["size"])
    cells = block.compartment
    for name, value in (
        ("decay_u", population["decay_u"]),
        ("decay_v", population["decay_v"]),
        ("vth", population["threshold"] << 6),
        ("bias", np.left_shift(drawn["bias_mantissa"][mine], drawn["bias_exponent"][mine])),
    ):
        setattr(cells, name, np.full(population["size"], value, np.int32))
    cells.refract_delay[:] = population["refractory"]
    cells.scale_u = cells.scale_v = False
    cells.vmin = 0 if drawn["v_low"] is None else drawn["v_low"]
    cells.vmax = 2**23 - 1 if drawn["v_high"] is None else drawn["v_high"]
    cells.noise_exp, cells.noise_offset = 0, 0
    return block


def synapse_of(group, sources):
    """Synapses of one format onto a block, one axon for each source."""
    form = SynapseConfig(
        weight_exp=group["exponent"],
        weight_bits=SynapseConfig.WEIGHT_BITS_MAP.index(group["bits"]),
        fanout_type=FANOUT[group["sign"]],
    )
    synapse = Synapse(sources)
    stored = discretize_weights(form, np.array(group["mantissa"], np.float64))
    source, target = np.array(group["source"]), np.array(group["target"], np.int32)
    synapse.weights = [stored[source == s][np.newaxis].astype(np.int32) for s in range(sources)]
    synapse.indices = [target[source == s][np.newaxis] for s in range(sources)]
    synapse.synapse_cfg = form
    return synapse


def run(drawn):
    """(u, v, spikes) of one network."""
    ticks = drawn["ticks"]
    blocks, first = [], 0
    for population in drawn["populations"]:
        blocks.append(block_of(drawn, population, slice(first, first + population["size"])))
        first += population["size"]
    source = SpikeInput(drawn["inputs"])
    for group in drawn["groups"]:
        sources = drawn["inputs"] if group["source_population"] < 0 else blocks[group["source_population"]].n_neurons
        synapse = synapse_of(group, sources)
        blocks[group["target_population"]].add_synapse(synapse)
        axon = Axon(sources)
        axon.target = synapse
        if group["source_population"] < 0:
            source.add_axon(axon)
        else:
            blocks[group["source_population"]].add_axon(axon)
    tick, who = np.array(drawn["input_tick"], int), np.array(drawn["input_source"], int)
    for t in np.unique(tick):
        source.add_spikes(int(t), who[tick == t])
    emulator = EmulatorInterface(SimpleNamespace(blocks=blocks, inputs=[source], probes=[], dt=0.001), seed=0)
    emulator.compartment.current[:] = drawn["u"]
    emulator.compartment.voltage[:] = drawn["v"]
    u, v, spikes = [], [], []
    for t in range(1, ticks + 1):
        emulator.step()
        u.append(emulator.compartment.current.tolist())
        v.append(emulator.compartment.voltage.tolist())
        spikes += [[t, int(n)] for n in np.flatnonzero(emulator.compartment.spiked)]
    return u, v, spikes


def main():
    warnings.simplefilter("ignore")
    given, answers = Path(sys.argv[1]), Path(sys.argv[2])
    done = {json.loads(line)["seed"] for line in answers.read_text().splitlines()} if answers.exists() else set()
    name = f"nengo-loihi {version('nengo-loihi')}, nengo {version('nengo')}"
    with answers.open("a") as file:
        for line in given.read_text().splitlines():
            drawn = json.loads(line)
            if drawn["seed"] in done:
                continue
            u, v, spikes = run(drawn)
            answer = {"seed": drawn["seed"], "version": name, "u": u, "v": v, "spikes": spikes}
            print(json.dumps(answer), file=file, flush=True)


if __name__ == "__main__":
    main()

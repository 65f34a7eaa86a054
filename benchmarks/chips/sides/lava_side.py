"""Networks of `loihi_networks.py` in Lava's fixed-point models: lava_side.py DRAWN.jsonl ANSWERS.jsonl [--direct]

Runs in an environment with lava-nc and nothing of this project. Each line of ANSWERS is one network: u and v of every
neuron after every tick, spikes as [tick, neuron]. Networks that are answered already are not run again. Lava's runtime
starts some fifteen processes of the operating system for a network, which takes seconds; with --direct the same process
models are called one after the other in one process, their ports replaced by arrays.
"""

import dataclasses
import json
import logging
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

original = dataclasses.dataclass


def patient(cls=None, /, **options):
    """Python 3.11 takes an object without a hash for a mutable default, and one of Lava's has none: give it one."""

    def wrap(kind):
        for value in list(vars(kind).values()):
            if type(value).__hash__ is None and type(value).__module__.startswith("lava."):
                type(value).__hash__ = object.__hash__
        return original(kind, **options)

    return wrap if cls is None else wrap(cls)


dataclasses.dataclass = patient

from lava.magma.core.run_conditions import RunSteps  # noqa: E402
from lava.magma.core.run_configs import Loihi1SimCfg  # noqa: E402
from lava.proc.dense.models import PyDelayDenseModelBitAcc, PyDenseModelBitAcc  # noqa: E402
from lava.proc.dense.process import DelayDense, Dense  # noqa: E402
from lava.proc.io.sink import RingBuffer as Sink  # noqa: E402
from lava.proc.io.source import RingBuffer as Source  # noqa: E402
from lava.proc.lif.models import PyLifModelBitAcc  # noqa: E402
from lava.proc.lif.process import LIF  # noqa: E402
from lava.proc.monitor.process import Monitor  # noqa: E402
from lava.utils.weightutils import SignMode  # noqa: E402

SIGN = {"mixed": SignMode.MIXED, "excitatory": SignMode.EXCITATORY, "inhibitory": SignMode.INHIBITORY}


def matrices(group, sources, targets):
    """(weights, delays) of a group, (targets, sources)."""
    weights, delays = np.zeros((2, targets, sources), int)
    weights[group["target"], group["source"]] = group["mantissa"]
    delays[group["target"], group["source"]] = group["delay"]
    return weights, delays


def form_of(group):
    """What Lava's connections are told of a group."""
    return {
        "weight_exp": group["exponent"],
        "num_weight_bits": group["bits"],
        "sign_mode": SIGN[group["sign"]],
    }


def input_spikes(drawn):
    """Spikes from outside, (inputs, ticks)."""
    data = np.zeros((drawn["inputs"], drawn["ticks"]), int)
    data[drawn["input_source"], np.array(drawn["input_tick"], int) - 1] = 1
    return data


def parts(drawn):
    """The slice of each population in the lists of all neurons."""
    ends = np.cumsum([population["size"] for population in drawn["populations"]])
    return [slice(end - p["size"], end) for end, p in zip(ends, drawn["populations"], strict=True)]


def run(drawn):
    """(u, v, spikes) of one network from Lava's own runtime."""
    ticks = drawn["ticks"]
    source = Source(data=input_spikes(drawn))
    cells = [
        LIF(
            shape=(population["size"],),
            du=population["decay_u"],
            dv=population["decay_v"],
            vth=population["threshold"],
            bias_mant=np.array(drawn["bias_mantissa"][mine]),
            bias_exp=np.array(drawn["bias_exponent"][mine]),
            u=np.array(drawn["u"][mine]),
            v=np.array(drawn["v"][mine]),
        )
        for population, mine in zip(drawn["populations"], parts(drawn), strict=True)
    ]
    for group in drawn["groups"]:
        origin = source if group["source_population"] < 0 else cells[group["source_population"]]
        target = cells[group["target_population"]]
        weights, delays = matrices(group, origin.s_out.shape[0], target.s_out.shape[0])
        form = form_of(group)
        delayed = delays.any()
        dense = DelayDense(weights=weights, delays=delays, **form) if delayed else Dense(weights=weights, **form)
        origin.s_out.connect(dense.s_in)
        dense.a_out.connect(target.a_in)
    sinks, monitors = [], []
    for cell in cells:
        sink = Sink(shape=cell.s_out.shape, buffer=ticks)
        cell.s_out.connect(sink.a_in)
        sinks.append(sink)
        for variable in (cell.u, cell.v):
            monitor = Monitor()
            monitor.probe(variable, ticks)
            monitors.append((monitor, cell.name, variable.name))
    source.run(condition=RunSteps(num_steps=ticks), run_cfg=Loihi1SimCfg(select_tag="fixed_pt"))
    try:
        traces = [monitor.get_data()[name][variable].astype(np.int64) for monitor, name, variable in monitors]
        spiked = np.concatenate([sink.data.get().astype(np.int64).T for sink in sinks], axis=1)
    finally:
        source.stop()
    return np.concatenate(traces[0::2], axis=1), np.concatenate(traces[1::2], axis=1), pairs(spiked)


def pairs(spiked):
    """[tick, neuron] of each spike of (ticks, neurons)."""
    tick, neuron = np.nonzero(spiked)
    return np.stack([tick + 1, neuron], axis=1)


class Wire:
    """A port that holds the last array."""

    def __init__(self, held):
        self.held = held

    def send(self, data):
        """Hold an array."""
        self.held = data

    def recv(self):
        """Give it."""
        return self.held


def run_direct(drawn):
    """(u, v, spikes) of one network from the same process models, called in turn."""
    cells = []
    for population, mine in zip(drawn["populations"], parts(drawn), strict=True):
        cell = PyLifModelBitAcc({})
        for name, value, kind in (
            ("u", drawn["u"][mine], np.int32),
            ("v", drawn["v"][mine], np.int32),
            ("bias_mant", drawn["bias_mantissa"][mine], np.int16),
            ("bias_exp", drawn["bias_exponent"][mine], np.int16),
        ):
            setattr(cell, name, np.array(value, kind))
        cell.du, cell.dv = population["decay_u"], population["decay_v"]
        cell.vth = np.int32(population["threshold"])
        cell.a_in, cell.s_out = Wire(None), Wire(np.zeros(population["size"], bool))
        cells.append(cell)
    links = []
    for group in drawn["groups"]:
        sources = drawn["inputs"] if group["source_population"] < 0 else len(cells[group["source_population"]].u)
        weights, delays = matrices(group, sources, len(cells[group["target_population"]].u))
        link = (PyDelayDenseModelBitAcc if delays.any() else PyDenseModelBitAcc)(form_of(group))
        link.weights = weights.astype(np.int32)
        link.num_message_bits = np.array([0])
        if delays.any():
            link.delays = delays.astype(np.int32)
            link.a_buff = np.zeros((weights.shape[0], delays.max() + 1), np.int32)
        else:
            link.a_buff = np.zeros(weights.shape[0], np.int32)
        link.s_in, link.a_out = Wire(None), Wire(None)
        links.append((group, link))
    data, traces, spiked = input_spikes(drawn), [], []
    for tick in range(drawn["ticks"]):
        # What a connection sends now does not depend on what it is sent now, so it may speak before the neurons do; the
        # spikes of this tick are put in front of it afterwards, where run_spk takes them up in its second half.
        total = [np.zeros(len(cell.u), np.int32) for cell in cells]
        for group, link in links:
            buffer = link.a_buff[:, 0] if link.a_buff.ndim == 2 else link.a_buff
            total[group["target_population"]] += buffer.astype(np.int32)
        for cell, arriving in zip(cells, total, strict=True):
            cell.a_in.send(arriving)
            cell.run_spk()
        for group, link in links:
            origin = group["source_population"]
            link.s_in.send(data[:, tick] if origin < 0 else cells[origin].s_out.recv())
            link.run_spk()
        traces.append([np.concatenate([cell.u for cell in cells]), np.concatenate([cell.v for cell in cells])])
        spiked.append(np.concatenate([cell.s_out.recv() for cell in cells]))
    u, v = np.array(traces).transpose(1, 0, 2)
    return u, v, pairs(np.array(spiked))


def main():
    given, answers = Path(sys.argv[1]), Path(sys.argv[2])
    logging.disable(logging.WARNING)
    done = {json.loads(line)["seed"] for line in answers.read_text().splitlines()} if answers.exists() else set()
    with answers.open("a") as file:
        for line in given.read_text().splitlines():
            drawn = json.loads(line)
            if drawn["seed"] in done:
                continue
            u, v, spikes = run_direct(drawn) if "--direct" in sys.argv else run(drawn)
            answer = {"seed": drawn["seed"], "version": f"lava-nc {version('lava-nc')}"}
            answer |= {"u": u.tolist(), "v": v.tolist(), "spikes": spikes.tolist()}
            print(json.dumps(answer), file=file, flush=True)


if __name__ == "__main__":
    main()

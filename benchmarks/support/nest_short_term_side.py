"""Strengths of NEST's tsodyks2_synapse. Needs nothing but numpy and NEST: the interpreter that has NEST executes it.

    python nest_short_term_side.py DRAWN.npz STRENGTHS.npz

Reads what `nest_short_term.py` has drawn, writes `strength` (synapses, spikes) and NEST's `version`. The spikes of all
trains stand one after the other, each train in order of time.
"""

from __future__ import annotations

import sys

import nest
import numpy as np

nest.set_verbosity("M_ERROR")


def strengths(drawn: dict[str, np.ndarray]) -> np.ndarray:
    """What every synapse makes of every spike of every train, for a weight of 1, (synapses, spikes)."""
    dt_ms = float(drawn["dt"]) * 1e3
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": dt_ms, "local_num_threads": 1})
    recorder = nest.Create("weight_recorder")
    nest.CopyModel("tsodyks2_synapse", "recorded", {"weight_recorder": recorder})
    trains = np.unique(drawn["train"])
    times = [np.round(drawn["spike_tick"][drawn["train"] == train] * dt_ms, 6) for train in trains]
    senders = []
    for use, recovery, facilitation in zip(drawn["use"], drawn["recovery"], drawn["facilitation"], strict=True):
        for time in times:
            generator = nest.Create("spike_generator", params={"spike_times": time})
            source, target = nest.Create("parrot_neuron"), nest.Create("parrot_neuron")
            nest.Connect(generator, source)
            synapse = {"U": use, "u": use, "x": 1.0, "tau_rec": recovery * 1e3, "tau_fac": facilitation * 1e3}
            nest.Connect(source, target, syn_spec={"synapse_model": "recorded", "weight": 1.0, "delay": 1.0} | synapse)
            senders.append(source.tolist()[0])
    nest.Simulate(float(drawn["spike_tick"].max()) * dt_ms + 10.0)
    events = recorder.events
    rows = []
    for sender in senders:
        mine = np.flatnonzero(events["senders"] == sender)
        rows.append(events["weights"][mine[np.argsort(events["times"][mine], kind="stable")]])
    return np.concatenate(rows).reshape(drawn["use"].size, -1)


with np.load(sys.argv[1]) as file:
    given = {name: file[name] for name in file.files}
np.savez(sys.argv[2], strength=strengths(given), version=np.array(nest.__version__))

"""Give plastic synapses of NEST presynaptic and postsynaptic spikes. Executed by the interpreter that has NEST.

    python nest_learning_side.py DRAWN.npz WEIGHTS.npz

Reads one drawing (see nest_learning.py), writes for every case `NAME`, (presynaptic spikes, targets) float64: the
weight at each presynaptic spike, as delivered; and NEST's `version`.

Spikes are those of parrot neurons: a spike generator makes each of them spike one delay later, and the plastic synapses
end at their port 1, which listens without repeating.
"""

from __future__ import annotations

import json
import sys

import nest
import numpy as np

nest.set_verbosity("M_ERROR")


def weights(drawn: dict[str, np.ndarray], case: dict) -> np.ndarray:
    """The weight of every synapse at each spike of its source, in order of (tick, source), (spikes, targets)."""
    nest.ResetKernel()
    dt = float(drawn["dt"]) * 1e3
    nest.SetKernelStatus({"resolution": dt, "local_num_threads": 1})

    def parrots(ticks: np.ndarray, neuron: np.ndarray, parameters: dict) -> object:
        count = int(neuron.max()) + 1
        times = [np.round(ticks[neuron == k] * dt - 1.0, 6) for k in range(count)]  # one delay of 1 ms earlier
        generators = nest.Create("spike_generator", count, params=[{"spike_times": time} for time in times])
        result = nest.Create("parrot_neuron", count, params=parameters)
        nest.Connect(generators, result, "one_to_one", {"delay": 1.0})
        return result

    pre = parrots(drawn["pre_tick"], drawn["pre"], {})
    post = parrots(drawn["post_tick"], drawn["post"], case["neuron"])
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(case["model"], "learning", {"weight_recorder": recorder, **case["common"]})
    synapse = {"synapse_model": "learning", "receptor_type": 1, "delay": float(drawn["delay"]) * dt, **case["synapse"]}
    nest.Connect(pre, post, "all_to_all", synapse)
    nest.Simulate(float(drawn["ticks"]) * dt)
    events = recorder.get("events")
    tick = np.rint(events["times"] / dt).astype(np.int64)
    order = np.lexsort((events["targets"], events["senders"], tick))
    expected = np.lexsort((drawn["pre"], drawn["pre_tick"]))
    targets = len(post)
    tick, sender = tick[order].reshape(-1, targets), events["senders"][order].reshape(-1, targets)
    same = (tick == drawn["pre_tick"][expected, None]) & (sender == drawn["pre"][expected, None] + pre[0].global_id)
    if not same.all():
        sys.exit("parrots spike at other times than they were asked to.")
    return events["weights"][order].reshape(-1, targets)


def main() -> None:
    with np.load(sys.argv[1]) as file:
        drawn = {key: file[key] for key in file.files}
    cases = json.loads(str(drawn["cases"]))
    answer = {name: weights(drawn, case) for name, case in cases.items()}
    np.savez(sys.argv[2], version=np.array(nest.__version__), **answer)


main()

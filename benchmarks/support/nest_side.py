"""Run drawn networks in NEST. Needs nothing but numpy and NEST: it is executed by the interpreter that has NEST.

    python nest_side.py DRAWN.npz SPIKES.npz

Reads one drawing (see drawing.py), writes `tick` and `neuron` of every spike and NEST's `version`.
"""

from __future__ import annotations

import sys

import nest
import numpy as np

nest.set_verbosity("M_ERROR")


def run(drawn: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(tick, neuron) of every spike, neurons counted from 0, in order of (tick, neuron)."""
    nest.ResetKernel()
    dt_ms = float(drawn["dt"]) * 1e3
    nest.SetKernelStatus({"resolution": dt_ms, "local_num_threads": 1})
    model = str(drawn["model"])
    parameters = {
        "C_m": float(drawn["capacitance"]) * 1e12,
        "E_L": float(drawn["rest"]) * 1e3,
        "V_reset": float(drawn["reset"]) * 1e3,
        "t_ref": float(drawn["refractory"]) * 1e3,
        "tau_m": drawn["tau"] * 1e3,
        "V_th": drawn["threshold"] * 1e3,
        "I_e": drawn["current"] * 1e12,
        "V_m": drawn["initial"] * 1e3,
    }
    to_nest = 1e3  # volt -> mV
    if model == "iaf_psc_exp":
        parameters |= {"tau_syn_ex": float(drawn["tau_e"]) * 1e3, "tau_syn_in": float(drawn["tau_i"]) * 1e3}
        to_nest = 1e12  # ampere -> pA
    neurons = nest.Create(model, drawn["tau"].size, params=parameters)
    first = neurons[0].global_id

    def connect(sources: np.ndarray, prefix: str) -> None:
        if drawn[f"{prefix}source"].size:
            nest.Connect(
                sources,
                drawn[f"{prefix}target"].astype(np.int64) + first,
                "one_to_one",
                {
                    "synapse_model": "static_synapse",
                    "weight": drawn[f"{prefix}weight"] * to_nest,
                    "delay": drawn[f"{prefix}delay"] * dt_ms,
                },
            )

    connect(drawn["source"].astype(np.int64) + first, "")
    if drawn["trains"]:
        times = [
            np.round(drawn["spike_tick"][drawn["spike_train"] == train] * dt_ms, 6)
            for train in range(int(drawn["trains"]))
        ]
        trains = nest.Create("spike_generator", len(times), params=[{"spike_times": time} for time in times])
        connect(drawn["train_source"].astype(np.int64) + trains[0].global_id, "train_")
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(neurons, recorder)
    ticks = int(drawn["ticks"])
    # Whole spikes of the last slice are wanted whatever NEST's shortest delay is: run on, then cut.
    nest.Simulate((ticks + 100) * dt_ms)
    tick, sender = np.asarray(recorder.events["times"]), np.asarray(recorder.events["senders"])
    keep = tick <= ticks
    tick, neuron = tick[keep], sender[keep] - first
    order = np.lexsort((neuron, tick))
    return tick[order], neuron[order]


if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        tick, neuron = run({name: file[name] for name in file.files})
    np.savez(sys.argv[2], tick=tick, neuron=neuron, version=np.array(nest.__version__))

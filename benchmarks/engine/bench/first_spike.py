"""From nothing to the first spike, in one simulator; run as a process of its own by `f_cold_start.py`.

    python first_spike.py SIMULATOR NETWORK FOLDER

The network is 100 leaky cells whose constant drive carries them over the threshold, every pair joined with probability
10 %: "current" with exponential currents, "delta" with voltage jumps, "description" (ours alone): described, not run.
FOLDER is where what is compiled may be kept. Prints one line of JSON: `imported` and `spiked`, by the clock of
time.time().
"""

from __future__ import annotations

import json
import os
import sys
import time

CELLS, PROBABILITY, MILLISECONDS = 100, 0.1, 30.0


def reafference(network: str, folder: str) -> dict:
    os.environ["REAFFERENCE_CACHE"] = folder
    import reafference as ra

    imported = time.time()
    # The resting level is 5 mV over the threshold.
    kind = (ra.DeltaLIF if network == "delta" else ra.CurrentLIF)(rest=-45e-3, initial=-65e-3)
    cells = ra.Population("cells", CELLS, kind)
    synapses = ra.Projection(cells, cells, ra.FixedProbability(PROBABILITY), weight=0.1e-3, delay=1e-3)
    described = ra.Network(populations=[cells], projections=[synapses])
    if network == "description":
        loaded = sorted({"numba", "scipy", "matplotlib", "gymnasium"} & set(sys.modules))
        return {"imported": time.time(), "loaded": loaded, "version": ra.__version__}
    recording = ra.run(described, MILLISECONDS / 1e3)
    return {"imported": imported, "spikes": recording.neuron.size, "version": ra.__version__}


def nest(network: str, folder: str) -> dict:
    import nest

    imported = time.time()
    nest.set_verbosity("M_ERROR")
    model = "iaf_psc_delta" if network == "delta" else "iaf_psc_exp"
    cells = nest.Create(model, CELLS, {"E_L": -45.0, "V_m": -65.0, "V_th": -50.0, "V_reset": -65.0})
    rule = {"rule": "pairwise_bernoulli", "p": PROBABILITY}
    nest.Connect(cells, cells, rule, {"weight": 0.1, "delay": 1.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(MILLISECONDS)
    return {"imported": imported, "spikes": int(recorder.n_events), "version": nest.__version__}


def brian2(network: str, folder: str, standalone: bool) -> dict:
    import brian2 as b2

    imported = time.time()
    if standalone:
        b2.set_device("cpp_standalone", build_on_run=False)
    else:
        b2.prefs.codegen.target = "cython"
        b2.prefs.codegen.runtime.cython.cache_dir = folder
    equations = "dv/dt = (-45*mV - v) / (20*ms) : volt (unless refractory)"
    if network == "current":
        equations = """dv/dt = (-45*mV - v + g) / (20*ms) : volt (unless refractory)
                       dg/dt = -g / (5*ms) : volt"""
    cells = b2.NeuronGroup(
        CELLS, equations, threshold="v > -50*mV", reset="v = -65*mV", refractory=2 * b2.ms, method="exact"
    )
    cells.v = -65 * b2.mV
    event = "v_post += 0.1*mV" if network == "delta" else "g_post += 0.1*mV"
    synapses = b2.Synapses(cells, cells, on_pre=event, delay=1 * b2.ms)
    synapses.connect(p=PROBABILITY)
    monitor = b2.SpikeMonitor(cells)
    everything = b2.Network(cells, synapses, monitor)
    everything.run(MILLISECONDS * b2.ms)
    if standalone:
        b2.device.build(directory=folder, clean=False)
    return {"imported": imported, "spikes": int(monitor.num_spikes), "version": b2.__version__}


def genn(network: str, folder: str) -> dict:
    import pygenn

    imported = time.time()
    model = pygenn.GeNNModel("float", "first", backend="single_threaded_cpu", optimize_code=True)
    model.dt = 0.1
    parameters = {"C": 1.0, "TauM": 20.0, "Vrest": -45.0, "Vreset": -65.0, "Vthresh": -50.0}
    cells = model.add_neuron_population(
        "cells", CELLS, "LIF", parameters | {"Ioffset": 0.0, "TauRefrac": 2.0}, {"V": -65.0, "RefracTime": 0.0}
    )
    cells.spike_recording_enabled = True
    response = (
        pygenn.init_postsynaptic("DeltaCurr")
        if network == "delta"
        else pygenn.init_postsynaptic("ExpCurr", {"tau": 5.0})
    )
    synapses = model.add_synapse_population(
        "synapses",
        "SPARSE",
        cells,
        cells,
        pygenn.init_weight_update("StaticPulseConstantWeight", {"g": 0.005}),
        response,
        pygenn.init_sparse_connectivity("FixedProbability", {"prob": PROBABILITY}),
    )
    synapses.axonal_delay_steps = 9
    model.build(folder)
    steps = round(MILLISECONDS / model.dt)
    model.load(num_recording_timesteps=steps)
    for _ in range(steps):
        model.step_time()
    model.pull_recording_buffers_from_device()
    return {"imported": imported, "spikes": len(cells.spike_recording_data[0][0]), "version": pygenn.__version__}


def main() -> None:
    simulator, network, folder = sys.argv[1:]
    kept = os.dup(1)
    os.dup2(2, 1)  # simulators greet on standard output
    if simulator.startswith("brian2"):
        found = brian2(network, folder, simulator == "brian2-cpp")
    else:
        found = {"reafference": reafference, "nest": nest, "genn": genn}[simulator](network, folder)
    found["spiked"] = time.time()
    sys.stdout.flush()
    os.dup2(kept, 1)
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()

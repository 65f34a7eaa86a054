"""Weights of the real NEST under learning from spikes, frozen for the tests.

    python benchmarks/nest_learning.py --nest-python /path/to/python-with-nest --freeze tests/data

Presynaptic and postsynaptic spikes are drawn once; NEST's plastic synapses (pairs, triplets, power law, nearest
neighbours, inhibition) hear them and their weights at each presynaptic spike are written down.
`tests/test_nest_learning.py` gives the same spikes to ours.

NEST takes a delay d for that of the dendrite: a presynaptic spike at p meets a postsynaptic one of q at q + d. Ours is
that of the axon: the event arrives at p + d and meets the spike at q. So the test lets events arrive at p and neurons
spike at q + d, where the two are the same. What happens at p = q + d differs on purpose (NEST leaves out such a pair,
here it potentiates), so such spikes are not drawn. All sources spike before the first postsynaptic spike: the synapses
of nearest neighbours in NEST take a source that has not spiked yet for one that spiked at time 0.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

DT, DELAY, TICKS = 1e-4, 15, 12_000
SYNAPSES = {
    "additive": ("stdp_synapse", {"lambda": 0.02, "alpha": 1.05, "mu_plus": 0.0, "mu_minus": 0.0, "Wmax": 80.0}),
    "multiplicative": ("stdp_synapse", {"lambda": 0.05, "alpha": 0.9, "mu_plus": 1.0, "mu_minus": 1.0, "Wmax": 80.0}),
    "soft": ("stdp_synapse", {"lambda": 0.05, "alpha": 1.1, "mu_plus": 0.3, "mu_minus": 0.6, "Wmax": 80.0}),
    "nearest": ("stdp_nn_symm_synapse", {"lambda": 0.05, "alpha": 1.1, "mu_plus": 0.4, "mu_minus": 0.2, "Wmax": 80.0}),
    "power": ("stdp_pl_synapse_hom", {"lambda": 0.1, "alpha": 0.11, "mu": 0.4}),
    "triplet": (
        "stdp_triplet_synapse",
        {
            "Aplus": 0.8,
            "Aminus": 0.9,
            "Aplus_triplet": 1.3,
            "Aminus_triplet": 0.7,
            "tau_plus_triplet": 101.0,
            "Wmax": 80.0,
        },
    ),
    "inhibitory": ("vogels_sprekeler_synapse", {"eta": 0.15, "alpha": 0.25, "Wmax": -80.0}),
}
NEURON = {"tau_minus": 33.7, "tau_minus_triplet": 125.0}  # ms
TAU_PLUS = {"inhibitory": {"tau": 33.7}}  # that rule has one time constant for both
COMMON = {"stdp_pl_synapse_hom": ("lambda", "alpha", "mu", "tau_plus")}  # parameters that all synapses share


def draw() -> dict[str, np.ndarray]:
    """Ticks and numbers of the spikes, in order of (tick, number)."""
    rng = np.random.default_rng(12)

    def spikes(neurons: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
        tick, neuron = np.nonzero(rng.random((TICKS - 100, neurons)) < rate * DT)
        return tick + 50, neuron

    pre_tick, pre = spikes(3, 40.0)
    pre_tick, pre = np.append([20, 21, 22], pre_tick), np.append([0, 1, 2], pre)
    post_tick, post = spikes(3, 40.0)
    apart = ~np.isin(post_tick + DELAY, pre_tick)
    cases = {}
    for name, (model, parameters) in SYNAPSES.items():
        both = parameters | TAU_PLUS.get(name, {"tau_plus": 16.8})
        shared = COMMON.get(model, ())
        cases[name] = {
            "model": model,
            "neuron": NEURON,
            "common": {key: value for key, value in both.items() if key in shared},
            "synapse": {"weight": -40.0 if name == "inhibitory" else 40.0}
            | {key: value for key, value in both.items() if key not in shared},
        }
    return {
        "dt": np.array(DT),
        "delay": np.array(DELAY),
        "ticks": np.array(TICKS),
        "pre_tick": pre_tick.astype(np.int32),
        "pre": pre.astype(np.int32),
        "post_tick": post_tick[apart].astype(np.int32),
        "post": post[apart].astype(np.int32),
        "cases": np.array(json.dumps(cases)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nest-python", required=True, help="interpreter of an environment with nest-simulator")
    parser.add_argument("--freeze", type=Path, required=True, help="folder to write nest_learning.npz to")
    arguments = parser.parse_args()
    drawn = draw()
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder, "drawn.npz"), Path(folder, "weights.npz")
        np.savez(given, **drawn)
        script = Path(__file__).with_name("support") / "nest_learning_side.py"
        done = subprocess.run([arguments.nest_python, script, given, answer], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"NEST failed in {arguments.nest_python}.\n{done.stdout}{done.stderr}")
        with np.load(answer) as file:
            theirs = {key: file[key] for key in file.files}
    version = str(theirs.pop("version"))
    origin = {
        "what": "weights of NEST's plastic synapses at each presynaptic spike, in order of (tick, source), by target",
        "fields": "benchmarks/nest_learning.py: times in ticks of dt, NEST's own parameters and units in `cases`",
        "simulator": f"NEST {version} (nest-simulator from PyPI)",
        "date": datetime.date.today().isoformat(),
        "script": "benchmarks/nest_learning.py",
        "command": "python benchmarks/nest_learning.py --nest-python NEST_PYTHON --freeze tests/data",
    }
    path = arguments.freeze / "nest_learning.npz"
    np.savez_compressed(path, origin=np.array(json.dumps(origin)), **drawn, **theirs)
    print(f"{path}: {path.stat().st_size / 1000:.1f} kB, {drawn['pre_tick'].size} presynaptic spikes")
    for name, weight in theirs.items():
        print(f"{name}: {weight.min():.4g} to {weight.max():.4g}, at last {np.round(weight[-1], 3)}")


if __name__ == "__main__":
    main()

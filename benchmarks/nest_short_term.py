"""Short-term plasticity, event for event: TsodyksMarkram against NEST's tsodyks2_synapse.

    python benchmarks/nest_short_term.py --nest-python /path/to/python-with-nest [--freeze tests/data]

Trains (regular, bursts and pauses, Poisson) pass through synapses with various parameters; what each
spike does is compared as a number. `largest difference` is that of two strengths of one event, for a weight of 1, so it
should be a few units of 1e-16. Exit status 1 if one is above 1e-12. With --freeze, what NEST says is written into the
file that `tests/test_short_term_reference.py` reads.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference import CurrentLIF, Network, OneToOne, Population, Projection, SpikeTrain, TsodyksMarkram, Watch, run
from support.printing import machine, table

Arrays = dict[str, Any]

# Parameters: use, and the two time constants in s.
SYNAPSES = {
    "depressing (Tsodyks, Uziel, Markram 2000)": (0.5, 0.8, 0.0),
    "facilitating (Tsodyks, Uziel, Markram 2000)": (0.04, 0.1, 1.0),
    "strongly depressing": (0.67, 0.45, 0.0),
    "facilitating (Tsodyks, Pawelzik, Markram 1998)": (0.03, 0.13, 0.53),
    "both": (0.25, 0.5, 0.2),
    "all at once": (1.0, 0.3, 0.05),
}


def drawn() -> Arrays:
    """Trains and parameters. Spikes stand train after train, in order of time; at most one in a tick."""
    rng = np.random.default_rng(7)
    regular = np.append(np.arange(1, 21) * 500, 20 * 500 + 5000)
    bursts = np.concatenate([start + np.arange(5) * 40 for start in (10, 900, 6000, 6500)])
    poisson = np.unique(np.ceil(np.cumsum(rng.exponential(400, 60))).astype(np.int64))
    trains = [regular, bursts, poisson]
    parameters = np.array(list(SYNAPSES.values())).T
    return {
        "dt": np.array(1e-4),
        "spike_tick": np.concatenate(trains),
        "train": np.repeat(np.arange(len(trains)), [train.size for train in trains]),
        **dict(zip(("use", "recovery", "facilitation"), parameters, strict=True)),
    }


def ours(given: Arrays) -> npt.NDArray[np.float64]:
    """What every synapse makes of every spike, (synapses, spikes)."""
    dt, tick, train = float(given["dt"]), given["spike_tick"], given["train"]
    trains = int(train.max()) + 1
    rows: list[npt.NDArray[np.float64]] = []
    for use, recovery, facilitation in zip(given["use"], given["recovery"], given["facilitation"], strict=True):
        sources = Population("sources", trains, SpikeTrain(time=tick * dt, neuron=train))
        # A synaptic current that lasts for one tick shows what arrived in it.
        targets = Population("targets", trains, CurrentLIF(tau_e=1e-3 * dt, threshold=1.0))
        rule = TsodyksMarkram(use=float(use), tau_recovery=float(recovery), tau_facilitation=float(facilitation))
        projection = Projection(sources, targets, OneToOne(), weight=1.0, delay=dt, short_term=rule)
        network = Network(populations=[sources, targets], projections=[projection])
        watch = Watch(population="targets", variable="g_e")
        current = run(network, (int(tick.max()) + 2) * dt, dt=dt, watch=[watch]).traces["targets.g_e"].value
        rows.append(current[tick, train])  # the sample of tick + 1
    return np.array(rows)


def theirs(given: Arrays, nest_python: str) -> tuple[npt.NDArray[np.float64], str]:
    """The same from NEST, and NEST's version."""
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "drawn.npz"), Path(folder, "strengths.npz")
        np.savez(question, **given)
        script = Path(__file__).with_name("support") / "nest_short_term_side.py"
        done = subprocess.run([nest_python, script, question, answer], capture_output=True, text=True)
        if done.returncode:
            sys.exit(
                f"NEST failed in {nest_python}; benchmarks/README.md says how to make its environment.\n"
                f"{done.stdout}{done.stderr}"
            )
        with np.load(answer) as file:
            return file["strength"], str(file["version"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nest-python", required=True, help="interpreter of an environment with nest-simulator")
    parser.add_argument("--freeze", type=Path, help="write the trains and NEST's strengths into this folder instead")
    arguments = parser.parse_args()
    given = drawn()
    strength, version = theirs(given, arguments.nest_python)
    if arguments.freeze:
        origin = {
            "what": "strength of every event of NEST's tsodyks2_synapse with a weight of 1",
            "fields": "benchmarks/nest_short_term.py; strength is (synapses, spikes)",
            "simulator": f"NEST {version} (nest-simulator from PyPI)",
            "date": datetime.date.today().isoformat(),
            "script": "benchmarks/nest_short_term.py",
            "command": "python benchmarks/nest_short_term.py --nest-python NEST_PYTHON --freeze tests/data",
        }
        path = arguments.freeze / "nest_short_term.npz"
        np.savez_compressed(path, origin=np.array(json.dumps(origin)), strength=strength, **given)
        print(f"{path}: {path.stat().st_size / 1000:.1f} kB, {strength.size} events")
        return 0
    mine = ours(given)
    apart = np.abs(mine - strength).max(axis=1)
    rows = [
        [name, f"{strength.shape[1]}", f"{row.min():.4f}-{row.max():.4f}", f"{difference:.1e}"]
        for name, row, difference in zip(SYNAPSES, strength, apart, strict=True)
    ]
    print(table(["synapse", "events", "strengths in NEST", "largest difference"], rows))
    print(f"\nNEST {version}, dt = 0.1 ms. {machine()}")
    return int(bool((apart > 1e-12).any()))


if __name__ == "__main__":
    sys.exit(main())

"""Spike for spike: this engine against the real NEST on networks without randomness at run time.

    python benchmarks/nest_exact.py --nest-python /path/to/python-with-nest [--only TEXT] [--threads N]
    python benchmarks/nest_exact.py --nest-python ... --freeze tests/data

Wiring, weights, delays, parameters, initial voltages and input spikes are drawn once and given to both sides as the
same numbers. `DeltaLIF` is compared with `iaf_psc_delta`, `CurrentLIF` with `iaf_psc_exp`. A weight of iaf_psc_exp is a
current; ours is that current times the membrane resistance R = tau / C. Spikes of one neuron in one tick are identical;
of the others, those one tick apart are paired; what is left is missing here, or extra. Exit status 1 if any is left.
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
import numpy.typing as npt

from reafference import CurrentLIF, DeltaLIF, EdgeList, Network, Population, Projection, SpikeTrain, run
from support.drawing import Arrays, Case, draw
from support.printing import machine, table

Ticks = npt.NDArray[np.int64]

CASES = [
    case
    for model in ("iaf_psc_delta", "iaf_psc_exp")
    for case in (
        Case(name="no synapses, refractory 0", model=model, fan_in=0, refractory=0.0, drive=1.3, trains=0),
        Case(name="no synapses", model=model, fan_in=0, drive=1.3, trains=0),
        Case(name="input only, 0.1 ms", model=model, fan_in=0, delay=(1, 1)),
        Case(name="small, 0.1 ms", model=model, neurons=100, fan_in=20, delay=(1, 1)),
        Case(name="small, 0.1-5 ms", model=model, neurons=100, fan_in=20, seed=2),
        Case(name="refractory 0", model=model, refractory=0.0),
        Case(name="1.5 ms", model=model, delay=(15, 15)),
        Case(name="0.1-100 ms", model=model, delay=(1, 1000)),
        Case(name="one weight, 1.5 ms", model=model, delay=(15, 15), one_weight=True),
        Case(name="driven hard", model=model, refractory=0.5e-3, drive=2.0),
        Case(name="ten seconds", model=model, seconds=10.0),
        Case(name="large, 0.5-5 ms", model=model, neurons=10_000, delay=(5, 50), trains=500),
    )
] + [
    Case(name="tau_e 0.5 ms", model="iaf_psc_exp", tau_e=0.5e-3),
    Case(name="tau_e = tau = 20 ms", model="iaf_psc_exp", tau=(20e-3, 20e-3), tau_e=20e-3),
    Case(name="tau_e within 1e-6 of tau", model="iaf_psc_exp", tau=(20e-3, 20e-3 * (1 + 1e-6)), tau_e=20e-3),
]
FROZEN = "small, 0.1-5 ms"


def ours(drawn: Arrays, threads: int) -> tuple[Ticks, Ticks]:
    """(tick, neuron) of every spike of the neurons, in order of (tick, neuron)."""
    dt, tau = float(drawn["dt"]), drawn["tau"]
    resistance = tau / drawn["capacitance"]
    membrane = {
        "tau": tau,
        "rest": float(drawn["rest"]),
        "threshold": drawn["threshold"],
        "reset": float(drawn["reset"]),
        "refractory": float(drawn["refractory"]),
        "resistance": resistance,
        "current": drawn["current"],
        "initial": drawn["initial"],
    }
    if str(drawn["model"]) == "iaf_psc_delta":
        kind, volts = DeltaLIF(**membrane), np.ones(tau.size)
    else:
        kind, volts = CurrentLIF(tau_e=float(drawn["tau_e"]), tau_i=float(drawn["tau_i"]), **membrane), resistance
    neurons = Population("neurons", tau.size, kind)
    spikes = SpikeTrain(time=drawn["spike_tick"] * dt, neuron=drawn["spike_train"])
    trains = Population("trains", max(int(drawn["trains"]), 1), spikes)
    network = Network(
        populations=[neurons, trains],
        projections=[
            Projection(
                source,
                neurons,
                EdgeList(source=drawn[f"{prefix}source"], target=drawn[f"{prefix}target"]),
                weight=drawn[f"{prefix}weight"] * volts[drawn[f"{prefix}target"]],
                delay=drawn[f"{prefix}delay"] * dt,
            )
            for source, prefix in ((neurons, ""), (trains, "train_"))
        ],
    )
    recording = run(network, int(drawn["ticks"]) * dt, dt=dt, threads=threads, record=["neurons"])
    time, neuron = recording.of("neurons")
    return np.rint(time / dt).astype(np.int64), neuron


def theirs(drawn: Arrays, nest_python: str) -> tuple[Ticks, Ticks, str]:
    """The same from NEST, and NEST's version."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder, "drawn.npz"), Path(folder, "spikes.npz")
        np.savez(given, **drawn)
        script = Path(__file__).with_name("support") / "nest_side.py"
        done = subprocess.run([nest_python, script, given, answer], capture_output=True, text=True)
        if done.returncode:
            sys.exit(
                f"NEST failed in {nest_python}; benchmarks/README.md says how to make its environment.\n"
                f"{done.stdout}{done.stderr}"
            )
        with np.load(answer) as file:
            return file["tick"], file["neuron"], str(file["version"])


def partners(one: tuple[Ticks, Ticks], other: tuple[Ticks, Ticks], neurons: int) -> tuple[int, int, int, int, float]:
    """(identical, one tick apart, only in `one`, only in `other`, tick of the first spike that is not identical).

    Identical spikes are paired first; of what is left, each neuron's spikes are paired in order if one tick apart.
    """
    identical = near = missing = extra = 0
    first = np.inf
    for neuron in range(neurons):
        a, b = one[0][one[1] == neuron], other[0][other[1] == neuron]
        both = np.intersect1d(a, b)
        identical += both.size
        a, b = np.setdiff1d(a, both), np.setdiff1d(b, both)
        first = min(first, *a, *b, np.inf)
        i = j = 0
        while i < a.size and j < b.size:
            if abs(a[i] - b[j]) <= 1:
                near, i, j = near + 1, i + 1, j + 1
            elif a[i] < b[j]:
                missing, i = missing + 1, i + 1
            else:
                extra, j = extra + 1, j + 1
        missing, extra = missing + a.size - i, extra + b.size - j
    return identical, near, missing, extra, first


def freeze(folder: Path, case: Case, drawn: Arrays, tick: Ticks, neuron: Ticks, version: str) -> None:
    """Write one drawing with NEST's answer and its origin."""
    origin = {
        "what": f"spikes of NEST's {case.model} in the network {case.name!r}",
        "fields": "benchmarks/support/drawing.py; nest_tick and nest_neuron are NEST's spikes",
        "simulator": f"NEST {version} (nest-simulator from PyPI)",
        "date": datetime.date.today().isoformat(),
        "script": "benchmarks/nest_exact.py",
        "command": "python benchmarks/nest_exact.py --nest-python NEST_PYTHON --freeze tests/data",
    }
    path = folder / f"nest_{case.model.removeprefix('iaf_psc_')}.npz"
    answer = {"nest_tick": tick.astype(np.uint32), "nest_neuron": neuron.astype(np.uint16)}
    np.savez_compressed(path, origin=np.array(json.dumps(origin)), **drawn, **answer)
    print(f"{path}: {path.stat().st_size / 1000:.1f} kB, {tick.size} spikes")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nest-python", required=True, help="interpreter of an environment with nest-simulator")
    parser.add_argument("--only", default="", help="only networks whose 'model: name' contains this text")
    parser.add_argument("--threads", type=int, default=1, help="threads of our side")
    parser.add_argument(
        "--freeze", type=Path, help="write the small networks and NEST's spikes into this folder instead"
    )
    arguments = parser.parse_args()
    rows, failed, version = [], False, "?"
    for case in CASES:
        title = f"{case.model.removeprefix('iaf_psc_')}: {case.name}"
        if arguments.only not in title or (arguments.freeze and case.name != FROZEN):
            continue
        drawn = draw(case)
        tick, neuron, version = theirs(drawn, arguments.nest_python)
        if arguments.freeze:
            freeze(arguments.freeze, case, drawn, tick, neuron, version)
            continue
        mine = ours(drawn, arguments.threads)
        identical, near, missing, extra, first = partners((tick, neuron), mine, case.neurons)
        synapses = drawn["source"].size + drawn["train_source"].size
        numbers = (case.neurons, synapses, tick.size, mine[0].size, identical, near, missing, extra)
        difference = "none" if np.isinf(first) else f"{first * float(drawn['dt']):.4f} s"
        rows.append([title, f"{case.seconds:g} s", *(f"{number:,}" for number in numbers), difference])
        print(f"{title}: {identical} of {tick.size} identical", file=sys.stderr, flush=True)
        failed |= missing + extra > 0
    if rows:
        head = [
            "network",
            "run",
            "neurons",
            "synapses",
            "NEST",
            "ours",
            "identical",
            "1 tick off",
            "missing",
            "extra",
            "first difference",
        ]
        print(table(head, rows))
        print(f"\nSpikes of NEST {version} and of ours, dt = 0.1 ms. {machine()}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

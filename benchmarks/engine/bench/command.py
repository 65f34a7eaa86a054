"""The command line that every workload has: run one network in one simulator, print one line of JSON."""

from __future__ import annotations

import time

BEGAN = time.perf_counter()

import argparse  # noqa: E402  (the clock starts first)
import importlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from bench import statistics  # noqa: E402
from bench.model import Model, Outcome  # noqa: E402

SIMULATORS = {
    "reafference": "bench.in_reafference",
    "nest": "bench.in_nest",
    "brian2-cpp": "bench.in_brian2",
    "brian2-cython": "bench.in_brian2",
    "genn": "bench.in_genn",
}
SKIPPED = 0.1  # s at the start, left out of the statistics where the run is at least three times as long


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that all workloads share."""
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--simulator", choices=tuple(SIMULATORS), default="reafference")
    result.add_argument("--threads", type=int, default=1)
    result.add_argument("--seconds", type=float, default=1.0, help="biological time to simulate")
    result.add_argument("--seed", type=int, default=1)
    result.add_argument("--scale", type=float, default=1.0, help="size of the network, 1: as published")
    result.add_argument(
        "--wiring",
        choices=("shared", "own"),
        default="shared",
        help="shared: every simulator is given the same synapses, drawn with numpy; "
        "own: the simulator draws them by the same law (less memory)",
    )
    result.add_argument(
        "--precision",
        choices=("single", "double"),
        default="single",
        help="of GeNN, whose default is single; the others always compute in double",
    )
    result.add_argument("--save", type=Path, help="also write the spikes to this .npz")
    return result


def main(arguments: argparse.Namespace, describe: Callable[[float], Model]) -> dict:
    """Run `describe(scale)` in the simulator that was asked for, print its line and return it.

    `describe` of a small scale serves to warm up.
    """
    with only_json() as line:
        side = importlib.import_module(SIMULATORS[arguments.simulator])
        model = describe(arguments.scale)
        outcome: Outcome = side.run(model, lambda: describe(min(arguments.scale, 0.02)), arguments)
        line.append(report(model, outcome, arguments))
        if arguments.save:
            np.savez(arguments.save, tick=outcome.tick, neuron=outcome.neuron)
    return line[0]


@contextmanager
def only_json():
    """Simulators greet on standard output; send that to standard error, and print the line that was appended."""
    line: list[dict] = []
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield line
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
    print(json.dumps(line[0]), flush=True)


def report(model: Model, outcome: Outcome, arguments: argparse.Namespace) -> dict:
    """The line of a finished run."""
    cells, seconds = model.cells.count, arguments.seconds
    tick, neuron = outcome.tick, outcome.neuron
    events = int(outcome.out_degree[neuron].sum())
    skip = SKIPPED if seconds >= 3 * SKIPPED else 0.0
    late = tick > round(skip / model.dt)
    tick, neuron = tick[late] - round(skip / model.dt), neuron[late]
    cv, cv_neurons = statistics.irregularity(tick, neuron)
    return {
        "simulator": arguments.simulator,
        "version": outcome.version,
        "threads": arguments.threads,
        "network": model.network,
        "scale": arguments.scale,
        "seed": arguments.seed,
        "neurons": cells,
        "trains": sum(trains.size for trains in model.trains),
        "synapses": outcome.synapses,
        "simulated_seconds": seconds,
        "start_seconds": round(outcome.start_seconds, 3),
        "build_seconds": round(outcome.build_seconds, 3),
        "run_seconds": round(outcome.run_seconds, 5),
        "spikes": int(outcome.tick.size),
        "active": int(np.unique(outcome.neuron).size),
        "mean_rate": round(outcome.tick.size / cells / seconds, 5),
        "synaptic_events": events,
        "synaptic_events_per_second": round(events / outcome.run_seconds),
        "peak_memory": peak_memory(),
        **outcome.more,
        "sizes": dict(model.cells.sizes),
        "rates": {
            name: round(rate, 4) for name, rate in statistics.rates(neuron, model.cells.sizes, seconds - skip).items()
        },
        "busiest_15_percent": statistics.busiest_share(neuron, cells),
        "cv": cv and round(cv, 4),
        "cv_neurons": cv_neurons,
        "correlation": statistics.correlation(tick, neuron, cells, seconds - skip, model.dt),
    }


def peak_memory() -> int:
    """Highest resident memory of this process or of one of its children, bytes."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return peak if sys.platform == "darwin" else peak * 1024

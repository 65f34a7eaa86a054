"""The workloads in NEST."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from bench import wiring
from bench.command import BEGAN
from bench.model import Cells, Model, Outcome

PICOFARAD = 250.0  # capacitance of every cell; only its quotient with tau counts
AT_ONCE = 2_000_000  # synapses handed over in one call


def run(model: Model, tiny: Callable[[], Model], arguments: argparse.Namespace) -> Outcome:
    """Build and run; sorting the connections, which NEST does before the first tick, counts as building."""
    import nest

    nest.set_verbosity("M_ERROR")
    started = time.perf_counter()
    nest.ResetKernel()
    dt = model.dt * 1e3
    nest.SetKernelStatus({"resolution": dt, "local_num_threads": arguments.threads, "rng_seed": arguments.seed + 1})
    cells = create_cells(nest, model.cells)
    first = cells[0].global_id
    trains = {}
    for train in model.trains:
        order = np.lexsort((train.tick, train.neuron))
        times = np.round(train.tick[order] * dt, 6)
        cut = np.searchsorted(train.neuron[order], np.arange(train.size + 1))
        given = [{"spike_times": times[cut[k] : cut[k + 1]]} for k in range(train.size)]
        trains[train.name] = nest.Create("spike_generator", train.size, params=given)
    degree, synapses = connect(nest, model, arguments, cells, trains)
    scale = to_nest(model.cells)
    delay = min(float(np.min(s.delay)) for s in model.synapses) * 1e3
    for noise in model.noise:
        source = nest.Create("poisson_generator", params={"rate": noise.inputs * noise.rate})
        low, high = model.cells.range(noise.target)
        nest.Connect(source, cells[low:high], "all_to_all", {"weight": noise.weight * scale, "delay": delay})
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(cells, recorder, "all_to_all", {"delay": delay})
    nest.Simulate(dt)
    built = time.perf_counter()
    nest.Simulate(arguments.seconds * 1e3 - dt)
    ended = time.perf_counter()
    events = recorder.events
    return Outcome(
        version=nest.__version__,
        tick=np.asarray(events["times"], np.int64),
        neuron=np.asarray(events["senders"], np.int64) - first,
        out_degree=degree,
        synapses=synapses,
        start_seconds=started - BEGAN,
        build_seconds=built - started,
        run_seconds=ended - built,
    )


def create_cells(nest, cells: Cells):
    """All cells, as one collection."""
    parameters = {
        "C_m": PICOFARAD,
        "E_L": cells.rest * 1e3,
        "V_th": cells.threshold * 1e3,
        "V_reset": cells.reset * 1e3,
        "t_ref": cells.refractory * 1e3,
        "V_m": cells.initial * 1e3,
        "I_e": cells.drive * 1e3 * PICOFARAD / (cells.tau * 1e3),
    }
    if cells.kind == "conductance":
        parameters |= {
            "g_L": PICOFARAD / (cells.tau * 1e3),
            "E_ex": cells.reversal_e * 1e3,
            "E_in": cells.reversal_i * 1e3,
        }
    else:
        parameters["tau_m"] = cells.tau * 1e3
    if cells.kind != "delta":
        parameters |= {"tau_syn_ex": cells.tau_e * 1e3, "tau_syn_in": cells.tau_i * 1e3}
    name = {"delta": "iaf_psc_delta", "current": "iaf_psc_exp", "conductance": "iaf_cond_exp"}[cells.kind]
    return nest.Create(name, cells.count, params=parameters)


def to_nest(cells: Cells) -> float:
    """Factor from a weight here to one there: mV, pA or nS."""
    leak = PICOFARAD / (cells.tau * 1e3)
    return {"delta": 1e3, "current": 1e3 * leak, "conductance": leak}[cells.kind]


def one_weight(nest, name: str, weight: float, delay: float) -> None:
    """A kind of synapse that keeps one weight for all."""
    nest.CopyModel("static_synapse_hom_w", name, {"weight": weight, "delay": delay * 1e3})


def connect(nest, model: Model, arguments, cells, trains) -> tuple[np.ndarray, int]:
    """Make all synapses; returns the out-degree of each cell and the number of synapses."""
    scale, first = to_nest(model.cells), cells[0].global_id
    degree, total = np.zeros(model.cells.count, np.int64), 0
    if arguments.wiring == "own":
        for number, synapses in enumerate(model.synapses):
            law = synapses.wiring
            if not isinstance(law, wiring.FixedInDegree) or not isinstance(synapses.weight, float):
                raise SystemExit(f"NEST draws no {type(law).__name__} here; leave out --wiring own.")
            low, high = model.cells.range(synapses.source)
            one_weight(nest, f"kind_{number}", synapses.weight * scale, synapses.delay)
            rule = {"rule": "fixed_indegree", "indegree": law.degree}
            nest.Connect(cells[low:high], cells, rule, {"synapse_model": f"kind_{number}"})
            degree[low:high] = round(law.degree * model.cells.count / (high - low))
            total += law.degree * model.cells.count
        return degree, total
    for number, source, target, weight in model.blocks():
        synapses = model.synapses[number]
        if synapses.source in model.cells.sizes:
            low, high = model.cells.range(synapses.source)
            degree[low:high] += np.bincount(source, minlength=high - low)
            origin = first + low
        else:
            origin = trains[synapses.source][0].global_id
        total += source.size
        one = isinstance(weight, float)
        same = isinstance(synapses.delay, float)
        kind = "static_synapse"
        if one and same:
            kind = f"kind_{number}"
            one_weight(nest, kind, weight * scale, synapses.delay)
        for begin in range(0, source.size, AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            specification = {"synapse_model": kind}
            count = source[part].size
            if not one:
                specification["weight"] = weight[part] * scale
            if kind == "static_synapse":
                specification["delay"] = np.full(count, synapses.delay * 1e3) if same else synapses.delay[part] * 1e3
                if one:
                    specification["weight"] = np.full(count, weight * scale)
            ends = source[part].astype(np.int64) + origin, target[part].astype(np.int64) + first
            nest.Connect(*ends, "one_to_one", specification)
    return degree, total

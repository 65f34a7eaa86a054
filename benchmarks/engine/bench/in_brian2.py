"""The workloads in Brian2: C++ standalone (with OpenMP for several threads) and Cython.

Synapses are created in order of their source, which Brian2 walks many times faster than any other order.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable

import numpy as np

from bench.command import BEGAN
from bench.model import Block, Cells, Model, Outcome, learnt

EQUATIONS = {
    "delta": "dv/dt = (level - v) / tau : 1 (unless refractory)",
    "current": """dv/dt = (level - v + g_e + g_i) / tau : 1 (unless refractory)
                  dg_e/dt = -g_e / tau_e : 1
                  dg_i/dt = -g_i / tau_i : 1""",
    "one current": """dv/dt = (level - v + g_e) / tau : 1 (unless refractory)
                      dg_e/dt = -g_e / tau_e : 1""",
    "conductance": """dv/dt = (level - v + g_e * (E_e - v) + g_i * (E_i - v)) / tau : 1 (unless refractory)
                      dg_e/dt = -g_e / tau_e : 1
                      dg_i/dt = -g_i / tau_i : 1""",
}


def run(model: Model, tiny: Callable[[], Model], arguments: argparse.Namespace) -> Outcome:
    """Build, compile and run. The run's seconds are those of Brian2's own loop, as it measures them itself."""
    import brian2 as b2

    started = time.perf_counter()
    if arguments.wiring == "own":
        raise SystemExit("Brian2 is always given the shared synapses, in order of source; leave out --wiring own.")
    standalone = arguments.simulator == "brian2-cpp"
    folder = tempfile.mkdtemp(prefix="brian2-")
    try:
        if standalone:
            b2.set_device("cpp_standalone", directory=folder, build_on_run=True)
            b2.prefs.devices.cpp_standalone.openmp_threads = arguments.threads if arguments.threads > 1 else 0
        else:
            b2.prefs.codegen.target = "cython"
        b2.defaultclock.dt = model.dt * b2.second
        b2.seed(arguments.seed)
        b2.start_scope()
        network, monitor, degree, synapses, plastic = described(b2, model)
        elapsed: list[float] = []
        if standalone:
            network.run(arguments.seconds * b2.second)
            seconds = float(b2.device._last_run_time)
        else:
            # The last report comes at the end of the loop and tells how long the loop took, without what went before.
            period = 1e6 * b2.second
            network.run(
                arguments.seconds * b2.second,
                report=lambda spent, *_: elapsed.append(float(spent)),
                report_period=period,
            )
            seconds = elapsed[-1]
        ended = time.perf_counter()
        tick = np.rint(np.asarray(monitor.t_[:]) / model.dt).astype(np.int64) + 1
        neuron = np.asarray(monitor.i[:], np.int64)
        more = learnt([np.asarray(made.w[:]) for made in plastic])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Outcome(
        version=b2.__version__,
        tick=tick,
        neuron=neuron,
        out_degree=degree,
        synapses=synapses,
        start_seconds=started - BEGAN,
        build_seconds=ended - started - seconds,
        run_seconds=seconds,
        more=more,
    )


def described(b2, model: Model):
    """(network, monitor, out-degree of each cell, number of synapses, those that learn).

    Ticks are those of NEST and of this project's engine: synaptic events come before the threshold for delta synapses,
    hence another order of the parts of a step, and one step less of delay.
    """
    cells = model.cells
    jumps = cells.kind == "delta"
    group = cells_of(b2, cells, model.dt)
    monitor = b2.SpikeMonitor(group)
    network = b2.Network(group, monitor)
    if jumps:
        network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]
    origin = {name: group[slice(*cells.range(name))] for name in cells.sizes}
    for trains in model.trains:
        # A spike of Brian2's step k is one of tick k + 1 elsewhere.
        at = (trains.tick - 1) * model.dt * b2.second
        origin[trains.name] = b2.SpikeGeneratorGroup(trains.size, trains.neuron.astype(np.int32), at)
        network.add(origin[trains.name])
    degree, total, plastic = np.zeros(cells.count, np.int64), 0, []
    for block in model.blocks():
        synapses = block.synapses
        network.add(made := connected(b2, cells, group, origin[synapses.source], block, model.dt))
        if synapses.stdp:
            plastic.append(made)
        if synapses.source in cells.sizes:
            low, high = cells.range(synapses.source)
            degree[low:high] += np.bincount(block.source, minlength=high - low)
        total += block.source.size
    for noise in model.noise:
        variable = "v" if jumps else "g_e"
        rate = noise.rate * b2.Hz
        network.add(b2.PoissonInput(origin[noise.target], variable, noise.inputs, rate, weight=noise.weight))
    return network, monitor, degree, total, plastic


def connected(b2, cells: Cells, group, origin, block: Block, dt: float):
    """The synapses of one block."""
    jumps = cells.kind == "delta"
    one_current = cells.kind == "current" and cells.tau_e == cells.tau_i
    weight, stdp = block.weight, block.synapses.stdp
    one = isinstance(weight, float) and not stdp
    negative = bool(np.all(np.less(weight, 0)))
    if not negative and np.any(np.less(weight, 0)) and not (jumps or one_current):
        raise SystemExit("Synapses of both signs on cells with two kinds of current; describe them apart.")
    variable = "v" if jumps else "g_i" if negative and not one_current else "g_e"
    if cells.kind == "conductance":
        weight = abs(weight)
    same = isinstance(block.delay, float)
    early = dt if jumps else 0.0
    event = f"{variable}_post += {weight!r}" if one else f"{variable}_post += w"
    equations, after, names = None if one else "w : 1 (constant)", None, {}
    if stdp:
        equations = """w : 1
                       dx/dt = -x / tau_plus : 1 (event-driven)
                       dy/dt = -y / tau_minus : 1 (event-driven)"""
        less = "w" if stdp.mu is not None else "high"
        more = "w0 * (w / w0)**mu" if stdp.mu is not None else "high"
        event = f"w = clip(w - a_minus * {less} * y, 0, high); {event}; x += 1"
        after = f"w = clip(w + a_plus * {more} * x, 0, high); y += 1"
        names = {"high": stdp.high, "a_plus": stdp.a_plus, "a_minus": stdp.a_minus, "w0": stdp.w0, "mu": stdp.mu or 0.0}
        names |= {"tau_plus": stdp.tau_plus * b2.second, "tau_minus": stdp.tau_minus * b2.second}
    delay = (block.delay - early) * b2.second if same else None
    made = b2.Synapses(origin, group, equations, on_pre=event, on_post=after, delay=delay, namespace=names)
    order = np.argsort(block.source, kind="stable")
    made.connect(i=block.source[order].astype(np.int32), j=block.target[order].astype(np.int32))
    if not one:
        made.w = weight if isinstance(weight, float) else weight[order]
    if not same:
        made.delay = (block.delay[order] - early) * b2.second
    if stdp:
        # The spike of a target is to be learnt from in its own step, after the events of that step.
        made.pre.order, made.post.order = 0, 1
        if jumps:
            made.post.when = "resets"
    return made


def cells_of(b2, cells: Cells, dt: float):
    """The group of all cells. One tick of refractory time is that of the spike itself, which Brian2 counts too."""
    kind = cells.kind
    if kind == "current" and cells.tau_e == cells.tau_i:
        kind = "one current"
    level = cells.rest + cells.drives()
    one = isinstance(level, float)
    names = {
        "tau": cells.tau * b2.second,
        "tau_e": cells.tau_e * b2.second,
        "tau_i": cells.tau_i * b2.second,
        "E_e": cells.reversal_e,
        "E_i": cells.reversal_i,
        "theta": cells.threshold,
        "v_reset": cells.reset,
    }
    if one:
        names["level"] = level
    group = b2.NeuronGroup(
        cells.count,
        EQUATIONS[kind] + ("" if one else "\nlevel : 1 (constant)"),
        threshold="v >= theta",
        reset="v = v_reset",
        refractory=(cells.refractory + dt) * b2.second,
        method="exponential_euler" if kind == "conductance" else "exact",
        namespace=names,
        name="cells",
    )
    group.v = cells.initial
    if not one:
        group.level = level
    return group

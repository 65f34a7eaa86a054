"""The workloads in GeNN's single-threaded CPU backend: float, optimised code, compiled for this machine.

Spikes of GeNN's step k are those of tick k + 1 elsewhere. They are delivered in the step after, before the cells move
on, so delta synapses need one step less of axonal delay than the model says. An event of a current is to move the
voltage from the next tick on, as in NEST and here, so these need as many as the model says.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from bench.command import BEGAN
from bench.learning import PairSTDP
from bench.model import Cells, Model, Noise, Outcome, learnt

LONGEST = 1000  # steps that are recorded before the spikes are fetched, which is left out of the run's time


def run(model: Model, tiny: Callable[[], Model], arguments: argparse.Namespace) -> Outcome:
    """Generate, compile, load and run. The run's seconds are those of stepping alone."""
    import pygenn

    started = time.perf_counter()
    if arguments.wiring == "own":
        raise SystemExit("GeNN is always given the shared synapses; leave out --wiring own.")
    if arguments.threads != 1:
        raise SystemExit(f"GeNN's CPU backend has one thread, not {arguments.threads}; leave out --threads.")
    os.environ["CXX"] = "g++ -march=native"
    double = arguments.precision == "double"
    genn = pygenn.GeNNModel(
        "double" if double else "float", "network", backend="single_threaded_cpu", optimize_code=not double
    )
    genn.dt = model.dt * 1e3
    genn.fuse_postsynaptic_models = True
    genn.default_narrow_sparse_ind_enabled = True
    groups, degree, synapses, plastic = described(pygenn, genn, model)
    steps = round(arguments.seconds / model.dt)
    chunk = max(size for size in range(1, LONGEST + 1) if steps % size == 0)
    with tempfile.TemporaryDirectory(prefix="genn-") as folder:
        genn.build(folder)
        genn.load(num_recording_timesteps=chunk)
        built = time.perf_counter()
        seconds, ticks, neurons = 0.0, [], []
        for _ in range(steps // chunk):
            began = time.perf_counter()
            for _ in range(chunk):
                genn.step_time()
            seconds += time.perf_counter() - began
            genn.pull_recording_buffers_from_device()
            for name, group in groups.items():
                at, who = group.spike_recording_data[0]
                ticks.append(np.rint(np.asarray(at, np.float64) / genn.dt).astype(np.int64) + 1)
                neurons.append(np.asarray(who, np.int64) + model.cells.range(name)[0])
        for made in plastic:
            made.vars["g"].pull_from_device()
        weights = [np.array(made.vars["g"].values, np.float64) for made in plastic]
        genn.unload()
    return Outcome(
        version=pygenn.__version__,
        tick=np.concatenate(ticks),
        neuron=np.concatenate(neurons),
        out_degree=degree,
        synapses=synapses,
        start_seconds=started - BEGAN,
        build_seconds=built - started,
        run_seconds=seconds,
        more=learnt(weights),
    )


def described(pygenn, genn, model: Model) -> tuple[dict[str, Any], np.ndarray, int, list[Any]]:
    """(groups of cells, out-degree of each cell, number of synapses, those that learn)."""
    cells = model.cells
    groups = {name: cells_of(pygenn, genn, model, name) for name in cells.sizes}
    origin = dict(groups)
    for trains in model.trains:
        order = np.lexsort((trains.tick, trains.neuron))
        cut = np.searchsorted(trains.neuron[order], np.arange(trains.size + 1))
        variables = {"startSpike": cut[:-1].astype(np.uint32), "endSpike": cut[1:].astype(np.uint32)}
        group = genn.add_neuron_population(trains.name, trains.size, "SpikeSourceArray", {}, variables)
        # Half a step early, so that rounding decides nothing.
        group.extra_global_params["spikeTimes"].set_init_values((trains.tick[order] - 1.5) * genn.dt)
        origin[trains.name] = group
    degree, total, plastic = np.zeros(cells.count, np.int64), 0, []
    for number, synapses in enumerate(model.synapses):
        for target in synapses.targets:
            source, ends, weight, delay = model.edges(number, target)
            negative = bool(np.all(np.less(weight, 0)))
            mixed = not negative and bool(np.any(np.less(weight, 0)))
            if mixed and cells.kind != "delta" and not (cells.kind == "current" and cells.tau_e == cells.tau_i):
                raise SystemExit("Synapses of both signs on cells with two kinds of current; describe them apart.")
            if cells.kind == "conductance":
                weight = abs(weight)
            early = 1 if cells.kind == "delta" else 0
            steps = np.rint(np.asarray(delay) / model.dt).astype(np.int64) - early
            made = genn.add_synapse_population(
                f"s{number}_{synapses.source}_{target}",
                "SPARSE",
                origin[synapses.source],
                groups[target],
                update_of(pygenn, weight, steps, synapses.stdp),
                response_of(pygenn, cells, model.dt, groups[target], negative),
            )
            made.set_sparse_connections(source, ends)
            if synapses.stdp:
                # GeNN would take room for all sources, and no more.
                made.max_source_connections = int(np.bincount(ends).max(initial=1))
                plastic.append(made)
            if cells.kind == "conductance":
                made.post_target_var = "goal_in"
            if steps.ndim:
                made.max_dendritic_delay_timesteps = int(steps.max()) + 1
            else:
                made.axonal_delay_steps = int(steps)
            if synapses.source in cells.sizes:
                low, high = cells.range(synapses.source)
                degree[low:high] += np.bincount(source, minlength=high - low)
            total += source.size
    for noise in model.noise:
        add_noise(pygenn, genn, model, noise, groups[noise.target])
    return groups, degree, total, plastic


# GeNN does not keep kinds of cells and synapses that are defined in Python alive; a cache does.
@cache
def cell_kind(pygenn):
    """The built-in cell counts its refractory time in rounded milliseconds; this one counts steps."""
    return pygenn.create_neuron_model(
        "Cell",
        params=["level", "decay", "theta", "resting", ("period", "int")],
        vars=[("V", "scalar"), ("held", "int")],
        sim_code="""
        if (held <= 0) {
            const scalar goal = level + goal_in;
            V = goal + decay * (V - goal) + Isyn;
        }
        else {
            held -= 1;
        }
        """,
        threshold_condition_code="held <= 0 && V >= theta",
        reset_code="V = resting; held = period;",
        additional_input_vars=[("goal_in", "scalar", 0.0)],
    )


@cache
def current_kind(pygenn):
    """An exponential current, exact over a step."""
    return pygenn.create_postsynaptic_model(
        "Current", params=["gain", "decay"], sim_code="injectCurrent(gain * inSyn); inSyn *= decay;"
    )


@cache
def learning_kind(pygenn, less: str, more: str):
    """Plasticity at spikes, with traces of the two cells that are brought up to date at their spikes."""
    return pygenn.create_weight_update_model(
        "Pairs",
        params=["high", "a_plus", "a_minus", "tau_plus", "tau_minus", "w0", "mu"],
        vars=[("g", "scalar")],
        pre_vars=[("x", "scalar")],
        post_vars=[("y", "scalar")],
        pre_spike_code="x = x * exp(-(t - st_pre) / tau_plus) + 1.0;",
        post_spike_code="y = y * exp(-(t - st_post) / tau_minus) + 1.0;",
        pre_spike_syn_code=f"""
        g = fmin(high, fmax(0.0, g - a_minus * {less} * y * exp(-(t - st_post) / tau_minus)));
        addToPost(g);
        """,
        post_spike_syn_code=f"g = fmin(high, fmax(0.0, g + a_plus * {more} * x * exp(-(t - st_pre) / tau_plus)));",
    )


@cache
def noise_kind(pygenn, delta: bool):
    """Counts drawn as the built-in `PoissonExp` does it."""
    count = """
        scalar p = 1.0;
        unsigned int events = 0;
        do {
            events++;
            p *= gennrand_uniform();
        } while (p > silence);
        """
    if delta:
        code = count + "injectCurrent(weight * (events - 1));"
        return pygenn.create_current_source_model("Noise", params=["weight", "silence"], injection_code=code)
    return pygenn.create_current_source_model(
        "Noise",
        params=["weight", "silence", "gain", "decay"],
        vars=[("g", "scalar")],
        injection_code=count + "g += weight * (events - 1); injectCurrent(gain * g); g *= decay;",
    )


def cells_of(pygenn, genn, model: Model, name: str):
    """One population."""
    cells = model.cells
    first, end = cells.range(name)
    parameters = {
        "level": cells.rest + cells.drive_of(name),
        "decay": math.exp(-model.dt / cells.tau),
        "theta": cells.threshold,
        "resting": cells.reset,
        "period": round(cells.refractory / model.dt),
    }
    variables = {"V": cells.initial[first:end], "held": 0}
    group = genn.add_neuron_population(name, end - first, cell_kind(pygenn), parameters, variables)
    group.spike_recording_enabled = True
    return group


def gain(cells: Cells, tau: float, dt: float) -> float:
    """Voltage after one step for a current of 1 V that decays with `tau`."""
    if tau == cells.tau:
        return dt / tau * math.exp(-dt / tau)
    return tau / (tau - cells.tau) * (math.exp(-dt / tau) - math.exp(-dt / cells.tau))


def response_of(pygenn, cells: Cells, dt: float, target, negative: bool):
    """What events do to a cell; conductances are held for a step (exponential Euler), the others are exact."""
    if cells.kind == "delta":
        return pygenn.init_postsynaptic("DeltaCurr")
    tau = cells.tau_i if negative else cells.tau_e
    if cells.kind == "conductance":
        reversal = cells.reversal_i if negative else cells.reversal_e
        return pygenn.init_postsynaptic(
            "ExpCond", {"tau": tau * 1e3, "E": reversal}, var_refs={"V": pygenn.create_var_ref(target, "V")}
        )
    parameters = {"gain": gain(cells, tau, dt), "decay": math.exp(-dt / tau)}
    return pygenn.init_postsynaptic(current_kind(pygenn), parameters)


def update_of(pygenn, weight, steps, stdp: PairSTDP | None):
    """What a spike does at each synapse: one weight or one each, one delay (a number of steps) or one each."""
    if stdp:
        less = "g" if stdp.mu is not None else "high"
        more = "w0 * pow(g / w0, mu)" if stdp.mu is not None else "high"
        parameters = {name: getattr(stdp, name) for name in ("high", "a_plus", "a_minus", "w0")}
        parameters |= {"tau_plus": stdp.tau_plus * 1e3, "tau_minus": stdp.tau_minus * 1e3, "mu": stdp.mu or 0.0}
        kind = learning_kind(pygenn, less, more)
        return pygenn.init_weight_update(kind, parameters, {"g": weight}, {"x": 0.0}, {"y": 0.0})
    if steps.ndim:
        return pygenn.init_weight_update("StaticPulseDendriticDelay", {}, {"g": weight, "d": steps.astype(np.uint8)})
    if isinstance(weight, float):
        return pygenn.init_weight_update("StaticPulseConstantWeight", {"g": weight})
    return pygenn.init_weight_update("StaticPulse", {}, {"g": weight})


def add_noise(pygenn, genn, model: Model, noise: Noise, target) -> None:
    """Poisson input of each cell's own."""
    cells, dt = model.cells, model.dt
    if cells.kind == "conductance":
        raise SystemExit("GeNN has no noise for conductance cells here.")
    parameters = {"weight": noise.weight, "silence": math.exp(-noise.inputs * noise.rate * dt)}
    variables = {}
    if cells.kind == "current":
        parameters |= {"gain": gain(cells, cells.tau_e, dt), "decay": math.exp(-dt / cells.tau_e)}
        variables = {"g": 0.0}
    kind = noise_kind(pygenn, cells.kind == "delta")
    genn.add_current_source(f"noise_{noise.target}", kind, target, parameters, variables)

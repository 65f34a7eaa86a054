"""The workloads in NEST."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from bench import wiring
from bench.command import BEGAN
from bench.model import Cells, Model, Outcome, Synapses, Wiring, learnt
from bench.values import Normal

PICOFARAD = 250.0  # capacitance of every cell; only its quotient with tau counts
AT_ONCE = 2_000_000  # synapses handed over in one call
SAMPLE = 200  # sources whose weights are fetched after learning


def run(model: Model, tiny: Callable[[], Model], arguments: argparse.Namespace) -> Outcome:
    """Build and run; sorting the connections, which NEST does before the first tick, counts as building."""
    import nest

    nest.set_verbosity("M_ERROR")
    started = time.perf_counter()
    nest.ResetKernel()
    dt = model.dt * 1e3
    nest.SetKernelStatus({"resolution": dt, "local_num_threads": arguments.threads, "rng_seed": arguments.seed + 1})
    cells = create_cells(nest, model)
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
    # Not shorter than what the network has anyway: spikes are exchanged once per shortest delay of all.
    delay = min(s.delay if isinstance(s.delay, float) else model.dt for s in model.synapses) * 1e3
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
        more=learnt(learnt_weights(nest, model, cells)),
    )


def create_cells(nest, model: Model):
    """All cells, as one collection."""
    cells = model.cells
    parameters = {
        "C_m": PICOFARAD,
        "E_L": cells.rest * 1e3,
        "V_th": cells.threshold * 1e3,
        "V_reset": cells.reset * 1e3,
        "t_ref": cells.refractory * 1e3,
        "V_m": cells.initial * 1e3,
        "I_e": cells.drives() * 1e3 * PICOFARAD / (cells.tau * 1e3),
    }
    minus = {synapses.stdp.tau_minus for synapses in model.synapses if synapses.stdp}
    if minus:
        parameters["tau_minus"] = minus.pop() * 1e3
    if minus:
        raise SystemExit("NEST keeps one postsynaptic trace a cell; give all rules one tau_minus.")
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


def kind_of(nest, name: str, synapses: Synapses, scale: float) -> None:
    """A kind of synapse that keeps what all have in common: the one weight, or how they learn."""
    stdp = synapses.stdp
    if stdp is None:
        nest.CopyModel("static_synapse_hom_w", name, {"weight": synapses.weight * scale, "delay": synapses.delay * 1e3})
        return
    if stdp.mu is None:
        rule = {"Wmax": stdp.high * scale, "mu_plus": 0.0, "mu_minus": 0.0}
        rule |= {"lambda": stdp.a_plus, "alpha": stdp.a_minus / stdp.a_plus}
        nest.CopyModel("stdp_synapse_hom", name, rule | {"tau_plus": stdp.tau_plus * 1e3})
        return
    # There w0 is one unit of weight, and no weight is the highest.
    growth = stdp.a_plus * (stdp.w0 * scale) ** (1 - stdp.mu)
    rule = {"lambda": growth, "alpha": stdp.a_minus / growth, "mu": stdp.mu}
    nest.CopyModel("stdp_pl_synapse_hom", name, rule | {"tau_plus": stdp.tau_plus * 1e3})


def drawn(nest, value: float | Normal, scale: float):
    """A number, or the distribution in NEST's words."""
    if isinstance(value, Normal):
        law = nest.random.normal(value.mean * scale, value.std * scale)
        limits = max(value.low * scale, -1e9), min(value.high * scale, 1e9)
        return nest.math.redraw(law, *limits)
    return value * scale


def connect(nest, model: Model, arguments, cells, trains) -> tuple[np.ndarray, int]:
    """Make all synapses; returns the out-degree of each cell and the number of synapses."""
    scale, first = to_nest(model.cells), cells[0].global_id
    degree, total = np.zeros(model.cells.count, np.int64), 0
    if arguments.wiring == "own":
        for number, synapses in enumerate(model.synapses):
            low, high = model.cells.range(synapses.source)
            for target in synapses.targets:
                begin, end = model.cells.range(target)
                rule, count = rule_of(synapses.wiring, end - begin)
                kind = {"synapse_model": "static_synapse"}
                if isinstance(synapses.weight, float) and isinstance(synapses.delay, float):
                    kind = {"synapse_model": f"kind_{number}_{target}"}
                    kind_of(nest, kind["synapse_model"], synapses, scale)
                else:
                    kind["weight"] = drawn(nest, synapses.weight, scale)
                if kind["synapse_model"] == "static_synapse" or synapses.stdp:
                    kind["delay"] = drawn(nest, synapses.delay, 1e3)
                nest.Connect(cells[low:high], cells[begin:end], rule, kind)
                degree[low:high] += round(count / (high - low))
                total += count
        return degree, total
    for number, block in enumerate(model.blocks()):
        synapses, weight, delay = block.synapses, block.weight, block.delay
        if synapses.source in model.cells.sizes:
            low, high = model.cells.range(synapses.source)
            degree[low:high] += np.bincount(block.source, minlength=high - low)
            origin = first + low
        else:
            origin = trains[synapses.source][0].global_id
        total += block.source.size
        one = isinstance(weight, float) and isinstance(delay, float)
        kind = f"kind_{number}" if one or synapses.stdp else "static_synapse"
        if kind != "static_synapse":
            kind_of(nest, kind, synapses, scale)
        for begin in range(0, block.source.size, AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            specification = {"synapse_model": kind}
            count = block.source[part].size
            if kind == "static_synapse" or synapses.stdp:
                same = isinstance(weight, float), isinstance(delay, float)
                specification["weight"] = np.full(count, weight * scale) if same[0] else weight[part] * scale
                specification["delay"] = np.full(count, delay * 1e3) if same[1] else np.round(delay[part] * 1e3, 6)
            ends = block.source[part].astype(np.int64) + origin, block.target[part].astype(np.int64) + first
            nest.Connect(*ends, "one_to_one", specification)
    return degree, total


def rule_of(law: Wiring, targets: int) -> tuple[dict[str, str | int], int]:
    """(NEST's rule for a wiring, number of synapses)."""
    if isinstance(law, wiring.FixedInDegree):
        return {"rule": "fixed_indegree", "indegree": law.degree}, law.degree * targets
    if isinstance(law, wiring.FixedTotalNumber):
        return {"rule": "fixed_total_number", "N": law.number}, law.number
    raise SystemExit(f"NEST draws no {type(law).__name__} here; leave out --wiring own.")


def learnt_weights(nest, model: Model, cells) -> list[np.ndarray]:
    """The weights (V) that learn, of the first sources alone: to fetch all would take long."""
    result = []
    for number, synapses in enumerate(model.synapses):
        if synapses.stdp:
            low, high = model.cells.range(synapses.source)
            some = cells[low : min(high, low + SAMPLE)]
            names = [f"kind_{number}", *(f"kind_{number}_{target}" for target in synapses.targets)]
            for name in names:
                if name in nest.synapse_models:
                    found = nest.GetConnections(source=some, synapse_model=name)
                    result.append(np.asarray(found.get("weight")) / to_nest(model.cells))
    return result

"""The workloads in this project's engine."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from bench import wiring
from bench.command import BEGAN
from bench.learning import PairSTDP
from bench.model import Cells, Model, Outcome, Synapses, learnt
from bench.values import Normal

OHM = 1e8  # of every membrane; what counts is resistance * current


def run(model: Model, tiny: Callable[[], Model], arguments: argparse.Namespace) -> Outcome:
    """Run after a tiny network of the same kinds has loaded the compiled kernels."""
    import reafference as ra

    simulate(ra, described(ra, tiny(), arguments), arguments, 0.05)
    started = time.perf_counter()
    degree = np.zeros(model.cells.count, np.int64)
    network = described(ra, model, arguments, degree)
    simulation, built, ended, recording = simulate(ra, network, arguments, arguments.seconds)
    synapses = simulation.synapses
    weights = [
        simulation.weights(name_of(part, number, target))
        for number, part in enumerate(model.synapses)
        for target in part.targets
        if part.stdp
    ]
    if arguments.wiring == "own":
        degree[:] = round(synapses / model.cells.count)
    return Outcome(
        version=ra.__version__,
        tick=np.rint(recording.time / model.dt).astype(np.int64),
        neuron=recording.neuron.astype(np.int64),
        out_degree=degree,
        synapses=synapses,
        start_seconds=started - BEGAN,
        build_seconds=built - started,
        run_seconds=ended - built,
        more={"bytes_per_synapse": round(simulation.bytes_per_synapse, 2)} | learnt(weights),
    )


def simulate(ra, network, arguments, seconds):
    """(simulation, time when it was built, time when it had run, recording); cells come first in the network."""
    cells = [p.name for p in network.populations if not isinstance(p.kind, ra.PoissonInput | ra.SpikeTrain)]
    simulation = ra.Simulation(network, seed=arguments.seed, threads=arguments.threads, record=cells)
    built = time.perf_counter()
    simulation.advance(seconds)
    return simulation, built, time.perf_counter(), simulation.recording()


def described(ra, model: Model, arguments, degree=None):
    """The network in this package's words; adds the synapses that each cell sends to `degree`."""
    first = {name: model.cells.range(name)[0] for name in model.cells.sizes}
    populations = {
        name: ra.Population(name, size, kind(ra, model.cells, name)) for name, size in model.cells.sizes.items()
    }
    for trains in model.trains:
        source = ra.SpikeTrain(time=trains.tick * model.dt, neuron=trains.neuron)
        populations[trains.name] = ra.Population(trains.name, trains.size, source)
    projections = []
    for number, synapses in enumerate(model.synapses):
        for target in synapses.targets:
            joins, weight, delay = wired(ra, model, number, target, arguments.wiring)
            if degree is not None and isinstance(joins, ra.EdgeList) and synapses.source in first:
                sent = np.bincount(joins.source, minlength=model.size(synapses.source))
                degree[first[synapses.source] :][: sent.size] += sent
            ends = populations[synapses.source], populations[target]
            rule = synapses.stdp and rule_of(ra, synapses.stdp)
            name = name_of(synapses, number, target)
            projections.append(ra.Projection(*ends, joins, weight=weight, delay=delay, plasticity=rule, name=name))
    for noise in model.noise:
        name = f"noise of {noise.target}"
        source = ra.Population(name, model.cells.sizes[noise.target], ra.PoissonInput(rate=noise.inputs * noise.rate))
        populations[name] = source
        projections.append(
            ra.Projection(source, populations[noise.target], ra.OneToOne(), weight=noise.weight, name=name)
        )
    return ra.Network(populations=list(populations.values()), projections=projections)


def wired(ra, model: Model, number: int, target: str, which: str):
    """(wiring, weight, delay) of one projection: the shared synapses, or the law by which to draw them."""
    synapses = model.synapses[number]
    law = synapses.wiring
    if isinstance(law, wiring.OneToOne):
        return ra.OneToOne(), synapses.weight, synapses.delay
    if which == "shared":
        source, ends, weight, delay = model.edges(number, target)
        return ra.EdgeList(source=source, target=ends), weight, delay
    if isinstance(law, wiring.FixedInDegree):
        drawn = ra.FixedInDegree(law.degree)
    elif isinstance(law, wiring.FixedProbability):
        drawn = ra.FixedProbability(law.probability)
    elif isinstance(law, wiring.FixedTotalNumber):
        drawn = ra.FixedTotalNumber(law.number)
    else:
        raise SystemExit(f"{type(law).__name__} is not drawn here; leave out --wiring own.")
    return drawn, law_of(ra, synapses.weight), law_of(ra, synapses.delay)


def name_of(synapses: Synapses, number: int, target: str) -> str:
    """What a projection is called."""
    return f"{number}: {synapses.source} -> {target}"


def rule_of(ra, stdp: PairSTDP):
    """The learning rule in this package's words."""
    return ra.PairSTDP(
        high=stdp.high,
        a_plus=stdp.a_plus,
        a_minus=stdp.a_minus,
        tau_plus=stdp.tau_plus,
        tau_minus=stdp.tau_minus,
        dependence=ra.Additive() if stdp.mu is None else ra.PowerLaw(mu_plus=stdp.mu, mu_minus=1.0, w0=stdp.w0),
    )


def law_of(ra, value: object):
    """A number, or a distribution in this package's words."""
    if isinstance(value, Normal):
        return ra.Normal(mean=value.mean, std=value.std, low=value.low, high=value.high)
    if isinstance(value, float):
        return value
    raise SystemExit(f"{type(value).__name__} is not drawn here; leave out --wiring own.")


def kind(ra, cells: Cells, population: str):
    """The neuron of one population."""
    first, end = cells.range(population)
    membrane = {
        "tau": cells.tau,
        "rest": cells.rest,
        "threshold": cells.threshold,
        "reset": cells.reset,
        "refractory": cells.refractory,
        "resistance": OHM,
        "current": cells.drive_of(population) / OHM,
        "initial": cells.initial[first:end],
    }
    if cells.kind == "delta":
        return ra.DeltaLIF(**membrane)
    membrane |= {"tau_e": cells.tau_e, "tau_i": cells.tau_i}
    if cells.kind == "current":
        return ra.CurrentLIF(**membrane)
    return ra.ConductanceLIF(**membrane, reversal_e=cells.reversal_e, reversal_i=cells.reversal_i)

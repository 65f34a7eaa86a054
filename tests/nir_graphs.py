"""NIR graphs for tests, and networks that are fed and run."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import reafference as ra
from reafference.network.feed import feed
from reafference.units import ms

DT = 0.1 * ms


def package():
    """The real package, or the test is skipped."""
    return pytest.importorskip("nir", reason="NIR needs the extra of that name: pip install 'reafference[nir]'")


def lif(nir, count, *, tau=5 * ms, r=1.0, leak=0.0, threshold=1.0, reset=0.0):
    """A LIF node; each parameter one number or (count,)."""
    names = {"tau": tau, "r": r, "v_leak": leak, "v_threshold": threshold, "v_reset": reset}
    return nir.LIF(**{name: np.broadcast_to(np.asarray(value, float), count).copy() for name, value in names.items()})


def chain(nir, **nodes):
    """A graph in which each node feeds the next."""
    names = list(nodes)
    return nir.NIRGraph(nodes=nodes, edges=list(pairwise(names)), type_check=False)


def rich(nir, seed, dt=DT):
    """Convolution, pools, all neurons, biases, a loop with and one without Delay; weights for Euler's steps of dt."""
    rng = np.random.default_rng(seed)
    shape, count = (3, 4, 4), 6
    tau_syn, tau_mem = rng.uniform(3, 8, count) * dt, rng.uniform(9, 20, count) * dt
    nodes = {
        "input": nir.Input(np.array([2, 5, 5])),
        "conv": nir.Conv2d((5, 5), rng.normal(0.3, 0.5, (3, 2, 2, 2)), 1, 0, 1, 1, rng.normal(0.0, 0.05, 3)),
        "lif": nir.LIF(
            tau=rng.uniform(5, 20, shape) * dt,
            r=rng.uniform(8, 12, shape),
            v_leak=rng.uniform(-0.1, 0.1, shape),
            v_threshold=rng.uniform(0.8, 1.2, shape),
            v_reset=rng.uniform(-0.3, 0.0, shape),
        ),
        "pool": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "flat": nir.Flatten(np.array([3, 2, 2]), 0, -1),
        "affine": nir.Affine(rng.normal(0.3, 0.8, (count, 12)), rng.normal(0.02, 0.02, count)),
        "scale": nir.Scale(rng.uniform(0.5, 1.5, count)),
        "cuba": nir.CubaLIF(
            tau_syn=tau_syn,
            tau_mem=tau_mem,
            r=tau_mem / dt * rng.uniform(0.8, 1.2, count),
            v_leak=np.zeros(count),
            v_threshold=np.ones(count),
            v_reset=np.full(count, -0.2),
            w_in=tau_syn / dt * rng.uniform(0.8, 1.2, count),
        ),
        "back": nir.Linear(rng.normal(-0.2, 0.3, (count, count))),
        "wait": nir.Delay(np.full(count, 3 * dt)),
        "if_weights": nir.Linear(rng.uniform(0.1, 0.4, (2, count)) / dt),
        "if": nir.IF(np.ones(2), np.ones(2), np.zeros(2)),
        "output": nir.Output(np.array([2])),
    }
    edges = [
        *[("input", "conv"), ("conv", "lif"), ("lif", "pool"), ("pool", "flat"), ("flat", "affine")],
        *[("affine", "scale"), ("scale", "cuba"), ("cuba", "back"), ("back", "wait"), ("wait", "cuba")],
        *[("cuba", "if_weights"), ("if_weights", "if"), ("if", "output")],
    ]
    return nir.NIRGraph(nodes=nodes, edges=edges, type_check=False)


def for_impulses(nir, graph, dt=DT):
    """The same graph with weights that are as strong as impulses as they were in Euler's steps."""
    nodes = dict(graph.nodes)
    for name in ("conv", "affine", "back", "if_weights"):
        node = nodes[name]
        fields = {field: value for field, value in vars(node).items() if field not in ("input_type", "output_type")}
        nodes[name] = type(node)(**{**fields, "weight": node.weight * dt})
    return nir.NIRGraph(nodes=nodes, edges=list(graph.edges), type_check=False)


def given(raster, dt=DT):
    """Spikes (ticks, neurons) as a SpikeTrain; row k is tick k + 1."""
    tick, neuron = np.nonzero(np.asarray(raster).reshape(len(raster), -1))
    return ra.SpikeTrain(time=(tick + 1) * dt, neuron=neuron)


def rasters(network, inputs, ticks, dt=DT):
    """Spikes of each population, (ticks, neurons), of a network that is fed rasters."""
    recording = ra.run(feed(network, {name: given(raster, dt) for name, raster in inputs.items()}), ticks * dt, dt=dt)
    found = {}
    for population in network.populations:
        time, neuron = recording.of(population.name)
        found[population.name] = np.zeros((ticks, population.size), bool)
        found[population.name][np.rint(time / dt).astype(int) - 1, neuron] = True
    return found

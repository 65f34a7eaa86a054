"""Networks written as NIR come back as they were, and what NIR cannot hold is refused or dropped by name."""

from dataclasses import fields, replace

import numpy as np
import pytest

import reafference as ra
from nir_graphs import DT, for_impulses, package, rasters, rich
from reafference.chips.circuit import draw
from reafference.nir import CANNOT_HOLD, EulerSteps, Impulses, Loss, NIRFaults, nir_graph
from reafference.units import Hz, ms, mV, nA

CONVENTIONS = [EulerSteps(dt=DT), Impulses(dt=DT)]


def names(convention):
    return type(convention).__name__


def alike(one, other, dt=DT):
    """Same populations, parameters and synapses, apart from rounding."""
    for p, q in zip(one.populations, other.populations, strict=True):
        assert (p.name, p.size, type(p.kind)) == (q.name, q.size, type(q.kind))
        for field in fields(p.kind):
            x, y = (np.asarray(getattr(each.kind, field.name)) for each in (p, q))
            np.testing.assert_allclose(y, x, rtol=1e-13, atol=1e-20, err_msg=f"{p.name}: {field.name}")
    a, b = draw(one, dt=dt), draw(other, dt=dt)
    for name in ("source", "target", "delay", "first"):
        np.testing.assert_array_equal(getattr(b, name), getattr(a, name), err_msg=name)
    np.testing.assert_allclose(b.weight, a.weight, rtol=1e-13)


@pytest.mark.parametrize("convention", CONVENTIONS, ids=names)
def test_a_graph_read_and_written_is_read_as_the_same_network(convention, tmp_path):
    nir = package()
    graph = rich(nir, 4) if isinstance(convention, EulerSteps) else for_impulses(nir, rich(nir, 4))
    network = ra.read_nir(graph, convention=convention)
    path = ra.write_nir(network, tmp_path / "again.nir", convention=convention)
    alike(network, ra.read_nir(path, convention=convention))
    again = tmp_path / "by nir.nir"
    nir.write(again, nir.read(path))
    alike(network, ra.read_nir(again, convention=convention))


def mixed(rng, rest=-65 * mV):
    """A network of both leaky neurons and of one without leak, with all ways to give weights and delays."""
    touch = ra.Population("touch", 8, ra.SpikeTrain())
    cells = ra.Population(
        "cells",
        20,
        ra.CurrentLIF(
            tau=rng.uniform(5, 20, 20) * ms,
            tau_e=4 * ms,
            tau_i=4 * ms,
            rest=rest,
            threshold=rest + 15 * mV,
            reset=rest - 2 * mV,
            refractory=0.0,
            current=rng.uniform(0, 0.05, 20) * nA,
        ),
    )
    jumps = ra.Population(
        "jumps", 10, ra.DeltaLIF(rest=rest, threshold=rest + 15 * mV, reset=rest, refractory=0.0, initial=rest + 1 * mV)
    )
    free = ra.Population(
        "free", 3, ra.DeltaLIF(tau=np.inf, rest=0.0, threshold=15 * mV, reset=0.0, refractory=0.0, resistance=1e6)
    )
    pairs = rng.choice(20 * 20, 60, replace=False)
    late = np.repeat([1, 2, 5], 20) * DT
    return ra.Network(
        populations=[touch, cells, jumps, free],
        projections=[
            ra.Projection(touch, cells, ra.FixedProbability(0.5), weight=30 * mV, delay=DT),
            ra.Projection(
                cells, cells, ra.EdgeList(pairs // 20, pairs % 20), weight=rng.normal(0, 8, 60) * mV, delay=late
            ),
            ra.Projection(touch, jumps, ra.AllToAll(), weight=ra.Normal(mean=6 * mV, std=1 * mV), delay=3 * DT),
            ra.Projection(cells, jumps, ra.FixedInDegree(4), weight=4 * mV, delay=ra.Uniform(low=DT, high=10 * DT)),
            ra.Projection(jumps, free, ra.AllToAll(), weight=2 * mV, delay=2 * DT),
        ],
    )


@pytest.mark.parametrize("convention", CONVENTIONS, ids=names)
def test_a_network_spikes_as_before_after_a_file(convention, tmp_path):
    package()
    network = mixed(np.random.default_rng(5))
    again = ra.read_nir(ra.write_nir(network, tmp_path / "x.nir", convention=convention), convention=convention)
    spikes = np.random.default_rng(6).random((300, 8)) < 0.05
    before, after = (rasters(each, {"touch": spikes}, 300) for each in (network, again))
    for name in ("cells", "jumps", "free"):
        assert before[name].sum() > 20
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)


def test_delays_of_sources_or_targets_take_one_matrix():
    nir = package()
    touch, cells = ra.Population("touch", 3, ra.SpikeTrain()), ra.Population("cells", 2, ra.DeltaLIF(refractory=0.0))

    def graph(delay):
        projection = ra.Projection(touch, cells, ra.AllToAll(), weight=1 * mV, delay=np.array(delay) * ms)
        return nir_graph(ra.Network(populations=[touch, cells], projections=[projection]))

    by_source, by_target, by_neither = graph([1, 1, 2, 2, 3, 3]), graph([1, 2, 1, 2, 1, 2]), graph([1, 2, 2, 1, 1, 2])
    kinds = [[type(node).__name__ for node in each.nodes.values()] for each in (by_source, by_target, by_neither)]
    assert [each.count("Linear") for each in kinds] == [1, 1, 2]
    (before,), (behind,) = ([n for n in g.nodes.values() if isinstance(n, nir.Delay)] for g in (by_source, by_target))
    np.testing.assert_allclose(before.delay, np.array([1, 2, 3]) * ms)
    np.testing.assert_allclose(behind.delay, np.array([1, 2]) * ms)


def test_v_is_written_from_where_it_starts():
    package()
    cells = ra.Population("cells", 1, ra.DeltaLIF(refractory=0.0, resistance=1e6, current=2 * nA, initial=-60 * mV))
    node = nir_graph(ra.Network(populations=[cells])).nodes["cells"]
    assert node.v_leak.tolist() == pytest.approx([-5 + 2])  # no projection leads to it: the current goes into v_leak
    assert node.v_threshold.tolist() == pytest.approx([10]) and node.v_reset.tolist() == pytest.approx([-5])


def plain_network(**options):
    """Two inputs and two cells of one kind."""
    kind = options.pop("kind", ra.DeltaLIF(refractory=0.0))
    touch = ra.Population("touch", 2, options.pop("source", ra.SpikeTrain()))
    cells = ra.Population(options.pop("name", "cells"), 2, kind)
    projection = ra.Projection(touch, cells, ra.OneToOne(), **({"weight": 1 * mV} | options))
    return ra.Network(populations=[touch, cells], projections=[projection])


LOSSES = {
    Loss.PLASTICITY: {"plasticity": ra.PairSTDP(high=5 * mV)},
    Loss.SHORT_TERM: {"short_term": ra.TsodyksMarkram(use=0.5, tau_recovery=800 * ms)},
    Loss.RELEASE: {"release": ra.Release(probability=0.5)},
    Loss.REFRACTORY: {"kind": ra.DeltaLIF(refractory=2 * ms)},
    Loss.SPIKES: {"source": ra.Poisson(rate=5 * Hz)},
}


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.name)
def test_what_nir_cannot_hold_is_dropped_only_by_name(loss):
    package()
    network = plain_network(**LOSSES[loss])
    with pytest.raises(NIRFaults, match=rf"Loss\.{loss.name}") as caught:
        nir_graph(network)
    assert len(caught.value.faults) == 1
    left = nir_graph(network, drop={loss})
    alike(ra.read_nir(left), ra.read_nir(nir_graph(plain_network())))
    assert any(f"Loss.{loss.name}" in reason for reason in CANNOT_HOLD.values())


def test_all_that_is_in_the_way_is_said_at_once():
    package()
    network = plain_network(
        name="a/b",
        kind=ra.CurrentLIF(),
        source=ra.SpikeTrain(time=[0.1], neuron=[0]),
        plasticity=ra.PairSTDP(high=5 * mV),
    )
    more = ra.Population("more", 2, ra.Izhikevich())
    half = ra.Population("half", 2, ra.DeltaLIF(tau=np.array([0.01, np.inf]), refractory=0.0))
    network = replace(network, populations=[*network.populations, more, half])
    with pytest.raises(NIRFaults) as caught:
        nir_graph(network)
    text = str(caught.value)
    for part in ("Loss.SPIKES", "Loss.REFRACTORY", "Loss.PLASTICITY", "'a/b'", "Izhikevich", "some do not"):
        assert part in text
    assert len(caught.value.faults) == 6


def test_two_time_constants_are_refused_only_where_both_are_heard():
    package()
    kind = ra.CurrentLIF(tau_e=5 * ms, tau_i=10 * ms, refractory=0.0)
    nodes = nir_graph(plain_network(kind=kind, weight=np.array([1.0, -1.0]) * mV)).nodes
    np.testing.assert_allclose(nodes["cells"].tau_syn, [5 * ms, 10 * ms])
    touch, cells = ra.Population("touch", 2, ra.SpikeTrain()), ra.Population("cells", 2, kind)
    both = ra.Projection(touch, cells, ra.AllToAll(), weight=np.array([1.0, 1.0, -1.0, 1.0]) * mV)
    with pytest.raises(NIRFaults, match="two time constants"):
        nir_graph(ra.Network(populations=[touch, cells], projections=[both]))


def test_outputs_are_the_last_populations_or_those_that_are_named():
    nir = package()
    network = mixed(np.random.default_rng(5))

    def outputs(graph):
        return sorted(source for source, target in graph.edges if isinstance(graph.nodes[target], nir.Output))

    assert outputs(nir_graph(network)) == ["free"]
    assert outputs(nir_graph(network, outputs=["cells", "free"])) == ["cells", "free"]
    with pytest.raises(ValueError, match="no population is called 'nobody'"):
        nir_graph(network, outputs=["nobody"])


def test_matrices_beyond_memory_are_refused():
    package()
    touch, cells = ra.Population("touch", 2**14, ra.SpikeTrain()), ra.Population("cells", 2**14, ra.DeltaLIF())
    projection = ra.Projection(touch, cells, ra.FixedTotalNumber(10), weight=1 * mV)
    with pytest.raises(NIRFaults, match="dense"):
        nir_graph(ra.Network(populations=[touch, cells], projections=[projection]), drop={Loss.REFRACTORY})


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    package()
    with pytest.raises(ValueError, match=r"saved as \.nir, not '\.h5'"):
        ra.write_nir(plain_network(), tmp_path / "x.h5")
    with pytest.raises(ValueError, match="no such folder"):
        ra.write_nir(plain_network(), tmp_path / "none" / "x.nir")
    with pytest.raises(NIRFaults):
        ra.write_nir(plain_network(source=ra.Poisson(rate=1 * Hz)), tmp_path / "x.nir")
    assert list(tmp_path.iterdir()) == []
    assert ra.write_nir(plain_network(), tmp_path / "x.nir") == tmp_path / "x.nir"
    assert [path.name for path in tmp_path.iterdir()] == ["x.nir"]

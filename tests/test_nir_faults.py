"""Graphs that cannot be read are refused with every node at fault and a reason."""

import pickle

import numpy as np
import pytest

import reafference as ra
from nir_graphs import DT, chain, lif, package
from reafference.network.feed import feed
from reafference.nir import CANNOT_READ, EulerSteps, NIRFaults, Units
from reafference.units import mV

pytestmark = pytest.mark.filterwarnings("ignore:node .* times as strong")


def simple(nir):
    """Input, Linear, LIF, Output."""
    return chain(
        nir, input=nir.Input(np.array([2])), w=nir.Linear(np.eye(2)), cell=lif(nir, 2), out=nir.Output(np.array([2]))
    )


def refused(graph, **options):
    """The faults of a graph, as lines."""
    with pytest.raises(NIRFaults) as caught:
        ra.read_nir(graph, **options)
    return [str(fault) for fault in caught.value.faults]


def wrong_by(change, **options):
    """The faults of a simple graph after `change(nodes, nir)`."""
    nir = package()
    graph = simple(nir)
    change(graph.nodes, nir)
    return refused(graph, **options)


def test_the_simple_graph_is_read():
    nir = package()
    assert ra.read_nir(simple(nir)).neurons == 4


def set_field(node, field, value):
    def change(nodes, nir):
        setattr(nodes[node], field, value)

    return change


def put(name, make):
    def change(nodes, nir):
        nodes[name] = make(nir)

    return change


WRONG = {
    "NaN weights": (
        set_field("w", "weight", np.array([[1.0, np.nan], [np.inf, 0.0]])),
        "'w': weight has 2 of 4 values",
    ),
    "NaN threshold": (set_field("cell", "v_threshold", np.array([np.nan, 1.0])), "v_threshold has 1 of 2 values"),
    "shapes of parameters": (set_field("cell", "tau", np.ones(3)), r"tau has shape \(3,\), v_threshold \(2,\)"),
    "no neurons in a node": (put("cell", lambda nir: lif(nir, 0)), r"shape \(0,\), so it is empty"),
    "an input of nothing": (put("input", lambda nir: nir.Input(np.array([0]))), "give at least one element"),
    "shape of a matrix": (
        put("w", lambda nir: nir.Linear(np.ones((2, 3)))),
        r"'w': it takes an array of shape \(3,\), but \(2,\) comes from 'input'",
    ),
    "shape of an output": (put("out", lambda nir: nir.Output(np.array([3]))), r"'out': it takes .* \(3,\)"),
    "reset at threshold": (set_field("cell", "v_reset", np.ones(2)), "'cell': DeltaLIF.reset.* is not below"),
    "negative resistance": (set_field("cell", "r", -np.ones(2)), "'cell': DeltaLIF.resistance"),
    "negative tau": (set_field("cell", "tau", -np.ones(2)), "'cell': DeltaLIF.tau"),
    "too strong": (set_field("w", "weight", np.full((2, 2), 1e6)), r"200000 V, above the limit .*EulerSteps\(dt="),
    "a negative delay": (put("w", lambda nir: nir.Delay(-np.ones(2))), "a delay of -1 s is negative"),
    "a delay in ms": (put("w", lambda nir: nir.Delay(5.0 * np.ones(2))), "delay"),
    "a pool of a line": (
        put("w", lambda nir: nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0]))),
        "needs two axes",
    ),
    "a convolution of a line": (
        put("w", lambda nir: nir.Conv2d(None, np.ones((1, 1, 2, 2)), 1, 0, 1, 1, np.zeros(1))),
        r"but an array of shape \(2,\) arrives",
    ),
    "a bias without leak": (
        lambda nodes, nir: nodes.update(
            cell=nir.IF(np.ones(2), np.ones(2), np.zeros(2)), w=nir.Affine(np.eye(2), np.ones(2))
        ),
        "a bias drives a neuron without leak",
    ),
    "no neuron at the end": (
        put("cell", lambda nir: nir.Scale(np.ones(2))),
        r"leads to no neuron|has no neurons",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_fault_is_one_line(name):
    change, text = WRONG[name]
    faults = wrong_by(change)
    assert len(faults) == 1
    with pytest.raises(ValueError, match=text):
        raise ValueError(faults[0])


READOUTS = {
    "LI": lambda nir: nir.LI(np.ones(2), np.ones(2), np.zeros(2)),
    "CubaLI": lambda nir: nir.CubaLI(np.ones(2), np.ones(2), np.ones(2), np.zeros(2)),
    "I": lambda nir: nir.I(np.ones(2)),
    "Threshold": lambda nir: nir.Threshold(np.ones(2)),
}


@pytest.mark.parametrize("kind", CANNOT_READ)
def test_nodes_without_spikes_are_refused_unless_they_are_left_out(kind):
    nir = package()
    graph = simple(nir)
    graph.nodes["readout"] = READOUTS[kind](nir)
    graph.edges += [("cell", "readout"), ("readout", "out")]
    graph.edges.remove(("cell", "out"))
    (fault,) = refused(graph)
    assert fault.startswith(f"node 'readout': a {kind} cannot be read") and "leave_out=['readout']" in fault
    assert ra.read_nir(graph, leave_out=["readout"]).neurons == 4
    assert "no node is called so" in refused(graph, leave_out=["readout", "red"])[0]


def test_a_step_longer_than_a_time_constant_is_refused():
    (fault,) = wrong_by(set_field("cell", "tau", np.full(2, 1e-3)), convention=EulerSteps(dt=1e-3))
    assert "not above a step of 0.001 s" in fault


def test_edges_that_lead_nowhere_twice_or_round():
    nir = package()
    graph = simple(nir)
    graph.nodes |= {"ring a": nir.Linear(np.eye(2)), "ring b": nir.Scale(np.ones(2))}
    graph.edges += [("cell", "nobody"), ("input", "w"), ("ring a", "ring b"), ("ring b", "ring a")]
    faults = "\n".join(refused(graph))
    assert "edge cell -> nobody: it ends at 'nobody', which is no node; there are cell, input" in faults
    assert "edge ('input', 'w'): it is there twice" in faults
    assert "a ring without a neuron" in faults and "ring a, ring b" in faults


def test_a_loop_with_a_neuron_takes_a_tick():
    nir = package()
    graph = simple(nir)
    graph.edges.append(("cell", "w"))
    network = ra.read_nir(graph)
    assert [projection.name for projection in network.projections] == ["input -> cell", "cell -> cell"]
    assert [projection.delay for projection in network.projections] == [DT, DT]


def test_a_graph_inside_needs_one_way_in():
    nir = package()
    graph = simple(nir)
    doors = {"x": nir.Input(np.array([2])), "y": nir.Input(np.array([2])), "out": nir.Output(np.array([2]))}
    inner = nir.NIRGraph({**doors, "lif": lif(nir, 2)}, [("x", "lif"), ("y", "lif"), ("lif", "out")], type_check=False)
    graph.nodes["inner"] = inner
    graph.edges.append(("cell", "inner"))
    assert any("graph 'inner' inside has 2 nodes of type Input" in fault for fault in refused(graph))


def test_all_faults_of_a_file_are_told_in_one_pass(tmp_path):
    nir = package()
    h5py = pytest.importorskip("h5py")
    graph = simple(nir)
    graph.nodes["li"] = READOUTS["LI"](nir)
    graph.nodes["w"].weight = np.full((2, 2), np.nan)
    graph.edges.append(("cell", "li"))
    path = tmp_path / "bad.nir"
    nir.write(path, graph)
    with h5py.File(path, "r+") as file:
        nodes = file["node/nodes"]
        nodes["odd/type"] = "Hodgkin"
        nodes["half/type"] = "Linear"
        del nodes["cell/tau"]
        del file["node/edges"]
        file["node/edges"] = np.array([[b"input", b"w"], [b"w", b"cell"], [b"cell", b"gone"]])
    with pytest.raises(NIRFaults, match=r"^bad\.nir cannot be read; 6 faults:\n- ") as caught:
        ra.read_nir(path)
    text = str(caught.value)
    for part in ("'odd': its type is 'Hodgkin'", "'half': it is no whole Linear", "'cell': it is no whole LIF"):
        assert part in text
    for part in ("'gone', which is no node", "'li': a LI cannot be read", "'w': weight has 4 of 4 values"):
        assert part in text
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == text and again.faults == caught.value.faults


def test_what_is_no_nir_file_is_said_so(tmp_path):
    nir = package()
    h5py = pytest.importorskip("h5py")
    good = tmp_path / "good.nir"
    nir.write(good, simple(nir))
    whole = good.read_bytes()
    for name, content in (
        ("text.nir", b"no file of this kind"),
        ("short.nir", whole[: len(whole) // 2]),
        ("0.nir", b""),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(NIRFaults, match="no NIR file, or it is cut short or damaged"):
            ra.read_nir(tmp_path / name)
    with h5py.File(tmp_path / "other.nir", "w") as file:
        file["x"] = 1
    with pytest.raises(NIRFaults, match="no group 'node'"):
        ra.read_nir(tmp_path / "other.nir")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        ra.read_nir(tmp_path / "none.nir")
    with pytest.raises(IsADirectoryError):
        ra.read_nir(tmp_path)
    with pytest.raises(TypeError, match="no NIR graph"):
        ra.read_nir(3)
    with pytest.raises(TypeError, match="one word"):
        ra.read_nir(good, leave_out="w")


@pytest.mark.parametrize("share", np.linspace(0.02, 0.99, 12))
def test_a_file_cut_anywhere_is_refused(share, tmp_path):
    nir = package()
    path = tmp_path / "x.nir"
    nir.write(path, simple(nir))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(NIRFaults, match="cut short or damaged"):
        ra.read_nir(path)


def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "nir", None)
    monkeypatch.setitem(sys.modules, "h5py", None)
    path = tmp_path / "x.nir"
    path.write_bytes(b"")
    cells = ra.Population("cells", 1, ra.DeltaLIF(refractory=0.0))
    for attempt in (lambda: ra.read_nir(path), lambda: ra.write_nir(ra.Network(populations=[cells]), path)):
        with pytest.raises(ImportError, match=r"pip install 'reafference\[nir\]'"):
            attempt()


def test_units_and_steps_that_cannot_be_meant():
    with pytest.raises(ValueError, match=r"EulerSteps\.dt = 1 s .* did you mean 1 \* ms"):
        EulerSteps(dt=1.0)
    with pytest.raises(ValueError, match=r"Units\.voltage"):
        Units(voltage=0.0)


def test_only_sources_are_fed():
    touch = ra.Population("touch", 2, ra.Poisson(rate=1.0))
    cells = ra.Population("cells", 2, ra.DeltaLIF())
    network = ra.Network(
        populations=[touch, cells], projections=[ra.Projection(touch, cells, ra.OneToOne(), weight=20 * mV)]
    )
    train = ra.SpikeTrain(time=[0.01], neuron=[1])
    fed = feed(network, {"touch": train})
    assert fed.projections[0].source is fed.populations[0] and fed.populations[0].kind.neuron == [1]
    assert ra.run(fed, 0.02).counts("cells").tolist() == [0, 1]
    with pytest.raises(ValueError, match="no source"):
        feed(network, {"cells": train})
    with pytest.raises(KeyError, match="nobody"):
        feed(network, {"nobody": train})
    with pytest.raises(TypeError, match=r"give a SpikeTrain.* or a Poisson"):
        feed(network, {"touch": 3})
    with pytest.raises(ValueError, match="SpikeTrain"):
        feed(network, {"touch": ra.SpikeTrain(time=[0.01], neuron=[5])})

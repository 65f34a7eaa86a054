"""NIR graphs are read as what they say: against a plain twin that steps the graph itself, and against the equations."""

import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import reafference as ra
from nir_graphs import DT, chain, for_impulses, given, lif, package, rasters, rich
from plain_nir import PlainGraph, plain_convolution, plain_pool
from reafference.chips.circuit import draw
from reafference.chips.loihi1 import Loihi1
from reafference.network.feed import feed
from reafference.nir import EulerSteps, Impulses, Units, linear
from reafference.units import ms, mV, nA

DATA = Path(__file__).parent / "data"
TICKS = 150


@pytest.mark.parametrize("euler", [True, False], ids=["Euler's steps", "impulses"])
@pytest.mark.parametrize("seed", range(2))
def test_a_graph_spikes_as_its_plain_twin_does(seed, euler):
    nir = package()
    graph = rich(nir, seed) if euler else for_impulses(nir, rich(nir, seed))
    convention = EulerSteps(dt=DT) if euler else Impulses(dt=DT)
    spikes = np.random.default_rng(seed).random((TICKS, 2, 5, 5)) < 0.1
    plain = PlainGraph(graph, DT, euler=euler)
    for row in spikes:
        plain.step({"input": row})
    found = rasters(ra.read_nir(graph, convention=convention), {"input": spikes}, TICKS)
    for name in ("lif", "cuba", "if"):
        expected = np.array(plain.spikes[name]).reshape(TICKS, -1)
        assert expected.sum() > 10
        np.testing.assert_array_equal(found[name], expected, err_msg=name)


def matrix(step):
    """A linear map as a dense matrix."""
    dense = np.zeros((linear.size(step.gives), linear.size(step.takes)))
    np.add.at(dense, (step.row, step.column), step.weight)
    return dense


@pytest.mark.parametrize("seed", range(12))
def test_a_convolution_is_its_definition(seed):
    rng = np.random.default_rng(seed)
    groups = int(rng.integers(1, 3))
    kernel, stride, dilation = (rng.integers(1, 4, 2), rng.integers(1, 4, 2), rng.integers(1, 3, 2))
    padding = rng.integers(0, 3, 2)
    weight = rng.normal(size=(2 * groups, 2, *kernel)) * (rng.random((2 * groups, 2, *kernel)) < 0.8)
    space = dilation * (kernel - 1) + 1 + rng.integers(0, 5, 2)
    node = SimpleNamespace(
        weight=weight,
        bias=rng.normal(size=2 * groups),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )
    x = rng.normal(size=(2 * groups, *space))
    expected = plain_convolution(x, weight, node.bias, stride, [(p, p) for p in padding], dilation, groups)
    step = linear.convolution(node, x.shape)
    assert step.gives == expected.shape
    np.testing.assert_allclose(matrix(step) @ x.reshape(-1) + step.bias, expected.reshape(-1), atol=1e-12)


def test_padding_that_keeps_the_shape_puts_the_odd_place_behind():
    node = SimpleNamespace(weight=np.ones((1, 1, 2, 3)), bias=0.0, stride=1, padding="same", dilation=1, groups=1)
    x = np.arange(12.0).reshape(1, 3, 4)
    expected = plain_convolution(x, node.weight, [0.0], (1, 1), [(0, 1), (1, 1)], (1, 1), 1)
    step = linear.convolution(node, x.shape)
    assert step.gives == (1, 3, 4)
    np.testing.assert_allclose(matrix(step) @ x.reshape(-1), expected.reshape(-1))


@pytest.mark.parametrize("mean", [False, True])
def test_a_pool_is_its_definition(mean):
    node = SimpleNamespace(kernel_size=np.array([2, 3]), stride=np.array([1, 2]), padding=np.array([1, 0]))
    x = np.random.default_rng(1).normal(size=(3, 4, 7))
    expected = plain_pool(x, node.kernel_size, node.stride, node.padding) / (6 if mean else 1)
    step = linear.pool(node, x.shape, mean=mean)
    assert step.gives == expected.shape
    np.testing.assert_allclose(matrix(step) @ x.reshape(-1), expected.reshape(-1))


def test_a_matrix_for_each_leading_place():
    rng = np.random.default_rng(2)
    weight, x = rng.normal(size=(3, 4, 5)), rng.normal(size=(3, 5))
    step = linear.dense(weight)
    np.testing.assert_allclose(matrix(step) @ x.reshape(-1), np.einsum("koi,ki->ko", weight, x).reshape(-1))


def one_spike(nir, convention, node, weight=0.5):
    """v of the only neuron, from tick 1 on, after a spike at tick 1."""
    graph = chain(nir, input=nir.Input(np.array([1])), w=nir.Linear(np.array([[weight]])), cell=node)
    network = feed(ra.read_nir(graph, convention=convention), {"input": given([[True]], convention.dt)})
    watch = [ra.Watch(population="cell", variable="v")]
    simulation = ra.Simulation(network, dt=convention.dt, watch=watch)
    simulation.advance(20 * convention.dt)
    return simulation.recording().traces["cell.v"].value[:, 0]


def test_what_a_spike_is_decides_how_strong_it_is():
    nir = package()
    tau, r, w, dt = 5 * ms, 2.0, 1e-4, DT
    impulse = one_spike(nir, Impulses(dt=dt), lif(nir, 1, tau=tau, r=r), w)
    step = one_spike(nir, EulerSteps(dt=dt), lif(nir, 1, tau=tau, r=r), w)
    assert impulse[1] == pytest.approx(r * w / tau * mV)
    assert step[1] == pytest.approx(r * w / tau * dt * mV)
    assert impulse[2] / impulse[1] == pytest.approx(np.exp(-dt / tau))
    assert step[2] / step[1] == pytest.approx(1 - dt / tau)


def test_a_file_for_steps_that_is_read_as_impulses_is_noticed():
    package()
    with pytest.warns(UserWarning, match=r"1e\+04 times .*EulerSteps\(dt=") as told:
        ra.read_nir(trained_with(weight=1.0))
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ra.read_nir(trained_with(weight=1.0), convention=EulerSteps(dt=DT))
        ra.read_nir(trained_with(weight=1.0 * DT))


def trained_with(weight):
    """As snnTorch exports a layer with beta = 0.9."""
    nir = package()
    node = lif(nir, 2, tau=10 * DT, r=10.0)
    return chain(nir, input=nir.Input(np.array([2])), w=nir.Linear(weight * np.eye(2)), lif=node)


def test_steps_of_euler_approach_impulses_in_first_order():
    nir = package()

    def cuba():
        tau_syn, tau_mem = 2 * ms, 5 * ms
        one = np.ones(1)
        return nir.CubaLIF(one * tau_syn, one * tau_mem, one, one * 0, one * 100, one * 0, one)

    def at(convention, weight):
        return one_spike(nir, convention, cuba(), weight)[round(1.6 * ms / convention.dt) + 1]  # 1.6 ms after the event

    exact = at(Impulses(dt=DT), 1e-3)
    errors = [abs(at(EulerSteps(dt=dt), 1e-3 / dt) / exact - 1) for dt in (0.2 * ms, 0.1 * ms)]
    assert errors[0] < 0.1 and errors[0] / errors[1] == pytest.approx(2.0, rel=0.1)


def test_units_scale_what_has_a_unit():
    nir = package()
    graph = chain(
        nir,
        input=nir.Input(np.array([2])),
        w=nir.Affine(np.array([[1.0, -2.0]]), np.array([0.25])),
        wait=nir.Delay(np.array([3.0])),
        cell=lif(nir, 1, tau=8.0, r=3.0, leak=-0.5, threshold=2.0, reset=-1.0),
    )
    network = ra.read_nir(graph, units=Units(voltage=10 * mV, current=2 * nA, time=1 * ms))
    cell = network.populations[1].kind
    assert (cell.tau, cell.rest, cell.threshold, cell.reset) == pytest.approx((8 * ms, -5 * mV, 20 * mV, -10 * mV))
    assert cell.resistance * cell.current == pytest.approx(3.0 * 0.25 * 10 * mV)
    assert cell.refractory == 0.0 and cell.initial == 0.0
    (projection,) = network.projections
    np.testing.assert_allclose(projection.weight, np.array([1.0, -2.0]) * 3.0 / 8.0 * 10 * mV)
    assert projection.delay == pytest.approx(3 * ms)


def test_parallel_ways_add_up_and_graphs_inside_are_entered():
    nir = package()
    inner = nir.NIRGraph(
        nodes={
            "input": nir.Input(np.array([2])),
            "lif": lif(nir, 2),
            "rec": nir.Linear(np.array([[0.0, 1.0], [2.0, 0.0]])),
            "output": nir.Output(np.array([2])),
        },
        edges=[("input", "lif"), ("lif", "rec"), ("rec", "lif"), ("lif", "output")],
    )
    graph = nir.NIRGraph(
        nodes={
            "in": nir.Input(np.array([2])),
            "a": nir.Linear(np.eye(2)),
            "b": nir.Linear(np.array([[1.0, 3.0], [0.0, -1.0]])),
            "late": nir.Delay(np.full(2, 2 * ms)),
            "layer": inner,
            "out": nir.Output(np.array([2])),
        },
        edges=[
            ("in", "a"),
            ("in", "b"),
            ("a", "layer"),
            ("b", "layer"),
            ("in", "late"),
            ("late", "layer"),
            ("layer", "out"),
        ],
        type_check=False,
    )
    network = ra.read_nir(graph, convention=EulerSteps(dt=DT))
    assert [(each.name, each.size) for each in network.populations] == [("in", 2), ("layer.lif", 2)]
    circuit = draw(network, dt=DT)
    gain = DT / (5 * ms) * mV
    found = sorted(zip(circuit.source, circuit.target, circuit.delay, np.rint(circuit.weight / gain), strict=True))
    expected = [(0, 2, 1, 2), (0, 2, 21, 1), (1, 2, 1, 3), (1, 3, 21, 1), (2, 3, 1, 2), (3, 2, 1, 1)]
    assert found == expected  # 1 -> 3 without Delay: 1 - 1 = 0, and no synapse


def test_a_strong_negative_bias_makes_no_spike_before_the_first_input():
    nir = package()
    graph = chain(
        nir,
        input=nir.Input(np.array([1])),
        w=nir.Linear(np.ones((1, 1))),
        first=lif(nir, 1, tau=4 * DT, r=4.0),
        bias=nir.Affine(np.ones((1, 1)), np.array([-3.0])),
        second=lif(nir, 1, tau=2 * DT, r=2.0, threshold=0.5),
        more=nir.Affine(np.ones((1, 1)), np.array([5.0])),
        third=lif(nir, 1, tau=1.01 * DT, r=2.0, threshold=20.0),
    )
    network = ra.read_nir(graph, convention=EulerSteps(dt=DT))
    assert ra.run(network, 10 * DT, dt=DT).time.size == 0
    starts = [population.kind.initial for population in network.populations[1:]]
    assert starts[0] == 0.0 and starts[2] == -1.0
    level = -6.0 * mV
    assert level + (starts[1] - level) / 2 == pytest.approx(0.5 * mV, rel=1e-3)  # at the first tick


def test_a_strong_negative_bias_of_the_first_layer_begins_with_the_first_step():
    nir = package()
    graph = chain(
        nir,
        input=nir.Input(np.array([1])),
        bias=nir.Affine(np.array([[7.0]]), np.array([-3.0])),
        cell=lif(nir, 1, tau=2 * DT, r=2.0),
    )
    network = feed(ra.read_nir(graph, convention=EulerSteps(dt=DT)), {"input": given([[True], [True], [True]])})
    assert network.populations[1].kind.initial > network.populations[1].kind.threshold
    watch = [ra.Watch(population="cell", variable="v")]
    simulation = ra.Simulation(network, dt=DT, watch=watch)
    simulation.advance(6 * DT)
    recording = simulation.recording()
    assert np.rint(recording.of("cell")[0] / DT).tolist() == [2, 3, 4]
    np.testing.assert_allclose(recording.traces["cell.v"].value[:, 0] / mV, [0, 0, 0, 0, -3, -4.5], atol=1e-9)


def trained():
    with np.load(DATA / "nir_trained.npz") as kept:
        return {name: kept[name] for name in kept.files}


def test_a_network_that_snntorch_trained_spikes_as_it_did_there():
    package()
    kept, dt = trained(), DT
    network = ra.read_nir(DATA / "nir_trained.nir", convention=EulerSteps(dt=dt))
    for sample, *theirs in zip(kept["input"], kept["layer0"], kept["layer1"], strict=True):
        found = rasters(network, {"input": sample}, len(sample) + 3, dt)
        for depth, (name, layer) in enumerate(zip(("lif0", "lif1"), theirs, strict=True), start=1):
            np.testing.assert_array_equal(found[name][depth : depth + len(sample)], layer.astype(bool))


def test_a_trained_network_answers_on_loihi_as_it_did_in_snntorch():
    package()
    kept, dt = trained(), DT
    network = ra.read_nir(DATA / "nir_trained.nir", convention=EulerSteps(dt=dt))
    program = Loihi1().compile(network, dt=dt)
    same = 0
    for sample, theirs in zip(kept["input"], kept["layer1"], strict=True):
        recording = program.run((len(sample) + 3) * dt, inputs={"input": given(sample, dt)})
        same += int(np.argmax(recording.counts("lif1")) == np.argmax(theirs.sum(axis=0)))
    assert same >= 18  # of 20; weights have 8 bits there

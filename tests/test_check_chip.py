"""The suite for chips finds nothing wrong with the toy of the page for contributors, and a fault in each broken one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reafference as ra
from doc_blocks import python_blocks
from reafference.chips.shortage import DoesNotFit
from reafference.testing import ChipFaults, check_chip
from reafference.units import ms

PAGE = Path(__file__).parent.parent / "CONTRIBUTING.md"


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The names of the page's section on chips."""
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names: dict = {"__name__": "toy_chip"}
        blocks = [code for _, code in python_blocks(PAGE)]
        first = next(k for k, code in enumerate(blocks) if "toy.toml" in code)
        for code in blocks[first : first + 3]:
            exec(code, names)
        yield names


class Broken:
    """A program that does as another one, but for what is given."""

    def __init__(self, program, **changed):
        self.program, self.circuit = program, program.circuit
        self.changed = changed

    def run(self, seconds, **more):
        return self.changed.get("run", lambda program, s, **m: program.run(s, **m))(self.program, seconds, **more)

    def price(self, recording):
        return self.changed.get("price", lambda program, r: program.price(r))(self.program, recording)

    def report(self):
        return self.changed.get("report", lambda program: program.report())(self.program)


def broken(toy, compiled=None, **changed):
    """The toy with programs that differ in one thing."""

    class Mutant(toy["Toy"]):
        def compile(self, network, *, dt, seed=0):
            if compiled is not None:
                network = compiled(network)
            return Broken(super().compile(network, dt=dt, seed=seed), **changed)

    return Mutant()


def test_the_toy_behaves(toy):
    check_chip(toy["Toy"]())


def noisy(program, seconds, **more):
    found = program.run(seconds, **more)
    kept = np.random.default_rng().random(found.time.size) < 0.9
    return replace(found, time=found.time[kept], neuron=found.neuron[kept])


def backwards(program, seconds, **more):
    """Runs that depend on their length."""
    found = program.run(seconds, **more)
    return replace(
        found, time=found.time[: -round(seconds / (100 * ms))], neuron=found.neuron[: -round(seconds / (100 * ms))]
    )


def early(program, seconds, **more):
    found = program.run(seconds, **more)
    return replace(found, time=found.time - 0.3 * ms)


def unsorted(program, seconds, **more):
    found = program.run(seconds, **more)
    return replace(found, time=found.time[::-1], neuron=found.neuron[::-1])


def deaf(program, seconds, *, inputs=None, **more):
    return program.run(seconds, **more)


def uncounted(program, seconds, **more):
    return replace(program.run(seconds, **more), work={"spikes": 0})


def misplaced(program):
    report = program.report()
    return replace(report, cores=replace(report.cores, core=report.cores.core * 0))


def crowded(program):
    report = program.report()
    return replace(report, cores=replace(report.cores, x=report.cores.x * 0))


def overfull(program):
    report = program.report()
    used, limit = report.cores.usage["neurons"]
    return replace(report, cores=replace(report.cores, usage={"neurons": (used + 10, limit)}))


def cheaper(program, recording):
    return program.price(
        replace(recording, time=recording.time[:0], neuron=recording.neuron[:0], seconds=1 / recording.seconds)
    )


def for_anyone(program, recording):
    return program.price(replace(recording, neurons=program.circuit.neurons))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"run": noisy}, "run twice, gives two different"),
        ({"run": backwards}, "differs from the first half"),
        ({"run": early}, "do not lie on ticks"),
        ({"run": unsorted}, "not in order"),
        ({"run": deaf}, "although their inputs are empty"),
        ({"run": uncounted}, "does not count 'synaptic_events'"),
        ({"run": uncounted}, "fewer than the recording lists"),
        ({"report": misplaced}, "places the source 'touch'"),
        ({"report": crowded}, "two cores have the same place"),
        ({"report": overfull}, "usage of 'neurons'"),
        ({"price": cheaper}, "twice the time costs less"),
        ({"price": for_anyone}, "another network is priced"),
        ({"price": lambda program, recording: 3.0}, "not a Bill"),
        ({"run": lambda program, seconds, **more: 1 / 0}, "does not run: ZeroDivisionError"),
    ],
)
def test_what_a_chip_should_not_do_is_found(toy, changed, said):
    with pytest.raises(ChipFaults, match=said):
        check_chip(broken(toy, **changed))


def test_a_chip_that_takes_what_it_cannot_run_is_found(toy):
    def without(network):
        """The network as if it had none of the features."""
        plain = [replace(p, plasticity=None, short_term=None, release=None) for p in network.projections]
        return ra.Network(populations=network.populations, projections=plain)

    with pytest.raises(ChipFaults, match="3 faults") as found:
        check_chip(broken(toy, compiled=without))
    assert all(feature in str(found.value) for feature in ("plasticity", "short-term", "unreliable release"))


def test_names_and_reasons_are_asked_for(toy):
    with pytest.raises(ChipFaults, match="no single word"):
        check_chip(toy["Toy"](name="two words"))
    with pytest.raises(ChipFaults, match="'delays' has no reason"):
        check_chip(toy["Toy"](unsupported={"delays": " "}))
    with pytest.raises(ChipFaults, match="lacks a part"):
        check_chip(object())


def test_everything_that_does_not_fit_is_said_at_once(toy):
    cells = [ra.Population(f"cells {k}", 100, ra.DeltaLIF()) for k in range(2)]
    with pytest.raises(DoesNotFit) as found:
        toy["Toy"]().compile(ra.Network(populations=cells), dt=1 * ms)
    assert [shortage.resource for shortage in found.value.shortages] == ["neurons", *["refractory time or current"] * 2]


def test_the_circuit_is_the_engines(toy):
    from reafference.chips.circuit import draw

    rng = np.random.default_rng(5)
    touch = ra.Population("touch", 7, ra.Poisson(rate=10.0))
    cells = ra.Population("cells", 40, ra.DeltaLIF())
    weights = ra.LogNormal.with_mean(1e-3, log_sigma=1.0)
    network = ra.Network(
        populations=[touch, cells],
        projections=[
            ra.Projection(
                touch, cells, ra.FixedProbability(0.3), weight=weights, delay=ra.Uniform(low=1 * ms, high=9 * ms)
            ),
            ra.Projection(cells, cells, ra.FixedTotalNumber(100), weight=rng.uniform(-1e-3, 1e-3, 100), name="second"),
        ],
    )
    circuit = draw(network, dt=1 * ms, seed=4)
    simulation = ra.Simulation(network, dt=1 * ms, seed=4, record=())
    for projection in network.projections:
        mine, asked = circuit.of(projection.name), simulation.wiring(projection.name)
        assert np.array_equal(circuit.source[mine] - network.first(projection.source.name), asked.source)
        assert np.array_equal(circuit.target[mine] - network.first("cells"), asked.target)
        assert np.array_equal(circuit.weight[mine], asked.weight)
        np.testing.assert_allclose(circuit.delay[mine] * 1e-3, asked.delay)
    assert circuit.where(8) == "cells[1]" and circuit.synapses == simulation.synapses
    with pytest.raises(KeyError, match="there are touch -> cells, second"):
        circuit.of("third")


def test_inputs_are_the_engines_or_those_that_are_given(toy):
    from reafference.chips.circuit import draw, input_spikes

    network, dt = toy["Toy"]().example()
    circuit = draw(network, dt=dt, seed=3)
    asked = ra.run(network, 0.2, dt=dt, seed=3, record=["touch"])
    heard = input_spikes(circuit, 0.2)
    assert np.array_equal(heard.neuron, asked.neuron) and np.array_equal(heard.tick, np.rint(asked.time / dt))
    given = input_spikes(circuit, 0.2, {"touch": ra.SpikeTrain(time=(3 * ms,), neuron=(5,))})
    assert (given.tick.tolist(), given.neuron.tolist()) == ([3], [5])
    with pytest.raises(ValueError, match="'cells' is no source"):
        input_spikes(circuit, 0.2, {"cells": ra.SpikeTrain()})
    with pytest.raises(KeyError, match="no population is called 'nobody'"):
        input_spikes(circuit, 0.2, {"nobody": ra.SpikeTrain()})
    with pytest.raises(TypeError, match="give a SpikeTrain"):
        input_spikes(circuit, 0.2, {"touch": [1, 2]})

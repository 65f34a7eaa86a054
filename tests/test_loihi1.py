"""Loihi as a chip: held to the contract, and to the engine."""

from dataclasses import replace

import numpy as np
import pytest

import reafference as ra
from reafference.chips import DoesNotFit
from reafference.chips.loihi1 import Loihi1
from reafference.chips.pricing.loihi1 import Sanafe
from reafference.testing import check_chip
from reafference.units import ms, mV


@pytest.fixture(scope="module")
def program():
    network, dt = Loihi1().example()
    return Loihi1().compile(network, dt=dt, seed=2)


def test_loihi_behaves_as_a_chip():
    check_chip(Loihi1())


def test_its_spikes_are_mostly_the_engines(program):
    network, dt = Loihi1().example()
    engine = ra.run(network, 1.0, dt=dt, seed=2)
    chip = program.run(1.0)
    both = set(zip(chip.time.round(6), chip.neuron, strict=True)) & set(
        zip(engine.time.round(6), engine.neuron, strict=True)
    )
    cells = engine.counts("cells").sum() + engine.counts("others").sum()
    shared = len(both) - engine.counts("touch").sum()
    assert cells > 300 and shared > 0.8 * cells
    assert abs(chip.counts().sum() - engine.counts().sum()) < 0.05 * cells


def test_what_was_recorded_is_what_is_paid_for(program):
    found = program.run(0.5)
    work = program.work(found)
    outgoing = np.bincount(program.circuit.source, minlength=program.circuit.neurons)
    assert work.synaptic_events == found.work["synaptic_events"] == int(found.counts() @ outgoing) or (
        # events of the last ticks are still on their way
        0 <= int(found.counts() @ outgoing) - found.work["synaptic_events"] < 200
    )
    # An update where everything that arrives cancels is one, too; the run itself does not count those.
    assert work.neuron_accesses == 80 * 500 and found.work["active_updates"] <= work.neuron_updates < 80 * 500
    assert work.neuron_updates < found.work["active_updates"] + 100
    assert work.spikes == found.counts("cells").sum() + found.counts("others").sum()
    assert (work.hops_east_west, work.hops_north_south, work.chips, work.tiles) == (0, 0, 1, 1)
    bills = [program.price(found), replace(program, chip=Loihi1(profile=Sanafe())).price(found)]
    assert bills[0].profile == "davies2018" and bills[1].profile == "sanafe"
    assert all(bill.priced("energy").low > 0 for bill in bills)
    for bill, most in zip(bills, (10e-6, 30e-6), strict=True):
        assert bill.time is not None and bill.time.complete and 500 * 0.5e-6 < bill.time.low < 500 * most
    engine = program.price(ra.run(program.circuit.network, 0.5, dt=1 * ms, seed=2))
    assert engine.time is not None and bills[0].time is not None and engine.time.priced.low > 0
    assert not any("every neuron" in note.lower() for note in bills[0].notes)
    assert (
        "every neuron" in " ".join(engine.notes).lower() and engine.priced("energy").low > bills[0].priced("energy").low
    )


def test_progress_changes_nothing(program):
    seen = []
    one, other = program.run(0.2), program.run(0.2, progress=seen.append)
    assert np.array_equal(one.time, other.time) and np.array_equal(one.neuron, other.neuron) and one.work == other.work
    assert seen[-1] == 1.0 and len(seen) == 50


def test_a_network_of_many_cores_keeps_every_limit_and_pays_for_hops():
    pytest.importorskip("pymetis")
    cells = ra.Population("cells", 3000, ra.CurrentLIF(tau_e=5 * ms, tau_i=5 * ms, current=0.16e-9))
    network = ra.Network(
        populations=[cells], projections=[ra.Projection(cells, cells, ra.FixedInDegree(40), weight=0.5 * mV)]
    )
    program = Loihi1().compile(network, dt=1 * ms)
    cores = program.report().cores
    assert cores.cores >= 3 and all(used.max() <= limit for used, limit in cores.usage.values())
    found = program.run(0.1)
    work = program.work(found)
    assert work.messages > work.spikes > 0 and (work.hops_east_west + work.hops_north_south > 0) == (
        program.work(found).tiles > 1
    )
    by_spikes = Loihi1(expected=found).compile(network, dt=1 * ms)
    assert by_spikes.work(found).messages <= work.messages


def test_all_that_does_not_fit_is_said_at_once():
    kind = ra.CurrentLIF(tau_e=5 * ms, tau_i=10 * ms, refractory=100 * ms)
    cells = ra.Population("cells", 20, kind)
    odd = ra.Population("odd", 3, ra.Izhikevich())
    network = ra.Network(
        populations=[cells, odd],
        projections=[
            ra.Projection(cells, cells, ra.AllToAll(), weight=1 * mV, delay=200 * ms),
            ra.Projection(cells, cells, ra.AllToAll(), weight=-1 * mV, name="inhibition"),
            ra.Projection(cells, odd, ra.AllToAll(), weight=1 * mV, release=ra.Release(probability=0.5)),
        ],
    )
    with pytest.raises(DoesNotFit) as found:
        Loihi1().compile(network, dt=1 * ms)
    named = {shortage.resource for shortage in found.value.shortages}
    assert named == {"neuron Izhikevich", "unreliable release", "synaptic time constants", "refractory time", "delay"}
    assert all(shortage.remedy for shortage in found.value.shortages)


def test_recordings_with_other_ticks_are_not_priced(program):
    with pytest.raises(ValueError, match=r"ticks of 0\.0001 s"):
        program.price(ra.run(program.circuit.network, 0.1, dt=0.1 * ms, seed=2))


def test_a_recording_is_the_programs_own_by_its_spikes_alone(program):
    found = program.run(0.3)
    left = np.arange(found.time.size) != np.flatnonzero(found.neuron >= 60)[-1]  # the last spike of a cell is gone
    gone = replace(found, time=found.time[left], neuron=found.neuron[left])
    assert not any("every neuron" in note.lower() for note in program.price(replace(found, work={})).notes)
    work = program.work(gone)
    assert work.neuron_updates == work.neuron_accesses
    assert any("every neuron" in note.lower() for note in program.price(gone).notes)

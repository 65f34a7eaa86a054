"""Counts and time of Loihi's ticks, against a plain queue and what SANA-FE says of a tiny network."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_loihi_clock import agenda, plain_tick
from reafference.chips.figures import figures_of
from reafference.chips.loihi import Compartments, LoihiCores, SynapseGroup
from reafference.chips.loihi.weights import Sign, SynapseFormat
from reafference.chips.pricing.loihi1 import Davies2018, Sanafe
from reafference.chips.pricing.loihi_work import OUTSIDE, count_loihi, loihi_routes

FIGURES = figures_of("loihi1")
TIMES = Sanafe().times(FIGURES)


SANAFE = {
    "access": 6.0e-9, "update": 3.7e-9, "spike": 30.0e-9, "out": 5.1e-9, "in": 16.0e-9, "event": 3.8e-9,
    "east": 4.1e-9, "north": 6.5e-9, "room": 16,
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([None, 0, 1, 16]))
def test_a_tick_is_what_plain_queues_say(seed, room):
    rng = np.random.default_rng(seed)
    neurons, cores = int(rng.integers(1, 30)), int(rng.integers(1, 6))
    core, computed = rng.integers(0, cores, neurons), rng.random(neurons) < 0.7
    core = np.where(~computed & (rng.random(neurons) < 0.5), OUTSIDE, core)
    x, y = np.arange(cores) % 3, np.arange(cores) // 2
    inside = [j for j in range(neurons) if core[j] != OUTSIDE]
    synapses = [(i, j) for i in range(neurons) for j in inside if rng.random() < 0.3]
    source, target = np.array(synapses, np.int64).reshape(-1, 2).T
    spiked, updated = np.flatnonzero(rng.random(neurons) < 0.5), rng.random(neurons) < 0.5
    routes = loihi_routes(core=core, computed=computed, source=source, target=target, x=x, y=y)
    work = count_loihi(routes, [(spiked, updated)], seconds=1e-3, times=(replace(TIMES, link_room=room),))
    prices, place = SANAFE | {"room": room}, np.where(core == OUTSIDE, cores, core).tolist()
    listed = agenda(place, computed, synapses, set(spiked.tolist()), updated, prices, cores)
    spent = plain_tick(listed, [*x.tolist(), 0], [*y.tolist(), 0], prices, cores)
    assert work.messages == sum(to is not None for entries in listed.values() for _, to, _ in entries)
    assert work.clocks["sanafe"].low == pytest.approx(spent + TIMES.barrier(routes.tiles).low, rel=1e-9)
    assert work.synaptic_events == sum(i in set(spiked.tolist()) for i, _ in synapses)
    assert work.neuron_updates == np.count_nonzero((updated | np.isin(np.arange(neurons), spiked)) & computed)


def test_messages_wait_where_others_fill_the_links():
    # Two cores send to a third along one row; what the first sends to a fourth afterwards has to wait.
    core = np.array([0] * 40 + [1] * 20 + [2] * 30 + [3] * 30)
    pairs = [(i, j) for i in [*range(20), *range(40, 60)] for j in range(60, 90)]
    pairs += [(i, j) for i in range(20, 40) for j in range(90, 120)]
    source, target = np.array(pairs).T
    routes = loihi_routes(
        core=core, computed=np.arange(120) >= 60, source=source, target=target, x=[0, 0, 4, 5], y=[0, 0, 0, 0]
    )
    tick = [(np.arange(60), np.zeros(120, bool))]
    spent = [count_loihi(routes, tick, seconds=1e-3, times=(replace(TIMES, link_room=each),)) for each in (None, 1)]
    free, waits = (each.clocks["sanafe"].low for each in spent)
    assert waits > free + 1e-7


def test_a_barrier_over_chips_lies_between_those_that_were_measured():
    assert TIMES.barrier(8, 1) == (1.4e-6, 1.4e-6)
    assert TIMES.barrier(8, 2) == (1.4e-6, 14.3e-6)
    assert TIMES.barrier(8, 300) == (14.3e-6, 16.2e-6)
    assert TIMES.barrier(8, 2000) is None


def test_what_crosses_between_chips_has_no_price_and_is_named():
    routes = loihi_routes(
        core=[0, 1], computed=[True, True], source=[0], target=[1], x=[7, 8], y=[0, 0], chip=[0, 1]
    )  # fmt: skip
    work = count_loihi(routes, [([0], [True, True])] * 3, seconds=3e-3, times=(TIMES,))
    assert (work.chips, work.tiles, work.crossings, work.hops_east_west) == (2, 1, 3, 3)
    bill = Sanafe().price(work, FIGURES)
    assert "messages between chips" in bill.energy.missing
    assert bill.time is not None and bill.time.missing == ("messages between chips",)
    assert bill.time.priced.high > bill.time.priced.low  # the barrier over two chips was never measured


@pytest.mark.parametrize(("cores", "seconds"), [(1, 6.984e-6), (2, 1.09386e-5)])
def test_sanafe_says_the_same_of_a_tiny_network(cores, seconds):
    # SANA-FE 2.2.9, its Loihi file: an input that spikes at 10 ticks, 10 neurons on its core or on the next tile.
    core = np.array([0, *[cores - 1] * 10])
    routes = loihi_routes(
        core=core, computed=np.arange(11) > 0, source=np.zeros(10, int), target=np.arange(1, 11), x=[0] * cores,
        y=list(range(cores)),
    )  # fmt: skip
    ticks = [([0], np.full(11, tick > 0)) for tick in range(10)]
    work = count_loihi(routes, ticks, seconds=1e-2, times=(TIMES, Davies2018().times(FIGURES)))
    bill = Sanafe().price(work, FIGURES)
    assert bill.time is not None and bill.time.low == bill.time.high == pytest.approx(seconds, rel=1e-6)
    assert bill.priced("energy").low == pytest.approx(1.1724e-8 + (cores - 1) * 4.2e-11, rel=1e-9)
    davies = Davies2018().price(work, FIGURES).time
    assert davies is not None and davies.high is not None and davies.low < davies.high


@pytest.mark.parametrize(("tiles", "barrier"), [(1, 0.6e-6), (3, 1.0e-6), (8, 1.4e-6), (32, 1.8e-6)])
def test_a_barrier_holds_from_so_many_tiles_on(tiles, barrier):
    assert TIMES.barrier(tiles) == (barrier, barrier)


def test_numbers_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="target runs from 3 to 3; it is 0 to 1"):
        loihi_routes(core=[0, 0], computed=[True, True], source=[0], target=[3], x=[0], y=[0])
    with pytest.raises(ValueError, match="names core 4"):
        loihi_routes(core=[0, 4], computed=[True, True], source=[0], target=[1], x=[0], y=[0])


@pytest.mark.parametrize("stretches", [(12,), (1, 4, 7)])
def test_what_arrives_and_cancels_wakes_a_neuron(stretches):
    # An input excites and inhibits neuron 0 at once, 3 ticks after its spikes, and neuron 1 never hears anything.
    group = SynapseGroup(
        source=np.array([2, 2]), target=np.array([0, 0]), mantissa=np.array([100, -100]), delay=3,
        form=SynapseFormat(sign=Sign.MIXED),
    )  # fmt: skip
    cores = LoihiCores(compartments=Compartments(count=2), groups=[group], inputs=1)
    awake, active, now = [], 0, 0
    for ticks in stretches:
        when = np.array([tick for tick in (1, 6, 8) if now < tick <= now + ticks], np.int64)
        did = cores.advance(ticks, tick=when, source=np.zeros(when.size, np.int64), watch=True)
        awake.append(did.awake)
        active, now = active + did.work["active_updates"], now + ticks
    found = np.concatenate(awake)
    assert (np.flatnonzero(found[:, 0]) + 1).tolist() == [1 + 4, 6 + 4, 8 + 4]  # a tick for the input, three of delay
    assert not found[:, 1].any() and active == 0
    assert cores.advance(3).awake is None

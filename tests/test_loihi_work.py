"""Counts and time of Loihi's ticks, against a plain queue and what SANA-FE says of a tiny network."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reafference.chips.figures import figures_of
from reafference.chips.pricing.loihi1 import Davies2018, Sanafe
from reafference.chips.pricing.loihi_work import count_loihi, loihi_routes

FIGURES = figures_of("loihi1")
TIMES = Sanafe().times(FIGURES)


def plain_tick(core, computed, synapses, x, y, spiked, updated):
    """Seconds of a tick without its barrier: core after core, neuron after neuron, message after message."""
    messages, end = [], 0.0
    for place in sorted(set(core)):
        now = 0.0
        for neuron in [each for each, at in enumerate(core) if at == place]:
            if computed[neuron]:
                now += 6.0e-9 + 3.7e-9 * bool(updated[neuron]) + 30.0e-9 * (neuron in spiked)
            if neuron in spiked:
                reached = [target for source, target in synapses if source == neuron]
                for to in dict.fromkeys(core[target] for target in reached):
                    now += 5.1e-9
                    takes = 16.0e-9 + 3.8e-9 * sum(core[target] == to for target in reached)
                    way = 4.1e-9 * abs(x[place] - x[to]) + 6.5e-9 * abs(y[place] - y[to])
                    messages.append((round(now, 15), place, to, now + way, takes))
        end = max(end, now)
    free = {}
    for _, _, to, arrives, takes in sorted(messages):
        free[to] = max(arrives, free.get(to, 0.0)) + takes
    return max([end, *free.values()]), len(messages)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_a_tick_is_what_plain_queues_say(seed):
    rng = np.random.default_rng(seed)
    neurons, cores = int(rng.integers(1, 25)), int(rng.integers(1, 5))
    core, computed = rng.integers(0, cores, neurons), rng.random(neurons) < 0.7
    x, y = np.arange(cores) % 3, np.arange(cores) // 2
    synapses = [(i, j) for i in range(neurons) for j in range(neurons) if rng.random() < 0.3]
    source, target = np.array(synapses, np.int64).reshape(-1, 2).T
    spiked, updated = np.flatnonzero(rng.random(neurons) < 0.5), rng.random(neurons) < 0.5
    routes = loihi_routes(core=core, computed=computed, source=source, target=target, x=x, y=y)
    work = count_loihi(routes, [(spiked, updated)], seconds=1e-3, times=(TIMES,))
    spent, messages = plain_tick(core.tolist(), computed, synapses, x, y, set(spiked.tolist()), updated)
    assert work.messages == messages
    assert work.clocks["sanafe"].low == pytest.approx(spent + TIMES.barrier(routes.tiles).low, rel=1e-9)
    assert work.synaptic_events == sum(i in set(spiked.tolist()) for i, _ in synapses)
    assert work.neuron_updates == np.count_nonzero(updated & computed)


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

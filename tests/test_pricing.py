"""What chips would spend on counts of work, against the published measurements and the figures' own arithmetic."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reafference.chips.bill import Bill
from reafference.chips.bill_table import side_by_side
from reafference.chips.figures import figures_of, read_figures
from reafference.chips.levers import levers
from reafference.chips.pricing.loihi1 import Davies2018, LoihiWork, Sanafe
from reafference.chips.pricing.loihi2 import price_loihi2
from reafference.chips.pricing.truenorth import (
    AT_0V70,
    AT_0V70_BY_CORE,
    AT_0V80,
    AT_0V80_BY_CORE,
    OPERATING_POINTS,
    OperatingPoint,
    TrueNorthWork,
    even_rate,
    price_truenorth,
)

few = settings(max_examples=40, deadline=None)
NEURONS = 1_048_576
LOIHI1, LOIHI2 = figures_of("loihi1"), figures_of("loihi2")


def full_chip(rate, synapses=128):
    """A second of a chip whose neurons all spike at `rate` (Hz) with so many active synapses each."""
    spikes = round(rate * NEURONS)
    return TrueNorthWork(
        ticks=1000, seconds=1.0, chips=1, cores=4096, synaptic_events=spikes * synapses, spikes=spikes, hops=spikes * 20
    )


# --- TrueNorth --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "watts"), [(11.58, 0.068), (20.07, 0.071), (95.93, 0.094)])
def test_the_published_sweep_at_0_80_volt(rate, watts):
    # Akopyan et al. 2015, Fig. 17. The middle point took no part in the fit.
    for point in (AT_0V80, AT_0V80_BY_CORE):
        power = price_truenorth(full_chip(rate), point=point).power
        assert power is not None and power.complete and power.low == power.high == pytest.approx(watts, rel=0.01)


def test_an_idle_chip_at_0_70_volt_takes_42_milliwatts():
    for point in (AT_0V70, AT_0V70_BY_CORE):
        power = price_truenorth(full_chip(0), point=point).power
        assert power is not None and power.complete and power.low == pytest.approx(0.042, rel=1e-6)


def test_events_at_a_voltage_without_a_price_leave_a_lower_bound():
    made = price_truenorth(full_chip(20), point=AT_0V70)
    assert made.energy.low == pytest.approx(0.042) and made.energy.high is None
    assert made.energy.missing == ("synaptic events",) and "at least 42 mJ" in repr(made)


def test_most_of_what_truenorth_spends_at_20_hertz_is_static():
    made = price_truenorth(full_chip(20.07))
    assert made.static_share is not None and made.static_share.low == pytest.approx(0.912, abs=0.001)
    # All of it shared among the events is the 26 pJ that are often quoted as the price of one.
    assert made.per_event is not None and made.per_event.low == pytest.approx(26e-12, rel=0.02)
    slow, fast = price_truenorth(full_chip(2)).per_event, price_truenorth(full_chip(200)).per_event
    assert slow is not None and fast is not None and slow.low > 200e-12 and fast.low < 5e-12


def test_quoted_totals_and_hops_stand_beside_and_are_not_added():
    made = price_truenorth(full_chip(20))
    shown = {each.line.figure.name: each.line.amount.low for each in made.shown}
    assert shown == {
        "energy.synaptic_event_total": pytest.approx(20 * NEURONS * 128 * 26e-12),
        "power.typical_0v75": pytest.approx(0.065),
        "energy.hop": pytest.approx(20 * NEURONS * 20 * 2.3e-12),
    }
    assert made.energy == price_truenorth(replace(full_chip(20), hops=0)).energy


def test_spikes_that_leave_a_chip_cost_what_their_bits_do():
    work = full_chip(20)
    more = price_truenorth(replace(work, edge_spikes=1_000_000, chip_spikes=500_000)).energy.low
    assert more - price_truenorth(work).energy.low == pytest.approx(1e6 * 64e-12 + 5e5 * 832e-12, rel=1e-6)


def test_whole_chips_are_paid_for_unless_cores_are():
    work = replace(full_chip(0), chips=2, cores=1024)
    whole, used = price_truenorth(work).energy.low, price_truenorth(work, point=AT_0V80_BY_CORE).energy.low
    assert whole == pytest.approx(8 * used, rel=1e-6)


def test_below_some_rate_fewer_cores_save_more_and_above_it_sparser_spikes_do():
    tie = even_rate(128)
    assert tie == pytest.approx(209, abs=0.1) and even_rate(256) == pytest.approx(tie / 2)
    for rate, sparser_is_better in ((0.9 * tie, False), (1.1 * tie, True)):
        found = levers(price_truenorth(full_chip(rate), point=AT_0V80_BY_CORE))
        sparser, fewer = found.saved_by_sparser_spikes(0.5).low, found.saved_by_less_hardware(0.5).low
        assert (sparser > fewer) is sparser_is_better
    found = levers(price_truenorth(full_chip(20), point=AT_0V80_BY_CORE))
    assert found.even_at is not None and found.even_at.low == pytest.approx(tie / 20, rel=1e-6)
    assert repr(found).startswith("half the activity saves 4.4 % of the energy\nhalf the cores that are on save 45.6 %")
    assert even_rate(128, neurons=64) == pytest.approx(4 * tie)
    with pytest.raises(ValueError, match="even_rate: neurons = 257 is outside 1 to 256"):
        even_rate(128, neurons=257)


def test_time_is_the_ticks():
    for point in OPERATING_POINTS:
        time = price_truenorth(replace(full_chip(1), ticks=1234), point=point).time
        assert time is not None and (time.low, time.high) == (pytest.approx(1.234), pytest.approx(1.234))


def test_a_baseline_of_something_else_is_refused():
    point = OperatingPoint(name="wrong", event="energy.synaptic_event_marginal", baseline="energy.hop")
    with pytest.raises(ValueError, match=r"energy\.hop is in J/hop; a baseline is in W/chip or W/core"):
        price_truenorth(full_chip(1), point=point)


# --- Loihi 1 ----------------------------------------------------------------------------------------------------------

# One input that spikes at each of 10 ticks onto 10 neurons; 10 x 9 updates, since the first input arrives a tick later.
TINY = LoihiWork(ticks=10, seconds=1e-2, chips=1, events_dense=100, neuron_accesses=100, neuron_updates=90, messages=10)


@pytest.mark.parametrize(("work", "joules"), [(TINY, 1.1724e-8), (replace(TINY, hops_north_south=10), 1.1766e-8)])
def test_the_sanafe_profile_is_what_sanafe_says_of_a_tiny_network(work, joules):
    # SANA-FE 2.2.9, its Loihi file, on one core and with the neurons on the next tile.
    assert Sanafe().price(work).priced("energy").low == pytest.approx(joules, rel=1e-9)


def test_the_sanafe_profile_is_what_sanafe_says_of_its_gesture_network():
    # SANA-FE 2.2.9, its Loihi file and its DVS network, 1,000 steps: energies and counts as it prints them; how the
    # events divide into two kinds of synapse follows from its energy of synapses, so that this part is no test of it.
    work = LoihiWork(
        ticks=1000, seconds=1.0, chips=1, events_convolution=50_819_630, events_dense=547_294,
        neuron_accesses=18_678_000, neuron_updates=15_552_561, spikes=364_088, messages=3_724_738,
    )  # fmt: skip
    amount = {line.what: line.amount.low for line in Sanafe().price(work).lines}
    soma = amount["neuron accesses"] + amount["neuron updates"] + amount["spikes"]
    assert soma == pytest.approx(1.3174802159999933e-3, rel=1e-9)
    assert amount["convolved synaptic events"] + amount["dense synaptic events"] == pytest.approx(
        1.2391000570000199e-3, rel=1e-9
    )
    hops = 4.4656170059999815e-4 - amount["messages"]
    assert 0 < hops / work.messages < 10 * 4.2e-12  # what is left is a few hops for each message


def test_the_davies_profile_is_its_table():
    work = LoihiWork(
        ticks=7, seconds=2.0, chips=3, events_dense=5, events_sparse=11, events_convolution=13, synaptic_updates=17,
        neuron_accesses=100, neuron_updates=19, spikes=23, messages=29, hops_east_west=31, hops_north_south=37,
    )  # fmt: skip
    by_hand = 29 * 23.6 + 17 * 120 + 19 * 81 + 81 * 52 + 29 * 1.7 + 31 * 3.0 + 37 * 4.0
    made = Davies2018().price(work)
    assert made.energy.low == pytest.approx(by_hand * 1e-12 + 3 * 2.0 * 3.34 / 32, rel=1e-12)
    assert made.energy.high is None and made.energy.missing == ("barriers",)
    dynamic = made.priced("energy").low - made.lines[-1].amount.low
    assert made.lines[-1].what == "chips on" and dynamic == pytest.approx(by_hand * 1e-12, rel=1e-9)


def test_each_profile_says_what_it_lacks():
    davies, sanafe = Davies2018().price(TINY), Sanafe().price(TINY)
    assert davies.energy.missing == ("barriers",) and sanafe.energy.missing == ("chips on",)
    assert sanafe.static_share is None and davies.static_share is not None
    learned = Sanafe().price(replace(TINY, synaptic_updates=5)).energy
    assert learned.missing == ("synaptic updates", "chips on") and learned.low == sanafe.energy.low
    table = side_by_side([davies, sanafe])
    assert "loihi1, davies2018" in table and "loihi1, sanafe" in table and "unpublished" in table


# --- Loihi 2 ----------------------------------------------------------------------------------------------------------


@few
@given(st.integers(1, 10**11), st.integers(0, 10**9), st.integers(1, 50), st.floats(1.0, 1e3))
def test_loihi_2_is_an_interval_and_says_why(events, updates, chips, seconds):
    work = LoihiWork(
        ticks=1000, seconds=seconds, chips=chips, events_dense=events, neuron_accesses=updates, neuron_updates=updates
    )
    total = price_loihi2(work, figures=LOIHI2).energy
    assert total.low == pytest.approx(events * 2 / 15e12, rel=1e-6)
    assert total.high == pytest.approx(chips * seconds * 2600 / 1152, rel=1e-6)
    assert "chips on" in total.missing and ("neuron updates" in total.missing) == (updates > 0)


def test_loihi_2_prints_the_reasons_and_no_point():
    made = price_loihi2(TINY)
    assert (
        "13.33 pJ to 22.57 mJ" in repr(made) and "no one number" in repr(made) and "static share: unknown" in repr(made)
    )
    assert made.time is not None and not made.time.complete
    with pytest.raises(ValueError, match=r"loihi2: what was counted costs at least 1\.333 J"):
        price_loihi2(replace(TINY, events_dense=10**13, seconds=0.1))
    with pytest.raises(ValueError, match="no figure says what being on costs"):
        levers(made)


# --- all --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [Davies2018().price, Sanafe().price, price_loihi2])
def test_no_work_in_no_time_costs_nothing_and_lacks_nothing(price):
    made = price(LoihiWork(ticks=0, seconds=0, chips=0, tiles=0))
    assert isinstance(made, Bill) and made.energy.low == made.energy.high == 0 and not made.energy.missing


@few
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_work_never_costs_less(events, updates, spikes, hops):
    one = LoihiWork(ticks=5, seconds=1.0, chips=1, events_sparse=events, neuron_accesses=updates, spikes=spikes)
    more = replace(one, events_sparse=events + 1, messages=hops, hops_east_west=hops, synaptic_updates=spikes)
    for price in (Davies2018().price, Sanafe().price):
        assert price(more, LOIHI1).energy.low >= price(one, LOIHI1).energy.low
    assert price_loihi2(more, figures=LOIHI2).energy.low >= price_loihi2(one, figures=LOIHI2).energy.low


@pytest.mark.parametrize("field", ["ticks", "seconds", "messages", "neuron_updates"])
def test_counts_below_0_are_refused(field):
    with pytest.raises(ValueError, match=rf"LoihiWork\.{field} = -1"):
        replace(TINY, **{field: -1})
    with pytest.raises(ValueError, match=r"TrueNorthWork\.hops = -3"):
        replace(full_chip(1), hops=-3)


def test_counts_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="neuron_updates = 101 is above neuron_accesses = 100"):
        replace(TINY, neuron_updates=101)
    with pytest.raises(ValueError, match="chips = 0 with 4096 cores"):
        replace(full_chip(1), chips=0)


def test_a_bill_can_be_made_with_figures_of_ones_own(tmp_path):
    own = figures_of("loihi1")
    file = tmp_path / "loihi1.toml"
    file.write_text(
        'schema = 1\nchip = "loihi1"\ntitle = "Loihi"\n[power.static_chip]\nvalue = 1.0\nunit = "W/chip"\n'
        'kind = "measured"\nbasis = "silicon"\nread = "here"\nsource = "a meter"\n[unpublished]\n'
        + "\n".join(f'"davies2018.energy.{name}" = "x"' for name in (
            "synaptic_event", "synaptic_update", "neuron_active", "neuron_inactive", "message_in_tile",
            "hop_east_west", "hop_north_south", "barrier",
        )),
        encoding="utf-8",
    )  # fmt: skip
    made = Davies2018().price(TINY, read_figures(file))
    assert made.energy.low == pytest.approx(1e-2) and len(made.energy.missing) == 5
    assert "measured, silicon" in repr(made) and Davies2018().price(TINY, own).energy.low != made.energy.low

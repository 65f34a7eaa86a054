"""Bills: a total is the sum of its lines, scales with the counts, and never hides what has no price."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reafference.chips.bill import Bill, Line, Missing, Shown, priced_or_missing, split
from reafference.chips.bill_table import as_text, side_by_side, summary
from reafference.chips.figures import Figure, Figures, Origin
from reafference.chips.levers import levers

few = settings(max_examples=40, deadline=None)
ORIGIN = Origin(kind="assumed", basis="estimate", read="here", source="invented for a test")


def figure(low, high=None, unit="J/event", bound="", origin=ORIGIN):
    return Figure(name="f", low=low, high=low if high is None else high, unit=unit, bound=bound, origin=origin)


def line(count, low, high=None, *, unit="J/event", of="event", follows="activity", what="events", bound=""):
    return Line(what=what, count=count, unit=of, figure=figure(low, high, unit, bound), follows=follows)


def bill(lines=(), **changed):
    given = {"chip": "toy", "profile": "invented", "seconds": 2.0, "synaptic_events": 10, "lines": lines}
    return Bill(**{**given, **changed})


costs = st.floats(1e-18, 1e-3)
intervals = st.tuples(costs, costs).map(sorted)
counts = st.integers(0, 10**12)
follows = st.sampled_from(["activity", "neurons", "being on"])
bounds = st.sampled_from(["", "", "least", "most"])
lines = st.lists(
    st.builds(
        lambda count, ends, time, to, bound: (
            line(count, *ends, unit="s/event" if time else "J/event", follows=to, bound=bound)
        ),
        counts, intervals, st.booleans(), follows, bounds,
    ),
    max_size=8,
)  # fmt: skip
lack = Missing(quantity="energy", what="hops", count=3, unit="hop", why="energy.hop: energy of a hop")


@few
@given(lines)
def test_a_total_is_the_sum_of_its_lines(found):
    made = bill(found)
    for quantity, head in (("energy", "J"), ("time", "s")):
        mine = [each for each in found if each.figure.unit.startswith(head)]
        low, high = sum(e.count * e.figure.low for e in mine), sum(e.count * e.figure.high for e in mine)
        assert made.priced(quantity) == pytest.approx((low, high), rel=1e-12)
        total = made.total(quantity)
        assert total.low <= total.priced.high * (1 + 1e-12) and (total.high is None or total.low <= total.high)
        counted = [e.figure.bound for e in mine if e.count]
        assert (total.high is None) == ("least" in counted)
        if "most" not in counted:
            assert total.low == total.priced.low
        else:
            rest = sum(e.count * e.figure.low for e in mine if e.figure.bound != "most")
            assert total.low == pytest.approx(rest, rel=1e-12)


@few
@given(lines, st.integers(2, 50))
def test_totals_scale_with_counts_and_shares_do_not_move(found, factor):
    more = [Line(what=e.what, count=e.count * factor, unit=e.unit, figure=e.figure, follows=e.follows) for e in found]
    one, many = bill(found), bill(more)
    assert many.energy.priced == pytest.approx([factor * end for end in one.energy.priced], rel=1e-12)
    assert many.energy.low == pytest.approx(factor * one.energy.low, rel=1e-12)
    if one.static_share is None:
        assert many.static_share is None
    else:
        assert many.static_share == pytest.approx(one.static_share, rel=1e-9)


@few
@given(lines)
def test_shares_lie_between_0_and_1_and_hold_all(found):
    shares = [bill(found).share(each) for each in ("activity", "neurons", "being on")]
    if shares[0] is None:
        assert shares == [None] * 3 and bill(found).energy.priced.high == 0
        return
    assert all(0 <= low <= high <= 1 + 1e-12 for low, high in shares)
    assert sum(low for low, _ in shares) <= 1 + 1e-9 and sum(high for _, high in shares) >= 1 - 1e-9


@few
@given(lines)
def test_what_has_no_price_neither_lowers_a_total_nor_counts_as_nothing(found):
    without, made = bill(found).energy, bill(found, missing=[lack]).energy
    assert made.low == without.low and made.priced == without.priced
    assert made.high is None and not made.complete and made.missing == ("hops",)
    text = repr(bill(found, missing=[lack]))
    assert "energy: unknown" in text or "energy: at least" in text
    assert "without: hops" in text and "missing: hops; no figure energy.hop: energy of a hop" in text


@few
@given(lines)
def test_time_that_has_no_price_leaves_energy_alone(found):
    made = bill(found, missing=[Missing(quantity="time", what="t", count=1, unit="tick", why="time.x: x")])
    assert made.energy == bill(found).energy
    assert made.time is not None and made.time.high is None and made.time.missing == ("t",)


@few
@given(lines)
def test_a_bill_as_plain_data_holds_the_same_and_is_json(found):
    made = bill(found, missing=[lack])
    data = json.loads(json.dumps(made.to_dict(), allow_nan=False))
    assert data["energy"]["low"] == made.energy.low and data["energy"]["high"] is None
    assert [each["amount"] for each in data["lines"]] == [list(each.amount) for each in found]
    assert all(each["figure"]["source"] == "invented for a test" for each in data["lines"])
    assert data["missing"][0]["why"] == lack.why and data["summary"] == summary(made)


def test_a_share_of_intervals_takes_the_ends_that_go_against_each_other():
    made = bill([line(1, 1.0, 2.0, follows="being on"), line(1, 3.0, 5.0)])
    assert made.static_share == (pytest.approx(1 / 6), pytest.approx(2 / 5))


def test_what_stands_beside_is_in_no_sum():
    beside = Shown(line=line(10**9, 26e-12, what="all of it"), why="The same energy once more.")
    made = bill([line(10, 1e-12)], shown=[beside])
    assert made.energy == bill([line(10, 1e-12)]).energy
    assert "26 mJ" in repr(made) and "in no sum" in repr(made) and "The same energy once more." in repr(made)
    assert made.to_dict()["shown"][0]["amount"] == [pytest.approx(26e-3)] * 2


def test_a_ceiling_ends_a_total_from_above_and_is_not_exceeded():
    most = line(4.0, 2.0, unit="W/chip", of="chip s", follows="being on")
    made = bill([line(10, 1e-3, 2e-3)], missing=[lack], ceiling=[most])
    assert (made.energy.low, made.energy.high) == (pytest.approx(0.01), 8.0) and made.energy.missing == ("hops",)
    assert "not more than" in repr(made)
    with pytest.raises(ValueError, match=r"at least 10 J, and the chip cannot spend more than 8 J in 2 s; give more"):
        bill([line(10, 1.0)], ceiling=[most])


def test_power_and_energy_of_an_event_are_the_total_divided():
    made = bill([line(10, 1e-12, 3e-12)])
    assert made.power is not None and made.per_event is not None
    assert (made.power.low, made.power.high) == (pytest.approx(5e-12), pytest.approx(15e-12))
    assert (made.per_event.low, made.per_event.high) == (pytest.approx(1e-12), pytest.approx(3e-12))
    assert bill(seconds=0).power is None and bill(synaptic_events=0).per_event is None and bill().time is None
    assert "energy per synaptic event" not in repr(bill(synaptic_events=0))


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "of", "quantity"),
    [("J/event", "event", "energy"), ("W/chip", "chip s", "energy"), ("W", "s", "energy"), ("s/tick", "tick", "time")],
)
def test_counts_and_figures_multiply_to_joules_or_seconds(unit, of, quantity):
    assert line(3, 2.0, unit=unit, of=of).quantity == quantity and line(3, 2.0, unit=unit, of=of).amount == (6, 6)
    with pytest.raises(ValueError, match=f"cannot be priced by f, which is in {unit}; give a count of '{of}'"):
        line(3, 2.0, unit=unit, of="hop")


def test_a_figure_of_no_particular_thing_prices_any_count():
    assert line(3, 2.0, unit="J", of="anything").amount == (6, 6)


@pytest.mark.parametrize("unit", ["V", "event/s", "core"])
def test_what_is_no_cost_is_refused(unit):
    with pytest.raises(ValueError, match=f"f is in {unit}, no cost of anything"):
        line(3, 2.0, unit=unit)


@pytest.mark.parametrize("count", [-1, math.nan, math.inf])
def test_a_count_that_cannot_be_is_refused(count):
    with pytest.raises(ValueError, match="events: count"):
        line(count, 1.0)


def test_a_word_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="follows = 'x'; it is one of activity, neurons, being on"):
        line(1, 1.0, follows="x")


def test_what_is_unpublished_is_missing_unless_there_was_none_of_it():
    figures = Figures("toy", "A toy", {"f": figure(1e-12)}, {"energy.hop": "energy of a hop"})
    entries = [
        priced_or_missing(figures, "f", "events", 0, "event", "energy"),
        priced_or_missing(figures, "energy.hop", "hops", 4, "hop", "energy"),
        priced_or_missing(figures, "energy.hop", "hops elsewhere", 0, "hop", "energy"),
    ]
    found, missing = split(entries)
    assert [each.count for each in found] == [0] and [each.what for each in missing] == ["hops"]
    with pytest.raises(KeyError):
        priced_or_missing(figures, "energy.other", "others", 0, "event", "energy")


# --- printed ----------------------------------------------------------------------------------------------------------


def test_a_line_is_printed_as_count_times_figure_with_its_origin():
    one = Origin(kind="published", basis="silicon", read="direct", source="A, 2020", note="at 1 V")
    made = bill(
        [
            Line(what="events", count=2_000_000, unit="event", figure=figure(1.5e-12, origin=one)),
            line(2.0, 1e-3, unit="W/chip", of="chip s", what="chips on", follows="being on"),
            line(0, 1e-12, what="hops"),
        ]
    )
    assert repr(made).splitlines() == [
        "toy, invented: 2 s, 10 synaptic events",
        "                      count      x figure  = amount  origin",
        "  events    2,000,000 event  1.5 pJ/event      3 µJ  published, silicon [1]",
        "  chips on         2 chip s     1 mW/chip      2 mJ  assumed, estimate [2]",
        "  none of: hops",
        "  energy: 2.003 mJ",
        "  energy per second: 1.002 mW",
        "  energy per synaptic event: 200.3 µJ",
        "  static share: 99.9 %",
        "  [1] A, 2020 (at 1 V)",
        "  [2] invented for a test",
    ]
    assert as_text(made) == repr(made)


def test_bills_stand_side_by_side_with_what_each_lacks():
    first = bill([line(10, 1e-12), line(2, 1e-12, what="hops")])
    second = bill([line(10, 3e-12)], profile="other", missing=[lack])
    rows = [
        [cell.strip() for cell in row.split("  ") if cell.strip()] for row in side_by_side([first, second]).splitlines()
    ]
    assert rows[0] == ["toy, invented", "toy, other"]
    assert ["events", "10 pJ", "30 pJ"] in rows and ["hops", "2 pJ", "unpublished"] in rows
    assert ["energy", "12 pJ", "at least 30 pJ"] in rows and ["without", "-", "hops"] in rows
    with pytest.raises(ValueError, match="no bills"):
        side_by_side([])


# --- what saves energy ------------------------------------------------------------------------------------------------


@few
@given(st.integers(1, 10**9), costs, st.integers(0, 10**9), costs, st.floats(1e-3, 1e3), costs, st.floats(0, 1))
def test_what_is_saved_is_what_a_smaller_bill_is_less(events, each, neurons, rest, hours, power, part):
    def made(activity=1.0, hardware=1.0, cells=1.0):
        return bill(
            [
                line(events * activity, each),
                line(neurons * cells, rest, follows="neurons"),
                line(hours * hardware, power, unit="W/core", of="core s", follows="being on"),
            ]
        )

    whole, found = made().energy.low, levers(made())
    for saved, smaller in (
        (found.saved_by_sparser_spikes(part), made(activity=1 - part)),
        (found.saved_by_less_hardware(part), made(hardware=1 - part)),
        (found.saved_by_fewer_neurons(part), made(cells=1 - part)),
    ):
        assert saved.low == pytest.approx(saved.high) == pytest.approx(1 - smaller.energy.low / whole, abs=1e-9)
    assert found.even_at is not None
    tie = made(activity=found.even_at.low)
    assert tie.share("activity") == pytest.approx(tie.share("being on"), rel=1e-9)
    assert "half the cores that are on save" in repr(found)


def test_what_saves_energy_is_not_told_where_a_price_is_missing():
    on = Missing(quantity="energy", what="chips on", count=1, unit="chip s", why="p: static", follows="being on")
    with pytest.raises(ValueError, match="no figure says what being on costs"):
        levers(bill([line(10, 1e-12)], missing=[on]))
    assert bill([line(10, 1e-12)], missing=[on]).static_share is None
    with pytest.raises(ValueError, match="no line of the bill is paid for being on"):
        levers(bill([line(10, 1e-12)]))
    with pytest.raises(ValueError, match="part = 2 is outside 0 to 1"):
        levers(bill([line(2.0, 1.0, unit="W/chip", of="chip s", follows="being on")])).saved_by_sparser_spikes(2)

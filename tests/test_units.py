"""Readable quantities, and errors that name value, limit and the likely slip of unit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reafference import units
from reafference.units import check_range, check_time, mV, si


def message(kind, *arguments):
    with pytest.raises(kind) as caught:
        check_range(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3.2e-12, "J", "3.2 pJ"),
        (0, "s", "0 s"),
        (-0.0, "s", "0 s"),
        (-0.065, "V", "-65 mV"),
        (20e-6, "s", "20 µs"),
        (999.9e-12, "J", "1 nJ"),
        (999.4e-12, "J", "999 pJ"),
        (1, "Hz", "1 Hz"),
        (1e15, "J", "1 PJ"),
        (2e6, "", "2 M"),
        (5, "", "5"),
        (1e-30, "J", "1e-30 J"),
        (1e20, "J", "1e+20 J"),
        (math.nan, "J", "nan J"),
        (-math.inf, "J", "-inf J"),
    ],
)
def test_si_reads_as_a_person_writes(value, unit, text):
    assert si(value, unit) == text


def test_si_rounds_to_the_digits_asked_for():
    assert si(12_345, "Hz", digits=2) == "12 kHz"
    assert si(12_345, "Hz", digits=5) == "12.345 kHz"
    assert si(123_456, "Hz", digits=1) == "100 kHz"
    with pytest.raises(ValueError, match="digits = 0"):
        si(1.0, "Hz", digits=0)


@given(st.floats(min_value=1e-17, max_value=1e17), st.integers(1, 8))
def test_si_can_be_read_back_within_its_rounding(value, digits):
    number, _, prefixed = si(value, "x", digits).partition(" ")
    power = {"a": -18, "f": -15, "p": -12, "n": -9, "µ": -6, "m": -3, "x": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
    back = float(f"{number}e{power[prefixed[0]]}")
    assert abs(back - value) <= 0.5000001 * 10.0 ** (1 - digits) * value
    assert 1 <= float(number) < 1000


def test_a_slip_of_unit_is_guessed():
    with pytest.raises(ValueError) as caught:
        check_time("LeakyNeuron.tau", 20, 1e-4, 1.0)
    assert str(caught.value) == "LeakyNeuron.tau = 20 s is outside 0.0001 to 1 s; did you mean 20 * ms?"
    assert message(ValueError, "v", -65, -0.2, 0.1, "V").endswith("did you mean -65 * mV?")
    assert message(ValueError, "current", 300, -1e-6, 1e-6, "A").endswith("did you mean 300 * pA?")
    assert message(ValueError, "clock", 0.8, 1.0, 1e4, "Hz").endswith("did you mean 0.8 * kHz?")


def test_a_slip_of_sign_and_of_percent_is_guessed():
    assert message(ValueError, "rest", 65, -0.2, -0.01, "V").endswith("did you mean -65 * mV?")
    assert message(ValueError, "rest", 0.065, -0.2, -0.01, "V").endswith("did you mean -0.065?")
    assert message(ValueError, "probability", 10, 0, 1, "").endswith("did you mean 0.1 (10 %)?")


def test_every_hint_that_names_a_constant_is_valid_python_and_lies_inside():
    for name, value in vars(units).items():
        if isinstance(value, float) and value < 1:
            unit = name[1:]
            slip = 20.0
            text = message(ValueError, "x", slip, 0.5 * slip * value, 2 * slip * value, unit)
            guess = text.partition("did you mean ")[2].rstrip("?")
            assert eval(guess, vars(units)) == slip * value, text


def test_without_a_guess_the_remedy_is_plain():
    assert message(ValueError, "life: seconds", -1, 0, 1e6, "s") == (
        "life: seconds = -1 s is outside 0 to 1e+06 s; times are in seconds."
    )
    assert message(ValueError, "rate", -1, 0, math.inf, "Hz") == (
        "rate = -1 Hz is below 0 Hz; give it in Hz, within the limit."
    )
    assert "is above 1 V" in message(ValueError, "v", 1e9, -math.inf, 1.0, "V")
    assert message(ValueError, "count", -1, 0, 5, "").endswith("give a number within the limit.")


def test_a_value_just_past_the_limit_is_not_printed_as_the_limit():
    assert "p = 1.0000000001 is outside 0 to 1" in message(ValueError, "p", 1.0000000001, 0, 1, "")


@pytest.mark.parametrize("value", [math.nan, np.nan, np.float32("nan"), [0.5, math.nan], np.array(math.nan)])
def test_nan_is_refused_even_without_limits(value):
    assert "is NaN" in message(ValueError, "x", value, -math.inf, math.inf, "V")


def test_infinity_passes_only_an_infinite_limit():
    check_range("x", math.inf, 0, math.inf, "s")
    assert "inf s is outside" in message(ValueError, "x", math.inf, 0, 1, "s")
    assert "-inf V is below" in message(ValueError, "x", -math.inf, 0, math.inf, "V")


def test_an_array_names_its_first_wrong_index_and_how_many_are_wrong():
    delays = np.full(1000, 1e-3)
    check_time("delay", delays, 1e-4, 1.0)
    delays[17] = 20
    assert message(ValueError, "delay", delays, 1e-4, 1.0, "s") == (
        "delay[17] = 20 s is outside 0.0001 to 1 s; did you mean 20 * ms?"
    )
    delays[900:] = -1
    assert message(ValueError, "delay", delays, 1e-4, 1.0, "s").startswith(
        "delay[17] = 20 s is outside 0.0001 to 1 s (101 of 1000 values are wrong)"
    )
    assert message(ValueError, "w", [[0.1, 0.2], [0.3, 5.0]], 0, 1, "A").startswith("w[1, 1] = 5 A")


@pytest.mark.parametrize(
    "value", [0, 1, True + 0, 0.5, np.float32(0.5), np.int8(1), np.array(0.5), [0, 1], (), np.zeros((2, 0)), [[0.5]]]
)
def test_numbers_of_any_kind_and_shape_pass(value):
    check_range("x", value, 0, 1, "V")


@pytest.mark.parametrize("value", [True, "1", None, 1j, [True], ["a"], [[1, 2], [3]], {"a": 1}])
def test_what_is_no_real_number_is_a_type_error(value):
    text = message(TypeError, "Population.size", value, 0, 10, "")
    assert text.startswith("Population.size") and "give" in text


def test_integers_beyond_any_float_are_still_refused_with_a_clear_error():
    assert "is outside 0 to 1" in message(ValueError, "x", 10**400, 0, 1, "")
    assert "is outside 0 to 1" in message(ValueError, "x", -(10**30), 0, 1, "")


def test_the_limits_themselves_are_inside():
    check_range("v", [-70 * mV, -50 * mV], -70 * mV, -50 * mV, "V")

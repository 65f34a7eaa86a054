"""Parameter sweeps: what is run, by whom, and what comes back; their twin is a nested loop."""

import itertools
import pickle
import re
from multiprocessing import Pool

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import swept
from reafference.sweeps import SweepStopped, progress, sweep
from reafference.sweeps.progress import Tally
from swept import Inline, refused

# What is run


values = st.lists(
    st.one_of(st.integers(-5, 5), st.floats(-5, 5), st.sampled_from(["a", "b", None])), max_size=4, min_size=1
)


@settings(deadline=None)  # the machine may be busy
@given(
    st.dictionaries(st.sampled_from(["g", "eta", "tau"]), values, max_size=3), st.lists(st.integers(0, 9), unique=True)
)
def test_a_sweep_is_nested_loops(grid, seeds):
    def function(seed=None, **point):
        return seed, repr(sorted(point.items()))

    plain = []
    for point in itertools.product(*grid.values()):
        for seed in seeds or [None]:
            plain.append((seed, repr(sorted(zip(grid, point, strict=True)))))

    results = sweep(function, grid, seeds=seeds or None, executor=Inline())
    assert [run.value for run in results] == plain
    assert [(run.seed, repr(sorted(run.point.items()))) for run in results] == plain
    assert (results.finished, results.failed, results.left) == (len(plain), 0, 0)


def test_worker_processes_make_the_same_runs():
    results = sweep(swept.product, {"g": [4, 5], "eta": np.linspace(0.9, 2, 3)}, seeds=2, workers=2)
    assert results.grid().tolist() == [
        [[g * eta + s for s in (0, 1)] for eta in np.linspace(0.9, 2, 3)] for g in (4, 5)
    ]


def test_the_function_is_given_python_numbers_and_may_change_what_it_is_given():
    seen = []

    def function(seed, x, y, z):
        seen.append((type(x), type(y), type(seed), list(z)))
        z.append(1)

    grid = {"x": np.array([1.5], np.float32), "y": np.arange(1), "z": [[7]]}
    sweep(function, grid, seeds=np.arange(3), executor=Inline())
    assert seen == [(float, int, int, [7])] * 3


def test_points_may_be_a_list_and_nested_and_nan():
    points = [{"a": {"tau": 0.02, "kind": (1, "x")}}, {"a": float("nan"), "b": None}]
    results = sweep(lambda **point: repr(point), points, executor=Inline())
    assert [run.value for run in results] == [repr(point) for point in points]


def test_a_point_that_is_asked_for_twice_is_run_once_and_given_twice():
    calls, reported = [], []

    def function(g):
        calls.append(g)
        return g

    results = sweep(function, {"g": [3, 1, 3, float("nan"), float("nan")]}, executor=Inline(), progress=reported.append)
    assert len(calls) == 3 and [run.value for run in results][:3] == [3, 1, 3]
    assert reported[-1] == 1.0
    # 0.1 + 0.2 is not 0.3, 1 is not 1.0 and True is not 1: a function can tell them apart
    assert len(set(sweep(lambda g: repr(g), {"g": [0.1 + 0.2, 0.3, 1, 1.0, True]}, executor=Inline()).grid())) == 5


def test_an_empty_grid_is_one_point_and_no_seeds_is_no_seed():
    assert [run.value for run in sweep(lambda seed: seed, {}, seeds=3, executor=Inline())] == [0, 1, 2]
    assert [run.value for run in sweep(lambda: 7, {}, executor=Inline())] == [7]
    assert [run.value for run in sweep(lambda seed: seed, {"seed": [5]}, executor=Inline())] == [5]


def test_all_points_are_run_with_the_first_seed_first():
    order = []
    sweep(lambda seed, g: order.append((seed, g)), {"g": [1, 2]}, seeds=[5, 4], executor=Inline())
    assert order == [(5, 1), (5, 2), (4, 1), (4, 2)]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"grid": {"g": []}}, ["axis g has no values"]),
        ({"grid": []}, ["empty list", "at least one point"]),
        ({"grid": {"g": 5}}, ["axis g = 5", "[5]"]),
        ({"grid": {"g": "abc"}}, ["axis g = 'abc'", "['abc']"]),
        ({"grid": {"g": {1, 2}}}, ["axis g"]),
        ({"grid": 5}, ["grid = 5"]),
        ({"grid": ["g"]}, ["point 0 = 'g'"]),
        ({"grid": {3: [1]}}, ["parameter name 3"]),
        ({"grid": {"g": [np.zeros((2, 2))]}}, ["g[0] is of type ndarray", ".tolist()"]),
        ({"grid": {"g": [[1, {"a": object()}]]}}, ["g[0][1]['a'] is of type object"]),
        ({"grid": {"g": [1], "seed": [1]}}, ["axis `seed`"]),
        ({"seeds": 0}, ["seeds = 0 is below 1"]),
        ({"seeds": []}, ["seeds is empty"]),
        ({"seeds": True}, ["seeds = True"]),
        ({"seeds": [1, 2, 1]}, ["seed 1 occurs twice"]),
        ({"seeds": [1, 2.5]}, ["seed 2.5"]),
        ({"seeds": [-1]}, ["seed -1"]),
        ({"seeds": None}, ["missing a required argument: 'seed'", "seeds=10"]),
        ({"grid": {"h": [1]}}, ["'g'", "its axis"]),
        ({"grid": [{"g": 1}, {"g": 1, "h": 2}]}, ["'h'", "g, h"]),
        ({"function": lambda g: g}, ["'seed'", "leave `seeds` away"]),
        ({"function": 3}, ["function = 3"]),
        ({"workers": 0}, ["workers = 0 is below 1"]),
        ({"tries": 1.5}, ["tries = 1.5 is no whole number"]),
        ({"max_failures": -1}, ["max_failures = -1"]),
        ({"timeout": 0.0}, ["timeout = 0 s"]),
        ({"progress": 3}, ["progress = 3"]),
        ({"out": " "}, ["out is empty"]),
        ({"executor": Pool}, ["no `submit`", "multiprocessing.Pool"]),
    ],
)
def test_mistakes_are_told_before_anything_is_run(options, parts):
    def function(seed, g):
        raise AssertionError("it was run")

    given_options = {"function": function, "grid": {"g": [4]}, "seeds": 2, "executor": Inline()} | options
    with pytest.raises((TypeError, ValueError)) as error:
        sweep(given_options.pop("function"), given_options.pop("grid"), **given_options)
    refused(error, *parts)


# Failures of the function


def test_what_a_function_raises_is_a_failure_and_the_rest_goes_on():
    results = sweep(swept.deadly, {"g": [0, 3, 4, 5]}, executor=Inline())
    assert (results.finished, results.failed) == (2, 2)
    first, second = results.failures()
    assert (first.failure.kind, first.failure.text) == ("ValueError", "g = 3 is not welcome")
    assert "line" in first.failure.trace and "deadly" in first.failure.trace and first.value is None
    assert second.failure.kind == "SystemExit"
    assert "2 failed" in repr(results) and "g = 3 is not welcome (g=3)" in repr(results)


def test_a_sweep_stops_at_too_many_failures_if_asked():
    with pytest.raises(SweepStopped, match=r"2 runs failed, and max_failures is 1; 1 of 4 runs") as stopped:
        sweep(lambda g: 1 / (g == 0), {"g": [0, 1, 2, 3]}, executor=Inline(), workers=1, max_failures=1)
    assert stopped.value.results.failed == 2 and stopped.value.results.left == 1


def test_an_error_that_cannot_even_be_shown_is_a_failure():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def function():
        raise Mute

    assert next(sweep(function, {}, executor=Inline()).failures()).failure.kind == "Mute"


# What comes back


def test_columns_are_a_table_of_the_finished_runs():
    table = sweep(swept.parts, {"g": [2, 3]}, seeds=[7, 8], executor=Inline()).columns()
    assert list(table) == ["g", "seed", "rate.E", "rate.I", "spikes", "name"]
    assert table["g"].tolist() == [2, 2, 3, 3] and table["g"].dtype == np.int64
    assert table["rate.E"].tolist() == [2.5, 2.5, 3.5, 3.5] and table["rate.E"].dtype == np.float64
    assert table["name"].tolist() == ["g2", "g2", "g3", "g3"]
    assert [spikes.tolist() for spikes in table["spikes"]] == [[0, 1], [0, 1], [0, 1, 2], [0, 1, 2]]
    assert all(column.shape == (4,) for column in table.values())


def test_columns_of_chosen_parts_and_of_ragged_and_clashing_ones():
    def function(g, neuron):
        if g == 3:
            raise ValueError
        return {
            "g": g * 10,
            "only": True,
            **({"rate": g} if g else {}),
            "cv": None if g == 1 else 0.5,
            "pair": (g, "x"),
        }

    results = sweep(function, [{"g": g, "neuron": {"tau": 0.5}} for g in range(4)], executor=Inline())
    table = results.columns()
    assert list(table) == ["g", "neuron.tau", "result.g", "only", "cv", "pair.0", "pair.1", "rate"]
    assert table["result.g"].tolist() == [0, 10, 20] and table["only"].dtype == bool
    np.testing.assert_array_equal(table["rate"], [np.nan, 1, 2])
    np.testing.assert_array_equal(table["cv"], [0.5, np.nan, 0.5])
    assert list(results.columns("rate", "cv")) == ["g", "neuron.tau", "rate", "cv"]
    with pytest.raises(KeyError, match=r"'rates'; there is .*rate"):
        results.columns("rates")
    with pytest.raises(KeyError, match="no run has finished"):
        sweep(lambda: 1 / 0, {}, executor=Inline()).grid()


def test_two_parts_of_one_name_are_an_error():
    with pytest.raises(ValueError, match="two parts"):
        sweep(lambda: {"a": {"b": 1}, "a.b": 2}, {}, executor=Inline()).columns()


def test_grid_is_an_array_over_the_axes_with_nan_where_there_is_nothing():
    def function(seed, g, eta):
        if g == 5:
            raise ValueError
        return {"rate": g * eta, "hist": np.full(3, seed), "name": "x"}

    results = sweep(function, {"g": [4, 5], "eta": [1, 2, 3]}, seeds=2, executor=Inline())
    assert results.grid("rate").shape == (2, 3, 2) and results.grid("rate")[0, 2, 1] == 12
    assert np.isnan(results.grid("rate")[1]).all()
    assert results.grid("hist").shape == (2, 3, 2, 3) and results.grid("hist")[0, 1, 1].tolist() == [1, 1, 1]
    assert np.isnan(results.grid("hist")[1]).all()
    assert results.grid("name")[1, 0, 0] is None and results.grid("name")[0, 0, 0] == "x"
    whole = sweep(lambda g: np.arange(g), {"g": [1, 2]}, executor=Inline())
    with pytest.raises(ValueError, match="several shapes"):
        whole.grid()
    assert sweep(lambda g: np.arange(2), {"g": [1, 2]}, executor=Inline()).grid().dtype == np.int64


def test_results_are_a_sequence_that_introduces_itself():
    results = sweep(swept.parts, {"g": [2, 3, 4, 9]}, seeds=2, executor=Inline())
    assert len(results) == 8 and results[-1].point == {"g": 9} and [run.seed for run in results[2:4]] == [0, 1]
    with pytest.raises(IndexError):
        results[8]
    assert repr(results).splitlines() == [
        "Sweep of swept.parts: 8 runs = 4 points x 2 seeds; 8 finished, 0 failed, 0 not run",
        "  g     4 values, 2 to 9",
        "  seed  2 values: 0, 1",
    ]
    assert pickle.loads(pickle.dumps(results))[0].value["name"] == "g2"


def test_whole_numbers_beyond_64_bits_stay_whole():
    results = sweep(lambda g: 2**70 + g, {"g": [0, 1]}, executor=Inline())
    assert results.grid().tolist() == [2**70, 2**70 + 1]


# Progress


def test_progress_is_told_from_nothing_to_one():
    told = []
    sweep(lambda g: 1 / g, {"g": [0, 1, 2, 3]}, executor=Inline(), workers=1, progress=told.append)
    assert told == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_nothing_is_printed_unless_asked_and_seen(capfd, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    for asked in (False, True):
        sweep(lambda g: g, {"g": range(3)}, executor=Inline(), progress=asked)
    assert capfd.readouterr() == ("", "")


def test_a_bar_tells_what_is_done_failed_and_left(capsys, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    sweep(lambda g: 1 / g, {"g": range(3)}, executor=Inline(), progress=True)
    shown = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", capsys.readouterr().err)
    assert "2 done, 1 failed, 0 left" in shown


def test_the_time_that_is_left_follows_from_what_was_made_now():
    tally = Tally(asked=10, kept=4, begin=100.0)
    assert tally.remaining(120.0) is None and tally.part == pytest.approx(0.4)
    tally.done, tally.failed = 1, 1
    assert tally.left == 4 and tally.remaining(120.0) == pytest.approx(40.0)
    assert str(tally) == "5 done (4 kept from before), 1 failed, 4 left"

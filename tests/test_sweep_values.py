"""Parameter sweeps: which points are one and the same, and values that come back from a folder as they were."""

import itertools
import json
import tempfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from reafference.sweeps import load_sweep, sweep
from reafference.sweeps.codec import array_of, decode, encode
from reafference.sweeps.plan import plan_of
from reafference.sweeps.work import pack_plain
from swept import Inline, Recorder, plain_text

# The first draw of nested values takes its time on a busy machine.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.sampled_from([0.1 + 0.2, 0.3, 1, 1.0, True, -0.0, 0.0, "1", "$float", 2**80]),
)
plain_values = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=3), st.sampled_from(["$float", "$dict"])), inner, max_size=3),
    ),
    max_leaves=8,
)
any_array = arrays_of.arrays(
    dtype=st.one_of(arrays_of.scalar_dtypes(), arrays_of.array_dtypes(max_size=2)),
    shape=arrays_of.array_shapes(min_dims=0),
)


# Identities


@patient
@given(st.lists(st.dictionaries(st.sampled_from("ab"), plain_values, max_size=2), min_size=1, max_size=6))
def test_points_have_one_identity_exactly_if_they_are_the_same(points):
    points = points + [dict(reversed(point.items())) for point in points]
    plan = plan_of(points, 2)
    identities = [plan.identity(number) for number in range(len(plan))]
    plain = [(plain_text(point), seed) for point in points for seed in range(2)]
    for (one, first), (other, second) in itertools.combinations(zip(identities, plain, strict=True), 2):
        assert (one == other) == (first == second)


@patient
@given(st.dictionaries(st.sampled_from("abc"), st.lists(numbers, min_size=1, max_size=3), max_size=3))
def test_a_point_of_a_grid_and_the_same_from_a_list_are_one(grid):
    points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    product, listed = plan_of(grid, [7]), plan_of(points, [7])
    assert [product.identity(k) for k in range(len(product))] == [listed.identity(k) for k in range(len(listed))]


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16, np.uint64, np.bool_, np.complex128, np.str_])
def test_a_numpy_number_is_the_python_number_of_its_value(kind):
    value = kind(1)
    assert plan_of([{"a": value}], None).identity(0) == plan_of([{"a": value.item()}], None).identity(0)


def test_identities_stay_what_they_are():
    """Folders of earlier days must be found again; these are the first bytes as of format 1."""
    plan = plan_of([{"g": 4, "eta": 0.1 + 0.2}, {"a": {"tau": (1, None)}, "b": float("nan")}], [3])
    assert [plan.identity(number).hex()[:16] for number in (0, 1)] == ["888c664e753f5fda", "2614d520d95d9eb0"]


# The round trip of values


@patient
@given(plain_values)
def test_plain_values_come_back_as_they_were(value):
    tree = json.loads(json.dumps(encode(value, "it"), allow_nan=False))
    assert plain_text(decode(tree)) == plain_text(value)


@patient
@given(st.dictionaries(st.integers() | st.text(max_size=3) | st.tuples(st.integers()), plain_values, max_size=3))
def test_keys_may_be_any_plain_value(value):
    assert list(decode(encode(value, "it")).items()).__repr__() == list(value.items()).__repr__()


@patient
@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
@given(any_array)
def test_arrays_come_back_bit_for_bit(array):
    packed = pack_plain({"a": [array, (array.T,)]})
    again = decode(json.loads(packed.text), lambda index: array_of(packed.arrays[index]))
    assert plain_text(again["a"][0]) == plain_text(array) and plain_text(again["a"][1][0]) == plain_text(array.T)


@settings(patient, max_examples=30)
@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
@given(st.lists(st.one_of(plain_values, any_array, st.tuples(any_array, plain_values)), min_size=1, max_size=4))
def test_what_a_folder_keeps_is_what_was_returned(values):
    with tempfile.TemporaryDirectory() as folder:
        made = sweep(Recorder(values), {"number": range(len(values))}, out=folder, executor=Inline())
        for results in (made, load_sweep(folder)):
            assert [plain_text(run.value) for run in results] == [plain_text(value) for value in values]


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"a": [1, object()]}, "its result['a'][1] is of type object"),
        (np.array([None]), "its result is of type ndarray"),
        (np.ma.array([1, 2], mask=[True, False]), "its result is of type MaskedArray"),
        ({1, 2}, "its result is of type set"),
        (np.longdouble(1) / 3, "its result is of type longdouble"),
    ],
)
def test_what_a_folder_cannot_keep_is_a_failure(tmp_path, value, where):
    results = sweep(Recorder([1, value]), {"number": [0, 1]}, out=tmp_path, executor=Inline())
    assert (
        results[0].value == 1 and where in results[1].failure.text and "sweep without `out`" in results[1].failure.text
    )


def test_a_value_within_itself_is_a_failure(tmp_path):
    value = []
    value.append(value)
    results = sweep(Recorder([value]), {"number": [0]}, out=tmp_path, executor=Inline())
    assert results[0].failure.kind == "RecursionError"

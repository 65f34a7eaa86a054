"""The files of checkpoints: no damage goes unnoticed, and what nobody has named is state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from random_networks import FEW
from reafference.engine import state
from reafference.engine.array_file import BadFile, read_arrays, write_arrays


@settings(FEW, max_examples=60)
@given(cut=st.floats(0, 1), flip=st.booleans(), bit=st.integers(0, 7))
def test_every_cut_and_every_flipped_bit_is_noticed(tmp_path_factory, cut, flip, bit):
    path = tmp_path_factory.mktemp("file") / "arrays"
    arrays = {"a": np.arange(7.0), "none": np.zeros((0, 3), np.int32), "b": np.arange(6, dtype=np.int16).reshape(2, 3)}
    write_arrays(path, {"n": 1}, arrays)
    about, read = read_arrays(path)
    assert about == {"n": 1} and list(read) == list(arrays)
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype and read[name].shape == array.shape
        assert read[name].tobytes() == array.tobytes()
    raw = bytearray(path.read_bytes())
    place = min(int(cut * len(raw)), len(raw) - 1)
    if flip:
        raw[place] ^= 1 << bit
    else:
        del raw[place:]
    path.write_bytes(bytes(raw))
    with pytest.raises(BadFile, match="arrays is"):
        read_arrays(path)


class Inner(NamedTuple):
    here: np.ndarray
    number: int


class Unknown(NamedTuple):
    """What somebody may add to the engine one day."""

    array: np.ndarray
    inner: Inner
    several: tuple


def test_unknown_named_tuples_are_state():
    def made(start):
        inner = Inner(np.arange(3) + start, start)
        return Unknown(np.full((2, 2), float(start)), inner, (np.zeros(start), np.array(start)))

    one, other = made(1), made(4)
    kept = dict(state.state_of(one, "x"))
    assert list(kept) == ["x.array", "x.inner.here", "x.inner.number", "x.several.0", "x.several.1"]
    got = state.with_state(other, "x", {name: np.array(array) for name, array in kept.items()})
    for a, b in zip(dict(state.state_of(got, "x")).values(), kept.values(), strict=True):
        assert a.dtype == b.dtype and np.array_equal(a, b)
    assert got.array is other.array, "what has the same shape is written in place"
    assert got.inner.number == 1 and got.several[0].size == 1
    with pytest.raises(ValueError, match=r"it has no x\.inner\.here"):
        state.with_state(other, "x", {"x.array": one.array})
    with pytest.raises(TypeError, match=r"x\.several is list"):
        dict(state.state_of(one._replace(several=[1]), "x"))


def test_every_name_of_what_is_no_state_exists():
    for kind, fields in state.NO_STATE.items():
        assert set(fields) <= set(kind._fields)

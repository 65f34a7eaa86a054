"""Wirings, weights and delays that cannot be meant are refused while a network is built."""

from __future__ import annotations

from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest

from building import DT, built, network_of, one, population
from reafference import AllToAll, EdgeList, FixedInDegree, LogNormal, OneToOne, Poisson, Population, Projection, Uniform
from reafference.engine import draw, wire
from reafference.engine.build import build_groups
from reafference.engine.readback import synapses_of
from reafference.network.wiring import parts as wirings
from reafference.units import ms, mV


@dataclass(frozen=True)
class Custom:
    """A wiring whose answers are given."""

    answer: object

    def expected(self, sources, targets):
        return 3.0

    def connect(self, sources, targets, rng):
        return self.answer() if callable(self.answer) else self.answer


@pytest.mark.parametrize(
    ("kind", "answer", "text"),
    [
        (TypeError, None, "Custom drew NoneType; it must return two arrays, (source, target)."),
        (TypeError, np.zeros(3, np.uint32), "Custom drew ndarray; it must return two arrays"),
        (
            ValueError,
            (np.zeros(3, np.uint32), np.zeros(4, np.uint32)),
            "sources of shape (3,) and targets of shape (4,)",
        ),
        (ValueError, (np.zeros((2, 2), np.uint32),) * 2, "it must return two 1-D arrays of equal length"),
        (TypeError, (np.zeros(3), np.zeros(3, np.uint32)), "source is float64; neurons are counted from 0 in whole"),
        (ValueError, (np.array([0, 9]), np.array([0, 0])), "source[1] = 9 is outside 0 to 3"),
        (ValueError, (np.array([0, 0]), np.array([0, -1])), "target[1] = -1 is outside 0 to 3"),
    ],
)
def test_wirings_that_break_their_contract(kind, answer, text):
    with pytest.raises(kind) as caught:
        built(one(4, Custom(answer)))
    assert str(caught.value).startswith("cells -> cells: ") and text in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda s, t: (s[1:], t[1:]),
        lambda s, t: (s[::-1], t),
        lambda s, t: (s, t[::-1]),
        lambda s, t: (s[::-1], t[::-1]),
        lambda s, t: (t, s),
    ],
    ids=["fewer", "sources", "targets", "order", "turned"],
)
def test_a_wiring_that_does_not_repeat_itself(change):
    source, target = np.arange(4), np.array([0, 0, 1, 2])
    answers = iter([(source, target), change(source, target)])
    with pytest.raises(ValueError, match=r"cells -> cells: Custom drew other synapses .* draw from `rng` alone"):
        built(one(4, Custom(lambda: next(answers))))


def test_any_whole_numbers_will_do():
    drawn = np.array([3, 1]), np.array([0, 2], np.int8)
    drawn[0].flags.writeable = False
    cells, inboxes = built(one(4, Custom(drawn)))
    read = synapses_of(cells.stored("cells -> cells", inboxes))
    assert read.source.tolist() == [3, 1] and read.target.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("wiring", "options", "text"),
    [
        (AllToAll(), {"weight": np.ones(3)}, "cells -> cells: weight has shape (3,) but the wiring made 16 synapses"),
        (AllToAll(), {"delay": np.ones(3)}, "cells -> cells: delay has shape (3,) but the wiring made 16 synapses"),
        (AllToAll(), {"weight": LogNormal(log_mean=90.0, log_sigma=9.0)}, "cells -> cells: weight[0] = "),
        (AllToAll(), {"delay": LogNormal(log_mean=90.0, log_sigma=9.0)}, "s is above the limit of 60 s"),
        (AllToAll(), {"delay": Uniform(low=0.0, high=1 * ms)}, "raise `low` or run with a smaller dt"),
        (EdgeList(source=(0, 9), target=(0, 0)), {}, "cells -> cells: EdgeList.source[1] = 9 is outside 0 to 3"),
    ],
    ids=str,
)
def test_projections_that_cannot_be_built(wiring, options, text):
    with pytest.raises(ValueError) as caught:
        built(one(4, wiring, **options))
    assert text in str(caught.value)


def test_a_wrong_weight_is_named_in_later_parts():
    given = np.zeros(100)
    projection = one(100, OneToOne(), weight=given).projections[0]
    given[:] = np.linspace(0, 1, 100)
    given[70] = np.nan  # changed behind the projection's back
    with (
        mock.patch.object(wirings, "PART", 64),
        pytest.raises(ValueError, match=r"weight of the synapses from 64 on\[6\] is NaN"),
    ):
        built(network_of(projection))


def test_a_calendar_has_an_end():
    network = one(4, AllToAll(), delay=0.5)
    with pytest.raises(ValueError, match=r"a delay of 0.5 s is 5e\+08 ticks of 1e-09 s, above the limit of 16777216"):
        build_groups(network, 1e-9, 0, 1)


def test_numbers_that_would_overflow():
    with mock.patch.object(wire, "MOST", 15), pytest.raises(ValueError, match=r"16 segments .* above the limit of 15"):
        built(one(4, AllToAll(), delay=np.arange(1, 17) * ms))
    with mock.patch.object(np, "int32", np.int8), pytest.raises(ValueError, match="one source has more than"):
        wire.counted(*counting(FixedInDegree(200)))


def counting(wiring):
    """What `wire.counted` asks for one source that projects to one neuron."""
    projection = one(1, wiring).projections[0]
    tract = draw.tract_of(projection, number=0, source=0, place=0, seed=0, dt=DT)
    return tract, wire.owners(tract, np.array([0, 1]))


def test_nobody_projects_onto_a_source():
    noise = Population("noise", 3, Poisson(rate=1.0))
    with pytest.raises(ValueError, match="is a source and takes no input; project onto a neuron such as CurrentLIF"):
        built(network_of(Projection(population(3), noise, OneToOne(), weight=1 * mV)))

"""Splitters keep every spike where it was; corelets are what their cores wired by hand are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_truenorth import PlainTrueNorth
from reafference.chips.truenorth import (
    Core,
    Corelet,
    Illegal,
    Machine,
    Neuron,
    Of,
    Pins,
    Spikes,
    Target,
    Wire,
    compose,
    split,
)


def busy_core(rng, axons=40, wide=30):
    """Deterministic neurons, some of which fire by themselves."""
    neurons = [
        Neuron(weights=(4, 2, -3, 1), leak=int(rng.integers(-2, 3)), threshold=int(rng.integers(3, 12)), floor=9)
        for _ in range(4)
    ]
    return Core(
        crossbar=rng.random((axons, wide)) < 0.2,
        axon_type=rng.integers(0, 4, axons),
        neurons=neurons,
        kind=rng.integers(0, 4, wide),
    )


def unsplit(cores, fan_out, ticks):
    """Spikes of a network whose neurons may have any number of targets, with the twin's neurons."""
    plain = PlainTrueNorth(
        [
            {
                "crossbar": np.asarray(core.crossbar).tolist(),
                "axon_type": np.asarray(core.axon_type).tolist(),
                "neurons": [core.neurons[k] for k in np.asarray(core.kind)],
                "targets": [(-1, 0, 0)] * np.asarray(core.crossbar).shape[1],
            }
            for core in cores
        ],
        lambda v: v,
        0,
    )
    spikes = []
    for tick in range(ticks):
        for _, core, neuron in plain.run(1):
            spikes.append((tick, core, neuron))
            for target in fan_out.get((core, neuron), ()):
                plain.arriving[tick + target.delay].add((target.core, target.axon))
    return spikes


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_a_split_network_makes_the_spikes_of_the_unsplit_one(seed):
    rng = np.random.default_rng(seed)
    cores = [busy_core(rng) for _ in range(3)]
    fan_out = {}
    for core in range(3):
        for neuron in range(30):
            count = int(rng.choice([0, 1, 2, 5, 9]))
            low = 1 if count == 1 else 2
            fan_out[core, neuron] = [
                Target(int(rng.integers(0, 3)), int(rng.integers(0, 40)), int(rng.integers(low, 40)))
                for _ in range(count)
            ]
    made = split(cores, fan_out)
    assert made.helpers > 100 and len(made.cores) > 4
    run = Machine(made.cores).run(60, record=range(3))
    got = list(zip(*(column.tolist() for column in run.spikes), strict=True))
    expected = unsplit(cores, fan_out, 60)
    assert got == expected and len(got) > 200


def test_more_than_256_targets_go_through_two_helpers():
    fires = Core(crossbar=np.zeros((1, 1), bool), axon_type=[0], neurons=[Neuron(leak=1, threshold=5)], kind=[0])
    counts = Core(
        crossbar=np.eye(256, dtype=bool), axon_type=np.zeros(256, int), neurons=[Neuron(weights=(1, 0, 0, 0))]
    )
    wanted = [Target(1 + k // 256, k % 256, 3 + k % 20) for k in range(600)]
    made = split([fires, counts, counts, counts], {(0, 0): wanted})
    run = Machine(made.cores).run(60, record=[1, 2, 3])
    expected = sorted(
        (tick + target.delay, target.core, target.axon)
        for tick in range(4, 60, 5)
        for target in wanted
        if tick + target.delay < 60
    )
    assert list(zip(*(column.tolist() for column in run.spikes), strict=True)) == expected


def test_what_cannot_be_split_is_said_at_once():
    core = replace(busy_core(np.random.default_rng(1)))
    tight = [Target(0, 0, 1), Target(0, 1, 5)]
    with pytest.raises(Illegal) as error:
        split([core], {(0, 3): tight, (0, 4): tight, (1, 0): tight, (0, 99): [Target(0, 0, 1)]})
    assert len(error.value.problems) == 4
    assert "2 targets need delays of at least 2 ticks, 1 of them have 1; add 1 to all delays" in str(error.value)


def delay_line(length):
    """One neuron after the other in one core; a spike comes out `length` ticks after it came in."""
    core = Core(
        crossbar=np.eye(length, dtype=bool), axon_type=np.zeros(length, int), neurons=[Neuron(weights=(1, 0, 0, 0))]
    )
    core = replace(core, kind=np.zeros(length, int))
    wires = [Wire(Pins("line", range(length - 1)), Pins("line", range(1, length)))] if length > 1 else []
    return Corelet(
        name=f"delay of {length}",
        cores={"line": core},
        wires=wires,
        inputs={"in": [Pins("line", [0])]},
        outputs={"out": [Pins("line", [length - 1])]},
    )


def chain(name, piece, count):
    """The same piece several times, one after the other."""
    return Corelet(
        name=name,
        parts={f"part {k}": piece for k in range(count)},
        wires=[Wire(Of(f"part {k}", "out"), Of(f"part {k + 1}", "in"), 2) for k in range(count - 1)],
        inputs={"in": [Of("part 0", "in")]},
        outputs={"out": [Of(f"part {count - 1}", "out")]},
    )


def test_a_piece_is_used_again_and_in_pieces_of_pieces():
    whole = compose(chain("outer", chain("inner", delay_line(4), 2), 3))
    assert len(whole.cores) == 6
    assert [(unit.path, unit.first, unit.cores) for unit in whole.units[:3]] == [
        ("outer", 0, 6),
        ("outer/part 0", 0, 2),
        ("outer/part 0/part 0", 0, 1),
    ]
    (core, axon), (last, neuron) = whole.inputs["in"][0], whole.outputs["out"][0]
    run = Machine(whole.cores).run(60, Spikes(np.array([5]), np.array([core]), np.array([axon])), record=[last])
    out = run.spikes.tick[run.spikes.neuron == neuron]
    assert out.tolist() == [5 + 6 * 3 + 5 * 2]  # six lines of three ticks, five wires of two


def test_everything_wrong_with_a_corelet_is_said_at_once():
    piece = delay_line(3)
    loop = Corelet(name="loop", parts=(inside := {}))
    inside["again"] = loop
    wrong = Corelet(
        name="wrong",
        cores={"own": Core(crossbar=np.ones((2, 4), bool), axon_type=[0, 0], neurons=[Neuron()])},
        parts={"a": piece, "b": piece, "round": loop},
        wires=[
            Wire(Of("a", "out"), Pins("own")),
            Wire(Of("c", "out"), Pins("own", [0])),
            Wire(Of("a", "side"), Pins("own", [0])),
            Wire(Pins("own", [4]), Of("b", "in")),
            Wire(Pins("own", [0]), Pins("own", [0]), 16),
            Wire(Pins("own", [1]), Pins("own", [0])),
            Wire(Pins("own", [1]), Pins("own", [1])),
        ],
    )
    with pytest.raises(Illegal) as error:
        compose(wrong)
    text = str(error.value)
    for part in (
        "wrong/round/again holds itself (wrong > loop > loop)",
        "wire a.out to core own joins 1 pins to 2",
        "there is no part 'c'; there are a, b, round",
        "part 'a' has no output 'side'; there are out",
        "pin 4 is outside its 4 neurons",
        "delay = 16, outside 1 to 15",
        "gives 1 neurons a second target",
        "input a.in is not connected",
        "output b.out is not connected",
    ):
        assert part in text
    assert len(error.value.problems) == 9

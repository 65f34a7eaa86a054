"""Networks of SANA-FE against what that package made of them, and against plain twins."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reafference as ra
from plain_sanafe import plain_convolution, plain_run
from reafference.chips.loihi1 import Loihi1
from reafference.chips.pricing.loihi1 import Sanafe
from reafference.chips.sanafe import BadSanafe, describe_loihi, read_sanafe, run_sanafe, sanafe_network
from reafference.chips.sanafe.edges import SHAPE, convolved
from reafference.units import ms, mV

# SANA-FE 2.2.9 on its own Loihi file, timing model "detailed": the descriptions that it was given, and what it said.
FROZEN = json.loads(gzip.decompress((Path(__file__).parent / "data" / "sanafe_loihi.json.gz").read_bytes()))["networks"]
TIMES = (Sanafe().times(),)


def names(network):
    """Group and offset of every neuron, as SANA-FE prints it."""
    name = [""] * network.core.size
    for group, numbers in network.number.items():
        for offset, number in enumerate(numbers):
            name[number] = f"{group}.{offset}"
    return name


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda frozen: frozen["name"])
def test_sanafe_itself_says_the_same(frozen):
    network = sanafe_network(frozen["document"])
    run = run_sanafe(network, frozen["ticks"], times=TIMES)
    name, spikes = names(network), [[] for _ in range(frozen["ticks"])]
    for tick, neuron in zip(run.tick, run.neuron, strict=True):
        spikes[tick - 1].append(name[neuron])
    assert [sorted(each) for each in spikes] == frozen["spikes"]
    work, sources = run.work, int(np.count_nonzero(~network.computed[run.neuron]))
    assert work.synaptic_events == frozen["events"] and work.messages == frozen["messages"]
    assert work.hops_east_west + work.hops_north_south == frozen["hops"]
    assert (work.neuron_updates + sources, work.spikes + sources) == (frozen["updated"], frozen["fired"])
    bill = Sanafe().price(work)
    assert bill.priced("energy").low == pytest.approx(frozen["energy"], rel=1e-9)
    assert bill.time is not None
    # What is sent at the same instant by several cores is in no order that SANA-FE tells; the mark is 5 %.
    assert bill.time.low == pytest.approx(sum(frozen["seconds"]), rel=1e-2)


def test_the_frozen_networks_reach_every_rule():
    groups = [frozen["document"]["network"]["groups"][1] for frozen in FROZEN]
    for name in ("reset_mode", "reverse_reset_mode", "refractory_delay", "input_decay", "leak_decay"):
        assert len({group["attributes"][name] for group in groups}) > 1, name
    assert any("force_update" in own for group in groups for each in group["neurons"] for own in each.values())
    assert any(len({at for each in frozen["document"]["mappings"] for at in each}) > 1 for frozen in FROZEN)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_every_spike_and_potential_is_that_of_the_plain_twin(seed):
    rng = np.random.default_rng(seed)
    sources, cells, ticks = int(rng.integers(0, 4)), int(rng.integers(1, 12)), 15
    modes = ["none", "hard", "soft", "saturate"]
    own = [
        {
            "threshold": float(rng.choice([0.5, 1.0, 3.0])), "bias": float(rng.choice([0.0, 0.3])),
            "leak_decay": float(rng.choice([0.5, 0.93, 1.0])), "input_decay": float(rng.choice([0.0, 0.6])),
            "reset": float(rng.choice([0.0, 0.2])), "reset_mode": modes[rng.integers(4)],
            "refractory_delay": int(rng.integers(4)), "reverse_threshold": float(rng.choice([0.0, -1.0])),
            "reverse_reset": float(rng.choice([0.0, -0.3])), "reverse_reset_mode": modes[rng.integers(4)],
            "potential": float(rng.choice([0.0, 0.7])), "force_update": bool(rng.random() < 0.2),
        }
        for _ in range(cells)
    ]  # fmt: skip
    trains = [[int(rng.random() < 0.5) for _ in range(ticks)] for _ in range(sources)]
    given = [{str(i): {"soma_hw_name": f"loihi_inputs[{i}]", "spikes": train}} for i, train in enumerate(trains)]
    names = [*(f"in.{i}" for i in range(sources)), *(f"cells.{i}" for i in range(cells))]
    pairs = [
        (i, sources + j, float(rng.normal())) for i in range(len(names)) for j in range(cells) if rng.random() < 0.4
    ]
    groups = [{"name": "cells", "neurons": [{str(i): each} for i, each in enumerate(own)]}]
    network = sanafe_network({
        "network": {
            "groups": [*([{"name": "in", "neurons": given}] if sources else []), *groups],
            "edges": [{f"{names[i]} -> {names[j]}": [{"weight": weight}]} for i, j, weight in pairs],
        },
        "mappings": [{name: {"core": "3.1"}} for name in names],
    })  # fmt: skip
    keys = {
        "leak_decay": "leak", "reset_mode": "mode", "refractory_delay": "refractory",
        "reverse_threshold": "low_threshold", "reverse_reset": "low_reset", "reverse_reset_mode": "low_mode",
        "force_update": "forced",
    }  # fmt: skip
    plain = [{keys.get(key, key): modes.index(v) if v in modes else v for key, v in each.items()} for each in own]
    fed = [(tick + 1, i) for i, train in enumerate(trains) for tick, one in enumerate(train) if one]
    spikes, updates, potential = plain_run(
        [{"potential": 0.0}] * sources + plain, [False] * sources + [True] * cells, pairs, fed, ticks
    )
    run = run_sanafe(network, ticks)
    assert [run.neuron[run.tick == tick + 1].tolist() for tick in range(ticks)] == spikes
    np.testing.assert_allclose(run.potential[sources:], potential[sources:], rtol=1e-12)
    assert run.work.neuron_updates == sum(map(len, updates))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=8, max_size=8))
def test_a_convolution_is_that_of_the_plain_twin(drawn):
    shape = dict(zip(SHAPE, drawn, strict=True))
    shape["input_width"] += shape["kernel_width"] + 1
    shape["input_height"] += shape["kernel_height"]
    weights = np.arange(np.prod([shape[name] for name in SHAPE[2:6]]))
    made = plain_convolution(shape, weights.tolist())
    sources = shape["input_width"] * shape["input_height"] * shape["input_channels"]
    targets = 1 + max(target for _, target in made)
    edges = convolved(shape, sources, targets)
    found = zip(edges.source.tolist(), edges.target.tolist(), weights[edges.entry].tolist(), strict=True)
    assert sorted(((i, j), weight) for i, j, weight in found) == sorted(made.items())
    with pytest.raises(ValueError, match=f"has {targets} targets; the group has {targets + 1}"):
        convolved(shape, sources, targets + 1)


def test_all_that_is_wrong_with_a_description_is_said_at_once():
    with pytest.raises(BadSanafe) as found:
        sanafe_network({
            "network": {
                "groups": [
                    {"name": "a", "neurons": [{"0..2": {"threshold": "high", "colour": 3}}, {"7": {"bias": "nan"}}]},
                    {"name": "b", "neurons": [{"0": {"soma_hw_name": "loihi_inputs[0]"}}]},
                ],
                "edges": [
                    {"a -> b": {"type": "dense", "weight": [1, 2]}},
                    {"a.0 -> a.9": {"weight": 1}},
                    {"a -> a": {"type": "some", "weight": 1}},
                    {"a.0 -> a.1": {"weight": 1, "dendrite": {"delay": 3}}},
                    {"a.1 -> a.0": {}},
                ],
            },
            "mappings": [{"a.0": {"core": "40.0"}}, {"c": {"core": "0.0"}}],
        })  # fmt: skip
    said = "\n".join(found.value.faults)
    for part in (
        "neuron a.0: threshold = 'high' is not made of numbers", "colour is nothing that is known",
        "group 'a' has 4 neurons and names 7", "edge 'a -> b' needs 4 weights and has 2", "'a.0 -> a.9' names a neuron",
        "type = 'some' is none of dense", "delays are not read", "'a.1 -> a.0' has no weight", "core = '40.0'",
        "there is no group 'c'", "4 neurons of group 'a' are on no core",
    ):  # fmt: skip
        assert part in said, said
    with pytest.raises(BadSanafe, match="there is no 'network' at the top"):
        sanafe_network([1, 2])


def test_sources_that_share_a_unit_and_too_full_cores_are_refused():
    both = {"name": "in", "neurons": [{"0..1": {"soma_hw_name": "loihi_inputs[0]", "spikes": [1]}}]}
    many = {"name": "many", "neurons": [{"0..1024": {}}]}
    edges = [{"many.0 -> in.0": {"weight": 1}}]
    with pytest.raises(BadSanafe) as found:
        sanafe_network({
            "network": {"groups": [both, many], "edges": edges},
            "mappings": [{"in": {"core": "0.0"}}, {"many": {"core": "0.1"}}],
        })  # fmt: skip
    said = str(found.value)
    assert "share an input unit" in said and "core 1 has 1025 neurons; it holds 1024" in said
    assert "a synapse reaches a source" in said


def test_a_file_is_read_as_its_words_are_written(tmp_path):
    pytest.importorskip("yaml")
    file = tmp_path / "net.yaml"
    file.write_text(
        "network:\n  groups:\n  - name: 1\n    attributes: [log_spikes: true, threshold: 2.0]\n    neurons:\n"
        "    - 0..10: [bias: 1.5]\n    - 11\n  edges:\n  - 1.10 -> 1.11: [weight: 3]\n  - 1 -> 1:\n"
        "      type: sparse\n      source_target_pairs: [[0, 1]]\n      weight: [4]\n"
        "mappings:\n- 1.0..9: {core: 0.1}\n- 1.10: {core: 1.0}\n- 1.11: {core: 1.0}\n"
    )
    network = read_sanafe(file)
    at = network.number["1"]
    assert network.core[at].tolist() == [1] * 10 + [4, 4]
    assert network.neurons.bias[at].tolist() == [1.5] * 11 + [0.0]
    assert [(s, t, w) for s, t, w in zip(network.source, network.target, network.weight, strict=True)] == [
        (at[0], at[1], 4.0), (at[10], at[11], 3.0),
    ]  # fmt: skip
    file.write_text("network: [")
    with pytest.raises(BadSanafe, match="is no YAML"):
        read_sanafe(file)
    file.write_text("network: &one\n  groups: []\nmappings: *one\n")
    with pytest.raises(BadSanafe, match="one is referred to"):
        read_sanafe(file)
    file.write_text("network:\n  [1, 2]: 3\n")
    with pytest.raises(BadSanafe, match="a list or dictionary is a key"):
        read_sanafe(file)


def test_a_placed_network_costs_what_it_costs_when_written_for_sanafe():
    rng = np.random.default_rng(4)
    kind = ra.DeltaLIF(
        current=np.where(rng.random(200) < 0.6, 0.21e-9, 0.0),
        refractory=2 * ms,
        initial=np.where(rng.random(200) < 0.5, ra.DeltaLIF().rest, rng.uniform(-70e-3, -52e-3, 200)),
    )
    cells = ra.Population("cells", 200, kind)
    # Weights that in sum stay within the register of the input, which wraps on the chip and not there.
    network = ra.Network(
        populations=[cells],
        projections=[ra.Projection(cells, cells, ra.FixedInDegree(30), weight=0.1 * mV, delay=1 * ms)],
    )
    program = Loihi1(profile=Sanafe()).compile(network, dt=1 * ms)
    # Spread over nine cores of the mesh, which the compiler would not need.
    slot = rng.choice(128, 9, replace=False).astype(np.int64)
    core = rng.permutation(np.arange(200) % 9).astype(np.int32)
    program = replace(program, placement=replace(program.placement, core=core, slot=slot))
    found = program.run(0.06)
    written = sanafe_network(describe_loihi(program))
    run = run_sanafe(written, 60, times=TIMES)
    back = np.argsort(written.number["cells"])
    theirs = np.stack([run.tick, back[run.neuron]])
    assert np.array_equal(theirs[:, np.lexsort(theirs[::-1])], [np.rint(found.time / 1e-3), found.neuron])
    work = program.work(found)
    assert work.hops_east_west + work.hops_north_south > 0 and work.neuron_updates < work.neuron_accesses
    bill, same = program.price(found), Sanafe().price(run.work)
    assert bill.priced("energy").low == pytest.approx(same.priced("energy").low, rel=1e-12)
    assert bill.time is not None and same.time is not None
    assert bill.time.low == pytest.approx(same.time.low, rel=1e-9)


def test_sources_are_written_with_their_spikes():
    rng = np.random.default_rng(8)
    when, who = np.nonzero(rng.random((50, 6)) < 0.2)
    touch = ra.Population("touch", 6, ra.SpikeTrain(time=(when + 1) * ms, neuron=who))
    cells = ra.Population("cells", 12, ra.DeltaLIF(refractory=3 * ms))
    network = ra.Network(
        populations=[touch, cells],
        projections=[ra.Projection(touch, cells, ra.FixedInDegree(4), weight=4 * mV, delay=1 * ms)],
    )
    program = Loihi1().compile(network, dt=1 * ms, seed=5)
    found = program.run(0.05)
    written = sanafe_network(describe_loihi(program, seconds=0.05))
    run = run_sanafe(written, 50)
    spikes = {(tick, names(written)[neuron]) for tick, neuron in zip(run.tick, run.neuron, strict=True)}
    group = [*(f"touch.{i}" for i in range(6)), *(f"cells.{i}" for i in range(12))]
    ours = {(round(at / 1e-3), group[neuron]) for at, neuron in zip(found.time, found.neuron, strict=True)}
    assert spikes == ours and any(name.startswith("cells") for _, name in spikes)
    twice = {"touch": ra.SpikeTrain(time=np.array([3, 3]) * ms, neuron=np.array([2, 2]))}
    with pytest.raises(ValueError, match="more than once in a tick"):
        describe_loihi(program, seconds=0.05, inputs=twice)
    far = replace(program.placement, slot=np.array([127]))
    with pytest.raises(ValueError, match=r"core 31\.3 is in use"):
        describe_loihi(replace(program, placement=far))

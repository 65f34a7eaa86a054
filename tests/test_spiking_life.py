"""Mapping lives in cells: several sets of charts in one network, and saved lives that go on spike for spike."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from charted_rooms import Room, planar
from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.chart_cells import synapses_of_a_place
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.life import BRAIN, SAID, open_symbols
from reafference.brain.maps.life import MapPlan as Plan
from reafference.brain.maps.mapper import Exploration
from reafference.brain.maps.new_agent import MOST_SYNAPSES, newborn, synapses
from reafference.brain.maps.patch import seedling
from reafference.brain.maps.record import Record
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.spiking import SpikingCharts
from reafference.brain.maps.spiking_hypotheses import SPIKING, DreamingHypotheses, SpikingHypotheses
from reafference.cli import main
from reafference.engine import Simulation

TARGET, _ = planar(7)
SIZE, SYMBOLS = 10, 3


@pytest.fixture
def fired(monkeypatch):
    """Every stretch of spikes that any simulation hands out from now on: ticks since its start, and neurons."""
    kept, advance = [], Simulation.advance

    def watched(self, seconds):
        begin, spikes = self.tick, advance(self, seconds)
        kept.append((seconds, (spikes.tick - begin).tolist(), spikes.neuron.tolist()))
        return spikes

    monkeypatch.setattr(Simulation, "advance", watched)
    return kept


def charts(seed, **given):
    return SpikingCharts(TARGET, charts=SIZE, symbols=SYMBOLS, first=seed % SYMBOLS, rules=SPIKING, **given)


def test_charts_that_share_a_network_live_as_if_they_were_alone(fired):
    """By turns, at random; two go round in circles, one makes places and moves out."""
    lives, alone = [charts(0, patch=seedling(TARGET, 3))], [charts(k, patch=seedling(TARGET, 3)) for k in range(3)]
    lives += [charts(k, host=lives[0].host) for k in (1, 2)]
    rng, turns = np.random.default_rng(3), [0, 0, 0]
    for turn in range(60):
        k = int(rng.integers(3))
        action, symbol = 1 if k == 2 else turns[k] % 4, int(rng.integers(SYMBOLS))
        turns[k] += 1
        draw, copies = rng.random(SIZE), rng.multinomial(SIZE, np.full(SIZE, 1 / SIZE))
        for cells in (lives[k], alone[k]):
            fired.clear()
            cells.move(action, symbol, draw)
            if turn % 9 == 0:
                cells.overwrite(copies)
            told = list(fired)
            if cells is lives[k]:
                first = told
        assert first == told and len(told) >= 2
    assert lives[2].built > 1 and lives[2].host is not lives[0].host is lives[1].host
    for cells, twin in zip(lives, alone, strict=True):
        np.testing.assert_array_equal(cells.charts.strength, twin.charts.strength)
        assert (cells.charts.count == twin.charts.count).all() and cells.events == twin.events
        rows, others = cells.host.rows(cells.charts.known), twin.host.rows(twin.charts.known)
        for mine, its in zip(cells.weights.learned(rows), twin.weights.learned(others), strict=True):
            np.testing.assert_array_equal(mine, its)


@pytest.mark.parametrize("kind", [SpikingHypotheses, DreamingHypotheses])
def test_a_saved_life_goes_on_with_the_same_spikes(tmp_path, fired, kind):
    """Copies, rests, new places and a command that waits for its answer lie behind it and before it."""
    exploration = Exploration(rest=25, motifs=4)
    plan = LifePlan(charts=SIZE, kind=kind, exploration=exploration)
    room, again = Room(3, 5, SYMBOLS, 10_007), Room(3, 5, SYMBOLS, 10_007)
    agent = MappingAgent(Sheet(TARGET), symbols=SYMBOLS, first=room.sense(), seed=4, plan=plan)

    def live(agent, room, actions):
        told = []
        for _ in range(actions):
            command = agent.act()
            agent.feel(room.step(command))
            now = agent.snapshot()
            told.append((command, now.spikes, now.synaptic_events, now.places))
        return told

    for command, *_ in live(agent, room, 40):
        again.step(command)
    assert agent.mapper.replayed > 0 < agent.mapper.hypotheses.overwritten
    agent.act()
    agent.save(tmp_path / "agent")
    copies = agent.mapper.hypotheses.overwritten, agent.mapper.replayed
    fired.clear()
    told, spikes = live(agent, room, 40), list(fired)
    assert copies[0] < agent.mapper.hypotheses.overwritten and copies[1] < agent.mapper.replayed
    other = MappingAgent.restore(tmp_path / "agent")
    fired.clear()
    assert live(other, again, 40) == told and fired == spikes
    assert type(other.mapper.hypotheses) is kind and other.mapper.hypotheses.dreamt == agent.mapper.hypotheses.dreamt
    assert all(spikes > 2 * SIZE and events > spikes for _, spikes, events, _ in told)


def test_charts_that_no_file_can_name_are_refused(tmp_path):
    class Own(Hypotheses):
        pass

    agent = MappingAgent(Sheet(TARGET), symbols=2, first=0, seed=1, plan=LifePlan(charts=2, kind=Own))
    with pytest.raises(TypeError, match=r"LifePlan.kind = Own .* SpikingHypotheses"):
        agent.save(tmp_path / "agent")


def ask(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["reafference", "map", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_the_command_goes_on_with_the_same_spikes(tmp_path, monkeypatch, capsys):
    """And cells are what it lives with unless told otherwise."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    fixed = "--charts", 6, "--radius", 8, "--seed", 20_003
    assert ask(monkeypatch, *fixed, "--actions", 90, "--out", whole) == 0
    assert ask(monkeypatch, *fixed, "--actions", 40, "--out", parts, "--cells") == 0
    assert ask(monkeypatch, "--resume", "--actions", 90, "--out", parts) == 0
    one, two = Record.load(whole / "life.npz"), Record.load(parts / "life.npz")
    assert one.spikes.min() > 12 and one.events.min() > 100
    for name in ("action", "symbol", "surprise", "effective", "spikes", "events"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    said = json.loads((parts / SAID).read_text())
    assert said["spikes_per_action"] == one.spikes.mean() and said["synaptic_events_per_action"] == one.events.mean()
    assert "Spikes of each action" in (parts / "map.html").read_text(encoding="utf-8")
    assert ask(monkeypatch, "--resume", "--arrays", "--out", parts) == 1
    assert "--arrays cannot be given" in " ".join(capsys.readouterr().err.split())
    assert (parts / BRAIN).stat().st_size < 2_000_000


def test_charts_are_arrays_where_cells_would_be_too_many():
    cells = charts(0)
    each = synapses_of_a_place(SYMBOLS, 4, SPIKING.levels)
    assert cells.simulation.synapses == pytest.approx(each * SIZE * cells.patch.cells.size, rel=0.05)
    few, many = Sheet.planar(14), Sheet.egocentric(14)
    assert synapses(few, 4, 256) < MOST_SYNAPSES < synapses(many, 500, 256)
    assert newborn(2).of(few, frozenset(), 4, 0, 1).snapshot().places[0].symbol == 0
    assert newborn(256).of(many, frozenset(), 500, 0, 1).snapshot().spikes is None
    _, symbols = open_symbols(Plan(world="FrozenLake-v1"))
    assert synapses(few, symbols, 256) < MOST_SYNAPSES

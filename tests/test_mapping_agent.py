"""One life with charts and clones: what is noticed, what is not, and that a saved life goes on."""

from __future__ import annotations

import numpy as np
import pytest

from charted_rooms import Room
from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.notice import Folds
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.snapshot import Phase
from reafference.engine.array_file import BadFile

SHEET = Sheet.planar(20)
PLAN = LifePlan(charts=128, rest=200, replays=5, rivals=0)


class Wrapped(Room):
    """A room without walls: who leaves comes in on the other side."""

    def step(self, action):
        dx, dy = ((0, 1), (1, 0), (0, -1), (-1, 0))[action]
        self.y, self.x = (self.y + dy) % self.floor.shape[0], (self.x + dx) % self.floor.shape[1]
        return self.sense()


def lived(agent, room, actions):
    done = []
    for _ in range(actions):
        done.append(agent.act())
        agent.feel(room.step(done[-1]))
    return done


def agent_in(room, seed=1):
    return MappingAgent(SHEET, symbols=room.symbols, first=room.sense(), seed=seed, plan=PLAN)


@pytest.mark.parametrize("sheet", [Sheet.planar(5), Sheet.egocentric(4)])
def test_automorphisms_keep_the_actions(sheet):
    """Held against walks: an automorphism takes the end of a word to the end of the same word from its image."""
    folds, rng, held = Folds(sheet.target), np.random.default_rng(1), 0
    for _ in range(300):
        word, image = rng.integers(sheet.actions, size=3).tolist(), int(rng.integers(sheet.cells))
        cell, moved = sheet.walk(word), sheet.walk(word, image)
        if moved >= 0:
            got = int(folds.images(cell)[moved])
            assert got in (image, -1)
            held += got == image
    assert held > 100


def test_a_torus_is_noticed_and_a_room_is_not():
    torus, room = Wrapped(5, 6, 4, 10_004), Room(5, 6, 4, 10_004)
    broken, whole = agent_in(torus), agent_in(room)
    lived(broken, torus, 300)
    lived(whole, room, 300)
    assert broken.noticed is not None and broken.phase is Phase.CLONES and broken.store is not None
    assert broken.store.steps == 300
    assert whole.noticed is None and whole.phase is Phase.CHARTS


@pytest.mark.parametrize("age", [60, 320])
def test_a_saved_life_goes_on_with_the_same_commands(tmp_path, age):
    room, again = Wrapped(5, 6, 4, 10_004), Wrapped(5, 6, 4, 10_004)
    agent, twin = agent_in(room), agent_in(again)
    lived(agent, room, age)
    lived(twin, again, age)
    agent.save(tmp_path / "agent")
    other = MappingAgent.restore(tmp_path / "agent")
    assert other.phase is agent.phase and (age < 100 or agent.phase is Phase.CLONES)
    assert other.snapshot().places == agent.snapshot().places
    assert lived(other, room, 100) == lived(twin, again, 100)


def test_damaged_files_are_refused(tmp_path):
    room = Room(3, 4, 3, 10_000)
    path = tmp_path / "agent"
    agent_in(room).save(path)
    whole = path.read_bytes()
    for raw in (whole[:-5], whole[: len(whole) // 2] + b"\0\1\2" + whole[len(whole) // 2 + 3 :], b"nothing"):
        path.write_bytes(raw)
        with pytest.raises(BadFile):
            MappingAgent.restore(path)
    path.write_bytes(whole.replace(b"mapping agent 3", b"mapping agent 0"))
    with pytest.raises(BadFile):
        MappingAgent.restore(path)


def test_what_cannot_be_a_life_is_refused():
    for arguments, said in (
        ({"symbols": 3, "plan": LifePlan(charts=0)}, "charts = 0"),
        ({"symbols": 100_000}, "symbols = 100000"),
        ({"symbols": 3, "first": 3}, "first = 3"),
        ({"symbols": 3, "plan": LifePlan(every=0)}, "every = 0 is below 1"),
        ({"symbols": 3, "plan": LifePlan(replays=-1)}, "replays = -1 is below 0"),
        ({"symbols": 3, "plan": LifePlan(contradicted=float("nan"))}, "contradicted = nan must be above 0"),
        ({"symbols": 3, "sheet": Sheet.planar(2)}, "radius 2"),
    ):
        with pytest.raises(ValueError, match=said):
            MappingAgent(**{"sheet": SHEET, "first": 0, "seed": 1, **arguments})
    agent = MappingAgent(SHEET, symbols=3, first=0, seed=1, plan=PLAN)
    with pytest.raises(ValueError, match="symbol 3"):
        agent.feel(3)
    for wrong in (1.5, "a"):
        with pytest.raises(TypeError):
            agent.feel(wrong)
    assert agent.actions == 0 and agent.snapshot().actions == 0


def test_a_world_that_never_repeats_is_lived():
    agent = MappingAgent(SHEET, symbols=200, first=0, seed=1, plan=LifePlan(charts=16))
    for symbol in range(1, 200):
        agent.act()
        agent.feel(symbol)
    assert agent.snapshot().actions == 199

"""More symbols for a life that has begun: it knows what it knew, in the terms of the new number."""

from dataclasses import replace

import numpy as np
import pytest

from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.charts import Rules, chance
from reafference.brain.maps.clones import CloneStore
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.wider import CannotWiden, widen

SHEET = Sheet(np.array([[(cell + 1) % 12, (cell - 1) % 12] for cell in range(12)]))  # a ring
NEVER_STOPPED = LifePlan(charts=5, rules=Rules(free=0b11), every=10_000)
ROUND = [k % 12 % 3 for k in range(1, 60)]  # symbols on the way round and round


def lived(symbols, plan=NEVER_STOPPED):
    """An agent that was led round the ring."""
    agent = MappingAgent(SHEET, symbols=symbols, first=0, seed=20_001, plan=plan)
    for symbol in ROUND:
        agent.mapper.hear(0, symbol)
    return agent


@pytest.mark.parametrize("quantum", [0.0, 1.4])
def test_where_nothing_is_in_doubt_a_widened_life_is_one_that_was_born_wider(quantum):
    plan = replace(NEVER_STOPPED, rules=Rules(free=0b11, quantum=quantum))
    widened, born = lived(3, plan), lived(9, plan)
    before = widened.mapper.hypotheses.evidence
    widen(widened, 9)
    one, other = widened.mapper.hypotheses, born.mapper.hypotheses
    assert one.evidence == pytest.approx(other.evidence, abs=1e-9) and one.evidence < before - 5
    for name in ("place", "count", "barrier", "touched", "known", "size"):
        np.testing.assert_array_equal(getattr(one.charts, name), getattr(other.charts, name), err_msg=name)
    assert sum(chance(one.charts, one.rules, 0, 4, symbol, 9) for symbol in range(9)) == pytest.approx(1)
    widened.mapper.hear(0, 6)
    assert widened.mapper.hypotheses.charts.count[0, 0, 6] == 1


def test_limits_are_named_and_nothing_changes():
    agent = lived(3)
    for symbols in (2, 13):
        with pytest.raises(CannotWiden, match=f"{symbols} symbols are outside 3, .* to 12"):
            widen(agent, symbols)
    assert agent.symbols == 3 == agent.mapper.hypotheses.charts.count.shape[2]


def test_a_widened_clone_store_is_one_that_was_born_wider():
    def store(symbols):
        made = CloneStore(2, symbols, clones=4, seed=5)
        made.start(0)
        for symbol in ROUND:
            made.step(0, symbol)
        return made

    agent, born = lived(3), store(7)
    agent.store = store(3)
    widen(agent, 7)
    np.testing.assert_array_equal(agent.store.counts.count, born.counts.count)
    np.testing.assert_allclose(agent.store.predict(0), born.predict(0), atol=0.01)
    assert agent.store.predict(1).shape == (7,) and agent.store.predict(0).sum() == pytest.approx(1)
    agent.store.step(1, 6)
    assert agent.store.counts.total[1, ROUND[-1]].sum() == 1

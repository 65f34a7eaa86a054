"""How many spikes a calendar surely takes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reafference.engine.inbox import links_wanted, surely


@given(
    segments=st.lists(st.integers(0, 40), min_size=1, max_size=20),
    links=st.integers(0, 3000),
    ring=st.sampled_from([2, 16, 256, 1024]),
)
def test_as_many_spikes_as_surely_fit_do_fit(segments, links, ring):
    first = np.concatenate([[0], np.cumsum(segments)])
    most = np.array([max(segments)])
    inbox = SimpleNamespace(first=first, head=np.zeros(ring), free=np.array([0, links]), most=most)
    count = min(surely.py_func(inbox), 100_000)
    worst = np.full(count, int(np.argmax(segments)))
    assert count >= 0
    assert links_wanted.py_func(inbox, worst, 0, count) <= links


def test_a_calendar_with_plenty_of_room_takes_many():
    inbox = SimpleNamespace(head=np.zeros(16), free=np.array([0, 1016]), most=np.array([2]))
    assert surely.py_func(inbox) == 8000, "16 to a link, two for each spike, and a link that is not full in each bucket"

"""What a user sees on the terminal while something takes long."""

from __future__ import annotations

import time

import numba
import pytest

from reafference.engine import patience


@pytest.fixture
def terminal(monkeypatch, capsys):
    """Says what was shown to somebody who looks."""
    monkeypatch.setattr(patience, "PATIENCE", 0.05)
    monkeypatch.setattr(patience, "EVERY", 0.05)
    monkeypatch.setattr(patience, "watched", lambda: True)
    return lambda: capsys.readouterr().err


def test_functions_are_counted_while_they_are_compiled(terminal):
    with patience.announced("kernels for Nobody"):
        time.sleep(0.2)
        one, other = (numba.njit(lambda x, k=k: x + k) for k in (1, 2))
        one(1)
        other(1)
        time.sleep(0.2)
    words = terminal()
    assert words.index("building the network") < words.index("compiling kernels for Nobody: 2 functions")
    assert words.endswith("\n")


def test_nothing_is_said_of_what_takes_no_time(terminal, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", 10.0)
    with patience.announced("kernels"):
        pass
    assert terminal() == ""


def test_the_terminal_is_left_in_order_when_something_fails(terminal):
    def fail():
        time.sleep(0.2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), patience.announced("kernels"):
        fail()
    assert terminal().endswith("\n")


def test_a_log_gets_one_line_where_compiling_takes_long(monkeypatch, capsys):
    monkeypatch.setattr(patience, "LONG", 0.05)
    with patience.announced("kernels for Nobody"):
        time.sleep(0.2)
        numba.njit(lambda x: x + 3)(1)
        time.sleep(0.3)
    assert capsys.readouterr().err == "reafference: compiling kernels for Nobody; this takes up to a minute.\n"


def test_nothing_is_said_to_a_log_of_what_is_not_compiled(monkeypatch, capsys):
    monkeypatch.setattr(patience, "LONG", 0.05)
    with patience.announced("kernels"):
        time.sleep(0.2)
    assert capsys.readouterr().err == ""

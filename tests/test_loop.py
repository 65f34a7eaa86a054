"""The loop of every life: Ctrl-C waits for the end of a moment, and a world that fails ends it."""

import signal

import pytest

from reafference.brain.loop import Ending, answer_of_the_world, live_through


def life(at, deed, moments=6):
    """Live, and do `deed` in the middle of moment `at`; the ending, and what was begun, ended and told."""
    begun, ended, told = [], [], []

    def moment(now):
        begun.append(now)
        if now == at:
            deed()
        ended.append(now)
        return f"moment {now}"

    return live_through(range(moments), moment, told.append), begun, ended, told


def interrupt():
    signal.raise_signal(signal.SIGINT)


def test_a_life_without_disturbance_is_complete():
    ending, begun, ended, told = life(-1, interrupt)
    assert ending == Ending(complete=True) and begun == ended == list(range(6)) and told[-1] == "moment 5"


def test_ctrl_c_waits_for_the_end_of_the_moment():
    ending, begun, ended, _ = life(3, interrupt)
    assert ending == Ending(complete=False) and begun == ended == [0, 1, 2, 3]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_ctrl_c_does_not_wait():
    ending, begun, ended, _ = life(3, lambda: (interrupt(), interrupt()))
    assert ending == Ending(complete=False, whole=False) and begun == [0, 1, 2, 3] and ended == [0, 1, 2]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_whoever_is_told_can_end_it():
    def tick(_):
        raise KeyboardInterrupt

    assert live_through(range(5), str, tick) == Ending(complete=False)


def test_a_world_that_fails_ends_it_and_says_why():
    def fail():
        with answer_of_the_world():
            raise ZeroDivisionError("no friction left")

    ending, _, ended, _ = life(2, fail)
    assert ending == Ending(complete=False, failure="ZeroDivisionError: no friction left") and ended == [0, 1]


def test_mistakes_of_the_brain_are_not_the_worlds():
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        life(2, fail)

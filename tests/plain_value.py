"""Plain twins of the learner of value: counting, and sweeping every place in turn, in dictionaries."""

from __future__ import annotations

import math


def plain_counts(stream, memory):
    """Counts and rewards from (place, action, reward, next place, ended), as {pair: {(next, ended): [n, mean]}}."""
    model = {}
    for place, action, reward, following, ended in stream:
        outcomes = model.setdefault((place, action), {})
        for outcome in outcomes.values():
            outcome[0] = outcome[0] * (1 - 1 / memory)
        outcome = outcomes.setdefault((following, ended), [0.0, 0.0])
        outcome[0] += 1
        outcome[1] += (reward - outcome[1]) / outcome[0]
    return model


def plain_return(transitions, value, place, action, discount, unknown):
    """Expected return of a pair, by the probabilities of its transitions; the rest goes to the unknown."""
    total, left = 0.0, 1.0
    for t in transitions:
        if (t.place, t.action) == (place, action):
            total += t.probability * (t.reward + (0.0 if t.ended else discount * value[t.next_place]))
            left -= t.probability
    return total + left * unknown


def plain_sweeps(transitions, value, actions, discount, unknown, threshold):
    """Sweep all places from the first to the last until none changes by more than `threshold`.

    Returns (values, backups). A place that was never left is worth the unknown, by the same formula.
    """
    value, done, largest = list(value), 0, math.inf
    while largest > threshold:
        largest = 0.0
        for place in range(len(value)):
            best = max(plain_return(transitions, value, place, a, discount, unknown) for a in range(actions))
            largest = max(largest, abs(best - value[place]))
            value[place] = best
            done += 1
    return value, done


def plain_value_iteration(model, discount):
    """Values and returns in a known world; model[place][action] lists (probability, next, reward, ended)."""
    value = [0.0] * len(model)
    for _ in range(2000):
        returns = [
            [
                sum(p * (r + (0.0 if end else discount * value[to])) for p, to, r, end in outcomes)
                for outcomes in actions
            ]
            for actions in model
        ]
        value = [max(row) for row in returns]
    return value, returns

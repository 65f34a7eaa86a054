"""What charts were paid, and what their places are worth, in dictionaries and without any order of replay."""

from __future__ import annotations

from plain_charts import plain_free

MEMORY = 4


class PlainPay:
    """Rewards of one chart. entered: {place: (times, mean, when)}, stayed: {(place, action): (times, mean)}."""

    def __init__(self):
        self.entered, self.stayed, self.clock = {}, {}, 0

    def copied(self):
        """The same, sharing nothing."""
        twin = PlainPay()
        twin.entered, twin.stayed, twin.clock = dict(self.entered), dict(self.stayed), self.clock
        return twin

    def earn(self, before, after, action, reward):
        """A reward where the packet is now."""
        self.clock += 1
        if after != before:
            times, mean, _ = self.entered.get(after, (0, 0.0, 0))
            times = min(times + 1, MEMORY)
            self.entered[after] = times, mean + (reward - mean) / times, self.clock
        else:
            times, mean = self.stayed.get((after, action), (0, 0.0))
            times = min(times + 1, MEMORY)
            self.stayed[after, action] = times, mean + (reward - mean) / times

    def on_entering(self, place, tags, renewal):
        """Expected there; a place that has tags promises more the longer it was not entered."""
        _, mean, when = self.entered.get(place, (0, 0.0, 0))
        return mean + renewal * (self.clock - when) ** 0.5 * (place in tags)

    def on_staying(self, place, action):
        """Expected of an action that does not move the packet from there."""
        return self.stayed.get((place, action), (0, 0.0))[1]


def plain_promise(chart, pay, sheet, rules, value, place, action, discount, renewal):
    """Expected return of an action at a place."""
    there = sheet(place, action)
    free = 0.0 if there is None or there == place else plain_free(chart, rules, place, action)
    moved = 0.0 if free == 0 else pay.on_entering(there, chart.tags, renewal) + discount * value.get(there, 0.0)
    return free * moved + (1 - free) * (pay.on_staying(place, action) + discount * value[place])


def plain_values(chart, pay, sheet, rules, places, actions, discount, renewal):
    """Values {place: value} of the known places, by going over all of them until nothing changes."""
    value, change = dict.fromkeys(places, 0.0), 1.0
    while change > 1e-12:
        change = 0.0
        for place in places:
            best = max(
                plain_promise(chart, pay, sheet, rules, value, place, action, discount, renewal)
                for action in range(actions)
            )
            change, value[place] = max(change, abs(best - value[place])), best
    return value


def plain_return(chart, pay, sheet, rules, value, motif, discount, renewal):
    """Discounted reward along a motif, and the value at its end."""
    place, total = chart.place, 0.0
    for depth, action in enumerate(motif):
        there = sheet(place, action)
        if there is None or there == place or plain_free(chart, rules, place, action) < 0.5:
            total += discount**depth * pay.on_staying(place, action)
        else:
            place, total = there, total + discount**depth * pay.on_entering(there, chart.tags, renewal)
    return total + discount ** len(motif) * value.get(place, 0.0)


def plain_promised(symbols, actions, path, rewards, belief, count, discount, renewal):
    """Expected returns of all actions from a remembered stream, by dictionaries; see `clone_value.promised`."""
    state = list(zip(symbols, path, strict=True))
    follows, entered, stayed, when, clock = {}, {}, {}, {}, 0
    for before, action, after, reward in zip(state[:-1], actions, state[1:], rewards, strict=True):
        followed = follows.setdefault((before, action), {})
        followed[after] = followed.get(after, 0) + 1
        if reward is None:
            continue
        clock += 1
        if after == before:
            stayed.setdefault((before, action), []).append(reward)
        else:
            entered.setdefault(after, []).append(reward)
            when[after] = clock

    def late(felt):
        return sum(felt[-MEMORY:]) / max(1, len(felt[-MEMORY:]))

    def promise(value, here, action):
        total = 0.0
        for there, times in follows.get((here, action), {}).items():
            if there == here:
                reward = late(stayed.get((here, action), []))
            else:
                reward = late(entered.get(there, [])) + renewal * (clock - when.get(there, 0)) ** 0.5
            total += times * (reward + discount * value.get(there, 0.0))
        return total / max(1, sum(follows.get((here, action), {}).values()))

    value, change = dict.fromkeys(state, 0.0), 1.0
    while change > 1e-9:
        change = 0.0
        for here in {before for before, _ in follows}:
            best = max(promise(value, here, action) for action in range(count))
            change, value[here] = max(change, abs(best - value[here])), best
    return [
        sum(share * promise(value, (symbols[-1], clone), action) for clone, share in enumerate(belief))
        for action in range(count)
    ]

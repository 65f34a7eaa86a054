"""Loihi's tick in plain Python: lists of messages, a heap of cores, a list of what is under way. Shares no code."""

import heapq


def agenda(core, computed, synapses, spiked, updated, prices, outside):
    """{core: [(seconds since the entry before, target core or None, seconds that it takes the target)]}."""
    made = {}
    for place in sorted({*core}):
        entries, now = [], 0.0
        for neuron in (each for each, at in enumerate(core) if at == place):
            if computed[neuron]:
                own = prices["access"]
                if updated[neuron] or neuron in spiked:
                    own += prices["update"]
                if neuron in spiked:
                    own += prices["spike"]
                now += own
            if neuron in spiked:
                reached = [core[target] for source, target in synapses if source == neuron]
                for to in sorted(set(reached)):
                    gap = 0.0 if place == outside else now + prices["out"]
                    entries.append((gap, to, prices["in"] + prices["event"] * reached.count(to)))
                    now = 0.0
        made[place] = [*entries, (now, None, 0.0)] if now else entries
    return made


def way(x, y, sender, to):
    """Links that a message crosses: its core's own, then one for each step, along the row first."""
    links, at = [("own", sender)], [x[sender], y[sender]]
    for axis, goal in ((0, x[to]), (1, y[to])):
        while at[axis] != goal:
            step = 1 if goal > at[axis] else -1
            at[axis] += step
            links.append((axis, step, *at))
    return links


def plain_tick(agenda, x, y, prices, outside):
    """Seconds until the last core is done."""
    free, under_way, end = {}, [], 0.0
    todo = {place: list(entries) for place, entries in agenda.items()}
    heap = [(entries[0][0], place) for place, entries in todo.items() if entries]
    heapq.heapify(heap)
    while heap:
        now, place = heapq.heappop(heap)
        _, to, takes = todo[place].pop(0)
        end = max(end, now)
        if to is not None:
            links = [] if place == outside else way(x, y, place, to)
            delay = 0.0
            if links:
                delay = prices["east"] * abs(x[place] - x[to]) + prices["north"] * abs(y[place] - y[to])
            if links and prices["room"] is not None:
                under_way = [each for each in under_way if each["taken"] > now]
                mean = sum(each["takes"] for each in under_way) / max(len(under_way), 1)
                found = sum(
                    1 / (1 + len(each["links"])) for each in under_way for link in links if link in each["links"]
                )
                now += max(0.0, found - len(links) * prices["room"]) * mean
                delay = max(delay, found * mean / len(links))
            taken = max(free.get(to, 0.0), now + delay)
            free[to] = taken + takes
            if links:
                under_way.append({"links": links, "takes": takes, "taken": taken})
        if todo[place]:
            heapq.heappush(heap, (now + todo[place][0][0], place))
        end = max(end, now, *free.values())
    return end

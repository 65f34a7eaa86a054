"""Charts in plain Python, from the rules: dictionaries, no arrays, no compilation."""

from __future__ import annotations

import math


class PlainChart:
    """One hypothesis. tags: {place: {symbol: count}}, barriers: {(place, action): evidence}."""

    def __init__(self, first):
        self.place, self.strength, self.standing = 0, 0.0, 0.0
        self.tags, self.barriers = {0: {first: 1}}, {}

    def copied(self):
        """A chart that shares nothing with this one."""
        twin = PlainChart(0)
        twin.place, twin.strength, twin.standing = self.place, self.strength, self.standing
        twin.tags = {place: dict(count) for place, count in self.tags.items()}
        twin.barriers = dict(self.barriers)
        return twin


def plain_chance(chart, rules, place, symbol, symbols):
    """p(symbol | place), with a prior of alpha for each symbol."""
    count = chart.tags.get(place, {})
    return (count.get(symbol, 0) + rules.alpha) / (sum(count.values()) + symbols * rules.alpha)


def plain_free(chart, rules, place, action):
    """Probability that nothing bars the way."""
    if action in [a for a in range(4) if rules.free // 2**a % 2]:
        return 1.0
    log_odds = math.log(rules.wall / (1 - rules.wall)) + rules.step * chart.barriers.get((place, action), 0)
    return 1 / (1 + math.exp(log_odds))


def plain_move(chart, sheet, rules, action, symbol, symbols, draw):
    """One action. sheet(place, action) is a place or None."""
    start, there = chart.place, sheet(chart.place, action)
    if there is not None and there != start:
        free = plain_free(chart, rules, start, action)
        moved = free * plain_chance(chart, rules, there, symbol, symbols)
        stayed = (1 - free) * plain_chance(chart, rules, start, symbol, symbols)
        goes = draw < moved / (moved + stayed)
        ways = [(start, action), *[(there, other) for other in range(4) if sheet(there, other) == start][:1]]
        for way in ways:
            evidence = chart.barriers.get(way, 0) + (-1 if goes else 1)
            chart.barriers[way] = max(-rules.most, min(rules.most, evidence))
        if goes:
            chart.place = there
    surprise = -math.log(plain_chance(chart, rules, chart.place, symbol, symbols))
    if rules.quantum:
        surprise = rules.quantum * min(rules.levels, math.floor(surprise / rules.quantum + 0.5))
    chart.strength = rules.keep * chart.strength - surprise
    chart.standing = rules.fade * chart.standing - surprise
    count = chart.tags.setdefault(chart.place, {})
    if sum(count.values()) >= 100:
        for other in count:
            count[other] //= 2
    count[symbol] = count.get(symbol, 0) + 1


def plain_shares(charts):
    """Strengths as shares of one, and the effective number of charts."""
    top = max(chart.strength for chart in charts)
    weight = [math.exp(chart.strength - top) for chart in charts]
    weight = [w / sum(weight) for w in weight]
    return weight, 1 / sum(w * w for w in weight)


def plain_overwrite(charts, weight, draw):
    """Systematic resampling in which survivors keep their number."""
    edges, total = [], 0.0
    for w in weight:
        total += w * len(weight)
        edges.append(total)
    copies = [0] * len(weight)
    for n in range(len(weight)):
        copies[next((k for k, edge in enumerate(edges) if n + draw < edge), len(weight) - 1)] += 1
    free = [k for k, n in enumerate(copies) if n == 0]
    for k, n in enumerate(copies):
        for _ in range(n - 1):
            charts[free.pop(0)] = charts[k].copied()
    for chart in charts:
        chart.strength = 0.0


def plain_preplay(charts, weight, sheet, rules, motif, symbols, decay, novelty, leader, value, rounded):
    """Score of one motif. rounded(probabilities) is what a chart's answer is taken for; value(place or None)."""
    even = math.log((1 - rules.wall) / rules.wall)
    at, score, factor = [chart.place for chart in charts], 0.0, 1.0
    for action in motif:
        told, unknown = [], 0.0
        for k, chart in enumerate(charts):
            there = sheet(at[k], action)
            if there is not None and rules.step * chart.barriers.get((at[k], action), 0) < even:
                at[k] = there
            told.append(rounded([plain_chance(chart, rules, at[k], symbol, symbols) for symbol in range(symbols)]))
            unknown += weight[k] * (sum(chart.tags.get(at[k], {}).values()) == 0)
        mean = [sum(w * p[symbol] for w, p in zip(weight, told, strict=True)) for symbol in range(symbols)]
        gini = 1 - sum(m * m for m in mean)
        own = sum(w * (1 - sum(p * p for p in each)) for w, each in zip(weight, told, strict=True))
        score += factor * (gini - own + novelty * unknown)
        factor *= decay
    return score + factor * value(at[leader])

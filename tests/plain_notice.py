"""Slow twins of what notices a broken sheet: plain Python, written from the equations in the docstrings."""

from __future__ import annotations

import math
from itertools import product


def words(target):
    """A shortest word of actions from the origin to each cell."""
    word, front = {0: ()}, [0]
    for cell in front:
        for action, there in enumerate(target[cell]):
            if there >= 0 and there not in word:
                word[there] = (*word[cell], action)
                front.append(there)
    return word


def walked(target, cell, word):
    for action in word:
        cell = target[cell][action] if cell >= 0 else -1
    return cell


def leader(hypotheses):
    """What the leading chart holds: {cell: tags} of what was seen, and {cell: evidence for barriers}."""
    charts, k = hypotheses.charts, max(range(hypotheses.weight.size), key=lambda j: hypotheses.charts.standing[j])
    tags = {c: [int(n) for n in charts.count[k, c]] for c in range(charts.count.shape[1]) if charts.count[k, c].any()}
    return tags, {c: [int(n) for n in charts.barrier[k, c]] for c in tags}, int(charts.place[k])


def places(target, tags):
    """The place that each seen cell is part of: joined by actions after which 8 of 10 cells or more look the same."""
    look = {cell: max(range(len(n)), key=lambda s: (n[s], -s)) for cell, n in tags.items()}
    part = {cell: {cell} for cell in tags}
    for action in range(len(target[0])):
        ways = [(c, target[c][action]) for c in tags if target[c][action] in tags and target[c][action] != c]
        if len(ways) >= 10 and sum(look[c] == look[d] for c, d in ways) > 0.8 * len(ways):
            for one, other in ways:
                both = part[one] | part[other]
                for cell in both:
                    part[cell] = both
    return {cell: min(together) for cell, together in part.items()}


def evidence(hypotheses):
    """Nats for each automorphism with known pairs, {cell to which it takes the origin: nats}."""
    target, rules = hypotheses.target.tolist(), hypotheses.rules
    tags, barrier, _ = leader(hypotheses)
    symbols, word, part = hypotheses.symbols, words(target), places(target, tags)
    pooled = {}
    for cell, n in tags.items():
        before = pooled.get(part[cell], [0] * symbols)
        pooled[part[cell]] = [a + b for a, b in zip(before, n, strict=True)]
    share = [0.5 + sum(n[s] / sum(n) for n in pooled.values()) for s in range(symbols)]
    share = [f / sum(share) for f in share]
    prior = rules.alpha * symbols
    likely = {p: [(n[s] + prior * share[s]) / (sum(n) + prior) for s in range(symbols)] for p, n in pooled.items()}

    def wall(evidence):
        odds = rules.wall / (1 - rules.wall) * math.exp(rules.step * evidence)
        return 0.05 * rules.wall + 0.95 * odds / (1 + odds)

    pairs = {}
    for fold in range(1, len(target)):
        for one in tags:
            other = walked(target, fold, word[one])
            if other in tags:
                pairs.setdefault(fold, []).append((one, other))
    total = {}
    for fold, found in pairs.items():
        total[fold] = 0.0
        for one, other in found:
            twice = 0.5 if walked(target, fold, word[other]) == one else 1.0
            if part[one] != part[other]:
                alike = [(part[a], part[b]) for a, b in found].count((part[one], part[other]))
                same = sum(likely[part[one]][s] * likely[part[other]][s] / share[s] for s in range(symbols))
                total[fold] += twice * math.log(same) / alike
            for action in range(len(target[0])):
                if barrier[one][action] and barrier[other][action] and not rules.free >> action & 1:
                    p, q = wall(barrier[one][action]), wall(barrier[other][action])
                    same = p * q / rules.wall + (1 - p) * (1 - q) / (1 - rules.wall)
                    total[fold] += twice * 0.5 * math.log(same)
    return total


def excess(hypotheses, action, symbol):
    """-log of the probability of a symbol, less what all charts together expect that to be."""
    charts, rules, p = hypotheses.charts, hypotheses.rules, [0.0] * hypotheses.symbols
    for k in range(hypotheses.weight.size):
        here = int(charts.place[k])
        there = int(hypotheses.target[here, action])
        odds = rules.wall / (1 - rules.wall) * math.exp(rules.step * int(charts.barrier[k, here, action]))
        free = 1.0 if rules.free >> action & 1 else 1 / (1 + odds)
        if there < 0 or there == here:
            free = 0.0
        for s in range(hypotheses.symbols):
            for weight, cell in ((free, there), (1 - free, here)):
                n = charts.count[k, cell]
                chance = (int(n[s]) + rules.alpha) / (int(n.sum()) + rules.alpha * hypotheses.symbols)
                p[s] += float(hypotheses.weight[k]) * weight * chance
    return -math.log(p[symbol]) + sum(q * math.log(q) for q in p)


def sides(ahead, free, look, actions, seen, most):
    """By all ways that a body can have gone: {(place, action): nats for a wall}."""
    steps, told = len(actions), {(i, a): 0.0 for i in range(len(ahead)) for a in range(len(ahead[0]))}

    def can(place, action):
        return ahead[place][action] >= 0 and ahead[place][action] != place

    def way(place, goes, begin=0):
        """Places along a way and its probability, felt included."""
        at, p = [place], 1.0
        for t, went in enumerate(goes, begin):
            leads = can(at[-1], actions[t])
            if went and not leads:
                return at, 0.0
            q = free[at[-1]][actions[t]] if leads else 0.0
            p *= q if went else 1 - q
            at.append(ahead[at[-1]][actions[t]] if went else at[-1])
            p *= look[at[-1]][seen[t]]
        return at, p

    def later(place, t):
        """Probability of all that is felt after step t, from a place."""
        return sum(way(place, goes, t + 1)[1] for goes in product((0, 1), repeat=steps - t - 1))

    ways = [way(i, goes) for i in range(len(ahead)) for goes in product((0, 1), repeat=steps)]
    ways = [(at, p) for at, p in ways if p > 0.0]
    everything = sum(p for _, p in ways)
    for t, (action, symbol) in enumerate(zip(actions, seen, strict=True)):
        for i in range(len(ahead)):
            if can(i, action):
                j = ahead[i][action]
                here = sum(p for at, p in ways if at[t] == i) / everything
                ratio = math.log(look[i][symbol] * later(i, t)) - math.log(look[j][symbol] * later(j, t))
                told[i, action] += here * min(most, max(-most, ratio))
    return told


def steps_to(target, tags, barrier, rules, goals):
    """Fewest actions from each cell that was seen to the nearest goal, {cell: actions}."""
    even = math.log((1 - rules.wall) / rules.wall)
    far = dict.fromkeys(goals, 0)
    for _ in range(len(target)):
        for cell in tags:
            for action, there in enumerate(target[cell]):
                if there in far and rules.step * barrier[cell][action] < even:
                    far[cell] = min(far.get(cell, 10**9), 1 + far[there])
    return far

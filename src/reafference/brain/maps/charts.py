"""Preformed charts that compete as hypotheses of one map: a Rao-Blackwellised particle filter over topologies.

Every chart is a whole map in the making: one packet of activity on a preformed sheet, which the command moves; tags,
which count the symbols met at each place (rule R2); barriers, evidence that an action does not move the packet (R3);
and a strength, the log of how well it has foretold the symbols (R4). Given the packets of its past, what a chart knows
of tags and barriers is in closed form; only whether the packet moved or stayed is drawn, from what command, barrier,
tags and symbol together say (the optimal proposal). Weak charts are overwritten by strong ones.

Nothing here spikes. `spiking.py` beside this file does the same with neurons.

Sources: Doucet, de Freitas, Murphy and Russell, UAI (2000) 176-183, for the filter; Ranganathan and Dellaert, Int. J.
Robotics Research 30 (2011) 755-771, for filters over topologies; Kitagawa, J. Comp. Graph. Stat. 5 (1996) 1-25, for
systematic resampling; Samsonovich and McNaughton, J. Neurosci. 17 (1997) 5900-5920, for many preformed charts.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import kernel

FULL = 100  # symbols counted at a place; then all counts are halved, so that what is old weighs less


class Rules(NamedTuple):
    """Constants of learning.

    alpha    prior count of each symbol at a place never seen
    wall     probability that an action does not move the packet, before any evidence
    step     log odds that one piece of evidence adds for or against a barrier
    most     pieces of evidence that are remembered, for or against
    fade     part of the standing that is left after one action
    keep     the same of the strength
    quantum  nats of surprise that one surprise spike stands for; 0: surprise is not rounded
    levels   most surprise spikes for one symbol
    free     actions that nothing ever stops, such as turns on the spot: bit a of it is set for action a
    mutual   whether what stops an action also stops the one that leads back; if not, each side learns by itself, as
             doors need that open one way only
    """

    alpha: float = 0.05
    wall: float = 0.12
    step: float = 4.0
    most: int = 6
    fade: float = 0.98
    keep: float = 1.0
    quantum: float = 1.4
    levels: int = 2
    free: int = 0
    mutual: bool = True


class Charts(NamedTuple):
    """State of all charts; arrays that the kernels below change in place.

    place     (charts,) int32                    where the packet is
    count     (charts, cells, symbols) uint8     tags: how often each symbol was met at each place
    barrier   (charts, cells, actions) int8      evidence that the action does not move; negative: that it does
    strength  (charts,) float64                  log of the strength, as of the last replay copy
    standing  (charts,) float64                  the same with slow forgetting and across copies: which chart to trust
    touched   (charts, cells) int32              places with a tag or a barrier, in touched[k, : size[k]]
    known     (charts, cells) bool               whether a place is in that list
    size      (charts,) int32
    """

    place: np.ndarray
    count: np.ndarray
    barrier: np.ndarray
    strength: np.ndarray
    standing: np.ndarray
    touched: np.ndarray
    known: np.ndarray
    size: np.ndarray


def blank(charts: int, cells: int, actions: int, symbols: int) -> Charts:
    """Charts that know nothing, all packets at the origin."""
    return Charts(
        place=np.zeros(charts, np.int32),
        count=np.zeros((charts, cells, symbols), np.uint8),
        barrier=np.zeros((charts, cells, actions), np.int8),
        strength=np.zeros(charts),
        standing=np.zeros(charts),
        touched=np.zeros((charts, cells), np.int32),
        known=np.zeros((charts, cells), np.bool_),
        size=np.zeros(charts, np.int32),
    )


def way_back(target: np.ndarray, rules: Rules = Rules()) -> np.ndarray:  # noqa: B008 - never changed
    """Action that returns from where an action leads, (cells, actions) int32, and what stops it learns with it.

    -1 where no single one does, and everywhere if `rules.mutual` is not so.
    """
    cells, actions = target.shape
    back = np.full((cells, actions), -1, np.int32)
    if not rules.mutual:
        return back
    for action in range(actions):
        for other in range(actions):
            there = target[:, action]
            returns = (there >= 0) & (target[there, other] == np.arange(cells)) & (there != np.arange(cells))
            back[returns, action] = other
    return back


@kernel
def chance(charts, rules, k, cell, symbol, symbols):
    """Probability of a symbol at a place of chart k."""
    total = 0
    for other in range(symbols):
        total += charts.count[k, cell, other]
    return (charts.count[k, cell, symbol] + rules.alpha) / (total + symbols * rules.alpha)


@kernel
def passage(charts, rules, k, cell, action):
    """Probability that an action moves the packet away from a place of chart k."""
    if rules.free >> action & 1:
        return 1.0
    odds = rules.wall / (1.0 - rules.wall) * np.exp(rules.step * charts.barrier[k, cell, action])
    return 1.0 / (1.0 + odds)


@kernel
def touch(charts, k, cell):
    """Note that chart k knows something of a place."""
    if not charts.known[k, cell]:
        charts.known[k, cell] = True
        charts.touched[k, charts.size[k]] = cell
        charts.size[k] += 1


@kernel
def tag(charts, k, cell, symbol, symbols):
    """R2: the symbol was met at a place."""
    touch(charts, k, cell)
    total = 0
    for other in range(symbols):
        total += charts.count[k, cell, other]
    if total >= FULL:
        for other in range(symbols):
            charts.count[k, cell, other] //= 2
    charts.count[k, cell, symbol] += 1


@kernel
def bar(charts, rules, k, cell, action, evidence):
    """R3: evidence for (+1) or against (-1) a barrier."""
    touch(charts, k, cell)
    value = charts.barrier[k, cell, action] + evidence
    if -rules.most <= value <= rules.most:
        charts.barrier[k, cell, action] = value


@kernel
def learn(charts, target, back, rules, k, action, symbol, symbols, goes):
    """Chart k moves its packet, or with goes = False leaves it, and learns from that and from the symbol."""
    cell = charts.place[k]
    there = target[cell, action]
    if there >= 0 and there != cell:
        evidence = -1 if goes else 1
        bar(charts, rules, k, cell, action, evidence)
        if back[cell, action] >= 0:
            bar(charts, rules, k, there, back[cell, action], evidence)
        if goes:
            charts.place[k] = there
    surprise = -np.log(chance(charts, rules, k, charts.place[k], symbol, symbols))
    if rules.quantum > 0.0:
        surprise = rules.quantum * min(float(rules.levels), np.floor(surprise / rules.quantum + 0.5))
    charts.strength[k] = rules.keep * charts.strength[k] - surprise
    charts.standing[k] = rules.fade * charts.standing[k] - surprise
    tag(charts, k, charts.place[k], symbol, symbols)


@kernel
def move(charts, target, back, rules, action, symbol, symbols, draw):
    """The world's answer to an action: every chart moves its packet or does not, learns, and gains or loses strength.

    draw  (charts,) uniform in 0 .. 1: the packet moves where it is below the probability that it did
    """
    for k in range(charts.place.size):
        cell = charts.place[k]
        there = target[cell, action]
        moved, stayed = 0.0, 1.0
        if there >= 0 and there != cell:
            free = passage(charts, rules, k, cell, action)
            moved = free * chance(charts, rules, k, there, symbol, symbols)
            stayed = (1.0 - free) * chance(charts, rules, k, cell, symbol, symbols)
        learn(charts, target, back, rules, k, action, symbol, symbols, draw[k] * (moved + stayed) < moved)


@kernel
def learn_all(charts, target, back, rules, action, symbol, symbols, goes):
    """The same where others have decided whose packet moves: goes (charts,) bool."""
    for k in range(charts.place.size):
        learn(charts, target, back, rules, k, action, symbol, symbols, goes[k])


@kernel
def normalise(charts, weight):
    """Strengths as shares of one, written to weight (charts,); returns the effective number of charts."""
    top = charts.strength[0]
    for k in range(weight.size):
        top = max(top, charts.strength[k])
    total = 0.0
    for k in range(weight.size):
        weight[k] = np.exp(charts.strength[k] - top)
        total += weight[k]
    squares = 0.0
    for k in range(weight.size):
        weight[k] /= total
        squares += weight[k] * weight[k]
    return 1.0 / squares


@kernel
def copy(charts, source, target):
    """Replay copy: chart `target` becomes what chart `source` is."""
    for j in range(charts.size[target]):
        cell = charts.touched[target, j]
        charts.known[target, cell] = False
        for symbol in range(charts.count.shape[2]):
            charts.count[target, cell, symbol] = 0
        for action in range(charts.barrier.shape[2]):
            charts.barrier[target, cell, action] = 0
    for j in range(charts.size[source]):
        cell = charts.touched[source, j]
        charts.touched[target, j] = cell
        charts.known[target, cell] = True
        for symbol in range(charts.count.shape[2]):
            charts.count[target, cell, symbol] = charts.count[source, cell, symbol]
        for action in range(charts.barrier.shape[2]):
            charts.barrier[target, cell, action] = charts.barrier[source, cell, action]
    charts.size[target] = charts.size[source]
    charts.place[target] = charts.place[source]
    charts.standing[target] = charts.standing[source]


@kernel
def offspring(weight, draw, copies):
    """Systematic resampling: how many copies of each chart there shall be, written to copies (charts,)."""
    size = weight.size
    reached, done = 0.0, 0
    for k in range(size):
        reached += weight[k] * size
        copies[k] = 0
        while done < size and done + draw < reached:
            copies[k] += 1
            done += 1
    copies[size - 1] += size - done  # rounding


@kernel
def overwrite(charts, copies):
    """Charts with no copy are overwritten by those with several; all strengths become equal again. Returns how many."""
    free, done = 0, 0
    for k in range(copies.size):
        for _ in range(1, copies[k]):
            while copies[free] != 0:
                free += 1
            copy(charts, k, free)
            free += 1
            done += 1
    charts.strength[:] = 0.0
    return done


@kernel
def worth(charts, target, rules, k, symbols, decay, doubt, sweeps, value):
    """How much unknown lies ahead of each place of chart k, discounted by the way to it: written to value (cells,).

    An action is worth the probability that it leads to a place never seen; one between two known places, as much as
    its passage is in doubt (the Gini index). Value iteration over the places known to the chart, `sweeps` times.
    """
    for cell in range(value.size):
        value[cell] = 0.0
    for _ in range(sweeps):
        for j in range(charts.size[k]):
            cell = charts.touched[k, j]
            best = 0.0
            for action in range(target.shape[1]):
                there = target[cell, action]
                if there < 0 or there == cell:
                    continue
                free = passage(charts, rules, k, cell, action)
                total = 0
                for symbol in range(symbols):
                    total += charts.count[k, there, symbol]
                now = free if total == 0 else doubt * free * (1.0 - free)
                best = max(best, now + decay * (free * value[there] + (1.0 - free) * value[cell]))
            value[cell] = best


@kernel
def preplay(charts, target, rules, weight, motifs, symbols, decay, novelty, leader, value, at, mean, score):
    """Run motifs in all charts, the world shut out: how much would be learned from doing each.

    weight   (charts,) strengths that sum to 1
    motifs   (motifs, actions) int32
    decay    how much less the next action counts than this one
    novelty  what the share of charts that would stand at a place never seen is worth
    at, mean (charts,) int32 and (symbols,) float64, scratch
    score    (motifs,) float64, written: sum over actions of the charts' disagreement and novelty

    Disagreement is the Gini index of the charts' mean prediction less the mean of the index of each.
    """
    even = np.log((1.0 - rules.wall) / rules.wall)  # evidence at which a barrier is as likely as none
    for m in range(motifs.shape[0]):
        for k in range(at.size):
            at[k] = charts.place[k]
        score[m] = 0.0
        factor = 1.0
        for d in range(motifs.shape[1]):
            mean[:] = 0.0
            squares, unknown = 0.0, 0.0
            for k in range(at.size):
                if weight[k] < 1e-6:
                    continue
                there = target[at[k], motifs[m, d]]
                if there >= 0 and rules.step * charts.barrier[k, at[k], motifs[m, d]] < even:
                    at[k] = there
                total = 0
                for symbol in range(symbols):
                    total += charts.count[k, at[k], symbol]
                if total == 0:
                    unknown += weight[k]
                for symbol in range(symbols):
                    p = (charts.count[k, at[k], symbol] + rules.alpha) / (total + symbols * rules.alpha)
                    mean[symbol] += weight[k] * p
                    squares += weight[k] * p * p
            for symbol in range(symbols):
                squares -= mean[symbol] * mean[symbol]
            score[m] += factor * (squares + novelty * unknown)
            factor *= decay
        score[m] += factor * value[at[leader]]


@kernel
def foretell(charts, target, rules, k, actions, seen, symbols, belief, ahead, mean, predicted):
    """Walk with the map of chart k, nothing learned: the likeliest symbol before each is seen.

    Where the body may be on that map is carried exactly (the forward algorithm), from the packet on.

    actions, seen  (steps,) the walk
    belief, ahead  (cells,) float64, scratch;  mean  (symbols,) float64, scratch
    predicted      (steps,) written
    """
    for cell in range(belief.size):
        belief[cell] = 0.0
        ahead[cell] = 0.0
    belief[charts.place[k]] = 1.0
    for step in range(actions.size):
        for j in range(charts.size[k]):
            cell = charts.touched[k, j]
            there = target[cell, actions[step]]
            if belief[cell] == 0.0:
                continue
            free = 0.0
            if there >= 0 and charts.known[k, there]:
                free = passage(charts, rules, k, cell, actions[step])
                ahead[there] += belief[cell] * free
            ahead[cell] += belief[cell] * (1.0 - free)
        mean[:] = 0.0
        for j in range(charts.size[k]):
            cell = charts.touched[k, j]
            belief[cell] = ahead[cell]
            ahead[cell] = 0.0
            if belief[cell] > 0.0:
                for symbol in range(symbols):
                    mean[symbol] += belief[cell] * chance(charts, rules, k, cell, symbol, symbols)
        best = 0
        for symbol in range(symbols):
            if mean[symbol] > mean[best]:
                best = symbol
        predicted[step] = best
        for j in range(charts.size[k]):
            cell = charts.touched[k, j]
            belief[cell] *= chance(charts, rules, k, cell, seen[step], symbols) / mean[seen[step]]

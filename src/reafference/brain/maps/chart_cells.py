"""Charts as leaky integrate-and-fire cells: what there is and how it is wired.

One cycle of `CYCLE` ticks belongs to one action. All cells but `strength` forget in a few ticks, so that only events
of the same tick add up: every cell is a coincidence detector, and when an event arrives says what it means.

    tick  0  a command: its copy goes to the gates of that action in all charts
    tick  1  a gate, one for each place and action, fires where the copy meets the event of the packet's place
    tick  3  the world's answer: a symbol
    tick  4  `stay`, one cell for each chart and symbol, fires if the place that was left tells the symbol better than
             its gate foretold from the place ahead, barrier and noise included: log p(stay) - log p(move) + noise >= 0
    tick  7  the place ahead fires, unless `stay` has inhibited its chart
    tick 11  else the place that held the packet fires again: its own echo meets the excitation from `stay`
    tick 13  `surprise`, some cells for each chart and symbol, fire if the place that now holds the packet expected the
             symbol too little; each spike inhibits the chart's strength cell

With the world shut out `dream` takes the symbol's place: at tick 4 a `stay` cell of its own fires where a barrier is
likelier than none, and at tick 13 `predict`, one cell for each chart and symbol, tell which symbols the place that now
holds the packet makes likelier than chance, and `familiar`, one for each chart, whether it was ever visited.

A place remembers the packet by delay alone: its spike comes back to it, and reaches its gates, in the next cycle.
Weights from places to `stay` and `surprise` are log probabilities of symbols (rule R2; Nessler, Pfeiffer, Buesing and
Maass, PLoS Comput. Biol. 9 (2013) e1003037, for such weights), those from gates to `stay` tell the same of the place
ahead, and log odds of a barrier (R3); those from places to `familiar` are the logarithm of one more than the number of
visits.
Firing after a comparison with logistic noise draws from the two (Gumbel's trick), so that the cells sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.charts import Rules
from reafference.network import (
    AllToAll,
    DeltaLIF,
    EdgeList,
    Network,
    OneToOne,
    Population,
    Projection,
    SpikeTrain,
    Uniform,
)
from reafference.network.values import PerSynapse
from reafference.units import ms, mV

Ints = npt.NDArray[np.int64]

STEP = 1 * ms
CYCLE = 15  # ticks of one action
ANSWER, DECIDE, MOVED, STAYED, SURPRISED = 3, 4, 7, 11, 13  # ticks in it
# STAYED - MOVED must not be MOVED - 2, or two spikes of the place ahead would reach its gates together
NAT = 0.1 * mV  # what one unit of log probability is worth at a membrane
SPIKE = 100 * NAT  # an event that alone brings a cell to threshold
PART = 0.6 * SPIKE  # an event that does so only together with another one
NEVER_FREE = 60.0  # log odds of a barrier at the edge of the sheet
NOT_YET = -2  # target of an action that leads to a cell of the sheet for which there are no places yet
LIKELY = 1.2  # times chance: probability from which on a symbol is foretold
FORGET = 0.25 * ms  # membranes; four ticks leave 1e-7 of an event
LONGEST = 1.0  # s, of the strength cells


@dataclass(frozen=True, kw_only=True)
class CellPlan:
    """Sizes.

    charts, symbols  how many
    target           (cells, actions) int32, the sheet; -1 beyond its edge, NOT_YET where it goes on without places
    levels           surprise cells for each chart and symbol; level l fires from (l + 1/2) quanta of surprise on
    """

    charts: int
    symbols: int
    target: npt.NDArray[np.int32]
    levels: int


def synapses_of_a_place(symbols: int, actions: int, levels: int) -> int:
    """Synapses that one place of one chart adds to a network, inside the sheet."""
    return actions * (2 * symbols + 5) + symbols * (6 + 2 * levels) + 7


def chart_network(plan: CellPlan, rules: Rules) -> Network:
    """The network of charts that know nothing; sources are `action`, `symbol`, `dream`, `noise` and `recall`.

    A spike of `recall` makes a place fire: with it packets are put somewhere from outside.
    """
    charts, symbols, levels = plan.charts, plan.symbols, plan.levels
    cells, actions = plan.target.shape
    places = charts * cells
    cell = DeltaLIF(tau=FORGET, rest=0.0, reset=0.0, threshold=SPIKE, refractory=STEP)
    above = SPIKE + NAT * rules.quantum * (np.tile(np.arange(levels), charts * symbols) + np.float64(0.5))
    place = Population("place", places, cell)
    gates = [Population(f"gate {a}", places, cell) for a in range(actions)]
    reasons = symbols + 1  # to stay: a symbol, or in a dream a barrier alone
    stay = Population("stay", charts * reasons, cell)
    predict = Population("predict", charts * symbols, cell)
    familiar = Population("familiar", charts, cell)
    surprise = Population(
        "surprise",
        charts * symbols * levels,
        DeltaLIF(tau=FORGET, rest=0.0, reset=0.0, threshold=above, refractory=STEP),
    )
    strength = Population("strength", charts, DeltaLIF(tau=LONGEST, rest=0.0, reset=0.0, threshold=1.0))
    action, symbol = Population("action", actions, SpikeTrain()), Population("symbol", symbols, SpikeTrain())
    noise, recall = Population("noise", 1, SpikeTrain()), Population("recall", places, SpikeTrain())
    dream = Population("dream", 1, SpikeTrain())

    chart = np.repeat(np.arange(charts), cells)  # of each place
    every = np.arange(places)

    def alike(weight: float) -> Uniform:
        """The same weight for all synapses at the start, but each has its own: it can be set."""
        return Uniform(low=weight, high=weight)

    unknown = float(NAT * np.log(1.0 / symbols))
    prior = float(NAT * np.log(rules.wall / (1.0 - rules.wall)))
    later = np.array([CYCLE - MOVED, CYCLE - STAYED])  # ticks from either time at which a packet's place fires

    def fan(source: Ints, target: Ints, weight: PerSynapse, delay: npt.ArrayLike) -> dict[str, Any]:
        """Arguments of a projection with one row for each source; (rows, n) or what broadcasts to it."""
        shape = np.broadcast_shapes((source.size, 1), target.shape, np.shape(delay))

        def each(value: npt.ArrayLike) -> npt.NDArray[Any]:
            return np.broadcast_to(value, shape).ravel()

        return {
            "wiring": EdgeList(source=each(source[:, None]), target=each(target)),
            "weight": each(weight) if isinstance(weight, np.ndarray) else weight,
            "delay": each(delay) * STEP,
        }

    projections: list[Projection] = []
    tags = chart[:, None] * symbols + np.arange(symbols)  # (places, symbols): cells in `predict`
    both = chart[:, None] * reasons + np.arange(symbols)  # the same in `stay`
    all_reasons = chart[:, None] * reasons + np.arange(reasons)
    for a, gate in enumerate(gates):
        projections.append(
            Projection(place, gate, **fan(every, every[:, None], PART, later + 1), name=f"place gate {a}")
        )
        source = np.full(places, a)
        wiring = EdgeList(source=source, target=every)
        projections.append(Projection(action, gate, wiring, weight=PART, delay=STEP, name=f"command {a}"))
        there = np.tile(plan.target[:, a], charts)
        on = np.flatnonzero(there >= 0)
        ahead = (chart[on] * cells + there[on])[:, None]
        projections.append(Projection(gate, place, **fan(on, ahead, SPIKE * 1.2, MOVED - 1), name=f"ahead {a}"))
        projections.append(Projection(gate, stay, **fan(every, both, alike(-unknown), DECIDE - 1), name=f"there {a}"))
        projections.append(
            Projection(gate, stay, **fan(every, all_reasons, alike(prior), DECIDE - 1), name=f"barrier {a}")
        )
        off = np.flatnonzero(there == -1)
        if off.size:
            edge = fan(off, all_reasons[off], NAT * NEVER_FREE, DECIDE - 1)
            projections.append(Projection(gate, stay, **edge, name=f"edge {a}"))
    held = np.array([SURPRISED - MOVED, SURPRISED - STAYED])  # ticks from either to where surprise is told
    projections += [
        Projection(place, place, **fan(every, every[:, None], PART, later + STAYED), name="echo"),
        Projection(
            place,
            stay,
            **fan(every, np.repeat(both, 2, axis=1), alike(unknown), np.tile(later + DECIDE, symbols)),
            name="here",
        ),
        Projection(
            place,
            surprise,
            **fan(
                every,
                np.repeat((tags[:, :, None] * levels + np.arange(levels)).reshape(places, -1), 2, axis=1),
                alike(-unknown),
                np.tile(held, symbols * levels),
            ),
            name="expected",
        ),
        Projection(
            place,
            predict,
            **fan(every, np.repeat(tags, 2, axis=1), alike(unknown), np.tile(held, symbols)),
            name="foretold",
        ),
        Projection(
            place, familiar, **fan(every, np.repeat(chart[:, None], 2, axis=1), alike(0.0), held), name="visits"
        ),
    ]
    decide = np.arange(charts * reasons)
    onto = np.arange(cells) + (decide // reasons * cells)[:, None]  # all places of the chart
    sensed = decide[decide % reasons < symbols]  # cells of `stay` that hear a symbol
    dreamt = decide[decide % reasons == symbols]
    projections += [
        Projection(stay, place, **fan(decide, onto, -2 * SPIKE, MOVED - DECIDE), name="veto"),
        Projection(stay, place, **fan(decide, onto, PART, STAYED - DECIDE), name="again"),
        Projection(
            symbol,
            stay,
            EdgeList(source=sensed % reasons, target=sensed),
            weight=SPIKE,
            delay=(DECIDE - ANSWER) * STEP,
            name="symbol",
        ),
        Projection(
            symbol,
            surprise,
            EdgeList(source=np.arange(surprise.size) // levels % symbols, target=np.arange(surprise.size)),
            weight=SPIKE,
            delay=(SURPRISED - ANSWER) * STEP,
            name="symbol late",
        ),
        Projection(
            noise,
            stay,
            EdgeList(source=np.zeros(sensed.size, np.int64), target=sensed),
            weight=alike(0.0),
            delay=(DECIDE - ANSWER) * STEP,
            name="draw",
        ),
        Projection(
            dream,
            stay,
            EdgeList(source=np.zeros(charts, np.int64), target=dreamt),
            weight=SPIKE,
            delay=(DECIDE - ANSWER) * STEP,
            name="dreamt",
        ),
        Projection(
            dream,
            predict,
            AllToAll(),
            weight=SPIKE - NAT * np.log(LIKELY / symbols),
            delay=(SURPRISED - ANSWER) * STEP,
            name="what is likely",
        ),
        Projection(
            dream,
            familiar,
            AllToAll(),
            weight=SPIKE - NAT * np.log(1.5),
            delay=(SURPRISED - ANSWER) * STEP,
            name="what is known",
        ),
        Projection(
            surprise,
            strength,
            EdgeList(source=np.arange(surprise.size), target=np.arange(surprise.size) // (symbols * levels)),
            weight=-NAT * rules.quantum,
            delay=STEP,
            name="weaken",
        ),
        Projection(recall, place, OneToOne(), weight=SPIKE * 1.2, delay=STEP, name="recall"),
    ]
    return Network(
        populations=[action, symbol, dream, noise, recall, place, *gates, stay, predict, familiar, surprise, strength],
        projections=projections,
    )

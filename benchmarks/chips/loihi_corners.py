"""Which rules of Loihi's arithmetic a drawn network depends on: leave one out, and see whether an integer changes."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
from loihi_networks import Drawn
from loihi_ours import run

from reafference.chips.loihi import Dialect, FloorWeights, FoldOnce, NearestWeights, TruncateWeights, TwosComplement

Without = Callable[[Drawn, Dialect], tuple[Drawn, Dialect]]


def dialect(**changes: Any) -> Without:
    """The same network under other rules."""
    return lambda drawn, rules: (drawn, replace(rules, **changes))


def bound(name: str) -> Without:
    """Without a bound of v."""

    def without(drawn: Drawn, rules: Dialect) -> tuple[Drawn, Dialect]:
        return drawn | {name: None}, replace(rules, **{name: None})

    return without


def group(**changes: Any) -> Without:
    """The same network with other groups of synapses."""

    def without(drawn: Drawn, rules: Dialect) -> tuple[Drawn, Dialect]:
        other = deepcopy(drawn)
        for g in other["groups"]:
            for name, value in changes.items():
                g[name] = [value] * len(g["source"]) if isinstance(g[name], list) else value
        return other, rules

    return without


def population(**changes: Any) -> Without:
    """The same network with other populations."""

    def without(drawn: Drawn, rules: Dialect) -> tuple[Drawn, Dialect]:
        return drawn | {"populations": [p | changes for p in drawn["populations"]]}, rules

    return without


def other_wrap(drawn: Drawn, rules: Dialect) -> tuple[Drawn, Dialect]:
    """u wraps by the other of the two ways."""
    ways = {FoldOnce: TwosComplement(24), TwosComplement: FoldOnce(24), type(None): TwosComplement(24)}
    return drawn, replace(rules, u_wrap=ways[type(rules.u_wrap)])


def other_order(drawn: Drawn, rules: Dialect) -> tuple[Drawn, Dialect]:
    """Negative exponents shift weights instead of sums, or the other way round."""
    return drawn, replace(rules, shift_sum=not rules.shift_sum)


def other_offset(drawn: Drawn, rules: Dialect) -> tuple[Drawn, Dialect]:
    """The decay of u without its offset of 1, or with it."""
    low = [p | {"decay_u": min(p["decay_u"], 4095)} for p in drawn["populations"]]
    return drawn | {"populations": low}, replace(rules, decay_offset_u=1 - rules.decay_offset_u)


def other_lag(drawn: Drawn, rules: Dialect) -> tuple[Drawn, Dialect]:
    """Spikes from outside arrive a tick earlier or later."""
    return drawn, replace(rules, input_lag=1 - rules.input_lag)


CORNERS: dict[str, Without] = {
    "synaptic input wraps": dialect(input_wrap=None),
    "u wraps": dialect(u_wrap=None),
    "u wraps as it does, not the other way": other_wrap,
    "u + bias wraps": dialect(drive_wrap=None),
    "v at its lower bound": bound("v_low"),
    "v at its upper bound": bound("v_high"),
    "dropped bits round down": dialect(weights=FloorWeights()),
    "dropped bits round toward zero, weights cut": dialect(weights=TruncateWeights()),
    "dropped bits round to the nearest": dialect(weights=NearestWeights()),
    "fewer than 8 bits": group(bits=8),
    "negative exponent: order of shift and sum": other_order,
    "exponent of the bias": lambda drawn, rules: (drawn | {"bias_exponent": [0] * len(drawn["u"])}, rules),
    "delays": group(delay=0),
    "refractory time": population(refractory=1),
    "offset of the decay of u": other_offset,
    "lag of spikes from outside": other_lag,
}


def corners(drawn: Drawn, rules: Dialect) -> dict[str, bool]:
    """Whether u, v or a spike of the network changes without each rule, and which limits its parameters touch."""
    mine = run(drawn, rules)
    found = {}
    for name, without in CORNERS.items():
        other = run(*without(drawn, rules))
        found[name] = any(not np.array_equal(a, b) for a, b in zip(mine, other, strict=True))
    delays = [max(g["delay"]) for g in drawn["groups"]]
    populations = drawn["populations"]
    found["both signs in one group"] = any(g["sign"] == "mixed" for g in drawn["groups"])
    found["delay of 62 ticks"] = max(delays) == 62
    found["threshold 0"] = any(p["threshold"] == 0 for p in populations)
    found["threshold 131071"] = any(p["threshold"] == 131071 for p in populations)
    found["refractory 64"] = any(p["refractory"] == 64 for p in populations)
    found["a decay of 0"] = any(0 in (p["decay_u"], p["decay_v"]) for p in populations)
    found["a decay of 4095 or 4096"] = any(max(p["decay_u"], p["decay_v"]) >= 4095 for p in populations)
    found["exponent -8"] = any(g["exponent"] == -8 for g in drawn["groups"])
    found["exponent 7"] = any(g["exponent"] == 7 for g in drawn["groups"])
    found["spikes"] = mine[2].size > 0
    return found

"""The complete digital neuron of TrueNorth, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from numbers import Integral

from reafference.chips.truenorth.rules import LEAST, MOST, Rules

WEIGHT = 255  # largest magnitude of a weight or leak: 9 bits with sign
THRESHOLD = 2**18 - 1  # 18 bits without sign
TYPES = 4  # of axons


class Reset(Enum):
    """What happens to the potential V at threshold; `gamma` of the paper.

    VALUE   it becomes R (below the negative threshold: -R)
    LINEAR  the threshold is taken off (below the negative threshold: added)
    NONE    it stays
    """

    VALUE = 0
    LINEAR = 1
    NONE = 2


@dataclass(frozen=True, kw_only=True)
class Neuron:
    """A neuron of TrueNorth. All numbers are whole; V is its potential, eta and rho are drawn anew each time.

        synapses   V += sum over active axons of w_g;   a stochastic one: sgn(w_g) if |w_g| >= rho, else 0
        leak       V += leak;   reversing: V += sgn(V) leak;   stochastic: sgn(leak) if |leak| >= rho, else 0 for `leak`
        threshold  V >= threshold + eta, where eta = rho & mask: spike, then V = reset_to, V - threshold - eta, or V
        floor      else, floor_saturates: V = max(V, -floor);
                   or V < -(floor + eta): V = -reset_to, V + floor + eta, or V

    weights             four, -255 to 255: w_g of an axon of type g
    stochastic_weights  four: which of them act by chance
    leak                -255 to 255
    leak_reverses       epsilon: the leak has the sign of V, so that a negative one goes towards 0. Leak up or down,
                        reversing or not, are the four leak modes, each with or without chance
    stochastic_leak     c
    threshold           alpha, 0 to 262,143
    threshold_mask      M, a random part: ones from the lowest bit on, 0 to 262,143
    floor               beta, 0 to 262,143
    floor_saturates     kappa
    reset               gamma. Three of them, with and without kappa, are the six reset modes
    reset_to            R, 20 bits
    start               V before the first tick, 20 bits

    rho of a synapse or leak is drawn from 0 to 255, that of the threshold from 18 bits. With a negative leak that
    reverses, V may jump over 0 and back for ever, as the equations say.

    Source: Cassidy et al., IJCNN 2013, doi 10.1109/IJCNN.2013.6707077; equations as in docs/chips_truenorth.md.
    """

    weights: tuple[int, int, int, int] = (0, 0, 0, 0)
    stochastic_weights: tuple[bool, bool, bool, bool] = (False, False, False, False)
    leak: int = 0
    leak_reverses: bool = False
    stochastic_leak: bool = False
    threshold: int = 1
    threshold_mask: int = 0
    floor: int = 0
    floor_saturates: bool = True
    reset: Reset = Reset.VALUE
    reset_to: int = 0
    start: int = 0

    @property
    def random(self) -> bool:
        """Whether anything in it is drawn."""
        chance = any(drawn and weight for drawn, weight in zip(self.stochastic_weights, self.weights, strict=True))
        return chance or (self.stochastic_leak and self.leak != 0) or self.threshold_mask != 0


def problems_of(neuron: Neuron, rules: Rules) -> Iterator[str]:
    """Everything about a neuron that the chip cannot hold: value, limit, remedy."""
    for name, given in (("weights", neuron.weights), ("stochastic_weights", neuron.stochastic_weights)):
        if len(given) != TYPES:
            yield f"{name} has {len(given)} values; give {TYPES}, one for each type of axon"
    limits = [(f"weights[{g}]", weight, -WEIGHT, WEIGHT) for g, weight in enumerate(neuron.weights)]
    limits += [
        ("leak", neuron.leak, -WEIGHT, WEIGHT),
        ("threshold", neuron.threshold, 0, THRESHOLD),
        ("threshold_mask", neuron.threshold_mask, 0, THRESHOLD),
        ("floor", neuron.floor, 0, THRESHOLD),
        ("reset_to", neuron.reset_to, LEAST, MOST),
        ("start", neuron.start, LEAST, MOST),
    ]
    wrong: set[str] = set()
    for name, value, low, high in limits:
        if not isinstance(value, Integral) or isinstance(value, bool):
            wrong.add(name)
            yield f"{name} = {value!r} is no whole number; round it"
        elif not low <= value <= high:
            wrong.add(name)
            scale = "scale weights, leak and thresholds by one factor" if low else "give a number within the limit"
            yield f"{name} = {value:,} is outside {low:,} to {high:,}; {scale}"
    if "threshold_mask" not in wrong and neuron.threshold_mask & (neuron.threshold_mask + 1):
        below = 2 ** (neuron.threshold_mask.bit_length() - 1) - 1
        yield (
            f"threshold_mask = {neuron.threshold_mask} is not made of ones from the lowest bit on; "
            f"use {below} or {2 * below + 1}"
        )
    if "reset_to" not in wrong and rules.encoded_reset and (abs(neuron.reset_to) + 1).bit_count() != 1:
        above = 2 ** abs(neuron.reset_to).bit_length() - 1
        sign = "-" if neuron.reset_to < 0 else ""
        yield (
            f"reset_to = {neuron.reset_to} is not 0 or +-(2^k - 1); use {sign}{above >> 1} or {sign}{above}, "
            "or Rules(encoded_reset=False)"
        )
    if not isinstance(neuron.reset, Reset):
        yield f"reset = {neuron.reset!r} is no reset; use one of {', '.join(map(str, Reset))}"

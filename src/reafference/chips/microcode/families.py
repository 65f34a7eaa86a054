"""Neurons that Loihi 2 is known for, as programs of whole numbers; where Lava has one, its integers are the same."""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass

from reafference.network import IntegerNeuron, WholePerNeuron

MOST = 2**23 - 1  # Lava clips states to it either way


@dataclass(frozen=True, kw_only=True, eq=False)
class AdaptiveThreshold(IntegerNeuron):
    """Leaky integrate-and-fire neuron whose threshold and refractoriness rise with each spike and decay.

        i = keep_i i + 64 received,   v = keep_v v + i + bias
        theta = rest + keep_theta (theta - rest),   r = keep_r r
        at v - r >= theta: spike, then r = r + 2 theta and theta = theta + jump

    with decays keep / 4096, rounded toward zero. It is Lava 0.10.0's ATRLIF in fixed point, where
    keep_i = 4095 - 4096 delta_i, the others 4096 - 4096 delta, rest = 64 theta_0, jump = 64 theta_step.
    """

    i: WholePerNeuron = 0
    v: WholePerNeuron = 0
    theta: WholePerNeuron = 320
    r: WholePerNeuron = 0
    keep_i: WholePerNeuron = 2457
    keep_v: WholePerNeuron = 2458
    keep_theta: WholePerNeuron = 3277
    keep_r: WholePerNeuron = 3277
    bias: WholePerNeuron = 0
    rest: WholePerNeuron = 320
    jump: WholePerNeuron = 240

    @staticmethod
    def step(i, v, theta, r, *, received, keep_i, keep_v, keep_theta, keep_r, bias, rest, jump):
        """The new state and the message."""
        left = abs(i) * keep_i >> 12
        i = (left if i >= 0 else -left) + 64 * received
        left = abs(v) * keep_v >> 12
        v = min(max((left if v >= 0 else -left) + i + bias, -MOST), MOST)
        above = theta - rest
        left = abs(above) * keep_theta >> 12
        theta = rest + (left if above >= 0 else -left)
        left = abs(r) * keep_r >> 12
        r = left if r >= 0 else -left
        spikes = v - r >= theta
        if spikes:
            r = r + 2 * theta
            theta = theta + jump
        return i, v, theta, r, spikes


@dataclass(frozen=True, kw_only=True, eq=False)
class ResonateAndFire(IntegerNeuron):
    """A damped rotation that spikes where it crosses the positive real axis upwards beyond threshold.

        real = cos real - sin imag + received 2^state_exponent,   imag = sin real + cos imag

    with sin / 4096 and cos / 4096, each product rounded toward zero; states are clipped to 23 bits and a sign. It
    spikes at real >= threshold and imag >= 0 where imag was below 0. It is Lava 0.10.0's RF in fixed point, of which
    the imaginary input is left out. Source: Izhikevich, Neural Networks 14 (2001) 883-894.
    """

    real: WholePerNeuron = 0
    imag: WholePerNeuron = 0
    sin: WholePerNeuron = 1000
    cos: WholePerNeuron = 3900
    threshold: WholePerNeuron = 6400
    state_exponent: WholePerNeuron = 6

    @staticmethod
    def step(real, imag, *, received, sin, cos, threshold, state_exponent):
        """The new state and the message."""
        a = abs(cos * real) >> 12
        b = abs(sin * imag) >> 12
        c = abs(sin * real) >> 12
        d = abs(cos * imag) >> 12
        a, b = a if cos * real >= 0 else -a, b if sin * imag >= 0 else -b
        c, d = c if sin * real >= 0 else -c, d if cos * imag >= 0 else -d
        was = imag
        real = min(max(a - b + (received << state_exponent), -MOST), MOST)
        imag = min(max(c + d, -MOST), MOST)
        return real, imag, real >= threshold and imag >= 0 and was < 0


@dataclass(frozen=True, kw_only=True, eq=False)
class SigmaDelta(IntegerNeuron):
    """Sums what it receives, and sends by how much a rectified sum has changed, once that is threshold or more.

        sigma = sigma + received,   act = max(sigma + bias, 0),   delta = act - last act + residue
        at |delta| >= threshold: send delta / 2^state_exponent, rounded down, and the residue becomes 0, else delta

    It is Lava 0.10.0's SigmaDelta with rectification in fixed point (without cumulative error).
    """

    sigma: WholePerNeuron = 0
    act: WholePerNeuron = 0
    residue: WholePerNeuron = 0
    bias: WholePerNeuron = 0
    threshold: WholePerNeuron = 64
    state_exponent: WholePerNeuron = 0

    @staticmethod
    def step(sigma, act, residue, *, received, bias, threshold, state_exponent):
        """The new state and the message."""
        sigma = sigma + received
        now = max(sigma + bias, 0)
        delta = now - act + residue
        sends = abs(delta) >= threshold
        return sigma, now, 0 if sends else delta, delta >> state_exponent if sends else 0


@dataclass(frozen=True, kw_only=True, eq=False)
class GradedVector(IntegerNeuron):
    """Sends what it receives where that is beyond threshold; keeps nothing. It is Lava 0.10.0's GradedVec."""

    threshold: WholePerNeuron = 1

    @staticmethod
    def step(*, received, threshold):
        """The new state and the message."""
        return received if abs(received) > threshold else 0

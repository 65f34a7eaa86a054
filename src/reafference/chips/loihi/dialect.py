"""In what the public models of Loihi, and the chip itself, differ; each difference has a name here."""

from __future__ import annotations

from dataclasses import dataclass

from reafference.chips.loihi.weights import FloorWeights, NearestWeights, TruncateWeights, WeightRule


@dataclass(frozen=True)
class TwosComplement:
    """A register of `bits` bits, sign included, that wraps: values lie in [-2^(bits - 1), 2^(bits - 1) - 1]."""

    bits: int


@dataclass(frozen=True)
class FoldOnce:
    """One period 2^bits is taken off above 2^(bits - 1) or put on at -2^(bits - 1) and below, once and no more.

    So +2^(bits - 1) stays, -2^(bits - 1) becomes +2^(bits - 1), and what lies further out than three halves of a
    period stays out of range for a tick.
    """

    bits: int


Wrap = TwosComplement | FoldOnce


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The rules of one model of Loihi's current-based leaky integrate-and-fire neuron (CUBA LIF).

    With dec(x, d) = sgn(x) floor(|x| (4096 - d) / 4096), in a tick
        q = wrap(sum of the weights that arrive)                    input_wrap
        u = wrap(dec(u, decay_u + decay_offset_u) + q)              u_wrap
        v = dec(v, decay_v + decay_offset_v) + wrap(u + bias)       drive_wrap
        v = clip(v, v_low, v_high);  at v > 64 threshold: spike, then v = 0 and held there for refractory - 1 ticks

    weights         how a weight is stored and scaled
    shift_sum       True: a negative exponent shifts the sum of what one group sends to a neuron in one tick with one
                    delay, False: each weight
    input_lag       ticks, 0 or 1, between a spike from outside and its arrival at a synapse without delay; spikes of
                    neurons always take one
    decay_offset_u, decay_offset_v  added to the decays before they are used
    input_wrap, u_wrap, drive_wrap  width of the synaptic input, of u, and of u + bias; None: as wide as need be
    v_low, v_high   bounds of v; None: no bound
    hold_code       v reads hold_code times the ticks of holding that are left, the one of the spike included, while v
                    is held. It changes what a probe shows, not when a neuron fires.

    Sources: for each dialect, the public code of that model, as its note says.
    """

    name: str
    weights: WeightRule
    shift_sum: bool
    input_lag: int
    decay_offset_u: int
    decay_offset_v: int
    input_wrap: Wrap | None
    u_wrap: Wrap | None
    drive_wrap: Wrap | None
    v_low: int | None
    v_high: int | None
    hold_code: int

    def __post_init__(self) -> None:
        for field, value, choice in (
            ("input_lag", self.input_lag, (0, 1)),
            ("decay_offset_u", self.decay_offset_u, (0, 1)),
            ("decay_offset_v", self.decay_offset_v, (0, 1)),
        ):
            if value not in choice:
                raise ValueError(f"Dialect {self.name!r}: {field} = {value} is neither 0 nor 1.")
        if self.v_low is not None and self.v_low > 0:
            raise ValueError(
                f"Dialect {self.name!r}: v_low = {self.v_low} is above 0, where v is reset; use 0 or less."
            )
        if self.v_high is not None and self.v_high < 0:
            raise ValueError(f"Dialect {self.name!r}: v_high = {self.v_high} is below 0; use 0 or more.")


# Lava 0.10.0, process models tagged fixed_pt (proc/lif/models.py, proc/dense/models.py, utils/weightutils.py).
LAVA = Dialect(
    name="lava",
    weights=FloorWeights(),
    shift_sum=True,
    input_lag=1,
    decay_offset_u=1,
    decay_offset_v=0,
    input_wrap=None,
    u_wrap=FoldOnce(24),
    drive_wrap=None,
    v_low=-(2**23) + 1,
    v_high=2**23 - 1,
    hold_code=0,
)

# brian2-loihi 0.5.2 (loihi_neuron_group.py, loihi_synapses.py): unbounded, and its decay_I counts the offset already.
BRIAN2LOIHI = Dialect(
    name="brian2loihi",
    weights=TruncateWeights(),
    shift_sum=False,
    input_lag=0,
    decay_offset_u=0,
    decay_offset_v=0,
    input_wrap=None,
    u_wrap=None,
    drive_wrap=None,
    v_low=None,
    v_high=None,
    hold_code=0,
)

# nengo-loihi 1.1.0, emulator (emulator/interface.py, builder/discretize.py). v_low and v_high are settings of a core:
# -(2^e) + 1 with e in 0..23 and 2^(9 + 2 e) - 1 with e in 0..7; these are what a LIF neuron gets without its own.
NENGO_LOIHI = Dialect(
    name="nengo_loihi",
    weights=NearestWeights(),
    shift_sum=False,
    input_lag=1,
    decay_offset_u=1,
    decay_offset_v=0,
    input_wrap=TwosComplement(22),
    u_wrap=TwosComplement(24),
    drive_wrap=TwosComplement(24),
    v_low=0,
    v_high=2**23 - 1,
    hold_code=0,
)

# The chip, as far as people who had one tell: widths as in nengo-loihi, which was checked against it; weights as in
# brian2-loihi, the same; v counts the refractory time in steps of 128 (lava issue 282, nengo-loihi issue 170).
SILICON = Dialect(
    name="silicon",
    weights=TruncateWeights(),
    shift_sum=False,
    input_lag=1,
    decay_offset_u=1,
    decay_offset_v=0,
    input_wrap=TwosComplement(22),
    u_wrap=TwosComplement(24),
    drive_wrap=TwosComplement(24),
    v_low=-(2**23) + 1,
    v_high=2**23 - 1,
    hold_code=128,
)

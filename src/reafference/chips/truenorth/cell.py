"""One neuron of a network in TrueNorth's integers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reafference.chips.truenorth.basis import Basis, basis_of, power_near, whole
from reafference.chips.truenorth.core import SIZE
from reafference.chips.truenorth.leak import Course, Leak, after_leak, course_of
from reafference.chips.truenorth.neuron import THRESHOLD, WEIGHT, Neuron
from reafference.chips.truenorth.precision import Held, Precision
from reafference.chips.truenorth.rules import LEAST, MOST, Rules
from reafference.network import DeltaLIF, Population
from reafference.network.values import per_neuron

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KINDS = (DeltaLIF,)
SPARE = 2**12  # units up to threshold of a neuron that hears nothing


@dataclass(frozen=True, eq=False)
class Cells:
    """Parameters of a population, (size,) each.

    decay       part of a potential that is lost in a tick
    level       V that v decays to; threshold, reset, initial: V
    refractory  s, and
    hold        ticks of it that the chip is to keep
    """

    decay: Floats
    level: Floats
    threshold: Floats
    reset: Floats
    initial: Floats
    refractory: Floats
    hold: Ints

    @staticmethod
    def of(population: Population, dt: float, precision: Precision) -> Cells | None:
        """None where the chip has no such neuron."""
        kind = population.kind
        if not isinstance(kind, KINDS):
            return None

        def each(name: str) -> Floats:
            return per_neuron(f"{population.name}: {name}", getattr(kind, name), population.size)

        return Cells(
            decay=-np.expm1(-dt / each("tau")),
            level=each("rest") + each("resistance") * each("current"),
            threshold=each("threshold"),
            reset=each("reset"),
            initial=each("rest") if kind.initial is None else each("initial"),
            refractory=each("refractory"),
            hold=np.rint(each("refractory") / dt).astype(np.int64) * isinstance(precision.refractory, Held),
        )


@dataclass(frozen=True, eq=False)
class Made:
    """One neuron, and what it was made of; `reset` and `start` are V after the leak, as the chip has them."""

    neuron: Neuron
    course: Course
    number: Ints
    parts: Ints
    unit: float
    step: int
    reset: float
    start: float


def made_of(cells: Cells, n: int, weight: Floats, precision: Precision, rules: Rules) -> Made:
    """Neuron n of a population, which hears these weights (V)."""
    course = course_of(
        decay=float(cells.decay[n]),
        level=float(cells.level[n]),
        threshold=float(cells.threshold[n]),
        reset=float(cells.reset[n]),
        inhibited=bool(np.any(weight < 0) or cells.initial[n] < cells.level[n]),
    )
    goal = float(after_leak(course, np.array([course.threshold]), course.step)[0])
    reset, start = after_leak(
        course, np.array([cells.reset[n], cells.initial[n]], np.float64) - course.origin, course.step
    )
    if abs(reset) < 1e-12:
        reset = 0.0
    high = max(course.threshold, goal)
    finest = min(THRESHOLD / high, WEIGHT / course.step if course.step else np.inf)
    stop = precision.refractory if cells.hold[n] else None
    if isinstance(stop, Held):
        precision = replace(precision, types=max(precision.types - 1, 1))
        # 2 for what is rounded up
        finest = min(finest, (WEIGHT - 2) / (_share(course, stop) * high + course.step))
    number, parts = np.zeros(0, np.int64), np.zeros(weight.size, np.int64)
    unit = 1 / min(finest, SPARE / high)
    if weight.size:
        basis, most = _within(weight, precision)
        steps = min(WEIGHT, int(finest * float(np.abs(basis.number).max())))
        if steps >= 1:  # else the strongest weight is less than a step
            power = float(reset) if rules.encoded_reset else 0.0
            number, unit, parts = whole(
                basis, weight, finest=steps, most=most, keep_weak=precision.keep_weak, power=power
            )
    step = int(np.rint(course.step / unit))
    # Potentials are whole, so one reaches the threshold where it reaches the next whole number.
    reached = int(np.ceil(course.threshold / unit * (1 - 1e-12) - 1e-9))
    if course.leak is Leak.BACK:  # a longer one would carry a potential from below rest to threshold
        step = min(step, reached // 2)
    threshold = max(reached + step if course.leak is Leak.DRIFT else reached - step, 0)
    floor = 0 if course.leak is Leak.DOWN else THRESHOLD
    if isinstance(stop, Held) and floor:  # what arrives with its own spike has to stay below
        floor = WEIGHT - step - int(np.ceil(stop.room * high / unit)) - 1
    return Made(
        neuron=Neuron(
            leak=step if course.leak is Leak.DRIFT else -step,
            leak_reverses=course.leak is Leak.BACK,
            threshold=min(threshold, THRESHOLD),
            floor=floor,
            floor_saturates=stop is None or floor == 0,
            reset_to=_encoded(reset / unit, rules),
            start=int(np.clip(np.rint(start / unit), LEAST, MOST)),
        ),
        course=course,
        number=number,
        parts=parts,
        unit=unit,
        step=step,
        reset=float(reset),
        start=float(start),
    )


def _share(course: Course, stop: Held) -> float:
    """Thresholds for which there is room in 255 units: what may arrive, and how far below rest v is kept."""
    return stop.room if course.leak is Leak.DOWN else stop.room + 1


def _within(weight: Floats, precision: Precision) -> tuple[Basis, int]:
    """Numbers whose sums take no more axons than a core has, where fewer parts a weight can bring that about."""
    most = min(precision.parts, precision.types)
    while True:
        basis = basis_of(weight, precision.types, most, keep_weak=precision.keep_weak)
        if most == 1 or sum(bits.bit_count() for bits in basis.parts.tolist()) <= SIZE:
            return basis, most
        most -= 1


def _encoded(value: float, rules: Rules) -> int:
    """The reset potential that is nearest to `value` units."""
    if not rules.encoded_reset:
        return int(np.clip(np.rint(value), LEAST, MOST))
    return int(np.sign(value) * power_near(np.array([abs(value)]))[0])

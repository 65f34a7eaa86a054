"""Neurons of whole numbers: what a step may hold, what is wrong with one, and that they are neurons like others."""

import operator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import reafference as ra
from integer_neurons import Divides, network_of_programs
from reafference.engine import Simulation
from reafference.network.integer import Instruction, Op, Range
from reafference.network.integer.ranges import result
from reafference.units import ms

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True, eq=False)
class Floats(ra.IntegerNeuron):
    """A step with a fault in every line."""

    v: ra.WholePerNeuron = 0
    spare: ra.WholePerNeuron = 0

    @staticmethod
    def step(v, *, received, leak):
        v = v * 0.9 + received
        for _ in range(3):
            v = v / 2 + abs(v, 1)
        w = np.exp(v)  # noqa: F841
        v = min(v) + undefined + DATA  # noqa: F821
        if v > leak:
            late = 1
        v += late + v**2
        return v and leak


def test_every_fault_of_a_step_is_told_in_one_pass():
    with pytest.raises(ra.BadStep) as found:
        ra.Population("cells", 3, Floats())
    told = {(fault.expression, fault.reason) for fault in found.value.faults}
    lines = Path(__file__).read_text().splitlines()
    for expression, reason in (
        ("0.9", "is no whole number"),
        ("for _ in range(3):", "is a loop"),
        ("np.exp(v)", "is a call"),
        ("abs(v, 1)", "has 2 arguments"),
        ("min(v)", "has 1 arguments"),
        ("undefined", "has no value here"),
        ("late", "has no value here"),
        ("v ** 2", "is a power"),
        ("return v and leak", "does not return the new state and a message"),
    ):
        assert (expression, reason) in told, told
    assert any(fault.expression == "DATA" and "no whole number" in fault.reason for fault in found.value.faults)
    for fault in found.value.faults:
        assert fault.file == __file__ and fault.remedy
        assert fault.expression.split("\n")[0].replace(" ", "") in lines[fault.line - 1].replace(" ", "")
    assert "3686" in str(found.value)  # what 0.9 is of 4096


def test_fields_and_names_must_match():
    @dataclass(frozen=True, kw_only=True, eq=False)
    class Other(ra.IntegerNeuron):
        v: ra.WholePerNeuron = 0
        spare: ra.WholePerNeuron = 0

        @staticmethod
        def step(v, *, received, leak):
            return v + received - leak, v > 5

    with pytest.raises(ra.BadStep, match=r"`leak` is no field[\s\S]*`spare` is a field that the step does not take"):
        ra.Population("cells", 3, Other())


PYTHON = {
    Op.ADD: operator.add, Op.SUB: operator.sub, Op.MUL: operator.mul, Op.SHL: operator.lshift, Op.SHR: operator.rshift,
    Op.AND: operator.and_, Op.OR: operator.or_, Op.XOR: operator.xor, Op.DIV: operator.floordiv, Op.MOD: operator.mod,
    Op.MIN: min, Op.MAX: max, Op.LT: operator.lt, Op.EQ: operator.eq,
    Op.NOT: lambda a, b: ~a, Op.NEG: lambda a, b: -a, Op.ABS: lambda a, b: abs(a), Op.SELECT: lambda a, b: b,
}  # fmt: skip
EXACT = set(PYTHON) - {Op.AND, Op.OR, Op.XOR, Op.MOD, Op.LT, Op.EQ}


@pytest.mark.parametrize("op", PYTHON)
def test_a_range_holds_all_that_an_operation_gives(op):
    rng = np.random.default_rng(int(op))
    for _ in range(40):
        a, b = (Range(*sorted(rng.integers(-9, 10, 2).tolist())) for _ in range(2))
        if op in (Op.SHL, Op.SHR):
            b = Range(*sorted(rng.integers(0, 5, 2).tolist()))
        if op in (Op.DIV, Op.MOD) and b.low <= 0 <= b.high:
            continue
        found = result(Instruction(op, 3, 0, 1, 1), {0: a, 1: b}, ())
        given = [int(PYTHON[op](x, y)) for x in range(a.low, a.high + 1) for y in range(b.low, b.high + 1)]
        assert found.low <= min(given) and max(given) <= found.high, (a, b, found)
        assert op not in EXACT or found == (min(given), max(given)), (a, b, found)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"v": 0.5}, TypeError, "takes whole numbers"),
        ({"v": 2**23}, ValueError, "8.38861e"),
        ({"n": np.array([1, 0])}, ValueError, "may divide by 0"),
        ({"v": np.arange(3)}, ValueError, "one for each of the 2 neurons"),
    ],
)
def test_values_that_no_register_holds(values, error, message):
    with pytest.raises(error, match=message):
        ra.Population("cells", 2, Divides(**values))


def test_a_network_of_programs_is_saved_and_goes_on_from_a_checkpoint(tmp_path):
    network = network_of_programs()
    ra.save_network(network, tmp_path / "programs.npz")
    again = ra.load_network(tmp_path / "programs.npz", modules=("integer_neurons",))
    whole = ra.run(again, 0.1, dt=1 * ms, seed=4)
    first = Simulation(network, dt=1 * ms, seed=4)
    first.advance(0.05)
    first.save(tmp_path / "state")
    second = Simulation(network, dt=1 * ms, seed=4)
    second.restore(tmp_path / "state")
    second.advance(0.05)
    np.testing.assert_array_equal(second.recording().neuron[-50:], whole.neuron[-50:])
    with pytest.raises(ValueError, match="whole numbers, not in ampere"):
        first.inject_current("cells", 1e-9)

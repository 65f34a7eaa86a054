"""What a chip's programs can compute, as far as anybody has published it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reafference.chips.figures import figures_of
from reafference.chips.shortage import Shortage
from reafference.network import IntegerNeuron
from reafference.network.integer import Fault, IntegerProgram, Op, check_ranges
from reafference.network.integer.ranges import fault
from reafference.network.neurons.integer import REGISTER
from reafference.units import check_range

NO_DIVISION = (
    "divides, and no source gives the chip a division",
    "Shift right by a power of two, or multiply by a reciprocal and shift.",
)


@dataclass(frozen=True, kw_only=True)
class Arithmetic:
    """Operations and widths of a programmable neuron.

    between         bits of what an expression gives on its way, sign included
    message         bits of the payload of a spike, sign included
    lacks           operations that it has not, each with reason and remedy
    memory_bits     of one neuron, at most; None: no limit is known
    instructions    in a program, at most; None: no limit is known

    Intel's technology brief on Loihi 2 (2021) says what kind of operations there are (arithmetic, comparison, bitwise,
    program control) and that payloads have up to 32 bits. Neither instructions nor widths are published. So registers
    have the 24 bits that Lava's public models of these neurons give every state variable, and `between` the 48 bits of
    a product of two of them, which is assumed. Change them where you know better; a narrower `between` refuses more.
    """

    between: int = 48
    message: int = field(default_factory=lambda: figures_of("loihi2").count("structure.payload_bits"))
    lacks: Mapping[Op, tuple[str, str]] = field(default_factory=lambda: {Op.DIV: NO_DIVISION, Op.MOD: NO_DIVISION})
    memory_bits: int | None = field(
        default_factory=lambda: 8 * figures_of("loihi2").count("structure.memory_per_neuron")
    )
    instructions: int | None = None

    def __post_init__(self) -> None:
        check_range("Arithmetic.between", self.between, REGISTER, 63, "bit")
        check_range("Arithmetic.message", self.message, 2, 63, "bit")

    def faults(self, neuron: IntegerNeuron, where: str, count: int) -> list[Fault]:
        """Every expression of a neuron's step that the chip cannot compute."""
        program = neuron.program()
        ranges = neuron.ranges(where, count)
        lacking = [fault(program, each, *self.lacks[each.op]) for each in program.instructions if each.op in self.lacks]
        wide = check_ranges(program, ranges, register=REGISTER, between=self.between, message=self.message)
        return sorted({*lacking, *wide}, key=lambda each: each.line)

    def shortages(self, neuron: IntegerNeuron, population: str, count: int) -> list[Shortage]:
        """The same, and limits of program and memory, as shortages."""
        where, program = f"population {population!r}", neuron.program()
        found = [
            Shortage(
                f"operation: {each.file}:{each.line}: `{each.expression}` {each.reason}", where, None, None, each.remedy
            )
            for each in self.faults(neuron, f"{population}: {type(neuron).__name__}", count)
        ]
        for name, needed, limit, unit in (
            ("instructions", program.work, self.instructions, ""),
            ("memory of a neuron", memory_bits(neuron, program, count), self.memory_bits, "bit"),
        ):
            if limit is not None and needed > limit:
                remedy = "Write a shorter step." if not unit else "Use fewer state variables or parameters."
                found.append(Shortage(name, where, needed, limit, remedy, unit))
        return found


def memory_bits(neuron: IntegerNeuron, program: IntegerProgram, count: int) -> int:
    """Bits that each neuron keeps: a register for each state variable, and for each parameter that differs."""
    ranges = neuron.ranges(type(neuron).__name__, count)
    own = sum(each.low != each.high for each in ranges.values())
    return REGISTER * (len(program.state) + own)

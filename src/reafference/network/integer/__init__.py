"""Neurons of whole numbers: one step, written as a Python function, read into instructions that any place can run."""

from reafference.network.integer.faults import BadStep, Fault
from reafference.network.integer.program import Instruction, IntegerProgram, Op, Place
from reafference.network.integer.ranges import Range, check_ranges
from reafference.network.integer.reading import read_step

__all__ = ["BadStep", "Fault", "Instruction", "IntegerProgram", "Op", "Place", "Range", "check_ranges", "read_step"]

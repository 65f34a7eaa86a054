"""Cores whose neurons are programs of whole numbers and whose spikes may carry a number, as Loihi 2 has them."""

from reafference.chips.microcode.arithmetic import Arithmetic
from reafference.chips.microcode.cores import GradedActivity, ProgrammedCores
from reafference.chips.microcode.graded import GradedTrain

__all__ = ["Arithmetic", "GradedActivity", "GradedTrain", "ProgrammedCores"]

"""Loihi's learning: rules as its users write them, run in the chip's integers."""

from reafference.chips.loihi.learning.dialect import (
    BRIAN2LOIHI_LEARNING,
    LAVA_LEARNING,
    SILICON_LEARNING,
    Accumulator,
    AwayFromZero,
    Exponential,
    FirstOrder,
    LearningDialect,
    ShiftedAccumulator,
)
from reafference.chips.loihi.learning.draws import draw
from reafference.chips.loihi.learning.learner import Learner, PlasticGroup
from reafference.chips.loihi.learning.placed import LearnedRun, LearnedSynapses, Reward
from reafference.chips.loihi.learning.problems import Problem, RuleError
from reafference.chips.loihi.learning.rule import LearningRule
from reafference.chips.loihi.learning.terms import Factor, Product, Sum, Trace
from reafference.chips.loihi.learning.translate import Learning

__all__ = [
    "BRIAN2LOIHI_LEARNING",
    "LAVA_LEARNING",
    "SILICON_LEARNING",
    "Accumulator",
    "AwayFromZero",
    "Exponential",
    "Factor",
    "FirstOrder",
    "LearnedRun",
    "LearnedSynapses",
    "Learner",
    "Learning",
    "LearningDialect",
    "LearningRule",
    "PlasticGroup",
    "Problem",
    "Product",
    "Reward",
    "RuleError",
    "ShiftedAccumulator",
    "Sum",
    "Trace",
    "draw",
]

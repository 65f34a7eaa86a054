"""What chips spend and hold, each number with its origin: one TOML file for each chip.

`figures_of("loihi1")` are the figures of a chip; `figures["energy.hop"]` is one, or raises `Unpublished`.
"""

from reafference.chips.figures.figure import Figure, Figures, Listed, Origin, Stated, Unpublished
from reafference.chips.figures.reading import BadFigures, figures_of, read_figures

__all__ = [
    "BadFigures",
    "Figure",
    "Figures",
    "Listed",
    "Origin",
    "Stated",
    "Unpublished",
    "figures_of",
    "read_figures",
]

"""Parameter sweeps: one function at many points with many seeds, on many processors, kept as they finish."""

from reafference.sweeps.loop import SweepInterrupted, SweepStopped, sweep
from reafference.sweeps.results import Results, Run, load_sweep
from reafference.sweeps.work import Failure

__all__ = ["Failure", "Results", "Run", "SweepInterrupted", "SweepStopped", "load_sweep", "sweep"]

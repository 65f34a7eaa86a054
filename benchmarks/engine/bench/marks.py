"""The marks of the engine, and what is run to find out whether they are met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Found = Any  # what a job printed: an object, or a list of them
Value = tuple[float, float, float]  # median, smallest, largest

TENTH, HALF = ["--short", "nest=0.1"], ["--short", "nest=0.2"]
JOBS = {  # name: (script beside marks.py, its options); the letter before a space or the whole is what --only takes
    "a constant": ("compare.py", ["--workload", "a", "--threads", "1,2", "--json", *HALF]),
    "a poisson": ("compare.py", ["--workload", "a", "--variant", "poisson", "--threads", "1,2", "--json", *HALF]),
    "b current": ("compare.py", ["--workload", "b", "--threads", "1,2", "--json"]),
    "b conductance": ("compare.py", ["--workload", "b", "--variant", "conductance", "--threads", "1,2", "--json"]),
    "c": ("compare.py", ["--workload", "c", "--threads", "1,2", "--json", *HALF]),
    "d": ("compare.py", ["--workload", "d", "--threads", "1,2", "--json", *HALF]),
    "e brunel": ("compare.py", ["--workload", "e", "--threads", "1,2", "--json", *TENTH]),
    "e hpc": ("compare.py", ["--workload", "e", "--variant", "hpc", "--threads", "1,2", "--json", *TENTH]),
    "f": ("f_cold_start.py", []),
    "g tenth": ("compare.py", ["--workload", "g", "--threads", "1,2", "--json", *HALF]),
    "g rates": ("g_microcircuit.py", ["--inputs", "full", "--wiring", "own"]),
    "activity": ("activity_curve.py", ["--json"]),
    "memory one": ("../build_network.py", ["--row", '["FixedInDegree", "one", "1.5 ms", 10000, 1000]']),
    "memory own": ("../build_network.py", ["--row", '["LogNormalDegree", "own", "1.5 ms", 138639, 108]']),
}


@dataclass(frozen=True)
class Mark:
    """One mark: a value taken from what a job found, and its limit.

    at_least  the value has to reach the limit; otherwise it must not be above it
    """

    job: str
    text: str
    unit: str
    limit: float
    value: Callable[[Found], Value | None]
    at_least: bool = True


def ratio(threads: int) -> Callable[[Found], Value | None]:
    """Ours against the best peer."""

    def value(found: Found) -> Value | None:
        one = found["threads"].get(str(threads), {})
        return (one["ratio"], one["ratio_min"], one["ratio_max"]) if "ratio" in one else None

    return value


def speedup(found: Found) -> Value | None:
    """Two threads against one."""
    one = found["threads"].get("2", {}).get("speedup")
    return (one["ratio"], one["ratio_min"], one["ratio_max"]) if one else None


def against(peer: str) -> Callable[[Found], Value | None]:
    """Ours on one thread against one peer, at the number of threads that is best for it."""

    def value(found: Found) -> Value | None:
        theirs = [one for name, one in found["peers"].items() if name.startswith(f"{peer},")]
        if not theirs:
            return None
        one = min(theirs, key=lambda one: one["seconds"])["ours"]["1"]
        return one["ratio"], one["ratio_min"], one["ratio_max"]

    return value


def plain(name: str, scale: float = 1.0) -> Callable[[Found], Value | None]:
    """A number of ours on one thread."""

    def value(found: Found) -> Value | None:
        one = found["threads"]["1"]
        return (one[name] * scale,) * 3 if name in one else None

    return value


def number(name: str, scale: float = 1.0) -> Callable[[Found], Value | None]:
    """A number of a job that prints one object."""
    return lambda found: (found[name] * scale,) * 3 if name in found else None


def start(network: str, cache: str, name: str) -> Callable[[Found], Value | None]:
    """A time of a cold start of ours."""

    def value(found: Found) -> Value | None:
        for row in found:
            if (row["simulator"], row["network"], row["cache"]) == ("reafference", network, cache):
                return row[name]["median"], row[name]["min"], row[name]["max"]
        return None

    return value


def rates_outside(found: Found) -> Value:
    """Populations of the microcircuit whose rate is not as published."""
    from g_microcircuit import outside

    return (float(len(outside(found["rates"]))),) * 3


def halving(found: Found) -> Value | None:
    """The constant that halving is reckoned from, as a part of the run time at 0.5 Hz."""
    if "constant_s" not in found:
        return None
    return (found["constant_s"] / found["halving_from_s"],) * 3


COMPARED = [job for job, (script, _) in JOBS.items() if script == "compare.py"]
MARKS = (
    Mark("a constant", "one thread, against the best peer", "x", 2.0, ratio(1)),
    Mark("a constant", "two threads, against the best peer", "x", 4.0, ratio(2)),
    Mark("a constant", "one thread, of the measured bound", "", 0.6, plain("of_the_bound")),
    Mark("a constant", "two threads, against one", "x", 1.7, speedup),
    Mark("a poisson", "one thread, against the best peer", "x", 3.0, ratio(1)),
    Mark("a poisson", "two threads, against the best peer", "x", 6.0, ratio(2)),
    Mark("b current", "one thread, against the best peer", "x", 2.5, ratio(1)),
    Mark("b conductance", "one thread, against the best peer", "x", 6.0, ratio(1)),
    Mark("c", "one thread, against the best peer", "x", 25.0, ratio(1)),
    Mark("c", "building", "s", 5.0, plain("build_seconds"), at_least=False),
    Mark("d", "one thread, against the best peer", "x", 100.0, ratio(1)),
    Mark("d", "one simulated second", "s", 0.06, plain("ours_s"), at_least=False),
    Mark("d", "building", "s", 5.0, plain("build_seconds"), at_least=False),
    Mark("e brunel", "one thread, against the best peer", "x", 3.0, ratio(1)),
    Mark("e brunel", "one thread, against NEST", "x", 20.0, against("nest")),
    Mark("e brunel", "memory of a synapse", "bytes", 16.0, plain("bytes_per_synapse"), at_least=False),
    Mark("e hpc", "one thread, against the best peer", "x", 3.0, ratio(1)),
    Mark("e hpc", "one thread, against NEST", "x", 20.0, against("nest")),
    Mark("e hpc", "memory of a synapse", "bytes", 16.0, plain("bytes_per_synapse"), at_least=False),
    Mark("f", "import and describe", "s", 0.5, start("description", "-", "import_s"), at_least=False),
    Mark("f", "first spike, warm, CurrentLIF", "s", 1.5, start("current", "warm", "first_spike_s"), at_least=False),
    Mark("f", "first spike, warm, DeltaLIF", "s", 1.5, start("delta", "warm", "first_spike_s"), at_least=False),
    Mark("f", "first spike, cold, CurrentLIF", "s", 20.0, start("current", "cold", "first_spike_s"), at_least=False),
    Mark("f", "first spike, cold, DeltaLIF", "s", 20.0, start("delta", "cold", "first_spike_s"), at_least=False),
    Mark("g tenth", "one thread, against the best peer", "x", 1.0, ratio(1)),
    Mark("g rates", "populations whose rate is not as published", "", 0.0, rates_outside, at_least=False),
    Mark("activity", "automatic over the better way, worst rate", "x", 1.1, number("worst"), at_least=False),
    Mark("activity", "constant of halving, part of the run time at 0.5 Hz", "", 0.1, halving, at_least=False),
    Mark("memory one", "10 million synapses of one weight", "MB", 300.0, number("peak"), at_least=False),
    Mark("memory own", "15 million synapses of their own weights", "MB", 400.0, number("peak"), at_least=False),
    *(Mark(job, "two threads never slower than one", "x", 1.0, speedup) for job in COMPARED if job != "a constant"),
)

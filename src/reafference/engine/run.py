"""Running a network for a stretch of time, in one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from reafference.engine.checkpoint import folder_at
from reafference.engine.claim import Claim
from reafference.engine.describe import check_network
from reafference.engine.memory import available_memory
from reafference.engine.patience import line, watched
from reafference.engine.ranks import failing_together, ranks_of
from reafference.engine.simulation import Simulation
from reafference.engine.spikes import STEPS, Watch, whole_ticks
from reafference.network import Network, Poisson
from reafference.recording import Recording
from reafference.units import check_time, ms

MOST_TICKS = 10**10
RECORDED_BYTES = 40  # per spike while the recording is put together


def check_length(network: Network, seconds: float, dt: float, record: Sequence[str] | None) -> None:
    """Refuse a run that would take days, or whose sources alone would fill the memory with recorded spikes."""
    check_time("dt", dt, *STEPS)
    if seconds / dt > MOST_TICKS:
        raise ValueError(
            f"{seconds:g} s in steps of {dt:g} s are {seconds / dt:.3g} ticks, above the limit of {MOST_TICKS:.0e}; "
            "use a larger dt, or Simulation.advance for one stretch after the other."
        )
    spikes = sum(
        float(np.mean(p.kind.rate)) * p.size * seconds
        for p in network.populations
        if isinstance(p.kind, Poisson) and (record is None or p.name in record)
    )
    available = available_memory()
    if available is not None and spikes * RECORDED_BYTES > available:
        raise MemoryError(
            f"the Poisson sources make about {spikes:.3g} spikes, which take {spikes * RECORDED_BYTES / 2**30:.3g} GiB "
            f"to record; {available / 2**30:.3g} GiB are free. Leave them out of `record`, or run shorter."
        )


def run(
    network: Network,
    seconds: float,
    *,
    dt: float = 0.1 * ms,
    seed: int = 0,
    threads: int = 1,
    record: Sequence[str] | None = None,
    watch: Sequence[Watch] = (),
    sample: float | None = None,
    progress: Callable[[float], None] | None = None,
    comm: Any = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: float | None = None,
) -> Recording:
    """Run a network for `seconds` and return what happened.

    progress    called with the part done, 0 to 1, about fifty times during the run; None: a line on the terminal, if
                there is one and the run takes more than two seconds
    checkpoint  folder for checkpoints, one every `checkpoint_every` s (of simulated time) and one at the end. If there
                are some of the same run, it goes on from the last, with the same spikes and recording as if it had
                never been stopped; those of another run raise ValueError. A folder into which another process is
                writing raises BlockingIOError. See Simulation.save and restore
    The rest as in Simulation.

    On several ranks (`comm`) all make this call with the same arguments. Rank 0 gets the whole recording, for which it
    must have room; the others get the part of their own neurons. Where rank 0 has no room, use a Simulation: its
    `recording` is the part of each rank.
    """
    ranks = ranks_of(comm)
    with failing_together(ranks):
        check_network(network)
        check_time("seconds", seconds, 0.0, 1e7)
        if progress is not None and not callable(progress):
            raise TypeError(f"progress = {progress!r} cannot be called; give a function of one number from 0 to 1.")
        check_length(network, seconds, dt, record)
        if (checkpoint is None) != (checkpoint_every is None):
            raise ValueError("checkpoint and checkpoint_every belong together: a folder, and seconds between two.")
        folder = None if checkpoint is None else folder_at(checkpoint)
        simulation = Simulation(
            network, dt=dt, seed=seed, threads=threads, record=record, watch=watch, sample=sample, comm=ranks
        )
        total = whole_ticks("seconds", seconds, dt)
        if progress is None and watched() and (ranks is None or ranks.rank == 0):
            progress = line(seconds)
        # All ranks take the same steps, whoever of them shows progress.
        stride = total if progress is None and ranks is None else max(1, math.ceil(total / 50))
        every = total if checkpoint_every is None else whole_ticks("checkpoint_every", checkpoint_every, dt)
        if folder is not None:
            simulation.restore(folder, missing_ok=True)
        if simulation.tick > total:
            raise ValueError(
                f"the checkpoint in {str(checkpoint)!r} is at {simulation.now:g} s, after the end of a run of "
                f"{seconds:g} s; run longer or use another folder."
            )
        claim = nullcontext()
        if folder is not None and simulation.tick < total and (ranks is None or ranks.rank == 0):
            folder.mkdir(parents=True, exist_ok=True)
            claim = Claim(folder)
        with claim:
            while simulation.tick < total:
                until = min(total, simulation.tick + stride, (simulation.tick // every + 1) * every)
                simulation.advance((until - simulation.tick) * dt)
                if folder is not None and (until % every == 0 or until == total):
                    simulation.save(folder)
                if progress is not None:
                    progress(until / total)
        return simulation.gather()

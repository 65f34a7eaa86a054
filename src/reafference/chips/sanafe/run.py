"""Run a network as SANA-FE runs it on its Loihi, and count what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.pricing.loihi1 import LoihiTimes, LoihiWork
from reafference.chips.pricing.loihi_work import LoihiCounter
from reafference.chips.sanafe.network import SanafeNetwork
from reafference.chips.sanafe.tick import Cells, Rows, one_tick
from reafference.units import check_range


@dataclass(frozen=True, kw_only=True, eq=False)
class SanafeRun:
    """What happened.

    tick, neuron  (spikes,) int, the first tick is 1, neurons by the network's numbers, sources among them
    potential     (neurons,) float, at the end
    work          what was counted, to be priced by `Sanafe().price(work)` or `Davies2018().price(work)`
    """

    tick: npt.NDArray[np.int64]
    neuron: npt.NDArray[np.int64]
    potential: npt.NDArray[np.float64]
    work: LoihiWork

    def __repr__(self) -> str:
        work = self.work
        return (
            f"SanafeRun({work.ticks:,} ticks, {self.tick.size:,} spikes, {work.synaptic_events:,} synaptic events, "
            f"{work.messages:,} messages)"
        )


def run_sanafe(
    network: SanafeNetwork,
    ticks: int,
    *,
    times: tuple[LoihiTimes, ...] = (),
    seconds_per_tick: float = 1e-3,
    progress: Callable[[float], None] | None = None,
) -> SanafeRun:
    """Run from the beginning, in SANA-FE's own arithmetic (floating point, cut to 1/64).

    times             of profiles whose time is wanted: `(Sanafe().times(),)`
    seconds_per_tick  s of being on that a tick counts as, for static power
    progress          called with the part done, 0 to 1
    """
    check_range("run_sanafe: ticks", ticks, 0, 2**31 - 1, "")
    size, own = network.core.size, network.neurons
    cells = Cells(
        network.computed, own.threshold, own.bias, own.leak, own.input_decay, own.reset, own.mode, own.refractory,
        own.low_threshold, own.low_reset, own.low_mode, own.forced,
        own.potential.copy(), np.zeros(size), np.zeros(size, np.int64), np.zeros(size), np.zeros(size, np.bool_),
    )  # fmt: skip
    first = np.searchsorted(network.source, np.arange(size + 1))
    rows = Rows(first, network.target.astype(np.int32), network.weight)
    fed = np.searchsorted(network.train[:, 0], np.arange(1, ticks + 2))
    counter = LoihiCounter(network.routes(), times)
    fires, busy = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    spiked: list[npt.NDArray[np.int64]] = []
    for done in range(ticks):
        fires[:] = False
        fires[network.train[fed[done] : fed[done + 1], 1]] = True
        one_tick(cells, rows, done > 0, fires, busy)
        spiked.append(np.flatnonzero(fires))
        counter.add(spiked[-1], busy)
        if progress is not None:
            progress((done + 1) / ticks)
    return SanafeRun(
        tick=np.repeat(np.arange(1, ticks + 1), [each.size for each in spiked]),
        neuron=np.concatenate([*spiked, np.zeros(0, np.int64)]),
        potential=cells.potential,
        work=counter.work(ticks * seconds_per_tick),
    )

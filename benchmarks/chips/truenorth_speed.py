"""How fast TrueNorth's cores run here, in synaptic operations and against the chip's millisecond.

    python benchmarks/chips/truenorth_speed.py [--repeats N] [--watts W] [--tick-marks]

A synaptic operation is an active axon times a set bit of its crossbar row, the chip makers' own measure. Every row is
the median of `--repeats` runs and their range, on one thread and on two.

`busy rows`: 16 cores, crossbars half full, all four axon types in equal parts; so many of 256 axons are active in every
core at every tick, as so many neurons fire at every tick. Mark: 20 GSOPS on two threads with 128 active axons; the
most of the chip is 58 (Akopyan et al., TCAD 34 (2015) 1551, at 0.75 V).

`full chip`: 4,096 cores, 128 synapses an axon, four types, neurons at 20 Hz by their own leak, delays of 1 to 15 ticks,
targets anywhere; all neurons of a core alike, or each with parameters of its own. Mark: 3 ms a tick on two threads;
real time is 1 ms. The chip draws 72 mW there (0.775 V; Merolla et al., Science 345 (2014) 668, p. 7).

Where other programs share the processor, wall time says little; then the column of processor time of one thread says
what the run itself took. (Two threads wait for each other in processor time, so they have no such column.)

The power of the processor is printed if the system counts it (RAPL) or as `--watts` says; else it is not known.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reafference.chips.truenorth import Core, Machine, Neuron, Reset
from support.printing import machine, table

CHIP_W = 0.072  # published, at 20 Hz and 128 synapses, 0.775 V
RAPL = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


def busy(active: int, threads: int, cores: int = 16) -> Machine:
    """Cores of which `active` neurons fire at every tick, each on an axon of the next core."""
    rng = np.random.default_rng(1)
    made = []
    for number in range(cores):
        # Half the synapses have a positive weight and half a negative, of one size: nothing grows, nobody rests.
        firing = Neuron(weights=(1, -1, 2, -2), leak=255, threshold=0, floor=1000, reset=Reset.VALUE)
        silent = Neuron(weights=(1, -1, 2, -2), threshold=2**18 - 1, floor=1000)
        kind = (np.arange(256) >= active).astype(int)
        targets = np.stack([np.full(256, (number + 1) % cores), rng.permutation(256), np.ones(256, int)], axis=1)
        made.append(
            Core(
                crossbar=rng.random((256, 256)) < 0.5,
                axon_type=rng.permutation(np.arange(256) % 4),
                neurons=[firing, silent] if active < 256 else [firing],
                kind=kind if active < 256 else None,
                targets=targets,
            )
        )
    return Machine(made, threads=threads)


def chip(threads: int, own: bool, cores: int = 4096) -> Machine:
    """A full chip near 20 Hz; `own`: every neuron has parameters of its own."""
    rng = np.random.default_rng(2)
    neurons = [Neuron(weights=(1, -1, 2, -2), leak=20, threshold=1000, floor=500, reset=Reset.LINEAR)]
    if own:
        neurons = [
            Neuron(
                weights=tuple((rng.permutation(4) * np.array([1, -1, 1, -1])).tolist()),
                leak=int(rng.integers(18, 23)),
                threshold=int(rng.integers(900, 1100)),
                floor=int(rng.integers(400, 600)),
                reset=Reset.LINEAR,
            )
            for _ in range(256)
        ]
    crossbars = [np.argsort(rng.random((256, 256)), axis=1) < 128 for _ in range(16)]
    made = [
        Core(
            crossbar=crossbars[number % 16],
            axon_type=rng.permutation(np.arange(256) % 4),
            neurons=neurons,
            targets=np.stack(
                [rng.integers(0, cores, 256), rng.integers(0, 256, 256), rng.integers(1, 16, 256)], axis=1
            ),
        )
        for number in range(cores)
    ]
    result = Machine(made, threads=threads)
    # Phases all over the cycle, or all would fire in the same tick.
    result.set_potential(rng.integers(0, 900, (cores, 256)))
    return result


def energy() -> float | None:
    """J that the processor has used since some time; None if it does not tell."""
    try:
        return int(RAPL.read_text()) * 1e-6
    except (OSError, ValueError):
        return None


def measure(system: Machine, ticks: int, repeats: int) -> tuple[list[float], list[float], float, float, float | None]:
    """s a tick in every run, by the wall and of the processor; operations and spikes a tick; W if it tells."""
    system.run(20, record=())
    seconds, own, operations, spikes = [], [], 0, 0
    before, begin = energy(), time.perf_counter()
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        run = system.run(ticks, record=())
        seconds.append((time.perf_counter() - start) / ticks)
        own.append((time.process_time() - used) / ticks)
        operations += run.work["synaptic_events"]
        spikes += run.work["spikes"]
    after, wall = energy(), time.perf_counter() - begin
    watts = (after - before) / wall if before is not None and after is not None and after > before else None
    return seconds, own, operations / repeats / ticks, spikes / repeats / ticks, watts


def spread(values: list[float], scale: float) -> str:
    low, middle, high = min(values) * scale, statistics.median(values) * scale, max(values) * scale
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--watts", type=float, help="power of the processor, as its maker or a meter states it")
    arguments = parser.parse_args()
    print(f"{machine()}\n")

    rows, reached, seen = [], 0.0, None
    for active in (16, 64, 128, 256):
        for threads in (1, 2):
            seconds, used, operations, _, watts = measure(busy(active, threads), 4000, arguments.repeats)
            seen = watts or seen
            gsops = [operations / s * 1e-9 for s in seconds]
            alone = f"{operations / statistics.median(used) * 1e-9:.3g}" if threads == 1 else ""
            rows.append([f"{active} axons active", f"{threads}", spread(gsops, 1.0), spread(seconds, 1e6 / 16), alone])
            if (active, threads) == (128, 2):
                reached = statistics.median(gsops)
    head = ["busy rows, 16 cores", "threads", "GSOPS", "us a core and tick", "GSOPS of processor time"]
    print(table(head, rows), end="\n\n")

    rows, slowest = [], 0.0
    for name, own in (("neurons of a core alike", False), ("each its own", True)):
        for threads in (1, 2):
            seconds, used, operations, spikes, watts = measure(chip(threads, own), 100, arguments.repeats)
            seen = watts or seen
            middle = statistics.median(seconds)
            gsops = f"{operations / middle * 1e-9:.3g}"
            alone = f"{statistics.median(used) * 1e3:.3g}" if threads == 1 else ""
            rate = f"{spikes / (4096 * 256) * 1000:.1f}"
            rows.append([name, f"{threads}", rate, spread(seconds, 1e3), f"{middle * 1e3:.2f}", gsops, alone])
            if threads == 2:
                slowest = max(slowest, middle)
    head = ["full chip, 4,096 cores", "threads", "Hz", "ms a tick", "x real time", "GSOPS", "ms of processor time"]
    print(table(head, rows), end="\n\n")

    print(f"TrueNorth at this load: {CHIP_W * 1e3:.0f} mW, published (0.775 V, 20 Hz, 128 synapses).")
    if seen is not None:
        print(f"This processor: {seen:.0f} W, counted by itself (RAPL, package) while it ran the last row.")
    elif arguments.watts is not None:
        print(f"This processor: {arguments.watts:g} W, as stated with --watts, not measured.")
    else:
        print("This processor: power not known; the system does not count it. State it with --watts.")
    marks = [
        ("20 GSOPS on two threads, 128 axons active", reached >= 20, f"{reached:.3g}"),
        ("full chip within 3 ms a tick on two threads", slowest <= 3e-3, f"{slowest * 1e3:.3g} ms"),
    ]
    for text, kept, value in marks:
        print(f"{'reached' if kept else 'MISSED'}: {text}: {value}")
    return 0 if all(kept for _, kept, _ in marks) else 1


if __name__ == "__main__":
    sys.exit(main())

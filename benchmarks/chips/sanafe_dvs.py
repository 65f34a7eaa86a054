"""SANA-FE's gesture network (a dynamic vision sensor's convolutional network), loaded and run by SANA-FE and by us.

    python benchmarks/chips/sanafe_dvs.py SANAFE_PYTHON snn/dvs.yaml [TICKS] [RUNS]

SANAFE_PYTHON is the Python of an environment with sanafe 2.2.9; the file stands in SANA-FE's repository. Both sides run
in a process of their own, one after the other, RUNS times; each pair gives a ratio. A row has the time of whole
processes by the wall clock and of the processor, and what both answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

SIDE = Path(__file__).parent / "sides" / "sanafe_dvs_side.py"


def ours(path: str, ticks: int) -> None:
    """Our side, alone in its process."""
    from reafference.chips.pricing.loihi1 import Sanafe
    from reafference.chips.sanafe import read_sanafe, run_sanafe

    begin = time.perf_counter()
    network = read_sanafe(path)
    loaded = time.perf_counter()
    run = run_sanafe(network, ticks, times=(Sanafe().times(),))
    sources = int(np.count_nonzero(~network.computed[run.neuron]))
    print(json.dumps({
        "load": loaded - begin, "run": time.perf_counter() - loaded,
        "energy": Sanafe().price(run.work).priced("energy").low, "time": run.work.clocks["sanafe"].low,
        "fired": run.work.spikes + sources, "updated": run.work.neuron_updates + sources,
    }))  # fmt: skip


def timed(command: list[str]) -> dict[str, float]:
    """What a side prints, and s by the wall clock and of the processor."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = child.stdout.read() if child.stdout is not None else ""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    if status:
        raise RuntimeError(f"{command[1]} failed with {status}.")
    found = json.loads(said.strip().splitlines()[-1])
    return found | {"wall": time.perf_counter() - begin, "processor": used.ru_utime + used.ru_stime}


def main(python: str, path: str, ticks: int, runs: int) -> None:
    """Compare, and print one row for each pair."""
    own = [sys.executable, __file__, "--ours", path, str(ticks)]
    timed([*own[:-1], "1"])  # kernels are compiled once
    print(
        "| pair | SANA-FE: load, run, processor (s) | here: load, run, processor (s) | wall, ratio | processor, ratio |"
    )
    print("| ---: | ---: | ---: | ---: | ---: |")
    ratios: list[tuple[float, float]] = []
    for pair in range(runs):
        theirs, here = timed([python, str(SIDE), path, str(ticks)]), timed(own)
        ratios.append((theirs["wall"] / here["wall"], theirs["processor"] / here["processor"]))
        cells = [f"{each['load']:.1f}, {each['run']:.1f}, {each['processor']:.1f}" for each in (theirs, here)]
        print(f"| {pair + 1} | {' | '.join(cells)} | {ratios[-1][0]:.1f} | {ratios[-1][1]:.1f} |", flush=True)
        if (theirs["fired"], theirs["updated"]) != (here["fired"], here["updated"]):
            print(f"spikes or updates differ: {theirs}, {here}")
    wall, processor = np.array(ratios).T
    print(
        f"ratio of whole processes: wall {np.median(wall):.1f} ({wall.min():.1f} to {wall.max():.1f}), processor "
        f"{np.median(processor):.1f} ({processor.min():.1f} to {processor.max():.1f})"
    )
    print(f"energy {here['energy'] / theirs['energy'] - 1:.1e}, time {here['time'] / theirs['time'] - 1:.1e} apart")


if __name__ == "__main__":
    if sys.argv[1] == "--ours":
        ours(sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1], sys.argv[2], *[int(each) for each in (sys.argv[3:5] + ["1000", "5"][len(sys.argv) - 3 :])])

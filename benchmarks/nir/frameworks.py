"""The same networks in snnTorch, Norse, this engine and Loihi's integers, handed over as NIR files.

    python benchmarks/nir/frameworks.py --framework-python PYTHON --folder FOLDER [--graphs PAPER] [--freeze tests/data]

PYTHON belongs to an environment of its own: `python3 -m venv frameworks`, `frameworks/bin/pip install torch snntorch
norse nir nirtorch`. There `benchmarks/support/nir_side.py` draws and trains networks, exports them and runs them; here
they are read, run and compared, also with a plain twin that steps a graph in NumPy (`tests/plain_nir.py`). What is in
FOLDER already is not made again. PAPER is the folder `paper` of a checkout
of github.com/neuromorphs/NIR (BSD-3-Clause): its graphs are read, written and read again, and the spikes of its LIF
that others published are compared with ours. --freeze keeps the trained network and some spikes for the tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1]))  # support/
sys.path.insert(1, str(Path(__file__).parents[2] / "tests"))  # plain_nir

import nir
import reafference as ra
from plain_nir import PlainGraph
from reafference.chips.circuit import draw
from reafference.chips.loihi1 import Loihi1
from reafference.network.feed import feed
from reafference.nir import EulerSteps, Impulses, NIRFaults
from reafference.units import ms
from support.printing import machine, table

SIDE = Path(__file__).parents[1] / "support" / "nir_side.py"
NETWORKS = {  # how each is read, and whether it has synaptic currents, behind which snnTorch is one step ahead
    "snntorch Leaky": (EulerSteps(dt=0.1 * ms), 0),
    "snntorch RLeaky": (EulerSteps(dt=0.1 * ms), 0),
    "snntorch Synaptic": (EulerSteps(dt=0.1 * ms), 1),
    "snntorch RSynaptic": (EulerSteps(dt=0.1 * ms), 1),
    "norse conv LIF": (EulerSteps(dt=1 * ms), 0),
    "norse conv IF": (Impulses(dt=1 * ms), 0),
    "paper's CNN": (Impulses(dt=1 * ms), 0),  # where the paper's graphs are there; run in Norse, too
}
LARGE = 1000  # neurons that are too many for loops in Python
FROZEN = 20  # samples that tests compare with
Raster = npt.NDArray[Any]


def given(raster: Raster, dt: float) -> ra.SpikeTrain:
    """Spikes (steps, neurons) as a SpikeTrain; step k is tick k + 1."""
    step, neuron = np.nonzero(raster)
    return ra.SpikeTrain(time=(step + 1) * dt, neuron=neuron)


def raster(recording: ra.Recording, population: str, size: int, ticks: int) -> Raster:
    """Spikes of a population as (ticks, neurons) of booleans; row k is tick k + 1."""
    time, neuron = recording.of(population)
    found = np.zeros((ticks, size), np.bool_)
    found[np.rint(time / recording.dt).astype(int) - 1, neuron] = True
    return found


def layers(network: ra.Network) -> list[ra.Population]:
    """Its neurons, as populations in the order of the layers."""
    return [population for population in network.populations if getattr(population.kind, "receives", True)]


def run(network: ra.Network, spikes: Raster, dt: float, more: int) -> list[Raster]:
    """Rasters of all layers on the engine."""
    ticks = len(spikes) + more
    source = next(p.name for p in network.populations if p.kind.__class__ is ra.SpikeTrain)
    recording = ra.run(feed(network, {source: given(spikes, dt)}), ticks * dt, dt=dt)
    return [raster(recording, each.name, each.size, ticks) for each in layers(network)]


def shifted(ours: Raster, shift: int, steps: int) -> Raster:
    """What is `shift` ticks later here, at the steps of the other side."""
    return ours[shift : shift + steps]


def stepped(path: Path, convention: EulerSteps | Impulses, spikes: Raster) -> PlainGraph:
    """A file stepped in NumPy."""
    twin = PlainGraph(nir.read(path), convention.dt, euler=isinstance(convention, EulerSteps))
    for row in spikes:
        twin.step({"input": row.reshape(twin.shape["input"]).astype(float)})
    return twin


def agreement(folder: Path) -> list[list[str]]:
    """Rows: spikes of each layer on both sides."""
    rows = list[list[str]]()
    for name, (convention, lag) in NETWORKS.items():
        if not (folder / f"{name}.npz").exists():
            continue
        network, dt = ra.read_nir(folder / f"{name}.nir", convention=convention), convention.dt
        kept = np.load(folder / f"{name}.npz")
        ours = run(network, kept["input"], dt, 8)
        twin = None if network.neurons > LARGE else stepped(folder / f"{name}.nir", convention, kept["input"])
        for k, mine in enumerate(ours):
            theirs = kept[f"layer{k}"].astype(np.bool_)
            shift = (k + 1) * (1 + lag)
            here = shifted(mine, shift, len(theirs))
            both = int((here & theirs).sum())
            counts = [int(theirs.sum()), int(here.sum()), both, int(theirs.sum()) - both, int(here.sum()) - both]
            differ = np.flatnonzero((here != theirs).any(axis=1))
            first = str(differ[0]) if differ.size else "none"
            same = "too slow"
            if twin is not None:
                plain = np.array(twin.spikes[layers(network)[k].name]).reshape(len(theirs), -1)
                same = "the same" if np.array_equal(plain, mine[: len(plain)]) else "differ"
            rows.append([name, str(k + 1), f"{shift}", *(f"{count:,}" for count in counts), first, same])
    return rows


def trained(folder: Path, freeze: Path | None) -> list[list[str]]:
    """Rows: accuracy of the trained network everywhere, and how often the answer is snnTorch's."""
    dt = 0.1 * ms
    network = ra.read_nir(folder / "trained.nir", convention=EulerSteps(dt=dt))
    kept = np.load(folder / "trained.npz")
    label, data = kept["label"], kept["input"]
    program = Loihi1().compile(network, dt=dt)
    last = layers(network)[-1]
    source = network.populations[0].name
    answers, equal = {"engine": list[int](), "Loihi 1": list[int]()}, {"engine": 0, "Loihi 1": 0}
    spikes = kept["layer1"].astype(np.bool_)
    for sample, theirs in zip(data, spikes, strict=True):
        ticks = len(sample) + 4
        inputs = {source: given(sample, dt)}
        for place, recording in (
            ("engine", ra.run(feed(network, inputs), ticks * dt, dt=dt)),
            ("Loihi 1", program.run(ticks * dt, inputs=inputs)),
        ):
            here = shifted(raster(recording, last.name, last.size, ticks), 2, len(sample))
            answers[place].append(int(np.argmax(here.sum(axis=0))))
            equal[place] += bool(np.array_equal(here, theirs))
    said = np.argmax(spikes.sum(axis=1), axis=1)
    rows = [["snnTorch", f"{np.mean(said == label):.1%}", "", ""]]
    for place, found in answers.items():
        right, same = np.mean(np.array(found) == label), np.mean(np.array(found) == said)
        rows.append([place, f"{right:.1%}", f"{same:.1%}", f"{equal[place]} of {len(data)}"])
    if freeze is not None:
        (freeze / "nir_trained.nir").write_bytes((folder / "trained.nir").read_bytes())
        np.savez_compressed(
            freeze / "nir_trained.npz",
            **{name: kept[name][:FROZEN] for name in ("input", "label", "layer0", "layer1")},
            origin=np.array(
                "spikes of nir_trained.nir, trained and exported by snnTorch; benchmarks/nir/frameworks.py; "
                + (folder / "versions.txt").read_text()
            ),
        )
    return rows


def difference(one: ra.Network, other: ra.Network, dt: float) -> str:
    """Largest relative difference of weights of two networks, or what else differs."""
    a, b = draw(one, dt=dt), draw(other, dt=dt)
    if a.groups != b.groups or any(
        not np.array_equal(getattr(a, name), getattr(b, name)) for name in ("source", "target", "delay", "first")
    ):
        return "synapses differ"
    worst = np.max(np.abs(a.weight - b.weight) / np.abs(a.weight), initial=0.0)
    for p, q in zip(one.populations, other.populations, strict=True):
        for name, value in vars(p.kind).items():
            x, y = np.asarray(value), np.asarray(getattr(q.kind, name))
            if not np.allclose(x, y, rtol=1e-14, atol=0.0):
                return f"{name} of {p.name} differs"
    return f"{worst:.1g}"


def round_trips(paper: Path, folder: Path) -> list[list[str]]:
    """Rows: each example graph read, written, read."""
    rows = list[list[str]]()
    for path in sorted(paper.rglob("*.nir")):
        convention = Impulses() if "cnn" in path.name else EulerSteps(dt=0.1 * ms)
        try:
            network = ra.read_nir(path, convention=convention)
        except NIRFaults as error:
            rows.append([path.name, "refused", "", "", f"{len(error.faults)} faults; {error.faults[0]}"])
            continue
        written = ra.write_nir(network, folder / "again.nir", convention=convention)
        again = ra.read_nir(written, convention=convention)
        circuit = draw(network, dt=convention.dt)
        told = difference(network, again, convention.dt)
        rows.append([path.name, type(convention).__name__, str(circuit.neurons), f"{circuit.synapses:,}", told])
    return rows


def published(paper: Path) -> list[list[str]]:
    """Rows: spikes of the paper's LIF by each backend, beside ours."""
    home = paper / "01_lif"
    dt = 0.1 * ms
    network = ra.read_nir(home / "lif_norse.nir", convention=EulerSteps(dt=dt))
    rows = list[list[str]]()
    for path in sorted(home.glob("lif_*.csv")):
        rows_of = np.genfromtxt(path, delimiter=",")
        theirs = np.flatnonzero(rows_of[:, 2])
        (ours,) = run(network, rows_of[:, :1] > 0, dt, 2)
        here = np.flatnonzero(shifted(ours, 1, len(rows_of))[:, 0])
        told = "the same" if np.array_equal(theirs, here) else f"off by {', '.join(map(str, theirs - here))} steps"
        rows.append([path.stem.removeprefix("lif_"), ", ".join(map(str, theirs)), told])
    return [["ours", ", ".join(map(str, here)), ""], *rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--framework-python", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--graphs", type=Path)
    parser.add_argument("--freeze", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    print(machine())
    if not (args.folder / "versions.txt").exists():
        if args.framework_python is None:
            sys.exit("give --framework-python, or a --folder in which its results lie.")
        paper = [] if args.graphs is None else [args.graphs]
        subprocess.run([args.framework_python, SIDE, args.folder, *paper], check=True)
    print((args.folder / "versions.txt").read_text(), "\n")
    columns = ["network", "layer", "later here, ticks", "theirs", "ours", "identical", "missing", "extra"]
    columns += ["first step that differs", "ours beside the file stepped in NumPy"]
    print(table(columns, agreement(args.folder)), "\n")
    print(
        table(["trained network on", "right", "as snnTorch", "output spikes equal"], trained(args.folder, args.freeze))
    )
    if args.graphs is not None:
        columns = [
            "graph",
            "read with",
            "neurons",
            "synapses",
            "largest difference of weights after writing and reading",
        ]
        print("\n" + table(columns, round_trips(args.graphs, args.folder)))
        print("\n" + table(["paper's LIF on", "spikes at step", "beside ours"], published(args.graphs)))


if __name__ == "__main__":
    main()

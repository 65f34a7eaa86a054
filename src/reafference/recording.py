"""What happened: spikes, traces, and the work that was done; the same type wherever a network was run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.npz import BROKEN, read_npz, write_npz

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """One variable of some neurons over time.

    variable  its name, such as "v"
    neuron    (neurons,) int, numbers within the population
    value     (samples, neurons) float64, SI units
    """

    variable: str
    neuron: Ints
    value: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """Spikes in order of time, traces, and counters of work.

    time      (spikes,) s
    neuron    (spikes,) int, numbers in the network, all populations counted through in order
    groups    name of each population and its first neuron, in order
    neurons   neurons in the network
    start     s, seconds: s; the recording covers (start, start + seconds]
    dt        s, the step
    work      what was done: "spikes", "synaptic_events", "neuron_updates", "weight_changes" (of learning from spikes:
              one for each event at a synapse that does so)
    recorded  populations whose spikes were kept, None: all; the counters always count all
    sampled   (samples,) s, times of the traces; traces by "population.variable"
    payload   (spikes,) int, what each spike carries where some carry a number (a plain one carries 1); None: none does
    """

    time: Floats
    neuron: Ints
    groups: tuple[tuple[str, int], ...]
    neurons: int
    seconds: float
    dt: float
    start: float = 0.0
    work: Mapping[str, int] = field(default_factory=dict)
    recorded: tuple[str, ...] | None = None
    sampled: Floats = field(default_factory=lambda: np.zeros(0))
    traces: Mapping[str, Trace] = field(default_factory=dict)
    payload: Ints | None = None

    def __post_init__(self) -> None:
        if self.payload is not None and self.payload.shape != self.time.shape:
            raise ValueError(
                f"Recording.payload has shape {self.payload.shape}, time {self.time.shape}; give one for each spike."
            )

    def range(self, population: str) -> tuple[int, int]:
        """First neuron of a population and the one after its last."""
        ends = [first for _, first in self.groups[1:]] + [self.neurons]
        for (name, first), end in zip(self.groups, ends, strict=True):
            if name == population:
                return first, end
        raise KeyError(
            f"no population is called {population!r}; there are {', '.join(name for name, _ in self.groups)}."
        )

    def of(self, population: str) -> tuple[Floats, Ints]:
        """(time, neuron) of one population's spikes, its neurons counted from 0."""
        self._check_recorded(population)
        first, end = self.range(population)
        mine = (self.neuron >= first) & (self.neuron < end)
        return self.time[mine], self.neuron[mine] - first

    def payloads(self, population: str) -> Ints:
        """What the spikes of one population carry, in the order of `of`; 1 each where spikes carry nothing."""
        self._check_recorded(population)
        first, end = self.range(population)
        mine = (self.neuron >= first) & (self.neuron < end)
        return np.ones(np.count_nonzero(mine), np.int64) if self.payload is None else self.payload[mine]

    def counts(self, population: str | None = None) -> Ints:
        """Spikes of each neuron, (neurons,)."""
        if population is None:
            return np.bincount(self.neuron, minlength=self.neurons)
        first, end = self.range(population)
        return np.bincount(self.of(population)[1], minlength=end - first)

    def rates(self, population: str | None = None) -> Floats:
        """Mean rate of each neuron, (neurons,) Hz. Raises ValueError where no time has passed."""
        if self.seconds == 0:
            raise ValueError("the recording is of 0 s, in which nobody has a rate; advance first.")
        return self.counts(population) / self.seconds

    def _check_recorded(self, population: str) -> None:
        self.range(population)
        if self.recorded is not None and population not in self.recorded:
            raise ValueError(
                f"the spikes of {population!r} were not recorded, only those of "
                f"{', '.join(self.recorded) or 'nobody'}; record it too (those of a PoissonInput are never listed)."
            )

    def __repr__(self) -> str:
        active = np.unique(self.neuron).size
        lines = [
            f"Recording of {self.seconds:g} s (steps of {self.dt * 1e3:g} ms) of {self.neurons} neurons: "
            f"{self.time.size} spikes of {active} neurons"
        ]
        if self.work:
            lines.append(
                "  work: " + ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in self.work.items())
            )
        for name, _ in self.groups:
            if self.recorded is None or name in self.recorded:
                counts = self.counts(name)
                rates = counts / self.seconds if self.seconds else counts * 0.0
                lines.append(
                    f"  {name}: {counts.sum()} spikes, mean {rates.mean():.3g} Hz, busiest {rates.max():.3g} Hz, "
                    f"{np.count_nonzero(counts == 0)} of {counts.size} silent"
                )
            else:
                lines.append(f"  {name}: not recorded")
        for name, trace in self.traces.items():
            lines.append(f"  trace {name}: {trace.neuron.size} neurons, {self.sampled.size} samples")
        if not self.time.size and (self.recorded is None or self.work.get("spikes") == 0):  # the counter counts all
            lines.append("  nobody spiked: is there any input, and is it strong enough?")
        return "\n".join(lines)

    def save(self, path: str | Path) -> Path:
        """Write a `.npz`, or a `.parquet` of the spikes (extra `parquet`; no traces; counters go into its metadata).

        Nothing is left half-written: the file appears under its name when it is whole.
        """
        path = Path(path)
        about = {
            "groups": self.groups,
            "neurons": self.neurons,
            "seconds": self.seconds,
            "dt": self.dt,
            "start": self.start,
            "work": dict(self.work),
            "recorded": self.recorded,
            "traces": {name: trace.variable for name, trace in self.traces.items()},
        }
        if not path.name or not path.parent.is_dir():
            raise ValueError(f"a recording cannot be saved as {str(path)!r}: there is no such folder; make it first.")
        part = path.with_name(path.name + ".part")
        try:
            if path.suffix == ".parquet":
                if self.traces:
                    raise ValueError(f"{path.name}: Parquet holds spikes only; save as .npz to keep the traces.")
                _write_parquet(part, self, about)
            elif path.suffix == ".npz":
                arrays = {"time": self.time, "neuron": self.neuron, "sampled": self.sampled}
                for name, trace in self.traces.items():
                    arrays[f"neuron of {name}"] = trace.neuron
                    arrays[f"value of {name}"] = trace.value
                if self.payload is not None:
                    arrays["payload"] = self.payload
                write_npz(part, about, arrays)
            else:
                raise ValueError(
                    f"{path.name}: a recording is saved as .npz or .parquet, not {path.suffix or 'without ending'!r}."
                )
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    @staticmethod
    def load(path: str | Path) -> Recording:
        """Read what `save` wrote. Raises ValueError for a file that is none of ours, or cut short, or damaged."""
        path = Path(path)
        try:
            about, arrays = _read_parquet(path) if path.suffix == ".parquet" else read_npz(path)
            traces = {
                name: Trace(variable=variable, neuron=arrays[f"neuron of {name}"], value=arrays[f"value of {name}"])
                for name, variable in about["traces"].items()
            }
            return Recording(
                time=arrays["time"],
                neuron=arrays["neuron"],
                groups=tuple((name, first) for name, first in about["groups"]),
                neurons=about["neurons"],
                seconds=about["seconds"],
                dt=about["dt"],
                start=about["start"],
                work=about["work"],
                recorded=None if about["recorded"] is None else tuple(about["recorded"]),
                sampled=arrays.get("sampled", np.zeros(0)),
                traces=traces,
                payload=arrays.get("payload"),
            )
        except (FileNotFoundError, PermissionError, IsADirectoryError):
            raise
        except BROKEN as error:
            raise ValueError(
                f"{path} is no recording of this package, or it is cut short or damaged ({error})."
            ) from error


def _parquet():
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError("Parquet needs pyarrow; run: pip install 'reafference[parquet]', or save as .npz.") from error
    return pyarrow


def _write_parquet(path: Path, recording: Recording, about: Mapping[str, Any]) -> None:
    pyarrow = _parquet()
    columns = {"time": recording.time, "neuron": recording.neuron}
    if recording.payload is not None:
        columns["payload"] = recording.payload
    table = pyarrow.table(columns)
    table = table.replace_schema_metadata({"reafference": json.dumps(about)})
    pyarrow.parquet.write_table(table, path, write_page_checksum=True)


def _read_parquet(path: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    pyarrow = _parquet()
    table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    text = (table.schema.metadata or {}).get(b"reafference")
    if text is None:
        raise ValueError("it lacks our metadata")
    return json.loads(text), {name: table[name].to_numpy() for name in table.column_names}

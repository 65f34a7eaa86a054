"""What is kept of a mapping life: a few numbers of every action, and the whole map at some of them."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.snapshot import KnownPlace, Motif, Phase, Snapshot

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_FRAMES = 512
MOST_RANKS = 32
MOST_MOTIFS = 4


class BrokenRecord(ValueError):
    """The file is no whole record of a life."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The map after `at` actions.

    place      cell of the leading chart's packet
    places     of the leading chart
    strengths  (ranks,) shares of one, of charts at evenly spaced ranks from the strongest to the weakest
    motifs     of the last preplay, best first
    """

    at: int
    place: int
    places: tuple[KnownPlace, ...]
    strengths: Floats
    motifs: tuple[Motif, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Record:
    """A life as it was lived.

    first      symbol before the first action
    action     (actions,) int          what was done
    symbol     (actions,) int          what followed
    surprise   (actions,)              nats an action, smoothed
    effective  (actions,)              number of charts that count, 1 / sum of squared shares; nan where there are none
    clones     (actions,) bool         the life of charts was over
    spikes, events  (actions,)         of the charts' cells; nan where the charts are not in cells
    pose       (actions + 1,) int      where the body really was, before the first action and after each; -1: unknown
    time       (actions, stages) bool  which time cells were active
    frames     the map at some of the actions, `stride` apart
    """

    first: int
    action: Ints
    symbol: Ints
    surprise: Floats
    effective: Floats
    clones: Bools
    spikes: Floats
    events: Floats
    pose: Ints
    time: Bools
    frames: tuple[Frame, ...]
    stride: int = 1

    @property
    def actions(self) -> int:
        """How many actions were lived."""
        return int(self.action.size)

    def save(self, path: Path) -> None:
        """Write one file, never half of it."""
        places = [place for frame in self.frames for place in frame.places]
        motifs = [motif for frame in self.frames for motif in frame.motifs]
        arrays: dict[str, Any] = {
            "first": self.first,
            "stride": self.stride,
            "action": self.action,
            "symbol": self.symbol,
            "surprise": self.surprise,
            "effective": self.effective,
            "clones": self.clones,
            "spikes": self.spikes,
            "events": self.events,
            "pose": self.pose,
            "time": np.packbits(self.time, axis=1),
            "stages": self.time.shape[1],
            "frame_at": [frame.at for frame in self.frames],
            "frame_place": [frame.place for frame in self.frames],
            "frame_places": [len(frame.places) for frame in self.frames],
            "frame_motifs": [len(frame.motifs) for frame in self.frames],
            "frame_ranks": [frame.strengths.size for frame in self.frames],
            "strengths": np.concatenate([frame.strengths for frame in self.frames] or [np.zeros(0)]),
            "cell": [place.cell for place in places],
            "tag": [place.symbol for place in places],
            "confidence": [place.confidence for place in places],
            "free": np.array([place.free for place in places], np.float64).reshape(
                len(places), len(places[0].free) if places else 0
            ),
            "motif_length": [len(motif.actions) for motif in motifs],
            "motif_action": [action for motif in motifs for action in motif.actions],
            "motif_foretold": [symbol for motif in motifs for symbol in motif.foretold],
            "motif_score": [motif.score for motif in motifs],
        }
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Record:
        """Read what `save` wrote. Raises BrokenRecord where the file is damaged or something else."""
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                return cls._read({name: file[name] for name in file.files})
        except FileNotFoundError:
            raise
        except (
            OSError,
            ValueError,
            KeyError,
            IndexError,
            EOFError,
            TypeError,
            NotImplementedError,
            zipfile.BadZipFile,
            zlib.error,
            tokenize.TokenError,
        ) as error:
            raise BrokenRecord(
                f"{path} is no whole record of a life ({type(error).__name__}: {ascii(str(error))[1:80]}); "
                "bring it back from a copy, or begin a new life in another folder."
            ) from error

    @classmethod
    def _read(cls, data: dict[str, npt.NDArray[Any]]) -> Record:
        words = _split(
            list(zip(data["motif_action"].tolist(), data["motif_foretold"].tolist(), strict=True)),
            data["motif_length"],
        )
        motifs = [
            Motif(tuple(a for a, _ in word), tuple(s for _, s in word), score)
            for word, score in zip(words, data["motif_score"].tolist(), strict=True)
        ]
        columns = (data[name].tolist() for name in ("cell", "tag", "confidence", "free"))
        places = [KnownPlace(c, s, p, tuple(free)) for c, s, p, free in zip(*columns, strict=True)]
        frames = tuple(
            Frame(at, place, tuple(known), np.array(shares, np.float64), tuple(played))
            for at, place, known, shares, played in zip(
                data["frame_at"].tolist(),
                data["frame_place"].tolist(),
                _split(places, data["frame_places"]),
                _split(data["strengths"].tolist(), data["frame_ranks"]),
                _split(motifs, data["frame_motifs"]),
                strict=True,
            )
        )
        record = cls(
            first=int(data["first"]),
            stride=int(data["stride"]),
            action=data["action"].astype(np.int64),
            symbol=data["symbol"].astype(np.int64),
            surprise=data["surprise"],
            effective=data["effective"],
            clones=data["clones"].astype(np.bool_),
            spikes=data["spikes"],
            events=data["events"],
            pose=data["pose"].astype(np.int64),
            time=np.unpackbits(data["time"], axis=1, count=int(data["stages"])).astype(np.bool_),
            frames=frames,
        )
        each = (record.symbol, record.surprise, record.effective, record.clones, record.spikes, record.events)
        if any(len(one) != record.actions for one in (*each, record.time)) or record.pose.size != record.actions + 1:
            raise ValueError("its parts are of different lengths")
        return record


def _evenly(shares: Floats) -> Floats:
    """At most MOST_RANKS of sorted shares, the first and the last among them."""
    return shares[np.linspace(0, shares.size - 1, min(shares.size, MOST_RANKS)).round().astype(np.int64)]


def _split(whole: list[Any], sizes: npt.NDArray[Any]) -> list[list[Any]]:
    """Cut a list into parts of these sizes; ValueError unless they use it up."""
    ends = np.cumsum(sizes, dtype=np.int64).tolist()
    if (ends[-1] if ends else 0) != len(whole):
        raise ValueError(f"{len(whole)} entries do not make parts of {sum(sizes.tolist())}")
    return [whole[end - size : end] for end, size in zip(ends, sizes.tolist(), strict=True)]


class Recorder:
    """A record that is being written.

    first  symbol before the first action
    pose   where the body really is then; -1: unknown

    Every action gives a frame until there are `most_frames` of them; then every other one is left out, and as many
    actions lie between two from then on. So the frames of a life are the same whether or not it was interrupted.
    """

    def __init__(self, first: int, pose: int, *, stages: int, most_frames: int = MOST_FRAMES) -> None:
        self.first, self.stages, self.most_frames = first, stages, most_frames
        self.stride = 1
        self.frames: list[Frame] = []
        self._pose = [pose]
        self._rows: list[tuple[float, ...]] = []
        self._time: list[Bools] = []

    @classmethod
    def of(cls, record: Record, *, most_frames: int = MOST_FRAMES) -> Recorder:
        """Go on where `record` ends."""
        again = cls(record.first, int(record.pose[0]), stages=record.time.shape[1], most_frames=most_frames)
        again.stride, again.frames = record.stride, list(record.frames)
        again._pose = record.pose.tolist()
        each = (record.action, record.symbol, record.surprise, record.effective, record.clones)
        again._rows = [
            tuple(map(float, row))
            for row in zip(*(one.tolist() for one in (*each, record.spikes, record.events)), strict=True)
        ]
        again._time = list(record.time)
        return again

    def add(self, snapshot: Snapshot, pose: int, time: Bools) -> None:
        """Write down one action: the agent after it, where the body really is, and which time cells are active."""
        shares = np.asarray(snapshot.strengths, np.float64)
        spikes, events = snapshot.spikes, snapshot.synaptic_events
        self._rows.append(
            (
                -1.0 if snapshot.action is None else float(snapshot.action),
                float(snapshot.symbol),
                float(snapshot.surprise),
                float(1.0 / np.sum(shares**2)) if shares.size else np.nan,
                float(snapshot.phase is Phase.CLONES),
                np.nan if spikes is None else float(spikes),
                np.nan if events is None else float(events),
            )
        )
        self._pose.append(pose)
        self._time.append(time)
        if snapshot.actions % self.stride == 0:
            self.frames.append(
                Frame(
                    snapshot.actions,
                    snapshot.place,
                    snapshot.places,
                    _evenly(shares),
                    snapshot.motifs[:MOST_MOTIFS],
                )
            )
        while len(self.frames) > self.most_frames:
            self.stride *= 2
            self.frames = [frame for frame in self.frames if frame.at % self.stride == 0]

    def record(self) -> Record:
        """What was written so far."""
        table = np.array(self._rows, np.float64).reshape(-1, 7)
        return Record(
            first=self.first,
            action=table[:, 0].astype(np.int64),
            symbol=table[:, 1].astype(np.int64),
            surprise=table[:, 2].copy(),
            effective=table[:, 3].copy(),
            clones=table[:, 4].astype(np.bool_),
            spikes=table[:, 5].copy(),
            events=table[:, 6].copy(),
            pose=np.array(self._pose, np.int64),
            time=np.array(self._time, np.bool_).reshape(-1, self.stages),
            frames=tuple(self.frames),
            stride=self.stride,
        )


def lived(record: Record) -> Sequence[tuple[int, int]]:
    """Action and symbol of each moment."""
    return list(zip(record.action.tolist(), record.symbol.tolist(), strict=True))

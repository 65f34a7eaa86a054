"""Pack the course of a mapping life for the page that plays it."""

from __future__ import annotations

import base64
import math
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.flat import flat
from reafference.brain.maps.map_life import MapLife
from reafference.brain.maps.record import Frame
from reafference.report.figure import Floats, thin

MOST_COLUMNS = 500  # of the raster of time cells
FLOOR = 1e-12  # of shares, so that they have logarithms
LEAST = -4  # smallest power of two of a share that is drawn, against an equal one


def text(array: npt.NDArray[Any]) -> str:
    """An array as base64 of its little-endian bytes."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def pack_frames(life: MapLife, most_bytes: int) -> dict[str, Any] | None:
    """What the player needs; None where nothing was lived. Frames are left out evenly until the text fits."""
    frames = life.record.frames
    if not frames:
        return None
    begun = _begun(life)
    packed = _pack(life, frames, begun)
    step = 1
    while (size := sum(len(part) for part in packed.values() if isinstance(part, str))) > most_bytes and len(
        frames
    ) > 8:
        step *= 2
        kept = life.record.frames[::-1][::step][::-1]  # the last one stays
        packed, frames = _pack(life, kept, begun), kept
    packed["bytes"] = size
    return packed


def _begun(life: MapLife) -> dict[int, int]:
    """From the actions of a frame to the cell at which its motifs were preplayed, where that is known."""
    begun: dict[int, int] = {}
    frames = life.record.frames if life.record.stride == 1 else ()
    for before, frame in pairwise(frames):
        same = [(m.actions, m.score) for m in before.motifs] == [(m.actions, m.score) for m in frame.motifs]
        if not same:
            begun[frame.at] = before.place
        elif before.at in begun:
            begun[frame.at] = begun[before.at]
    return begun


def _pack(life: MapLife, frames: tuple[Frame, ...], begun: dict[int, int]) -> dict[str, Any]:
    record = life.record
    at = np.array([frame.at for frame in frames])
    places = [place for frame in frames for place in frame.places]
    cell = np.array([place.cell for place in places], np.int64)
    here = np.array([frame.place for frame in frames], np.int64)
    paper = flat(life.sheet, life.motions) if life.motions is not None else None
    drawn = paper is not None
    if paper is None:
        paper = _spiral(np.concatenate([cell, here]), life.sheet.cells)
    actions = life.sheet.actions
    rim = int(drawn)
    known = paper[np.concatenate([cell, here])]
    final = paper[[*(place.cell for place in frames[-1].places), frames[-1].place]]
    ranks = max(frame.strengths.size for frame in frames)
    shares = np.zeros((len(frames), ranks))
    for row, frame in zip(shares, frames, strict=True):
        row[: frame.strengths.size] = frame.strengths
    stride = max(1, -(-record.actions // MOST_COLUMNS))
    columns = np.add.reduceat(record.time, np.arange(0, record.actions, stride), axis=0) > 0
    motions = life.motions if drawn else None
    return {
        "actions": record.actions,
        "world": life.plan.world,
        "signs": [motion.sign for motion in motions] if motions else [str(action) for action in range(actions)],
        "motions": [[m.east, m.north, m.turn, m.ahead] for m in motions] if motions else None,
        "turning": bool(motions) and any(motion.turn for motion in motions),
        "symbols": 1 + max([int(record.symbol.max()), record.first, *(p.symbol for p in places)]),
        "at": at.tolist(),
        "pose": record.pose[at].tolist(),
        "action": record.action[at - 1].tolist(),
        "symbol": record.symbol[at - 1].tolist(),
        "clones": record.clones[at - 1].astype(int).tolist(),
        "surprise": np.round(record.surprise[at - 1], 3).tolist(),
        "effective": [None if np.isnan(e) else round(float(e), 1) for e in record.effective[at - 1]],
        "charts": life.summary.get("charts"),
        "spread": _spread(shares, life.summary.get("charts")),
        "course": _course(record.effective),
        "gone": int(record.clones.argmax()) if record.clones.any() else None,
        "spikes": [None if np.isnan(s) else int(s) for s in record.spikes[at - 1]],
        "first": np.cumsum([0, *(len(frame.places) for frame in frames)]).tolist(),
        "x": text(paper[cell, 0].astype("<i2")),
        "y": text(paper[cell, 1].astype("<i2")),
        "heading": text(paper[cell, 2].astype(np.uint8)),
        "tag": text(np.array([place.symbol for place in places]).astype("<u2")),
        "sure": text(np.rint([255 * place.confidence for place in places]).astype(np.uint8)),
        "free": text(np.rint([255 * p for place in places for p in place.free]).astype(np.uint8)),
        "width": actions,
        "here": paper[here].tolist(),
        "from": [paper[begun[frame.at]].tolist() if frame.at in begun else None for frame in frames],
        "box": _box(known, rim),
        "final": _box(final, rim),
        "ranks": ranks,
        "shares": text(np.rint(1000 * np.log10(np.maximum(shares, FLOOR))).astype("<i2")),
        "motifs": [[[list(m.actions), list(m.foretold), round(m.score, 3)] for m in frame.motifs] for frame in frames],
        "room": _room(life),
        "time": text(np.packbits(columns, axis=1)) if columns.size else "",
        "stages": record.time.shape[1],
        "stride": stride,
    }


def _box(places: npt.NDArray[np.int64], rim: int) -> list[int]:
    """West, south, east and north ends of places on paper, with a rim into which motifs may lead."""
    return [int(v) for v in (*places[:, :2].min(axis=0) - rim, *places[:, :2].max(axis=0) + rim)]


def _spread(shares: Floats, charts: int | None) -> list[int]:
    """Powers of two between which the shares lie, against what each chart would have if all were equal."""
    if not charts or shares.size == 0:
        return [-1, 1]
    powers = np.log2(np.maximum(shares, FLOOR) * charts)
    return [min(-1, max(LEAST, math.floor(powers.min()))), max(1, math.ceil(powers.max() - 1e-9))]


def _course(effective: Floats) -> list[list[float | None]]:
    """Actions, and the effective number of charts after each; of long lives the extremes of each stretch."""
    actions = np.arange(1, effective.size + 1, dtype=np.float64)
    at, value = thin(actions, effective, MOST_COLUMNS)
    return [at.astype(int).tolist(), [None if np.isnan(v) else round(v, 1) for v in value.tolist()]]


def _spiral(cells: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Places side by side in the order of their cells, for a sheet that no plane holds: (cells, 3)."""
    met = np.unique(cells)
    side = max(1, int(np.ceil(np.sqrt(met.size))))
    paper = np.zeros((size, 3), np.int64)
    order = np.arange(met.size)
    paper[met, 0], paper[met, 1] = order % side, -(order // side)
    return paper


def _room(life: MapLife) -> dict[str, Any] | None:
    room = life.room
    if room is None:
        return None
    return {
        "rows": room.rows,
        "columns": room.columns,
        "headings": room.headings,
        "symbol": room.symbol.tolist(),
        "wall": room.wall.astype(int).ravel().tolist(),
        "solid": room.solid.astype(int).tolist(),
    }

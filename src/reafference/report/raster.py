"""Pack the spikes that the page plays, so that hundreds of thousands of them fit into one small file."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from reafference.brain.life import Raster

_TIME_STEPS = 65535


def pack(raster: Raster, most_bytes: int) -> tuple[dict[str, Any], str]:
    """Spikes as base64 of little-endian arrays, and a note where some had to be left out ("" otherwise).

    Time is a uint16 that counts `seconds` / 65535; neuron is a uint16, or a uint32 where there are more than 65536 of
    them. If the text would be longer than `most_bytes`, spikes are left out at random, the same ones every time.
    """
    wide = raster.neurons > 65536
    most = most_bytes * 3 // 4 // (6 if wide else 4)
    order = np.argsort(raster.time, kind="stable")
    note = ""
    if order.size > most:
        chosen = np.random.default_rng(0).choice(order.size, size=most, replace=False)
        note = f"To keep this file small, {most:,} of the {order.size:,} spikes are drawn, chosen at random."
        order = order[np.sort(chosen)]
    seconds = raster.seconds if raster.seconds > 0 else 1.0
    time = np.clip(np.rint(raster.time[order] / seconds * _TIME_STEPS), 0, _TIME_STEPS).astype("<u2")
    neuron = raster.neuron[order].astype("<u4" if wide else "<u2")
    groups = raster.groups or (("neurons", 0),)
    ends = [first for _, first in groups[1:]] + [raster.neurons]
    return {
        "seconds": seconds,
        "step": seconds / _TIME_STEPS,
        "wide": wide,
        "share": order.size / max(1, raster.time.size),
        "time": base64.b64encode(time.tobytes()).decode("ascii"),
        "neuron": base64.b64encode(neuron.tobytes()).decode("ascii"),
        "groups": [
            {"name": name, "first": int(first), "end": int(end)}
            for (name, first), end in zip(groups, ends, strict=True)
        ],
    }, note

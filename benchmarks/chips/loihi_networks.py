"""Random networks of Loihi's integers that reach the corners of its arithmetic, for all public models alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Drawn = dict[str, Any]  # whole numbers and lists of them, as they go into JSON


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What a public model of Loihi can express."""

    delays: bool
    refractory: bool
    biases: bool
    bits: tuple[int, ...]
    most_mixed: int  # largest mantissa of mixed sign that it takes
    least_inhibitory: int
    decay_u: int  # largest
    decay_v: int
    bounds: bool  # whether bounds of v can be set


LAVA = Abilities(
    delays=True,
    refractory=False,
    biases=True,
    bits=tuple(range(1, 9)),
    most_mixed=255,
    least_inhibitory=-255,
    decay_u=4095,
    decay_v=4095,
    bounds=False,
)
BRIAN2LOIHI = Abilities(
    delays=True,
    refractory=True,
    biases=False,
    bits=tuple(range(1, 9)),
    most_mixed=254,
    least_inhibitory=-255,
    decay_u=4096,
    decay_v=4096,
    bounds=False,
)
NENGO_LOIHI = Abilities(
    delays=False,
    refractory=True,
    biases=True,
    bits=(1, 2, 3, 4, 5, 6, 8),
    most_mixed=255,
    least_inhibitory=-255,
    decay_u=4095,
    decay_v=4096,
    bounds=True,
)
SIGNS = ("mixed", "excitatory", "inhibitory")


def draw(seed: int, can: Abilities, ticks: int = 120) -> Drawn:
    """One network: two populations, inputs, up to six groups of synapses, spikes from outside.

    A population has one decay, threshold and refractory time; a group has one exponent, width and sign, and at most one
    synapse for a pair. A quarter of the networks are loud (strong synapses, slow decays), a quarter inhibited, a
    quarter has parameters at their limits.
    """
    rng = np.random.default_rng(seed)
    mood = ("calm", "loud", "inhibited", "edge")[seed % 4]
    inputs = int(rng.integers(8, 17)) if mood == "loud" else int(rng.integers(3, 9))
    populations = [
        {
            "size": int(rng.integers(2, 7)),
            "decay_u": decay(rng, can.decay_u, mood),
            "decay_v": decay(rng, can.decay_v, mood),
            "threshold": threshold(rng, mood),
            "refractory": int(rng.choice([1, 2, 3, int(rng.integers(4, 65)), 64])) if can.refractory else 1,
        }
        for _ in range(2)
    ]
    count = sum(p["size"] for p in populations)
    given = can.biases and rng.random() < 0.7
    sizes = [p["size"] for p in populations]
    groups = []
    for source, target in ((-1, 0), (-1, 1), (0, 1), (1, 0), (0, 0), (1, 1)):
        if source < 0 or rng.random() < 0.6:
            sources = inputs if source < 0 else sizes[source]
            groups.append(group(rng, can, mood, source, target, sources, sizes[target]))
    rate = float(rng.choice([0.03, 0.2, 0.6])) if mood != "loud" else float(rng.choice([0.3, 1.0]))
    tick, who = np.nonzero(rng.random((ticks, inputs)) < rate)
    start = rng.random(count) < 0.5
    far = 2**23 - 1
    drawn: Drawn = {
        "seed": seed,
        "mood": mood,
        "ticks": ticks,
        "inputs": inputs,
        "populations": populations,
        "bias_mantissa": np.where(rng.random(count) < 0.6, rng.integers(-4096, 4096, count), 0) * given,
        "bias_exponent": rng.integers(0, 8, count) * given,
        "u": np.where(start, rng.integers(-far, far + 1, count) // int(rng.choice([1, 1000])), 0),
        "v": np.where(start, rng.integers(-far, far + 1, count) // int(rng.choice([1, 1000])), 0),
        "groups": groups,
        "input_tick": tick + 1,
        "input_source": who,
        "v_low": -(2 ** int(rng.integers(0, 24))) + 1 if can.bounds and rng.random() < 0.7 else None,
        "v_high": 2 ** (9 + 2 * int(rng.integers(0, 8))) - 1 if can.bounds and rng.random() < 0.25 else None,
    }
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in drawn.items()}


def decay(rng: np.random.Generator, most: int, mood: str) -> int:
    """A decay from 0 to `most`; slow ones where u or v should grow far."""
    slow = [0, 1, int(rng.integers(0, 200))]
    free = [int(rng.integers(0, most + 1)), int(rng.integers(100, 1500)), 0, most]
    return int(rng.choice(slow if mood in ("loud", "inhibited") and rng.random() < 0.7 else free))


def threshold(rng: np.random.Generator, mood: str) -> int:
    """The mantissa of a threshold."""
    if mood == "edge":
        return int(rng.choice([0, 1, 131071]))
    return int(2 ** rng.uniform(0, 17)) if mood != "loud" else int(2 ** rng.uniform(12, 17))


def group(
    rng: np.random.Generator, can: Abilities, mood: str, source: int, target: int, sources: int, targets: int
) -> Drawn:
    """Synapses of one format; `source` and `target` are populations, -1 the inputs."""
    sign = str(rng.choice(SIGNS, p=[0.2, 0.2, 0.6] if mood == "inhibited" else [0.5, 0.4, 0.1]))
    low, high = {
        "mixed": (-256, can.most_mixed),
        "excitatory": (0, 255),
        "inhibitory": (can.least_inhibitory, 0),
    }[sign]
    there = rng.random((sources, targets)) < rng.uniform(0.5, 1.0)
    there[0, 0] = True
    who, whom = np.nonzero(there)
    mantissa = rng.integers(low, high + 1, who.size)
    extreme = rng.random(who.size) < (float(rng.choice([0.5, 1.0])) if mood == "loud" else 0.1)
    ends = [low, high] if rng.random() < 0.5 else [high]
    mantissa = np.where(extreme, rng.choice(ends, who.size), mantissa)
    delays = [0]
    if can.delays and rng.random() < 0.6:
        delays = [0, int(rng.integers(1, 9)), int(rng.choice([62, int(rng.integers(9, 63))]))]
    return {
        "source_population": source,
        "target_population": target,
        "exponent": int(rng.integers(4, 8)) if mood == "loud" else int(rng.integers(-8, 8)),
        "bits": int(rng.choice([8, int(rng.choice(can.bits))])),
        "sign": sign,
        "source": who.tolist(),
        "target": whom.tolist(),
        "mantissa": mantissa.tolist(),
        "delay": rng.choice(delays, who.size).tolist(),
    }

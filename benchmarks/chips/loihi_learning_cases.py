"""Learning by chance: rules, spikes and weights as plain data, and what they come to here.

A case is a dict: seed; ticks; epoch; traces {name: [impulse, tau]}; dw, dd, dt (strings, None: none); sign ("mixed",
"excitatory"); bits; weight, tag, delay (sources, targets), whole numbers; pre (ticks, sources) and post (ticks,
targets), 1 for a spike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.chips import loihi
from reafference.chips.loihi.learning import LearningDialect, LearningRule, PlasticGroup, Trace

Case = dict[str, Any]
Ints = npt.NDArray[np.int64]
SOURCES, TARGETS = 5, 4


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What a package can be told.

    epochs    lengths (ticks)
    stored    whether there are tags and delays
    shifted   factors that a constant may be added to
    taus      time constants
    """

    epochs: tuple[int, ...]
    stored: bool
    shifted: frozenset[str]
    taus: tuple[int, ...]


LAVA = Abilities(
    epochs=(1, 1, 2, 4, 8),
    stored=True,
    shifted=frozenset({"x1", "x2", "y1", "y2", "y3", "w", "t", "d"}),
    taus=tuple(range(1, 40)),
)
# Its traces fade by two copies of 1 - 1/tau, one of them printed with 15 digits, so 1/tau is one that 15 digits can
# hold.
BRIAN2LOIHI = Abilities(epochs=(1,), stored=False, shifted=frozenset({"w"}), taus=(2, 4, 5, 8, 10, 16, 20, 25, 32))


def product(rng: np.random.Generator, can: Abilities, k: int) -> str:
    """One product of a rule."""
    condition = str(rng.choice(["x0", "y0", f"u{k}"], p=[0.45, 0.45, 0.1]))
    pool = ["x1", "x2", "y1", "y2", "y3", "w", *(["t", "d"] if can.stored else [])]
    chosen = [str(name) for name in rng.choice(pool, rng.integers(0, 3), replace=False)]
    factors = [
        f"({n} {'+-'[rng.integers(2)]} {rng.integers(1, 30)})" if n in can.shifted and rng.random() < 0.25 else n
        for n in chosen
    ]
    if can.stored and rng.random() < 0.1:
        factors.append(str(rng.choice(["sgn(w)", "sgn(t)", "sgn(t + 3)"])))
    mantissa = "" if rng.random() < 0.5 else f"{rng.integers(2, 7)}*"
    return f"{mantissa}2^{rng.integers(-6, 1 if factors else 3)}*{condition}" + "".join(f"*{each}" for each in factors)


def draw(seed: int, can: Abilities) -> Case:
    """A case that moves."""
    rng = np.random.default_rng([seed, 5])
    k = int(rng.integers(0, 4))

    def some() -> str:
        text = product(rng, can, k)
        for _ in range(rng.integers(0, 3)):
            text += (" - " if rng.random() < 0.5 else " + ") + product(rng, can, k)
        return text

    ticks, sign = 64, str(rng.choice(["mixed", "excitatory"]))
    low, high = {"mixed": (-256, 255), "excitatory": (0, 256)}[sign]
    post = (rng.random((ticks, TARGETS)) < rng.choice([0.05, 0.2])).astype(int)
    post[0] = 0  # what makes a target spike takes a tick in some models
    return {
        "seed": seed,
        "ticks": ticks,
        "epoch": int(rng.choice(can.epochs)),
        "traces": {
            name: [int(rng.choice([1, 8, 16, 40, 127])), int(rng.choice(can.taus))]
            for name in ("x1", "x2", "y1", "y2", "y3")
        },
        "dw": some(),
        "dd": some() if can.stored and rng.random() < 0.4 else None,
        "dt": some() if can.stored and rng.random() < 0.4 else None,
        "sign": sign,
        "bits": int(rng.choice([8, 8, 5])),
        "weight": rng.integers(low, high, (SOURCES, TARGETS)).tolist(),
        "tag": rng.integers(-60, 60, (SOURCES, TARGETS)).tolist()
        if can.stored
        else np.zeros((SOURCES, TARGETS), int).tolist(),
        "delay": np.zeros((SOURCES, TARGETS), int).tolist(),
        "pre": (rng.random((ticks, SOURCES)) < rng.choice([0.05, 0.2])).astype(int).tolist(),
        "post": post.tolist(),
    }


def pairs(seed: int) -> Case:
    """A case of which each synapse has the same law in all models: a trace before, a trace after, epochs of a tick."""
    case = draw(seed, BRIAN2LOIHI)
    rng = np.random.default_rng([seed, 6])
    some = rng.choice(
        ["2^-2*x1*y0 - 2^-2*y1*x0", "2^-3*x1*y0 - 3*2^-4*y1*x0", "2^-1*x0*y1 - x0", "2^-3*y0*x1 - 2^-5*x0*w"]
    )
    traces = {
        "x1": [int(rng.choice([8, 16, 40])), int(rng.choice(BRIAN2LOIHI.taus))],
        "y1": [16, int(rng.choice(BRIAN2LOIHI.taus))],
    }
    return case | {"dw": str(some), "traces": traces, "sign": "mixed", "bits": 8}


def certain(seed: int) -> Case:
    """A case that leaves nothing to chance: spikes and whole numbers, even ones as weights of both signs are even."""
    rng = np.random.default_rng([seed, 7])
    a, b, c = 2 * rng.integers(1, 4, 3)
    return pairs(seed) | {"dw": f"{a}*x0 - {b}*y0 + {c}*2^1*x0*y0"}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a synapse holds after each epoch, (epochs, sources, targets), and traces then, by name (epochs, n)."""

    w: Ints
    d: Ints
    t: Ints
    traces: dict[str, Ints]


def run(case: Case, dialect: loihi.Dialect, learning: LearningDialect, seed: int) -> Found:
    """A case here. Targets are made to spike by inputs that make any neuron spike in their tick."""
    weight = np.array(case["weight"])
    sources, targets = weight.shape
    lag = dialect.input_lag
    pre, post = np.array(case["pre"]), np.array(case["post"])
    plastic = PlasticGroup(
        synapses=loihi.SynapseGroup(
            source=targets + np.repeat(np.arange(sources), targets),
            target=np.tile(np.arange(targets), sources),
            mantissa=weight.ravel(),
            form=loihi.SynapseFormat(exponent=-8, bits=case["bits"], sign=loihi.Sign[case["sign"].upper()]),
        ),
        rule=LearningRule.parse(
            dw=case["dw"],
            dd=case["dd"],
            dt=case["dt"],
            epoch=case["epoch"],
            **{name: Trace(impulse=impulse, tau=tau) for name, (impulse, tau) in case["traces"].items()},
        ),
        tag=np.array(case["tag"]).ravel(),
    )
    teachers = loihi.SynapseGroup(
        source=targets + sources + np.arange(targets),
        target=np.arange(targets),
        mantissa=np.full(targets, 254),
        form=loihi.SynapseFormat(exponent=4),
    )
    cores = loihi.LoihiCores(
        compartments=loihi.Compartments(
            count=targets, decay_u=4096 - dialect.decay_offset_u, decay_v=4096, threshold=1000
        ),
        inputs=sources + targets,
        groups=[teachers],
        dialect=dialect,
        plastic=[plastic],
        learning=learning,
        seed=seed,
    )
    heard, taught = np.nonzero(pre), np.nonzero(np.concatenate([post[lag:], np.zeros((lag, targets), int)]))
    tick = np.concatenate([heard[0], taught[0]]) + 1
    who = np.concatenate([heard[1], taught[1] + sources])
    states = list[tuple[Ints, ...]]()
    traces: dict[str, list[Ints]] = {name: [] for name in case["traces"]}
    epoch = case["epoch"]
    for end in range(epoch, case["ticks"] + 1, epoch):
        now = (tick > end - epoch) & (tick <= end)
        cores.advance(epoch, tick=tick[now], source=who[now])
        learner = cores.learners[0]
        states.append(
            tuple(each.reshape(sources, targets).copy() for each in (learner.weight, learner.delay, learner.tag))
        )
        for name, value in learner.traces.items():
            traces[name].append(value)
    w, d, t = (np.array(each) for each in zip(*states, strict=True))
    return Found(w=w, d=d, t=t, traces={name: np.array(each) for name, each in traces.items()})


def differing(
    case: Case, mine: Found, theirs: dict[str, Any], names: Sequence[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """How many integers there are, and how many differ, by name."""
    count, differ = dict[str, int](), dict[str, int]()
    for name in names:
        other = np.array(theirs[name])
        own = getattr(mine, name) if name in ("w", "d", "t") else mine.traces[name]
        count[name], differ[name] = other.size, int(np.count_nonzero(own != other))
    return count, differ

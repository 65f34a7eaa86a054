"""Cases of `loihi_learning_cases.py` in Lava: lava_learning_side.py CASES.jsonl ANSWERS.jsonl [--own N]

Runs in an environment with lava-nc and nothing of this project. Lava's fixed-point process model is called without its
runtime, its ports replaced by arrays. Without --own its random numbers are replaced by those that the case's seed
gives, one for each trace, tick and weight; with it, N runs use Lava's own, and the weights at the end of each are told.
(Lava hands its seed to the traces only; the generator that rounds weights is given another seed for each run here.)
"""

import json
import logging
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import lava_side  # noqa: F401  (gives Python 3.11 what Lava's dataclasses lack)
from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
from lava.magma.core.learning.random import ConnVarRandom
from lava.proc.dense.models import PyLearningDenseModelBitApproximate
from lava.utils.weightutils import SignMode
from lava_side import Wire

SIGN = {"mixed": SignMode.MIXED, "excitatory": SignMode.EXCITATORY}
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
X, Y, WEIGHT, PURPOSES = 0, 2, 6, 9


def mix(x):
    """SplitMix64's finaliser."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def words(seed, purpose, number, tick):
    """Random numbers, of [0, 1), of purposes, numbers and a tick that broadcast."""
    with np.errstate(over="ignore"):
        one = np.uint64(1)
        own = mix(np.uint64(seed) + GOLDEN * (np.asarray(number).astype(np.uint64) + one))
        at = np.uint64(tick) * np.uint64(PURPOSES) + np.asarray(purpose).astype(np.uint64) + one
        return (mix(own + GOLDEN * at) >> np.uint64(32)).astype(np.float64) / 2.0**32


class GivenTraces:
    """Random numbers of the traces of one kind, (traces, neurons) at each tick of an epoch."""

    random_impulse_addition = 0

    def __init__(self, model, seed, first, count, number):
        self.model, self.seed, self.number = model, seed, number
        self.purpose = first + np.arange(count)[:, np.newaxis]
        self.asked = 0

    def advance(self):
        """Lava asks for new numbers at every tick, but uses those of the epoch's end."""

    @property
    def random_trace_decay(self):
        """The numbers of the next tick of the epoch, of the traces that decay."""
        epoch = self.model._learning_rule.t_epoch
        self.asked = self.asked % epoch + 1
        taus = self.model._x_taus if self.purpose[0] == X else self.model._y_taus
        return words(self.seed, self.purpose, self.number, self.model.time_step - epoch + self.asked)[taus != 0]


class GivenSynapses:
    """Random numbers by which what a synapse holds is rounded, (targets, sources)."""

    def __init__(self, model, seed, targets, sources):
        self.model, self.seed = model, seed
        self.number = np.arange(sources * targets).reshape(sources, targets).T
        self.purpose = WEIGHT

    def advance(self):
        """Lava asks for new numbers once an epoch."""

    @property
    def random_stochastic_round(self):
        """The numbers of the variable whose turn it is."""
        return words(self.seed, self.purpose, self.number, self.model.time_step)


def made(case, seed):
    """Lava's process model of a case."""
    traces = {
        f"{n}_{f}": v for n, values in case["traces"].items() for f, v in zip(("impulse", "tau"), values, strict=True)
    }
    rule = Loihi2FLearningRule(
        **{n: case[n] for n in ("dw", "dd", "dt") if case[n] is not None},
        **traces,
        t_epoch=case["epoch"],
        rng_seed=seed,
    )
    weight = np.array(case["weight"]).T
    model = PyLearningDenseModelBitApproximate(
        {
            "learning_rule": rule,
            "shape": weight.shape,
            "graded_spike_cfg": GradedSpikeCfg.USE_REGULAR_IMPULSE,
            "sign_mode": SIGN[case["sign"]],
            "num_weight_bits": case["bits"],
            "weight_exp": 0,
        }
    )
    targets, sources = weight.shape
    model.weights, model.tag_2, model.tag_1 = weight.astype(int), np.array(case["delay"]).T, np.array(case["tag"]).T
    model.num_message_bits, model.a_buff = np.array([0]), np.zeros(targets, int)
    for name, size in (("x", sources), ("y", targets)):
        setattr(model, f"{name}0", np.zeros(size, bool))
        setattr(model, f"t{name}", np.zeros(size, int))
        for k in range(1, 3 if name == "x" else 4):
            setattr(model, f"{name}{k}", np.zeros(size, int))
    model.s_in, model.a_out, model.s_in_bap = Wire(None), Wire(None), Wire(None)
    return model


def run(case, model):
    """w, d, t and traces at the end of each epoch."""
    names = {"w": "weights", "d": "tag_2", "t": "tag_1"}
    found = {name: [] for name in (*names, *case["traces"])}
    for tick in range(1, case["ticks"] + 1):
        model.time_step = tick
        model.s_in.send(np.array(case["pre"][tick - 1]))
        model.s_in_bap.send(np.array(case["post"][tick - 1]))
        model.run_spk()
        if model.lrn_guard():
            model.run_lrn()
            for name in found:
                value = getattr(model, names.get(name, name))
                found[name].append(np.array(value).T.tolist())
    return found


def given(case):
    """What a case comes to with the random numbers of its seed."""
    model = made(case, 1)
    targets, sources = model.weights.shape
    model._x_random = GivenTraces(model, case["seed"], X, 2, targets + np.arange(sources))
    model._y_random = GivenTraces(model, case["seed"], Y, 3, np.arange(targets))
    model._conn_var_random = GivenSynapses(model, case["seed"], targets, sources)
    original = model._stochastic_round_synaptic_variable

    def with_purpose(name, values, random):
        model._conn_var_random.purpose = WEIGHT + ("weights", "tag_2", "tag_1").index(name)
        return original(name, values, model._conn_var_random.random_stochastic_round)

    model._stochastic_round_synaptic_variable = with_purpose
    return run(case, model)


def own(case, runs):
    """Weights at the end of so many runs with Lava's own random numbers, (runs, sources, targets)."""
    ends = []
    for seed in range(runs):
        model = made(case, 10 * seed + 1)
        model._conn_var_random = ConnVarRandom(10 * seed + 7)
        ends.append(run(case, model)["w"][-1])
    return {"ends": ends}


def main():
    given_path, answers = Path(sys.argv[1]), Path(sys.argv[2])
    logging.disable(logging.WARNING)
    runs = int(sys.argv[sys.argv.index("--own") + 1]) if "--own" in sys.argv else 0
    with answers.open("w") as file:
        for line in given_path.read_text().splitlines():
            case = json.loads(line)
            answer = {"seed": case["seed"], "version": f"lava-nc {version('lava-nc')}"}
            print(json.dumps(answer | (own(case, runs) if runs else given(case))), file=file, flush=True)


if __name__ == "__main__":
    main()

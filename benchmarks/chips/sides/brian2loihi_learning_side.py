"""Cases of `loihi_learning_cases.py` in brian2-loihi: brian2loihi_learning_side.py CASES.jsonl ANSWERS.jsonl [OPTIONS]

Runs in an environment with brian2-loihi and nothing of this project. It decides whether to round up at the begin of a
tick ("constant over dt"), from traces and spikes before those of the tick: changes by x0 and y0 are then 0, so a
learned weight is never rounded up. And brian2 2.5.4 takes 2**-3 in that decision for a power of whole numbers, 0. Here
the decision is made when the tick's spikes are known, and with 2**-3 as 0.125, unless --released.

Without --own, rand() of its equations is replaced by the numbers that the case's seed gives; with --own N, N copies of
the case use brian2's own, and their weights at the end are told. Its trace fades at the end of a tick, ours at the
beginning of the next, so the numbers are those of the next tick.
"""

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from brian2 import BrianLogger, Function, defaultclock, ms, prefs, seed, start_scope
from brian2.core.base import BrianObjectException
from brian2_loihi import (
    LoihiNetwork,
    LoihiNeuronGroup,
    LoihiSpikeGeneratorGroup,
    LoihiStateMonitor,
    LoihiSynapses,
    synapse_sign_mode,
)

prefs.codegen.target = "numpy"
BrianLogger.log_level_error()
SIGN = {"mixed": synapse_sign_mode.MIXED, "excitatory": synapse_sign_mode.EXCITATORY}
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
PURPOSE = {"x1": 0, "x2": 1, "y1": 2, "y2": 3, "y3": 4, "w": 6}
PURPOSES = 9
equations_of_trace = LoihiSynapses._LoihiSynapses__defineTraceEquation
equations_of_rule = LoihiSynapses._LoihiSynapses__buildLearningRule


def mix(x):
    """SplitMix64's finaliser."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def words(case_seed, purpose, number, tick):
    """Random numbers, of [0, 1)."""
    with np.errstate(over="ignore"):
        one = np.uint64(1)
        own = mix(np.uint64(case_seed) + GOLDEN * (np.asarray(number).astype(np.uint64) + one))
        at = np.uint64(tick) * np.uint64(PURPOSES) + np.uint64(purpose) + one
        return (mix(own + GOLDEN * at) >> np.uint64(32)).astype(np.float64) / 2.0**32


def given_numbers(case):
    """Functions by name, in place of rand()."""
    targets = len(case["weight"][0])

    def of(name):
        def call(i, j):
            tick = round(float(defaultclock.t / ms)) + (1 if name == "w" else 2)
            number = i * targets + j if name == "w" else targets + i if name[0] == "x" else j
            return words(case["seed"], PURPOSE[name], number, tick)

        return Function(call, arg_units=[1, 1], return_unit=1, stateless=False)

    return {f"given_{name}": of(name) for name in PURPOSE}


def arrange(given, released):
    """Let LoihiSynapses ask for given numbers, and decide with powers that are not 0."""

    def trace(self, name, impulse, tau):
        model, on = equations_of_trace(self, name, impulse, tau)
        return (model.replace("rand()", f"given_{name}(i, j)") if given else model), on

    def rule(self, text):
        equations = equations_of_rule(self, text)
        if not released:
            equations = re.sub(r"2\*\*-(\d)", lambda found: f"{2.0 ** -int(found[1])!r}", equations)
        return equations.replace("rand()", "given_w(i, j)") if given else equations

    LoihiSynapses._LoihiSynapses__defineTraceEquation = trace
    LoihiSynapses._LoihiSynapses__buildLearningRule = rule


def run(case, copies, names, released):
    """Weights at the end of each tick, (ticks, copies, sources, targets)."""
    start_scope()
    weight = np.array(case["weight"])
    sources, targets = weight.shape
    pre, post = np.array(case["pre"]), np.array(case["post"])
    copy = np.arange(copies)
    heard, taught = np.nonzero(np.tile(pre, copies)), np.nonzero(np.tile(post, copies))
    source = LoihiSpikeGeneratorGroup(sources * copies, heard[1], heard[0])
    teacher = LoihiSpikeGeneratorGroup(targets * copies, taught[1], taught[0])
    cells = LoihiNeuronGroup(targets * copies, refractory=1, threshold_v_mant=1000, decay_v=4096, decay_I=4096)
    teach = LoihiSynapses(teacher, cells, w_exp=4, sign_mode=SIGN["mixed"])
    teach.connect(j="i")
    teach.w = np.full(targets * copies, 254)
    traces = {
        f"{f}_{n}": v for n, values in case["traces"].items() for f, v in zip(("imp", "tau"), values, strict=True)
    }
    plastic = LoihiSynapses(
        source, cells, dw=case["dw"], w_exp=-8, sign_mode=SIGN[case["sign"]], num_weight_bits=case["bits"], **traces
    )
    i, j = (each.ravel() for each in np.meshgrid(np.arange(sources), np.arange(targets), indexing="ij"))
    plastic.connect(i=(copy[:, np.newaxis] * sources + i).ravel(), j=(copy[:, np.newaxis] * targets + j).ravel())
    grid = 2 ** (8 - case["bits"] + (case["sign"] == "mixed"))
    plastic.w = np.tile((np.sign(weight) * (np.abs(weight) // grid * grid)).ravel(), copies)
    if not released:
        for part in plastic.contained_objects:
            if part.name.endswith("subexpression_update"):
                part.when = "before_groups"
    monitor = LoihiStateMonitor(plastic, "w")
    LoihiNetwork(source, teacher, cells, teach, plastic, monitor).run(case["ticks"], namespace=names)
    found = np.asarray(monitor.w).T.reshape(case["ticks"], copies, sources, targets)
    if (found != np.rint(found)).any():
        raise ValueError(f"case {case['seed']}: brian2-loihi left the whole numbers")
    return found.astype(int)


def main():
    given_path, answers = Path(sys.argv[1]), Path(sys.argv[2])
    runs = int(sys.argv[sys.argv.index("--own") + 1]) if "--own" in sys.argv else 0
    name = f"brian2-loihi {version('brian2-loihi')}, brian2 {version('brian2')}"
    with answers.open("w") as file:
        for line in given_path.read_text().splitlines():
            case = json.loads(line)
            names = {} if runs else given_numbers(case)
            arrange(names, "--released" in sys.argv)
            seed(case["seed"])
            try:
                found = run(case, runs or 1, names, "--released" in sys.argv)
            except BrianObjectException as error:  # sympy does not come to an end with some sums of u<k>
                cause = type(error.__cause__).__name__
                print(json.dumps({"seed": case["seed"], "version": name, "failed": cause}), file=file, flush=True)
                continue
            answer = {"ends": found[-1].tolist()} if runs else {"w": found[:, 0].tolist()}
            print(json.dumps({"seed": case["seed"], "version": name} | answer), file=file, flush=True)


if __name__ == "__main__":
    main()

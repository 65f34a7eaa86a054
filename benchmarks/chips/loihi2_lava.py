"""Integer for integer: neurons of Loihi 2 as programs here against Lava's fixed-point models, on random networks.

    python benchmarks/chips/loihi2_lava.py --folder FOLDER [--networks 1000]
    python benchmarks/chips/loihi2_lava.py --folder FOLDER --freeze tests/data

Two layers of neurons (ATRLIF, RF, SigmaDelta, GradedVec; the families of `reafference.chips.microcode.families`) with
graded or plain spikes in between, fed by graded spikes from outside. Lava runs in an environment of its own, which is
made in FOLDER, its process models called without its runtime. The table counts state variables and messages that
differ; exit status 1 if any does. Lava's models keep 32 bits where registers here keep 24: networks in which anything
needs more are counted apart and not compared.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # support/

from loihi_oracles import SIDES, environment

from reafference.chips.loihi import FloorWeights, Sign, SynapseFormat, SynapseGroup
from reafference.chips.microcode import ProgrammedCores
from reafference.chips.microcode.families import AdaptiveThreshold, GradedVector, ResonateAndFire, SigmaDelta
from reafference.network import IntegerNeuron
from support.printing import machine, table

Drawn = dict[str, Any]
FAMILIES = "AdaptiveThreshold", "ResonateAndFire", "SigmaDelta", "GradedVector"
FROZEN = 16  # networks that tests compare with
LIMIT = 2**23


def draw_layer(rng: np.random.Generator, family: str) -> Drawn:
    """A layer of one family."""
    if family == "AdaptiveThreshold":
        given = {f"delta_{name}": int(rng.integers(0, 4096)) for name in ("i", "v", "theta", "r")}
        given |= {"theta_0": int(rng.integers(1, 500)), "theta_step": int(rng.integers(0, 300))}
        given |= {"bias": int(rng.integers(-500, 4000))}
    elif family == "ResonateAndFire":
        angle, kept = rng.uniform(0, 1.5), rng.uniform(0.8, 1.0)
        given = {"sin": int(4096 * kept * np.sin(angle)), "cos": int(4096 * kept * np.cos(angle))}
        given |= {"threshold": int(rng.integers(1, 20_000)), "state_exponent": int(rng.integers(0, 7))}
    elif family == "SigmaDelta":
        given = {"threshold": int(rng.integers(1, 400)), "bias": int(rng.integers(-200, 200))}
        given |= {"state_exponent": int(rng.integers(0, 4))}
    else:
        given = {"threshold": int(rng.integers(0, 200))}
    return {"family": family, "size": int(rng.integers(1, 12)), "parameters": given}


def draw(seed: int) -> Drawn:
    """A network of whole numbers."""
    rng = np.random.default_rng(seed)
    layers = [draw_layer(rng, FAMILIES[(seed + k * (1 + seed // 4)) % 4]) for k in range(2)]
    inputs, ticks = int(rng.integers(1, 6)), int(rng.integers(30, 80))
    links = []
    for source, target in ((-1, 0), (0, 1), (-1, 1)):
        sign = str(rng.choice(["mixed", "excitatory", "inhibitory"], p=[0.6, 0.3, 0.1]))
        low, high = Sign[sign.upper()].limits
        shape = layers[target]["size"], inputs if source < 0 else layers[source]["size"]
        narrow = int(rng.choice([2, 16, 64, 256]))
        weights = rng.integers(max(low, -narrow), min(high, narrow) + 1, shape)
        links.append(
            {
                "source": source,
                "target": target,
                "weights": weights.tolist(),
                "exponent": int(rng.integers(0, 3)),
                "bits": int(rng.integers(3, 9)),
                "sign": sign,
            }
        )
    spikes = [
        (tick, source, int(rng.integers(-20, 21)))
        for tick in range(1, ticks + 1)
        for source in range(inputs)
        if rng.random() < 0.25
    ]
    return {"seed": seed, "ticks": ticks, "inputs": inputs, "layers": layers, "links": links, "spikes": spikes}


def neuron_of(layer: Drawn) -> IntegerNeuron:
    """The same layer here."""
    given = dict(layer["parameters"])
    if layer["family"] == "AdaptiveThreshold":
        keep = {f"keep_{name}": 4096 - given[f"delta_{name}"] - (name == "i") for name in ("i", "v", "theta", "r")}
        rest = 64 * given["theta_0"]
        return AdaptiveThreshold(theta=rest, rest=rest, jump=64 * given["theta_step"], bias=given["bias"], **keep)
    return {"ResonateAndFire": ResonateAndFire, "SigmaDelta": SigmaDelta, "GradedVector": GradedVector}[
        layer["family"]
    ](**given)


def run(drawn: Drawn) -> tuple[list[np.ndarray], np.ndarray]:
    """(states, sent): (ticks, variables, neurons) of each layer, (ticks, neurons) of all."""
    sizes = [layer["size"] for layer in drawn["layers"]]
    first = [0, sizes[0], sum(sizes)]
    groups = []
    for link in drawn["links"]:
        weights = np.array(link["weights"])
        target, source = np.indices(weights.shape).reshape(2, -1)
        groups.append(
            SynapseGroup(
                source=source + first[link["source"]],  # -1: inputs, which come last
                target=target + first[link["target"]],
                mantissa=weights.reshape(-1),
                form=SynapseFormat(exponent=link["exponent"], bits=link["bits"], sign=Sign[link["sign"].upper()]),
            )
        )
    neurons = [(neuron_of(layer), layer["size"]) for layer in drawn["layers"]]
    cores = ProgrammedCores(neurons=neurons, groups=groups, inputs=drawn["inputs"], rule=FloorWeights())
    tick, source, payload = np.array(drawn["spikes"], np.int64).reshape(-1, 3).T
    found = cores.advance(drawn["ticks"], tick=tick, source=source, payload=payload, probe=np.arange(sum(sizes)))
    sent = np.zeros((drawn["ticks"], sum(sizes)), np.int64)
    sent[found.tick - 1, found.neuron] = found.payload
    states = [
        found.state[:, : len(neuron.program().state), begin : begin + size]
        for (neuron, size), begin in zip(neurons, first, strict=False)
    ]
    return states, sent


def differing(drawn: Drawn, answer: dict[str, Any]) -> tuple[int, int, int, int]:
    """(state variables that differ, of how many, messages that differ, of how many that are not 0)."""
    states, sent = run(drawn)
    theirs = [np.array(each, np.int64).reshape(mine.shape) for each, mine in zip(answer["states"], states, strict=True)]
    off = sum(int(np.count_nonzero(mine != other)) for mine, other in zip(states, theirs, strict=True))
    messages = np.array(answer["sent"], np.int64)
    return off, sum(mine.size for mine in states), int((sent != messages).sum()), int(np.count_nonzero(messages))


def answers(folder: Path, drawn: list[Drawn]) -> list[dict[str, Any]]:
    """What Lava makes of the networks."""
    given, answered = folder / "loihi2_lava_networks.jsonl", folder / "loihi2_lava_answers.jsonl"
    given.write_text("".join(json.dumps(one) + "\n" for one in drawn))
    script = Path(__file__).parent / "sides" / "loihi2_lava_side.py"
    command = [str(word) for word in (environment(folder, SIDES[0]), script, given, answered)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return [json.loads(line) for line in answered.read_text().splitlines()]


def freeze(folder: Path, drawn: list[Drawn], theirs: list[dict[str, Any]]) -> None:
    """Write a few networks with Lava's answers and their origin."""
    origin = {
        "what": f"state variables and messages of {theirs[0]['version']} (fixed point) in random networks",
        "fields": "benchmarks/chips/loihi2_lava.py; sent_k is (ticks, neurons), state_k_l (ticks, variables, neurons)",
        "date": datetime.date.today().isoformat(),
        "command": "python benchmarks/chips/loihi2_lava.py --folder FOLDER --freeze tests/data",
    }
    arrays: dict[str, Any] = {"origin": np.array(json.dumps(origin)), "networks": np.array(json.dumps(drawn))}
    for k, (one, answer) in enumerate(zip(drawn, theirs, strict=True)):
        arrays[f"sent_{k}"] = np.array(answer["sent"], np.int32)
        for number, (layer, states) in enumerate(zip(one["layers"], answer["states"], strict=True)):
            arrays[f"state_{k}_{number}"] = np.array(states, np.int32).reshape(one["ticks"], -1, layer["size"])
    path = folder / "loihi2_lava.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path}: {path.stat().st_size / 1000:.1f} kB, {len(drawn)} networks")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the environment and answers are kept")
    parser.add_argument("--networks", type=int, default=1000, help="how many networks")
    parser.add_argument("--freeze", type=Path, help="write a few networks and answers into this folder instead")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    drawn = [draw(seed) for seed in range(4 * FROZEN if arguments.freeze else arguments.networks)]
    theirs = answers(arguments.folder, drawn)
    if arguments.freeze:
        within = [k for k, answer in enumerate(theirs) if answer["widest"] < LIMIT][:FROZEN]
        freeze(arguments.freeze, [drawn[k] for k in within], [theirs[k] for k in within])
        return 0
    totals, beyond = {family: np.zeros(5, np.int64) for family in FAMILIES}, 0
    for one, answer in zip(drawn, theirs, strict=True):
        if answer["widest"] >= LIMIT:
            beyond += 1
            continue
        found = differing(one, answer)
        if found[0] or found[2]:
            print(f"network {one['seed']} {[each['family'] for each in one['layers']]}: {found}", file=sys.stderr)
        for family in {each["family"] for each in one["layers"]}:
            totals[family] += np.array([1, *found])
    head = ["networks with", "networks", "state variables differ", "of", "messages differ", "of"]
    order = (0, 1, 2, 3, 4)
    print(table(head, [[family, *(f"{total[k]:,}" for k in order)] for family, total in totals.items()]))
    print(f"\n{beyond} of {len(drawn)} networks need more than 24 bits and are not compared")
    print(f"{theirs[0]['version']}; {machine()}")
    return int(any(total[1] or total[3] for total in totals.values()))


if __name__ == "__main__":
    sys.exit(main())

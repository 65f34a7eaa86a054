"""Networks of `loihi2_lava.py` in Lava's fixed-point models of Loihi 2: loihi2_lava_side.py DRAWN.jsonl ANSWERS.jsonl

Runs in an environment with lava-nc and nothing of this project. Each line of ANSWERS is one network: the state
variables of each layer after every tick, and what each neuron sends. The process models are called one after the
other in one process, their ports replaced by arrays (see lava_side.py).
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from lava.proc.atrlif.models import PyATRLIFModelFixed
from lava.proc.dense.models import PyDenseModelBitAcc
from lava.proc.graded.models import PyGradedVecModelFixed
from lava.proc.rf.models import PyRFModelFixed
from lava.proc.sdn.models import PySigmaDeltaModelFixed
from lava.proc.sdn.process import ActivationMode
from lava_side import SIGN, Wire

GRADED = ("SigmaDelta", "GradedVector")


def layer(drawn):
    """Lava's model of a layer, and the names of its variables."""
    family, size, given = drawn["family"], drawn["size"], drawn["parameters"]
    if family == "AdaptiveThreshold":
        model, names = PyATRLIFModelFixed({}), ("i", "v", "theta", "r")
        for name in ("delta_i", "delta_v", "delta_theta", "delta_r"):
            setattr(model, name, given[name] / 4096)
        model.theta_0, model.theta_step = given["theta_0"], given["theta_step"]
        model.bias_mant, model.bias_exp = np.full(size, given["bias"], np.int16), np.zeros(size, np.int16)
        model.s = np.zeros(size, bool)
    elif family == "ResonateAndFire":
        model, names = PyRFModelFixed({}), ("real", "imag")
        model.sin_decay, model.cos_decay = np.int32(given["sin"]), np.int32(given["cos"])
        model.state_exp, model.decay_bits = np.array([given["state_exponent"]]), np.array([12])
        model.vth = np.array([given["threshold"]])
        model.a_imag_in = Wire(np.zeros(size, np.int32))
    elif family == "SigmaDelta":
        model, names = PySigmaDeltaModelFixed({"act_mode": ActivationMode.RELU}), ("sigma", "act", "residue")
        model.vth, model.bias = np.array([given["threshold"]]), np.full(size, given["bias"], np.int32)
        model.state_exp, model.spike_exp = np.array([given["state_exponent"]]), np.array([0])
        model.cum_error, model.error = np.array([False]), np.zeros(size, np.int32)
    else:
        model, names = PyGradedVecModelFixed({}), ()
        model.vth, model.v = np.array([given["threshold"]]), np.zeros(size, np.int32)
    for name in names:
        setattr(model, name, np.zeros(size, np.int32))
    wire = Wire(None)
    if family == "ResonateAndFire":
        model.a_real_in = wire
    else:
        model.a_in = wire
    model.s_out = Wire(np.zeros(size, np.int64))
    return model, wire, names


def run(drawn):
    """(states, sent, widest): (ticks, variables, neurons) of each layer, (ticks, neurons) of all; the largest size of a
    state, an input, or an input as the neuron counts it (64 times as large in ATRLIF)."""
    layers = [layer(each) for each in drawn["layers"]]
    links = []
    for link in drawn["links"]:
        model = PyDenseModelBitAcc(
            {"weight_exp": link["exponent"], "num_weight_bits": link["bits"], "sign_mode": SIGN[link["sign"]]}
        )
        model.weights = np.array(link["weights"], np.int32)
        graded = link["source"] < 0 or drawn["layers"][link["source"]]["family"] in GRADED
        model.num_message_bits = np.array([24 if graded else 0])
        model.a_buff = np.zeros(model.weights.shape[0], np.int32)
        model.s_in, model.a_out = Wire(None), Wire(None)
        links.append((link, model))
    data = np.zeros((drawn["ticks"], drawn["inputs"]), np.int64)
    for tick, source, payload in drawn["spikes"]:
        data[tick - 1, source] = payload
    states, sent, widest = [[] for _ in layers], [], 0
    for tick in range(drawn["ticks"]):
        for number, (model, wire, _) in enumerate(layers):
            total = np.zeros(drawn["layers"][number]["size"], np.int32)
            for link, dense in links:
                if link["target"] == number:
                    total = total + dense.a_buff.astype(np.int32)
            factor = 64 if drawn["layers"][number]["family"] == "AdaptiveThreshold" else 1
            widest = max(widest, factor * int(np.abs(total).max()))
            wire.send(total)
            model.run_spk()
        for link, dense in links:
            dense.s_in.send(data[tick] if link["source"] < 0 else layers[link["source"]][0].s_out.recv())
            dense.run_spk()
        for number, (model, _, names) in enumerate(layers):
            states[number].append([np.array(getattr(model, name)).tolist() for name in names])
        sent.append(np.concatenate([np.array(model.s_out.recv()).astype(np.int64) for model, _, _ in layers]))
    widest = max([widest, *(int(np.abs(np.array(each)).max(initial=0)) for each in states)])
    return states, np.array(sent), widest


def main():
    given, answers = Path(sys.argv[1]), Path(sys.argv[2])
    with answers.open("w") as file:
        for line in given.read_text().splitlines():
            drawn = json.loads(line)
            states, sent, widest = run(drawn)
            answer = {"seed": drawn["seed"], "version": f"lava-nc {version('lava-nc')}"}
            print(
                json.dumps(answer | {"states": states, "sent": sent.tolist(), "widest": widest}), file=file, flush=True
            )


if __name__ == "__main__":
    main()

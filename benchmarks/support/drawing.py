"""Networks without randomness at run time, drawn once and given to two simulators as the same numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DT = 1e-4  # s
CAPACITANCE = 250e-12  # F
REST, RESET = -65e-3, -68e-3  # V

Arrays = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A family of networks; `draw` makes one of them.

    model       "iaf_psc_delta" or "iaf_psc_exp", as NEST calls them
    neurons     with threshold, current and initial voltage of their own
    tau         s, membrane time constants lie between these two
    fan_in      recurrent synapses per neuron, a fifth of them from inhibitory neurons
    delay       ticks, shortest and longest; each synapse has its own
    refractory  s
    drive       mean constant current over the one that just reaches threshold
    trains      sources of given spikes, each at 20 Hz on average; each neuron hears ten of them
    tau_e       s, only of iaf_psc_exp; the longer, the weaker are the synapses
    one_weight  all synapses of one sign are equally strong, so that equal sums are frequent
    """

    name: str
    model: str
    neurons: int = 1000
    fan_in: int = 100
    delay: tuple[int, int] = (1, 50)
    refractory: float = 2e-3
    seconds: float = 1.0
    drive: float = 0.9
    trains: int = 50
    tau: tuple[float, float] = (15e-3, 25e-3)
    tau_e: float = 5e-3
    one_weight: bool = False
    seed: int = 1


def draw(case: Case) -> Arrays:
    """All numbers of one network, SI units and ticks.

    per neuron   tau, threshold, current, initial
    per synapse  source, target, delay (ticks), weight (volt for iaf_psc_delta, ampere for iaf_psc_exp); the same with
                 the prefix "train_" for synapses from the trains
    per spike    of the trains: spike_tick, spike_train
    for all      model, ticks, dt, trains, tau_e, tau_i, refractory, rest, reset, capacitance
    """
    rng = np.random.default_rng(case.seed)
    ticks = round(case.seconds / DT)
    tau = rng.uniform(*case.tau, case.neurons)
    threshold = rng.uniform(-52e-3, -48e-3, case.neurons)
    rheobase = (threshold - REST) * CAPACITANCE / tau
    excitatory = rng.permutation(case.neurons) < 0.8 * case.neurons
    jump = (0.3e-3, -1.2e-3) if case.model == "iaf_psc_delta" else (20e-12 * 5e-3 / case.tau_e, -80e-12)

    def strength(sign: npt.NDArray[np.bool_], factor: float) -> npt.NDArray[np.float64]:
        spread = 1.0 if case.one_weight else rng.lognormal(-0.125, 0.5, sign.size)
        return factor * np.where(sign, *jump) * spread

    count = case.neurons * case.fan_in
    source = rng.integers(0, case.neurons, count)
    heard = case.neurons * min(10, case.trains)
    spikes = rng.poisson(20.0 * case.seconds * case.trains)
    low, high = case.delay
    return {
        "model": np.array(case.model),
        "ticks": np.array(ticks),
        "dt": np.array(DT),
        "trains": np.array(case.trains),
        "tau_e": np.array(case.tau_e),
        "tau_i": np.array(8e-3),
        "refractory": np.array(case.refractory),
        "rest": np.array(REST),
        "reset": np.array(RESET),
        "capacitance": np.array(CAPACITANCE),
        "tau": tau,
        "threshold": threshold,
        "current": rheobase * rng.normal(case.drive, 0.15, case.neurons),
        "initial": rng.uniform(RESET, threshold),
        "source": source.astype(np.uint16),
        "target": np.repeat(np.arange(case.neurons, dtype=np.uint16), case.fan_in),
        "weight": strength(excitatory[source], 1.0),
        "delay": rng.integers(low, high + 1, count).astype(np.uint16),
        "train_source": rng.integers(0, max(case.trains, 1), heard).astype(np.uint16),
        "train_target": np.repeat(np.arange(case.neurons, dtype=np.uint16), min(10, case.trains)),
        "train_weight": strength(rng.random(heard) < 0.8, 3.0),
        "train_delay": rng.integers(low, high + 1, heard).astype(np.uint16),
        "spike_tick": np.sort(rng.integers(1, ticks, spikes)).astype(np.uint32),
        "spike_train": rng.integers(0, max(case.trains, 1), spikes).astype(np.uint16),
    }

"""Random networks, told twice: to the engine and to its plain twin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from plain import PlainNeuron, PlainResult, PlainSynapse, plain_poisson, plain_run
from reafference import (
    CurrentLIF,
    DeltaLIF,
    EdgeList,
    Network,
    Poisson,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
)
from reafference.network.plasticity import SpikeRule
from reafference.units import MOhm, ms, mV, nA

DELTA, CURRENT, BOTH = ("delta", "delta"), ("current", "current"), ("delta", "current")
FEW = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass
class Case:
    """One random network, told twice: to the engine and to the twin."""

    network: Network
    neurons: dict[int, PlainNeuron]
    synapses: list[PlainSynapse]
    given: list[tuple[int, int]]
    rates: dict[int, float]
    dt: float
    ticks: int
    seed: int

    def expected(self, **more) -> PlainResult:
        given = self.given + plain_poisson(self.rates, self.ticks, dt=self.dt, seed=self.seed)
        return plain_run(
            self.neurons, self.synapses, self.ticks, dt=self.dt, given=given, count=self.network.neurons, **more
        )

    def simulation(self, **more) -> Simulation:
        return Simulation(self.network, dt=self.dt, seed=self.seed, **more)


def random_neurons(rng, kind, size, dt, refractory, taus):
    """A population's parameters and the same neurons one by one. Some are driven above threshold, most are not."""
    tau = rng.uniform(4, 30, size) * ms if taus != "one" else np.full(size, 20 * ms)
    parameters = {
        "tau": tau if taus != "one" else float(tau[0]),
        "rest": rng.uniform(-70, -60, size) * mV,
        "threshold": rng.uniform(-52, -48, size) * mV,
        "reset": rng.uniform(-72, -58, size) * mV,
        "refractory": np.where(rng.random(size) < 0.5, 0, rng.integers(0, 40, size)) * dt
        if refractory is None
        else refractory * dt,
        "resistance": rng.uniform(50, 200, size) * MOhm,
        "current": np.where(rng.random(size) < 0.2, rng.uniform(0, 0.4, size), rng.uniform(-0.1, 0.1, size)) * nA,
        "initial": None if rng.random() < 0.3 else rng.uniform(-75, -45, size) * mV,
    }
    if kind == "current":
        tau_e = {
            "equal": tau,
            "close": tau * (1 + 3e-7),
            "free": rng.uniform(1, 40, size) * ms,
            "one": np.full(size, 5 * ms),
        }[taus]
        parameters["tau_e"] = tau_e
        parameters["tau_i"] = np.where(rng.random(size) < 0.3, tau, rng.uniform(2, 60, size) * ms)
    each = {name: np.broadcast_to(value, size) for name, value in parameters.items() if value is not None}
    initial = each.get("initial", each["rest"])
    plain = [
        PlainNeuron(
            tau=float(each["tau"][k]),
            rest=float(each["rest"][k]),
            threshold=float(each["threshold"][k]),
            reset=float(each["reset"][k]),
            refractory=round(float(each["refractory"][k]) / dt),
            drive=float(each["resistance"][k] * each["current"][k]),
            resistance=float(each["resistance"][k]),
            tau_e=float(each["tau_e"][k]) if kind == "current" else None,
            tau_i=float(each["tau_i"][k]) if kind == "current" else None,
            v=float(initial[k]),
        )
        for k in range(size)
    ]
    return (CurrentLIF if kind == "current" else DeltaLIF)(**parameters), plain


def random_case(
    seed,
    kinds,
    *,
    dt=0.1 * ms,
    ticks=400,
    delays="mixed",
    refractory=None,
    taus="free",
    plasticity=None,
    short_term=None,
):
    """Two populations and two kinds of source, wired at random, with weights of both signs and a long tail.

    plasticity  {projection: rule}
    short_term  {projection: (its short-term plasticity, synapse(source, target, weight, delay) for the twin)}
    """
    rng = np.random.default_rng(seed)
    sizes = {"train": 6, "noise": 5, "a": int(rng.integers(1, 14)), "b": int(rng.integers(2, 14))}
    first = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    spike_tick = np.sort(rng.integers(1, ticks, 60))
    spike_neuron = rng.integers(0, sizes["train"], 60)
    rates = np.where(rng.random(sizes["noise"]) < 0.2, 0.0, rng.uniform(10, 300, sizes["noise"])) * (0.1 * ms / dt)
    shuffled = rng.permutation(60)
    populations = {
        "train": Population(
            "train", sizes["train"], SpikeTrain(time=spike_tick[shuffled] * dt, neuron=spike_neuron[shuffled])
        ),
        "noise": Population("noise", sizes["noise"], Poisson(rate=rates)),
    }
    neurons = {}
    for name, kind in zip("ab", kinds, strict=True):
        parameters, plain = random_neurons(rng, kind, sizes[name], dt, refractory, taus)
        populations[name] = Population(name, sizes[name], parameters)
        neurons.update({first[name] + k: neuron for k, neuron in enumerate(plain)})
    projections, synapses = [], []
    for source, target in [
        ("train", "a"),
        ("train", "b"),
        ("noise", "a"),
        ("noise", "b"),
        ("a", "b"),
        ("b", "a"),
        ("a", "a"),
        ("b", "b"),
    ]:
        count = int(rng.integers(0, 3 * sizes[target] + 1))  # the same pair may be joined twice
        edges = rng.integers(0, sizes[source], count), rng.integers(0, sizes[target], count)
        current = kinds["ab".index(target)] == "current"
        weight = rng.lognormal(np.log(20 * mV if current else 6 * mV), 0.8, count) * np.where(
            rng.random(count) < 0.7, 1, -1
        )
        rule = (plasticity or {}).get(f"{source} -> {target}")
        if isinstance(rule, SpikeRule):
            weight = np.clip(np.abs(weight) * (1 if rule.high > 0 else -1), rule.low, rule.high)
        delay = {
            "constant": np.full(count, 7),
            "shortest": np.full(count, 1),
            "mixed": rng.integers(1, 30, count),
            "long": rng.integers(100, 260, count),
        }[delays]
        tiring, synapse = (short_term or {}).get(f"{source} -> {target}", (None, PlainSynapse))
        projections.append(
            Projection(
                populations[source],
                populations[target],
                EdgeList(source=edges[0], target=edges[1]),
                weight=weight,
                delay=7 * dt if delays == "constant" else delay * dt,
                plasticity=rule,
                short_term=tiring,
            )
        )
        synapses += [
            synapse(first[source] + int(s), first[target] + int(t), float(w), int(d))
            for s, t, w, d in zip(*edges, weight, delay, strict=True)
        ]
    return Case(
        network=Network(populations=list(populations.values()), projections=projections),
        neurons=neurons,
        synapses=synapses,
        given=[(int(t), first["train"] + int(n)) for t, n in zip(spike_tick, spike_neuron, strict=True)],
        rates={first["noise"] + k: float(rate) for k, rate in enumerate(rates)},
        dt=dt,
        ticks=ticks,
        seed=seed,
    )


def pairs(spikes):
    """(tick, neuron) of an engine's spikes as a list."""
    return list(zip(spikes.tick.tolist(), spikes.neuron.tolist(), strict=True))


cases = {
    "seed": st.integers(0, 2**31),
    "dt": st.sampled_from([0.1 * ms, 1 * ms]),
    "delays": st.sampled_from(["constant", "shortest", "mixed", "long"]),
    "refractory": st.sampled_from([None, 0, 1, 20]),
    "taus": st.sampled_from(["one", "free", "equal", "close"]),
}

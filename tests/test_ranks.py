"""Ranks change no bit: one network on several of them, which here are threads that talk as processes would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from in_ranks import in_ranks, joined, merged
from plain import PlainSynapse
from random_networks import BOTH, FEW, cases, pairs, random_case
from reafference import AntiHebbian, PairSTDP, RewardSTDP, ThreeFactor, TripletSTDP, TsodyksMarkram, Watch
from reafference.units import ms, mV

LEARNING = {
    "train -> a": AntiHebbian(rate=1 * mV, own="a", other="b", interval=2 * ms),
    "a -> b": ThreeFactor(rate=0.3 * mV, interval=3 * ms),
    "noise -> b": ThreeFactor(rate=-0.2 * mV, normalise=20 * ms, interval=1 * ms),
}
FROM_SPIKES = {
    "train -> a": PairSTDP(a_plus=0.1, a_minus=0.1, high=60 * mV),
    "a -> b": RewardSTDP(a_plus=0.1, a_minus=0.1, high=60 * mV, tau_c=100 * ms),
    "noise -> b": TripletSTDP(a2_plus=0.1, a3_plus=0.1, a2_minus=0.1, high=60 * mV),
}
TIRING = {
    "train -> b": (TsodyksMarkram(use=0.5, tau_recovery=20 * ms), PlainSynapse),
    "a -> b": (TsodyksMarkram(use=0.2, tau_recovery=10 * ms, tau_facilitation=30 * ms), PlainSynapse),
}
RULES = {"none": None, "at intervals": LEARNING, "at spikes": FROM_SPIKES}
WATCH = [Watch(population="a"), Watch(population="b", neurons=[1, 0, 1]), Watch(population="b", variable="g_i")]


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("threads", [1, 2])
@settings(FEW, max_examples=12)
@given(**cases, learns=st.sampled_from(list(RULES)), tires=st.booleans())
def test_ranks_and_threads_change_no_bit(ranks, threads, learns, tires, **options):
    case = random_case(kinds=BOTH, plasticity=RULES[learns], short_term=TIRING if tires else None, **options)

    def live(**more):
        simulation = case.simulation(watch=WATCH, **more)
        spikes = simulation.advance(case.ticks // 2 * case.dt), simulation.advance(case.ticks // 2 * case.dt)
        values = {name: simulation.read(name) for name in "ab"}
        synapses = {name: (simulation.own(name[-1]), simulation.wiring(name)) for name in LEARNING}
        return spikes, values, synapses, simulation.recording(), simulation.gather()

    ((first, second), values, synapses, one, _) = live()
    parts = in_ranks(ranks, lambda comm: live(comm=comm, threads=threads))
    for half, alone in enumerate((first, second)):
        assert merged([part[0][half] for part in parts]) == pairs(alone)
    for name, value in values.items():
        together = [part[1][name] for part in parts]
        assert joined(together).tobytes() == value.tobytes()
    for name, (_, all_of_them) in synapses.items():
        for part in parts:
            own, some = part[2][name]
            mine = (all_of_them.target >= own.start) & (all_of_them.target < own.stop)
            for column, part_of_it in zip(all_of_them, some, strict=True):
                assert column[mine].tobytes() == part_of_it.tobytes()
    whole = parts[0][4]
    assert whole.time.tobytes() == one.time.tobytes() and whole.neuron.tobytes() == one.neuron.tobytes()
    assert sum(part[3].time.size for part in parts) == one.time.size
    for name in ("spikes", "synaptic_events", "weight_changes"):
        assert whole.work[name] == one.work[name] == sum(part[3].work[name] for part in parts)
    assert whole.sampled.tobytes() == one.sampled.tobytes()
    for name, trace in one.traces.items():
        assert whole.traces[name].neuron.tobytes() == trace.neuron.tobytes()
        assert whole.traces[name].value.tobytes() == trace.value.tobytes(), name

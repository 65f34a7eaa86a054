"""Ranks that disagree or fail: a clear error on every one of them, and nobody waits for ever."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest

from in_ranks import in_ranks, merged, outcomes
from random_networks import BOTH, pairs, random_case
from reafference import (
    AdEx,
    CurrentLIF,
    DeltaLIF,
    FixedInDegree,
    LogNormal,
    Network,
    OneToOne,
    Poisson,
    PoissonInput,
    Population,
    Projection,
    Simulation,
    run,
)
from reafference.engine import mail, memory, workers
from reafference.engine.build import build_groups
from reafference.engine.describe import digest
from reafference.engine.local_ranks import local_ranks
from reafference.engine.mail import Mail
from reafference.engine.ranks import GATHER, RankError, Ranks, ranks_of
from reafference.units import ms, mV, nA

CASE = random_case(6, BOTH)


def texts(results):
    return [f"{type(result).__name__}: {result}" for result in results]


# --- they disagree --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"seed": 1}, "seed (6 and 1)"),
        ({"dt": 1 * ms}, "dt (0.0001 s and 0.001 s)"),
        ({"threads": 2}, "threads (1 and 2)"),
        ({"record": ["a"]}, "record (train, noise, a, b and a)"),
        ({"network": random_case(8, BOTH).network}, "the neurons of 'train'"),
    ],
    ids=["seed", "dt", "threads", "record", "network"],
)
def test_ranks_that_disagree_say_about_what(other, text):
    def start(comm):
        network = other.get("network", CASE.network) if comm.rank == 2 else CASE.network
        more = {name: value for name, value in other.items() if name != "network"} if comm.rank == 2 else {}
        return Simulation(network, comm=comm, **({"dt": CASE.dt, "seed": CASE.seed} | more))

    expected = f"RankError: ranks 0 and 2 disagree about {text}; give all ranks the same."
    assert texts(outcomes(3, start)) == [expected] * 3


def test_ranks_that_make_different_calls():
    def advance(comm):
        simulation = CASE.simulation(comm=comm)
        return simulation.advance((10 + comm.rank) * CASE.dt)

    one, other = texts(outcomes(2, advance))
    assert one == (
        "RankError: ranks do different things: rank 0 advances to tick 10 from tick 0, rank 1 advances to tick 11 from "
        "tick 0; all must make the same calls."
    )
    assert "rank 1 advances to tick 11" in other

    def mixed(comm):
        simulation = CASE.simulation(comm=comm)
        return simulation.advance(10 * CASE.dt) if comm.rank else simulation.gather()

    one, other = texts(outcomes(2, mixed))
    assert "rank 0 gathers" in one and "rank 0 gathers" in other

    def twice(comm):
        simulation = CASE.simulation(comm=comm)
        errors = []
        for _ in range(2):
            try:
                simulation.advance((10 + comm.rank) * CASE.dt)
            except RankError as error:
                errors.append(str(error))
        return errors

    for errors in outcomes(2, twice):
        assert len(errors) == 2 and errors[0] == errors[1], "after an error nobody waits for the other again"


# --- one of them fails ----------------------------------------------------------------------------------------------


def test_a_rank_that_fails_while_it_builds_is_named_by_all():
    cells = Population("cells", 40, DeltaLIF())

    def start(comm):
        wiring = FixedInDegree(3)
        network = Network(populations=[cells], projections=[Projection(cells, cells, wiring, weight=1 * mV)])
        with mock.patch.object(FixedInDegree, "parts", broken) if comm.rank == 1 else mock.MagicMock():
            return Simulation(network, comm=comm)

    def broken(self, sources, targets, rng):
        raise RuntimeError("no more ideas")

    results = texts(outcomes(3, start))
    assert "RuntimeError: no more ideas" in results
    assert all("no more ideas" in text for text in results)


def test_wrong_arguments_on_one_rank():
    def start(comm):
        return Simulation(CASE.network, dt=CASE.dt, seed=CASE.seed if comm.rank else -1, comm=comm)

    one, other = texts(outcomes(2, start))
    assert one.startswith("ValueError: seed = -1 is outside")
    assert other.startswith("RankError: rank 0 failed: ValueError: seed = -1 is outside")


@pytest.mark.parametrize("threads", [1, 2])
def test_a_rank_that_fails_while_it_runs(threads):
    def live(comm):
        def progress(done):
            if comm.rank == 1 and done >= 0.5:
                raise KeyError("a mistake of the user")

        return run(CASE.network, 400 * CASE.dt, dt=CASE.dt, threads=threads, comm=comm, progress=progress)

    assert texts(outcomes(3, live)) == [
        "RankError: rank 1 failed: KeyError: 'a mistake of the user'",
        "KeyError: 'a mistake of the user'",
        "RankError: rank 1 failed: KeyError: 'a mistake of the user'",
    ]


def test_a_rank_that_never_comes():
    links = local_ranks(2, timeout=0.05)
    with pytest.raises(RankError, match="a rank has not come to an exchange in time"):
        CASE.simulation(comm=links[0])


def test_what_is_no_communicator():
    with pytest.raises(TypeError, match=r"comm = 3 is no communicator; give one of mpi4py, such as MPI\.COMM_WORLD"):
        CASE.simulation(comm=3)
    assert ranks_of(None) is None and ranks_of(local_ranks(1)[0]) is None


# --- memory ---------------------------------------------------------------------------------------------------------


def test_ranks_of_one_machine_share_its_memory(monkeypatch):
    cells = Population("cells", 3000, DeltaLIF())
    network = Network(
        populations=[cells],
        projections=[Projection(cells, cells, FixedInDegree(300), weight=LogNormal(log_mean=-7, log_sigma=1))],
    )
    each = memory.memory_needed(network, 0.1 * ms, 4, 1)
    assert each < memory.memory_needed(network, 0.1 * ms, 4, 4) / 2
    monkeypatch.setattr(memory, "available_memory", lambda: 3.9 * each)
    with mock.patch("reafference.engine.simulation.build_groups", side_effect=AssertionError("allocated")):
        results = texts(outcomes(4, lambda comm: Simulation(network, comm=comm)))
    for text in results:
        assert text.startswith("MemoryError: the network has about 9e+05 synapses and 3e+03 neurons and needs ")
        assert "GiB to be built on each of 4 ranks, " in text and "GiB on the 4 of this machine; " in text
        assert text.endswith("or use more machines, or machines with more memory.")
    monkeypatch.setattr(memory, "available_memory", lambda: 4.1 * each)
    memory.check_memory(network, 0.1 * ms, 4, 1, 4)


def test_no_rank_holds_what_others_have():
    """All arrays of a rank of eight, but for those with a row for each source, are an eighth of those of one alone."""
    cells, noise = Population("cells", 20_000, CurrentLIF()), Population("noise", 4000, Poisson(rate=5.0))
    network = Network(
        populations=[cells, noise],
        projections=[
            Projection(noise, cells, FixedInDegree(5), weight=1 * mV),
            Projection(cells, cells, FixedInDegree(20), weight=LogNormal(log_mean=-7, log_sigma=1)),
        ],
    )
    rows = ("first", "delay", "projection", "begin", "count", "link", "entry")  # one for each source, or each segment
    shared = ("table", "carry", "head")

    def largest(own, workers):
        _, parts, sources = build_groups(network, 0.1 * ms, 1, workers, own)
        everything = dict(state_of_all((tuple(tuple(part) for part in parts), tuple(sources))))
        return {name: array.nbytes for name, array in everything.items() if name.split(".")[-1] not in (*rows, *shared)}

    whole, part = largest(None, 1), largest(range(3, 4), 8)
    assert sum(part.values()) < sum(whole.values()) / 8 * 1.02
    assert {name for name in part if part[name] > max(whole[name] / 8 * 1.02, 300)} == set()


def state_of_all(value, name=""):
    """Name and array of all arrays in nested tuples."""
    if isinstance(value, np.ndarray):
        yield name, value
    else:
        for field, item in zip(getattr(value, "_fields", range(len(value))), value, strict=True):
            yield from state_of_all(item, f"{name}.{field}")


# --- what is sent ---------------------------------------------------------------------------------------------------


def test_only_ranks_that_want_a_spike_get_it(monkeypatch):
    monkeypatch.setattr(mail, "PIECE", 7)  # so that ranks ask several times
    sent = []
    exchange = Ranks.exchange

    def counted(self, words, counts, *, about, now=0, note=0):
        if about >= 0:
            sent.append((self.rank, counts.copy()))
        return exchange(self, words, counts, about=about, now=now, note=note)

    monkeypatch.setattr(Ranks, "exchange", counted)

    def live(comm):
        simulation = CASE.simulation(comm=comm)
        spikes = simulation.advance(CASE.ticks * CASE.dt)
        return spikes, {name: simulation.own(name) for name in ("train", "noise", "a", "b")}

    parts = in_ranks(3, live)
    first = {population.name: CASE.network.first(population.name) for population in CASE.network.populations}
    owner = {first[name] + k: rank for rank, (_, own) in enumerate(parts) for name in own for k in own[name]}
    assert len(owner) == CASE.network.neurons
    wanted = {(s.source, owner[s.target]) for s in CASE.synapses}
    expected = np.zeros((3, 3), int)
    for rank, (spikes, _) in enumerate(parts):
        for neuron in spikes.neuron.tolist():
            assert owner[neuron] == rank
            for other in range(3):
                expected[rank, other] += other != rank and (neuron, other) in wanted
    got = np.zeros((3, 3), int)
    for rank, counts in sent:
        got[rank] += counts
    assert expected.sum() > 100 and (got == expected).all()


def test_room_for_mail_and_spikes_that_runs_out_is_found(monkeypatch):
    """Buffers that are far too small: windows get shorter on all ranks at once, and mail gets more room."""
    case = random_case(9, BOTH, delays="long", ticks=4000)
    alone = pairs(case.simulation().advance(case.ticks * case.dt))
    monkeypatch.setattr(workers, "ROOM", 1)
    monkeypatch.setattr(workers, "TICKS", 2)
    stops, refused = [], []

    def put(out, got, since):
        if got.size and len(refused) < 5 and not any(got is before for before in refused):
            return bool(refused.append(got))
        return mail.put(out, got, since)

    monkeypatch.setattr(workers, "put", put)
    exchange = Mail.exchange

    def noted(self, out, since, now, stop):
        result = exchange(self, out, since, now, stop)
        stops.append((now, result[1]))
        return result

    monkeypatch.setattr(Mail, "exchange", noted)
    parts = in_ranks(2, lambda comm: case.simulation(comm=comm, threads=2).advance(case.ticks * case.dt))
    assert merged(parts) == alone
    assert len(refused) == 5, "the mail always fitted"
    assert any(border <= now + 1 for now, border in stops), "nobody ever ran out of room"


# --- what can be done to a network that runs ------------------------------------------------------------------------


def loop(network, threads=1, comm=None):
    """A closed loop that uses every way in and out."""
    simulation = Simulation(network, seed=4, threads=threads, comm=comm)
    spikes, counts = [], []
    for step in range(30):
        simulation.inject_current("adex", 0.4 * nA if step % 3 else 0.0)
        simulation.set_rate("noise", 2000.0 if step % 5 == 0 else np.linspace(0, 900, 7))
        simulation.set_rate("hum", np.repeat([4000.0, 9000.0], 6) if step > 9 else 5000.0)
        spikes.append(simulation.advance(2 * ms))
        counts.append(simulation.count(spikes[-1], "adex"))
    return spikes, np.array(counts), simulation.read("adex"), simulation.read("adex", "w")


@pytest.mark.parametrize(("ranks", "threads"), [(1, 3), (2, 1), (3, 2)])
def test_a_closed_loop_is_the_same_on_ranks(ranks, threads):
    """Neurons that are stepped, with parameters of their own; rates that only parts of a population share."""
    rng = np.random.default_rng(1)
    quick = np.where(np.arange(12) == 11, 0.02, 5.0) * ms  # the propagator of the last one takes more than the others'
    kind = AdEx(tau=rng.uniform(5, 40, 12) * ms, tau_w=rng.uniform(1, 200, 12) * ms, tau_e=quick)
    adex = Population("adex", 12, kind)
    noise, hum = Population("noise", 7, Poisson(rate=300.0)), Population("hum", 12, PoissonInput(rate=5000.0))
    network = Network(
        populations=[adex, noise, hum],
        projections=[
            Projection(hum, adex, OneToOne(), weight=1 * mV),
            Projection(noise, adex, FixedInDegree(4), weight=2 * mV, delay=0.3 * ms),
            Projection(adex, adex, FixedInDegree(5), weight=-3 * mV, delay=0.4 * ms),
        ],
    )
    spikes, counts, v, w = loop(network)
    parts = in_ranks(ranks, lambda comm: loop(network, threads, comm))
    assert counts.sum() > 20
    for step, alone in enumerate(spikes):
        assert merged([part[0][step] for part in parts]) == pairs(alone)
    assert (sum(part[1] for part in parts) == counts).all()
    assert np.nansum([part[2] for part in parts], axis=0).tobytes() == v.tobytes()
    assert np.nansum([part[3] for part in parts], axis=0).tobytes() == w.tobytes()


# --- the parts ------------------------------------------------------------------------------------------------------


def test_an_exchange_carries_numbers_and_texts():
    def work(link):
        ranks = Ranks(link)
        counts = np.arange(3) + link.rank
        words = np.concatenate([np.full(count, 10 * link.rank + to) for to, count in enumerate(counts)])
        received, came, notes = ranks.exchange(words, counts, about=7, note=link.rank)
        shared = ranks.share_text("é" * (link.rank + 1))
        gathered = ranks.gather(np.full(link.rank, link.rank))
        return received.tolist(), came.tolist(), notes.tolist(), shared, [part.tolist() for part in gathered]

    results = in_ranks(3, work)
    for rank, (received, came, notes, shared, gathered) in enumerate(results):
        assert came == [rank, rank + 1, rank + 2] and notes == [0, 1, 2]
        assert received == [10 * of + rank for of in range(3) for _ in range(rank + of)]
        assert shared == ["é", "éé", "ééé"]
        assert gathered == ([[], [1], [2, 2]] if rank == 0 else [])
    assert GATHER < 0


def test_equal_descriptions_have_equal_digests():
    kind = {"tau": np.array([1.0, 2.0]) * ms}
    assert digest(DeltaLIF(**kind)) == digest(DeltaLIF(tau=kind["tau"].copy()))
    different = [
        DeltaLIF(**kind),
        CurrentLIF(**kind),
        DeltaLIF(tau=np.array([1.0, 2.1]) * ms),
        DeltaLIF(tau=1 * ms),
        FixedInDegree(3),
        FixedInDegree(3, self_synapses=False),
        (1, 2, 3),
        (1, (2, 3)),
        ((1, 2), 3),
        ("12", "3"),
        ("1", "23"),
        np.arange(4),
        np.arange(4).reshape(2, 2),
        np.arange(4, dtype=np.int32),
        None,
        "None",
        1,
        1.0,
        True,
    ]
    assert len({digest(value) for value in different}) == len(different)
    with pytest.raises(TypeError, match="cannot be compared between processes"):
        digest(object())

"""A network in a file comes back as it was."""

import json
from dataclasses import dataclass, fields, is_dataclass
from typing import ClassVar

import numpy as np
import pytest

import reafference as ra
from perfect import PerfectIF
from reafference.network.file import load_network, save_network
from reafference.units import ms, mV


def alike(one, other):
    """Whether two descriptions are the same, whatever objects they are."""
    if is_dataclass(one) and not isinstance(one, type):
        return type(one) is type(other) and all(
            alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)
        )
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, tuple | list):
        return type(one) is type(other) and len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and (one == other or (one != one and other != other))


def rich():
    """A network with something of everything."""
    rng = np.random.default_rng(1)
    touch = ra.Population("touch", 20, ra.Poisson(rate=rng.uniform(0, 50, 20)))
    given = ra.Population("given", 3, ra.SpikeTrain(time=(5 * ms, 7 * ms), neuron=(0, 2)))
    cells = ra.Population("cells", 30, ra.CurrentLIF(tau=rng.uniform(10, 30, 30) * ms, initial=None))
    other = ra.Population("other", 10, ra.DeltaLIF())
    coba = ra.Population("coba", 5, ra.ConductanceLIF())
    return ra.Network(
        populations=[touch, given, cells, other, coba],
        projections=[
            ra.Projection(
                touch, cells, ra.FixedProbability(probability=0.3), weight=ra.LogNormal.with_mean(5 * mV, log_sigma=1.0)
            ),
            ra.Projection(given, other, ra.AllToAll(), weight=-2 * mV, delay=ra.Uniform(low=1 * ms, high=3 * ms)),
            ra.Projection(
                cells,
                other,
                ra.EdgeList([0, 1, 2], [3, 4, 5]),
                weight=np.array([1.0, 2.0, 3.0]) * mV,
                delay=[2 * ms] * 3,
            ),
            ra.Projection(
                cells,
                cells,
                ra.LogNormalDegree(ra.LogNormal.with_mean(5.0, log_sigma=1.0)),
                weight=1 * mV,
                plasticity=ra.PairSTDP(high=5 * mV, dependence=ra.PowerLaw()),
                name="learning",
            ),
            ra.Projection(
                other,
                coba,
                ra.FixedInDegree(degree=2),
                weight=0.5,
                short_term=ra.TsodyksMarkram(use=0.5, tau_recovery=800 * ms),
                release=ra.Release(probability=0.5),
            ),
        ],
    )


def test_a_network_comes_back_as_it_was(tmp_path):
    network = rich()
    found = load_network(save_network(network, tmp_path / "net.npz"))
    assert all(alike(a, b) for a, b in zip(network.populations, found.populations, strict=True))
    assert all(alike(a, b) for a, b in zip(network.projections, found.projections, strict=True))
    assert all(p.source in found.populations for p in found.projections)
    assert repr(found) == repr(network)


def test_a_neuron_of_another_package_is_imported_only_if_its_reader_says_so(tmp_path):
    path = save_network(ra.Network(populations=[ra.Population("own", 2, PerfectIF())]), tmp_path / "own.npz")
    with pytest.raises(ValueError, match=r"modules=\['perfect'\]"):
        load_network(path)
    assert isinstance(load_network(path, modules=["perfect"]).populations[0].kind, PerfectIF)


def test_what_a_file_cannot_hold_is_said_when_it_is_written(tmp_path):
    @dataclass(frozen=True)
    class Local:
        kernel: ClassVar[str] = "nowhere"

        def check(self, population, count):
            pass

    class NoDescription:
        kernel = "nowhere"

        def check(self, population, count):
            pass

    for kind, said in ((Local(), "module of its own"), (NoDescription(), "no dataclass")):
        with pytest.raises(ValueError, match=said):
            save_network(ra.Network(populations=[ra.Population("x", 1, kind)]), tmp_path / "x.npz")
        assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="no such folder"):
        save_network(rich(), tmp_path / "none" / "x.npz")
    with pytest.raises(ValueError, match=r"saved as \.npz"):
        save_network(rich(), tmp_path / "x.json")


def test_files_that_are_damaged_or_none_of_ours_say_so(tmp_path):
    path = save_network(rich(), tmp_path / "net.npz")
    raw = path.read_bytes()
    for k, broken in enumerate((raw[: len(raw) // 2], b"", b"hello", raw[:200] + bytes(40) + raw[240:])):
        bad = tmp_path / f"{k}.npz"
        bad.write_bytes(broken)
        with pytest.raises(ValueError, match="no network of this package"):
            load_network(bad)
    recording = ra.Recording(
        time=np.zeros(0), neuron=np.zeros(0, np.int64), groups=(("n", 0),), neurons=1, seconds=1.0, dt=1 * ms
    )
    with pytest.raises(ValueError, match="its kind is None"):
        load_network(recording.save(tmp_path / "recording.npz"))
    with pytest.raises(FileNotFoundError):
        load_network(tmp_path / "nowhere.npz")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda about: about["populations"][0]["kind"].update({"$class": ["os", "system"]}), "if you trust it"),
        (
            lambda about: about["populations"][0]["kind"].update({"$class": ["reafference.units", "si"]}),
            "no description",
        ),
        (lambda about: about["populations"][0]["kind"].update({"$class": ["reafference", "Nobody"]}), "is not there"),
        (lambda about: about["populations"][3]["kind"]["fields"].update(tau=20.0), "did you mean 20 . ms"),
        (lambda about: about["projections"][0].update(source="nobody"), "no such population"),
        (lambda about: about["projections"][2]["weight"].update({"$array": "array 99"}), "it is damaged"),
    ],
)
def test_what_a_file_says_is_checked_as_if_it_had_been_typed(tmp_path, change, said):
    path = save_network(rich(), tmp_path / "net.npz")
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    about = json.loads(str(arrays.pop("about")))
    change(about)
    np.savez(path, about=np.array(json.dumps(about)), **arrays)
    with pytest.raises(ValueError, match=said):
        load_network(path)

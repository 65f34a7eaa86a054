"""A neuron that is one file outside the package runs like a built-in one, and no kept machine code gets in its way."""

import subprocess
import sys
import types
from pathlib import Path

import numpy as np

import reafference as ra
from perfect import PerfectIF
from reafference.engine import kernel, tick
from reafference.units import ms, mV


def test_a_neuron_from_outside_counts_its_events():
    rng = np.random.default_rng(2)
    ticks = np.sort(rng.choice(np.arange(1, 400), 150, replace=False))
    train = ra.Population("train", 1, ra.SpikeTrain(time=ticks * ms, neuron=np.zeros(150, int)))
    cells = ra.Population("cells", 3, PerfectIF(threshold=np.array([5, 9, 20]) * mV, refractory=3 * ms))
    drive = ra.Projection(train, cells, ra.AllToAll(), weight=2 * mV, delay=2 * ms)
    spikes = ra.run(ra.Network(populations=[cells, train], projections=[drive]), 0.45, dt=1 * ms)
    for cell, threshold in enumerate((5, 9, 20)):
        v, hold, expected = 0, -1, []
        for now in ticks + 2:
            if now > hold:
                v += 2
            if v >= threshold:
                v, hold = 0, now + 3
                expected.append(now)
        time, neuron = spikes.of("cells")
        np.testing.assert_array_equal(np.rint(time[neuron == cell] / ms), expected)
        assert len(expected) > 3


def test_kernels_with_a_neuron_from_outside_are_kept_apart(tmp_path, monkeypatch):
    """A process that lacks the module must be able to read the index, and changed sources must not meet old code."""
    monkeypatch.setattr(kernel, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(kernel, "_outside", {})
    before = {value: value._cache for value in vars(tick).values() if kernel.is_kept(value)}
    assert len(before) > 5
    module = types.ModuleType("mine")
    source = tmp_path / "mine.py"
    source.write_text("a = 1")
    module.__file__ = str(source)
    try:
        kernel.keep_apart(module)
        first = {value.stats.cache_path for value in before}
        kernel.keep_apart(module)
        assert {value.stats.cache_path for value in before} == first
        source.write_text("a = 2")
        kernel.keep_apart(module)
        second = {value.stats.cache_path for value in before}
    finally:
        for value, cache in before.items():
            value._cache = cache
    assert all(path.startswith(str(tmp_path / "with-")) for path in first | second)
    assert not first & second


def test_a_process_without_the_module_still_finds_its_kernels():
    test_a_neuron_from_outside_counts_its_events()
    program = (
        "import reafference as ra\n"
        "n = ra.Population('n', 2, ra.DeltaLIF(current=0.2e-9))\n"
        "print(ra.run(ra.Network(populations=[n]), 0.1))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr


def test_kernels_of_a_room_are_kept_by_the_sources_of_that_room(tmp_path, monkeypatch):
    """A kernel inlines its neighbours, so a change in any of them must not be answered by what was compiled before."""
    from reafference.brain.maps import charts

    room = Path(charts.__file__).parent
    kept = Path(charts.worth.stats.cache_path)
    assert kept.is_relative_to(kernel.folder_of(room)) and kernel.folder_of(room) != kernel.cache_folder()
    package = tmp_path / "package"
    for name in ("engine", "maps"):
        (package / name).mkdir(parents=True)
    monkeypatch.setattr(kernel, "__file__", str(package / "engine" / "kernel.py"))
    monkeypatch.setattr(kernel, "cache_folder", lambda: tmp_path)
    folders = []
    for code in ("a = 1", "a = 2", "a = 1"):
        (package / "maps" / "one.py").write_text(code)
        kernel.folder_of.cache_clear()
        folders.append(kernel.folder_of(package / "maps"))
    assert folders[0] == folders[2] != folders[1]
    assert kernel.folder_of(package / "engine") == kernel.folder_of(tmp_path / "elsewhere") == tmp_path
    kernel.folder_of.cache_clear()

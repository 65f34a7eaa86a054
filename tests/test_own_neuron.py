"""A neuron that is one file outside the package runs like a built-in one, and its changes are never overlooked."""

import shutil
import types

import numpy as np

import reafference as ra
from perfect import PerfectIF
from reafference.engine import kernel
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
        for tick in ticks + 2:
            if tick > hold:
                v += 2
            if v >= threshold:
                v, hold = 0, tick + 3
                expected.append(tick)
        time, neuron = spikes.of("cells")
        np.testing.assert_array_equal(np.rint(time[neuron == cell] / ms), expected)
        assert len(expected) > 3


def test_kept_kernels_are_dropped_when_a_neuron_outside_changes(tmp_path, monkeypatch):
    folder = tmp_path / "kernels"
    folder.mkdir()
    monkeypatch.setattr(kernel, "cache_folder", lambda: folder)
    module = types.ModuleType("mine")
    source = tmp_path / "mine.py"
    source.write_text("a = 1")
    module.__file__ = str(source)
    kernel.forget_if_changed(module)
    (folder / "sub").mkdir()
    for name in ("tick.nbi", "sub/tick.nbc"):
        (folder / name).write_text("code")
    kernel.forget_if_changed(module)
    assert (folder / "tick.nbi").exists()
    shutil.copy(source, tmp_path / "old.py")
    source.write_text("a = 2")
    kernel.forget_if_changed(module)
    assert not (folder / "tick.nbi").exists() and not (folder / "sub" / "tick.nbc").exists()

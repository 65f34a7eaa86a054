"""A network on chips beside the engine: agreement, refusals, tables, pages, and what people may type."""

import io
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from rich.console import Console

import reafference as ra
from browser import Browser, find_browser
from reafference.chips.asked import chips_named, network_named
from reafference.chips.bill import Bill
from reafference.chips.compare import agreement, compare
from reafference.chips.examples import chain, lognormal, touch
from reafference.chips.loihi1 import Loihi1
from reafference.chips.report import Cores, Report
from reafference.recording import Recording
from reafference.report.chips_page import write_chips_page
from reafference.report.chips_rows import COSTS, FITS, chip_notes, chips_as_tables, chips_tables, cost_rows, fit_rows
from reafference.units import ms, mV


class Echo:
    """A chip that runs the engine, leaving out what `loses` says."""

    name = "echo"
    unsupported: ClassVar[dict] = {}

    def __init__(self, loses=lambda recording: np.zeros(recording.time.size, bool)):
        self.loses = loses

    def example(self):
        return touch(), 1 * ms

    def compile(self, network, *, dt, seed=0):
        return EchoProgram(network, dt, seed, self.loses)


class EchoProgram:
    def __init__(self, network, dt, seed, loses):
        from reafference.chips.circuit import draw

        self.circuit, self.dt, self.seed, self.loses = draw(network, dt=dt, seed=seed), dt, seed, loses

    def run(self, seconds, *, inputs=None, progress=None):
        told = ra.run(self.circuit.network, seconds, dt=self.dt, seed=self.seed)
        kept = ~self.loses(told)
        return replace(told, time=told.time[kept], neuron=told.neuron[kept])

    def price(self, recording):
        return Bill(chip="echo", profile="none", seconds=recording.seconds, synaptic_events=0)

    def report(self):
        network = self.circuit.network
        core = np.concatenate([np.full(p.size, -1 if p.name in ("touch", "start") else 0) for p in network.populations])
        one = np.zeros(1, np.int32)
        return Report(
            chip="echo",
            cores=Cores(
                core=core.astype(np.int32),
                x=one,
                y=one,
                chip=one,
                mesh=(1, 1),
                usage={"neurons": (np.array([int((core == 0).sum())]), 1000)},
            ),
        )


@pytest.fixture(scope="module")
def told():
    def third(recording):
        return np.arange(recording.time.size) % 3 == 0

    chips = {"loihi1": Loihi1(), "echo": Echo(), "lossy": Echo(third)}
    return compare(touch(), chips, seconds=0.3)


def test_the_engine_agrees_with_itself(told):
    echo = told.chips[1].agreement
    assert (echo.spikes, echo.same, echo.first) == (1.0, 1.0, None)
    assert echo.coincidence == pytest.approx(1.0) and echo.rates == pytest.approx(1.0)


def test_lost_spikes_are_counted_and_the_first_is_found(told):
    alike, engine = told.chips[2].agreement, told.engine
    own = engine.neuron >= 50
    lost = (np.arange(engine.time.size) % 3 == 0) & own
    share = 1 - lost.sum() / own.sum()
    assert alike.spikes == pytest.approx(share) and alike.same == pytest.approx(2 * share / (1 + share))
    assert alike.first == pytest.approx(engine.time[lost].min())
    assert 0.5 < alike.coincidence < 0.95


def test_sources_are_left_out_of_the_comparison():
    network = touch()
    one = ra.run(network, 0.1, dt=1 * ms)
    cells = one.neuron >= 50
    other = replace(one, time=one.time[cells], neuron=one.neuron[cells])
    assert agreement(network, one, other).first is None


def test_who_is_silent_has_no_agreement():
    network = touch()
    empty = Recording(
        time=np.zeros(0),
        neuron=np.zeros(0, np.int64),
        groups=(("touch", 0), ("cells", 50)),
        neurons=150,
        seconds=0.1,
        dt=1 * ms,
    )
    alike = agreement(network, empty, empty)
    assert alike == replace(alike, spikes=None, same=None, coincidence=None, rates=None, first=None)


def test_a_chain_that_loihi_holds_has_every_spike_of_the_engine():
    told = compare(chain(), {"loihi1": Loihi1()}, seconds=0.2)
    assert told.engine.counts("cells").sum() == 400
    assert told.chips[0].agreement.first is None
    assert "every spike of the engine" in chip_notes(told)[0]


def test_a_refusal_is_told_with_every_limit(tmp_path):
    told = compare(lognormal(), {"loihi1": Loihi1(), "echo": Echo()}, seconds=0.01, dt=0.01 * ms)
    refused = told.chips[0]
    assert refused.report is None and refused.bills == () and len(refused.refusal.shortages) > 3
    assert fit_rows(told)[0][:3] == ("loihi1", f"no: {len(refused.refusal.shortages)} limits broken", "–")
    assert [row[0].partition(",")[0] for row in cost_rows(told)] == ["echo"]
    assert chip_notes(told)[0] == str(refused.refusal)
    page = write_chips_page(told, tmp_path / "chips.html", title="too fine").read_text()
    for shortage in refused.refusal.shortages:
        assert str(shortage).replace("'", "&#39;").replace(">", "&gt;") in page


def test_every_measure_has_its_cell_and_prices_their_kind(told):
    (heads, fits), (more, costs) = chips_as_tables(told)
    assert heads == FITS and [row[:3] for row in fits] == [(name, "yes", "1") for name in ("loihi1", "echo", "lossy")]
    assert more == COSTS and {row[0] for row in costs} >= {"loihi1, davies2018", "loihi1, sanafe", "echo, none"}
    assert all(len(row) == len(FITS) for row in fits) and all(len(row) == len(COSTS) for row in costs)
    assert "published" in costs[0][-1] and costs[-1][-1] == "nothing has a price"
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(chips_tables(told))
    shown = console.export_text()
    assert "davies2018" in shown and "what it would cost" in shown and "same" in shown


def test_the_page_stands_alone_and_says_what_was_rounded(told, tmp_path):
    page = write_chips_page(told, tmp_path / "chips.html", title="touch & go", notes=("changed <b>so</b>",))
    text = page.read_text()
    assert "touch &amp; go on chips" in text and "changed &lt;b&gt;so&lt;/b&gt;" in text
    assert "http://" not in text and "https://" not in text and "<script" not in text
    loihi = told.chips[0]
    off = [rounding for rounding in loihi.report.roundings if rounding.worst]
    assert off and all(rounding.where.replace("'", "&#39;").replace(">", "&gt;") in text for rounding in off)
    assert "core 0 at column" in text and "Davies et al. 2018" in text


@pytest.mark.browser
@pytest.mark.skipif(find_browser() is None, reason="no Chromium")
@pytest.mark.parametrize("width", [375, 1200])
def test_the_page_fits_the_screen(told, tmp_path, width):
    with Browser(find_browser()) as browser:
        browser.open(write_chips_page(told, tmp_path / "chips.html", title="touch"), width=width, height=740)
        assert browser.complaints == []
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
        assert browser.evaluate("document.querySelectorAll('rect.core').length") > 0


def test_names_that_people_type(tmp_path):
    assert network_named("touch").neurons == 150
    path = ra.save_network(chain(), tmp_path / "network.npz")
    assert network_named(str(path)).neurons == network_named(str(tmp_path)).neurons == 220
    with pytest.raises(ValueError, match=r"no file and no example; examples are touch, .* brain"):
        network_named("toch")
    (tmp_path / "odd.txt").write_text("x")
    with pytest.raises(ValueError, match=r"read from \.npz"):
        network_named(str(tmp_path / "odd.txt"))
    chips = chips_named(" loihi1, test_chips_side_by_side:Echo")
    assert list(chips) == ["loihi1", "Echo"]
    with pytest.raises(ValueError, match=r"nope: no chip of that name; nowhere:Chip: .*; os:getcwd: .*There are "):
        chips_named("nope,nowhere:Chip,os:getcwd")
    with pytest.raises(ValueError, match="names no chip"):
        chips_named(" , ")


def test_no_chip_and_another_reference_are_refused():
    with pytest.raises(ValueError, match="no chips"):
        compare(touch(), {}, seconds=0.1)
    with pytest.raises(ValueError, match="reference has populations"):
        compare(touch(), {"echo": Echo()}, seconds=0.1, reference=chain())


def test_progress_is_told_in_order():
    done = []
    compare(touch(), {"echo": Echo()}, seconds=0.05, progress=lambda part, text: done.append((part, text)))
    assert [part for part, _ in done] == sorted(part for part, _ in done) and done[-1] == (1.0, "done")
    assert any("echo: placing" in text for _, text in done)


def test_weights_are_off_by_what_the_report_says(told):
    weight = next(each for each in told.chips[0].report.roundings if each.parameter == "weight")
    assert weight.values == 2000 and weight.worst < 0.1 * mV

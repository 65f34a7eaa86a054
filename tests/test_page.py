"""The page of a life: complete, small, self-contained, honest about what is missing, and alive in a browser."""

from __future__ import annotations

import base64
import dataclasses
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from browser import Browser, find_browser
from reafference.brain.life import ErrorCourse, Life, Phase, PushCurve, Raster, Sensation
from reafference.chips.compare import compare
from reafference.chips.examples import chain
from reafference.chips.loihi1 import Loihi1
from reafference.report.figure import runs, thin
from reafference.report.page import MOST_BYTES, write_page
from reafference.report.raster import pack
from reafference.report.scale import Axis, axis_around, number, percent
from reafference.report.terminal import life_table

SENSES = ("cos angle", "sin angle", "angular velocity")
HOSTILE = "</script><script>document.title='hacked'</script>\"><img src=x onerror=document.title='hacked'>[red]"


def synthetic_raster(rng: np.random.Generator, spikes: int) -> Raster:
    groups = (("drive", 0), ("efference basis", 100), ("sensory ON/OFF", 900), ("error ON/OFF", 906))
    rates = np.concatenate(
        [rng.lognormal(1.5, 0.5, 100), rng.lognormal(0, 1.1, 800), rng.uniform(20, 60, 6), rng.uniform(1, 4, 6)]
    )
    moment = np.sort(rng.uniform(0, 10, spikes))
    beat = rng.uniform(size=spikes) < 0.55 + 0.45 * np.sin(2 * np.pi * moment / 1.4)
    neuron = rng.choice(rates.size, size=spikes, p=rates / rates.sum())
    return Raster(
        time=moment[beat], neuron=neuron[beat].astype(np.int64), groups=groups, neurons=rates.size, seconds=10.0
    )


def synthetic_life(*, spikes: int = 30_000, senses: tuple[str, ...] = SENSES) -> Life:
    """Numbers that a life could have left, made without living."""
    rng = np.random.default_rng(5)
    frames = np.arange(0, 60, 0.05) + 300
    pushed = np.zeros(frames.size, dtype=np.bool_)
    for start in rng.integers(0, frames.size - 3, 18):
        pushed[start : start + 2] = True
    smooth = np.convolve(rng.normal(size=frames.size + 20), np.hanning(12), "same")[:-20]
    sensed = np.stack([np.sin(frames * (1 + 0.3 * k) + smooth * 0.8) * 1.3 for k in range(len(senses))], axis=1)
    predicted = sensed + rng.normal(0, 0.12, sensed.shape)
    sensed[pushed] += rng.normal(0, 1.4, (int(pushed.sum()), len(senses)))
    life_time = np.arange(2.0, 600, 2)

    def fall(to: float, tau: float, noise: float = 0.12) -> Any:
        return (to + (1 - to) * np.exp(-life_time / tau)) * rng.lognormal(0, noise, life_time.size)

    around = np.arange(400.0, 540, 1)
    bump = np.where(around < 420, 0.05, 0.05 + 1.5 * np.exp(-(around - 420) / 22))
    size = np.array([0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0])
    summary: dict[str, Any] = {"world": "Pendulum-v1", "seed": 7, "seconds": 600.0}
    for twin, level in (("own", 0.962), ("yoked", -0.04), ("cut", 0.68), ("frozen", 0.01)):
        summary[f"cancelled_{twin}"] = {name: level + 0.005 * k for k, name in enumerate(senses)}
    summary |= {
        "command_cancelled_own": 0.874,
        "command_cancelled_yoked": 0.031,
        "push_dprime_own": 3.41,
        "push_dprime_cut": 1.32,
        "push_dprime_frozen": 0.44,
        "agency_dprime_own": 1.83,
        "agency_dprime_yoked": 0.12,
        "inversion_half_time_s": 31.7,
        "half_spikes_share": 0.163,
        "error_rate_at_rest_hz": 3.2,
        "spikes_per_second": 2144.0,
        "synaptic_events_per_second": 187_312.0,
        "wall_per_simulated_second": 0.214,
    }
    return Life(
        summary=summary,
        senses=senses,
        phases=(
            Phase(name="babble", start=0, end=60),
            Phase(name="learn", start=60, end=300),
            Phase(name="pushes", start=300, end=420),
            Phase(name="inversion", start=420, end=520),
            Phase(name="back", start=520, end=600),
        ),
        sensation=Sensation(time=frames, sensed=sensed, predicted=predicted, pushed=pushed),
        course=ErrorCourse(
            time=life_time,
            error={
                "own": fall(0.04, 40),
                "yoked": fall(1.02, 40, 0.05),
                "cut": fall(0.32, 50),
                "frozen": fall(1.0, 40, 0.04),
            },
        ),
        inversion=ErrorCourse(
            time=around, error={"own": bump * rng.lognormal(0, 0.1, around.size), "frozen": np.full(around.size, 1.0)}
        ),
        pushes=PushCurve(
            size=size,
            dprime={"own": 3.4 * size / 1.5, "cut": 1.3 * size / 1.5, "frozen": 0.3 * size / 1.5},
            smallest={"own": 0.44, "cut": 1.15, "frozen": None},
        ),
        rates=rng.lognormal(np.log(2.0), 1.0, 800),
        raster=synthetic_raster(rng, spikes),
    )


def bare_life() -> Life:
    return Life(summary={"world": "Pendulum-v1", "seed": 1, "seconds": 12.0}, senses=SENSES, phases=(), complete=False)


def read(life: Life, folder: Path) -> str:
    return write_page(life, folder / "life.html").read_text(encoding="utf-8")


def test_the_page_tells_and_shows_the_whole_life(tmp_path: Path) -> None:
    page = read(synthetic_life(), tmp_path)
    story = (
        "Babble|Learning|Pushes|Inversion|Twins|Pendulum-v1|600 s|31.7 s|yoked twin −3.5 %|foretold more|16.3 %|3.41"
    )
    figures = "Sensation against prediction|Error over life|Error around the inversion|Detection of pushes|d′ = 1"
    assert [words for words in f"{story}|{figures}|fitted log-normal".split("|") if words not in page] == []
    assert 'id="spikes"' in page
    assert "not measured" not in re.sub(r"A dash stands where .*? not measured", "", page)
    assert "interrupted" not in page


def test_a_brain_on_chips_has_its_table_at_the_end(tmp_path: Path) -> None:
    told = compare(chain(), {"loihi1": Loihi1()}, seconds=0.05)
    page = write_page(synthetic_life(spikes=100), tmp_path / "life.html", chips=told).read_text(encoding="utf-8")
    assert "The same brain on chips" in page and "davies2018" in page and "static share" in page
    assert "The same brain on chips" not in read(synthetic_life(spikes=100), tmp_path)


def test_the_page_needs_nothing_from_outside(tmp_path: Path) -> None:
    page = read(synthetic_life(), tmp_path)
    assert "http:" not in page and "https:" not in page
    assert not re.search(r"<(link|iframe|object|embed|img|base)\b", page)
    assert not re.search(r"\b(src|href|action|srcset)\s*=", page)
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|WebSocket|import\(", page)
    assert "default-src 'none'" in page


def test_two_hundred_thousand_spikes_and_many_senses_fit(tmp_path: Path) -> None:
    life = synthetic_life(spikes=420_000, senses=tuple(f"sense {k}" for k in range(12)))
    assert life.raster is not None and life.raster.time.size > 200_000
    path = write_page(life, tmp_path / "life.html")
    assert path.stat().st_size < MOST_BYTES
    page = path.read_text(encoding="utf-8")
    assert f"225,000 of the {life.raster.time.size:,} spikes are drawn" in page
    crowded = dataclasses.replace(life, notes=("x" * 900_000,))
    assert write_page(crowded, path).stat().st_size < MOST_BYTES


def test_spikes_survive_packing_and_thinning_says_so() -> None:
    raster = synthetic_raster(np.random.default_rng(1), 5000)
    packed, note = pack(raster, 10**6)
    moment = np.frombuffer(base64.b64decode(packed["time"]), "<u2") * packed["step"]
    np.testing.assert_allclose(moment, raster.time, atol=packed["step"])
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(packed["neuron"]), "<u2"), raster.neuron)
    assert note == "" and packed["groups"][-1]["end"] == raster.neurons
    thinned, note = pack(raster, 4000)
    assert packed["share"] == 1 and thinned["share"] == pytest.approx(750 / raster.time.size)
    assert len(thinned["time"]) + len(thinned["neuron"]) <= 4000 + 8
    assert f"of the {raster.time.size:,} spikes are drawn" in note


def test_what_was_not_lived_is_said(tmp_path: Path) -> None:
    page = read(bare_life(), tmp_path)
    assert "was interrupted" in page and page.count("not measured") > 10
    assert "Detection of pushes: not measured." in page and "<canvas" not in page


@pytest.mark.parametrize("part", ["sensation", "course", "inversion", "pushes", "rates", "raster"])
def test_any_single_part_may_be_missing(part: str, tmp_path: Path) -> None:
    life = dataclasses.replace(synthetic_life(spikes=100), complete=False, **{part: None})
    page = read(life, tmp_path)
    assert "not measured." in page and "was interrupted" in page


def test_empty_and_odd_numbers_render(tmp_path: Path) -> None:
    life = synthetic_life(spikes=100)
    assert life.course is not None and life.pushes is not None and life.sensation is not None
    error = {key: values.copy() for key, values in life.course.error.items()}
    error["own"][:50] = np.nan
    error["cut"][:] = 0.0
    empty = Raster(time=np.array([]), neuron=np.array([], dtype=np.int64), groups=(), neurons=0, seconds=0.0)
    life = dataclasses.replace(
        life,
        summary=life.summary | {"push_dprime_own": float("nan"), "cancelled_cut": {}},
        course=ErrorCourse(time=life.course.time, error=error),
        pushes=dataclasses.replace(life.pushes, dprime={"own": np.full(9, np.nan)}, smallest={}),
        rates=np.array([0.0, 0.0, 3.0, 3.0]),
        raster=empty,
    )
    page = read(life, tmp_path)
    drawings = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert not re.search(r"\b(nan|inf)\b", drawings)


def test_hostile_names_stay_words(tmp_path: Path) -> None:
    life = synthetic_life(spikes=100, senses=(HOSTILE, "b", "c"))
    assert life.raster is not None
    raster = dataclasses.replace(life.raster, groups=((HOSTILE, 0), ("rest", 100)))
    life = dataclasses.replace(
        life,
        summary=life.summary | {"world": HOSTILE},
        phases=(Phase(name=HOSTILE, start=0, end=600),),
        raster=raster,
        notes=(HOSTILE,),
    )
    page = read(life, tmp_path)
    assert "<img" not in page
    assert page.count("<script") == 2 and page.count("</script") == 2


def rendered(life: Life) -> str:
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(life_table(life))
    return console.export_text()


def test_the_terminal_table_sets_the_twins_side_by_side() -> None:
    lines = rendered(synthetic_life(spikes=10)).splitlines()
    row = next(line for line in lines if "d′ of a push" in line)
    assert [cell.strip() for cell in row.split("│")[2:6]] == ["3.41", "-", "1.32", "0.44"]
    row = next(line for line in lines if "angular velocity" in line)
    assert [cell.strip() for cell in row.split("│")[2:6]] == ["97.2", "−3.0", "69.0", "2.0"]
    assert any("> 3" in line for line in lines)
    assert max(len(line) for line in lines) <= 100


def test_the_terminal_table_marks_absent_measures_and_escapes_names() -> None:
    text = rendered(bare_life())
    assert "interrupted" in text
    assert all(
        [cell.strip() for cell in line.split("│")[2:6]] == ["-"] * 4 for line in text.splitlines() if "(%)" in line
    )
    assert "[red]" in rendered(synthetic_life(spikes=10, senses=("[red]", "b", "c")))


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3.2, 7.9), (-4.4, 3.2), (0.001, 0.0042), (299, 312), (-1e-9, 1e-9), (0, 187_312)]
)
def test_ticks_are_round_numbers_inside_the_axis(low: float, high: float) -> None:
    axis = axis_around(np.array([low, high]), "x", count=4)
    assert axis.low <= low and axis.high >= high
    ticks = [value for value, _ in axis.ticks()]
    step = ticks[1] - ticks[0]
    assert 3 <= len(ticks) <= 7 and ticks[0] == pytest.approx(axis.low) and ticks[-1] == pytest.approx(axis.high)
    mantissa = step / 10.0 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(mantissa - good) for good in (1, 2, 5)) < 1e-6


def test_logarithmic_axis_spaces_ratios_equally() -> None:
    axis = axis_around(np.array([0.03, 1.4]), "x", log=True)
    assert (axis.low, axis.high) == pytest.approx((0.02, 2.0))
    places = axis.place(np.array([0.02, 0.2, 2.0, 0.0]))
    np.testing.assert_allclose(places[:3], [0, 0.5, 1])
    assert np.isnan(places[3])
    assert [words for _, words in axis.ticks()] == ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]
    assert len(Axis(low=1.1, high=1.9, label="x", log=True).ticks()) >= 2


def test_numbers_read_as_people_write_them() -> None:
    assert [number(x) for x in (0, 3.14159, 12345.6, -0.5, 0.9996, 2e-7)] == [
        "0",
        "3.14",
        "12,300",
        "−0.5",
        "1",
        "2.00e−07",
    ]
    assert [percent(x) for x in (0.9531, 1, -0.0001, -0.25, 12.3)] == ["95.3 %", "100 %", "0 %", "−25 %", "1,230 %"]


def test_thinning_keeps_the_extremes() -> None:
    x = np.arange(10_000.0)
    y = np.sin(x)
    y[4321], y[77] = 50.0, -50.0
    few_x, few_y = thin(x, y, 200)
    assert few_x.size <= 200 and few_y.max() == 50 and few_y.min() == -50 and np.all(np.diff(few_x) > 0)
    assert runs(np.array([True, False, True, True])) == [(0, 0), (2, 3)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = find_browser()
    if executable is None:
        pytest.skip("no chromium or google-chrome on PATH: the page is not tried in a browser")
    with Browser(executable) as one:
        yield one


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(synthetic_life(), tmp_path_factory.mktemp("page") / "life.html")


def clock(browser: Browser) -> float:
    return float(browser.evaluate("document.getElementById('clock').textContent").removesuffix(" s"))


def ink(browser: Browser) -> int:
    """Pixels of the raster in the blue of played spikes."""
    return browser.count_pixels("spikes", "red < 60 && blue > 150")


@pytest.mark.browser
def test_browser_opens_the_page_without_complaint_or_request(browser: Browser, page: Path) -> None:
    browser.complaints.clear()
    browser.requests.clear()
    browser.open(page)
    assert browser.evaluate("document.querySelectorAll('figure').length") >= 6
    assert browser.evaluate("document.getElementById('spikes').width") > 300
    assert browser.complaints == []
    assert [address for address in browser.requests if not address.startswith(("file:", "data:", "about:"))] == []


@pytest.mark.browser
def test_browser_plays_pauses_and_scrubs_the_raster(browser: Browser, page: Path) -> None:
    browser.complaints.clear()
    browser.open(page)
    assert clock(browser) == 0
    before = ink(browser)
    browser.evaluate("document.getElementById('play').click()")
    assert browser.evaluate("document.getElementById('play').textContent") == "Pause"
    deadline = time.monotonic() + 20
    while clock(browser) < 0.3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert clock(browser) >= 0.3
    assert ink(browser) > before + 20
    browser.evaluate("document.getElementById('play').click()")
    stopped = clock(browser)
    time.sleep(0.3)
    assert clock(browser) == stopped
    browser.evaluate("(s => { s.value = 6.5; s.dispatchEvent(new Event('input')) })(document.getElementById('moment'))")
    assert clock(browser) == pytest.approx(6.5, abs=0.01)
    assert browser.complaints == []


@pytest.mark.browser
def test_browser_keys_reach_the_player(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.evaluate("document.getElementById('moment').focus()")
    browser.press("ArrowRight", "ArrowRight", 39)
    assert clock(browser) > 0
    browser.press(" ", "Space", 32, " ")
    assert browser.evaluate("document.getElementById('play').textContent") == "Pause"
    browser.press("Tab", "Tab", 9)
    assert browser.evaluate("document.activeElement.id") == "play"
    browser.press(" ", "Space", 32, " ")
    assert browser.evaluate("document.getElementById('play').textContent") == "Play"


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 375, 700])
def test_browser_needs_no_sideways_scrolling_on_a_phone(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width, height=740, phone=True)
    assert browser.evaluate("innerWidth") == width
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    heights = browser.evaluate("[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height)")
    assert min(height for height in heights if height > 0) >= 10


@pytest.mark.browser
def test_browser_long_hostile_names_neither_run_nor_overflow(browser: Browser, tmp_path: Path) -> None:
    life = synthetic_life(spikes=100, senses=(HOSTILE, "b" * 90, "c"))
    life = dataclasses.replace(
        life, summary=life.summary | {"world": HOSTILE}, phases=(Phase(name=HOSTILE, start=0, end=600),)
    )
    browser.complaints.clear()
    browser.open(write_page(life, tmp_path / "life.html"), width=375, height=740, phone=True)
    assert browser.evaluate("document.title") == f"A life in {HOSTILE}"
    assert browser.evaluate("document.documentElement.scrollWidth") <= 375
    assert browser.complaints == []


@pytest.mark.browser
def test_browser_dark_mode_is_dark_and_light_mode_light(browser: Browser, page: Path) -> None:
    def brightness(of: str) -> float:
        colour = str(browser.evaluate(of))
        return sum(float(part) for part in re.findall(r"[\d.]+", colour)[:3]) / 3

    ground, words = "getComputedStyle(document.body).backgroundColor", "getComputedStyle(document.body).color"
    for dark in (False, True):
        browser.open(page, dark=dark)
        assert (brightness(ground) < 60) is dark and (brightness(words) > 180) is dark


@pytest.mark.browser
def test_browser_shows_a_life_that_was_interrupted(browser: Browser, tmp_path: Path) -> None:
    browser.complaints.clear()
    browser.open(write_page(bare_life(), tmp_path / "life.html"))
    assert "interrupted" in browser.evaluate("document.querySelector('.warning').textContent")
    assert browser.complaints == []

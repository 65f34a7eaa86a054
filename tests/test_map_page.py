"""The page of a mapping life: self-contained, small, and alive in a browser at any moment of the life."""

import re
import time
from dataclasses import replace

import numpy as np
import pytest

from browser import Browser, find_browser
from reafference.brain.maps.life import MappingLife, MapPlan
from reafference.brain.maps.new_agent import newborn
from reafference.report.map_frames import pack_frames
from reafference.report.map_page import write_map_page
from reafference.report.scale import number


@pytest.fixture(scope="module")
def life():
    return MappingLife(MapPlan(actions=150, seed=20_005, radius=9), newborn(24)).live()


@pytest.fixture(scope="module")
def page(life, tmp_path_factory):
    return write_map_page(life, tmp_path_factory.mktemp("map") / "map.html")


def test_the_page_tells_the_life_and_needs_nothing_from_outside(life, page):
    text = page.read_text(encoding="utf-8")
    assert [
        w
        for w in (
            "AliasedRoom-v0",
            "held-out",
            "Surprise over life",
            "Time cells",
            "↑ ↓",
            "naming the most frequent one foretells",
        )
        if w not in text
    ] == []
    spikes = life.summary["spikes_per_action"]
    assert "Spikes of each action" in text and "Synaptic events of each action" in text and number(spikes, 4) in text
    assert "http:" not in text and "https:" not in text and not re.search(r"\b(src|href)\s*=", text)
    assert len(text) < 700_000 and not re.search(r"\bNaN\b|\bInfinity\b", text)


def test_the_page_of_a_long_life_stays_small(life, tmp_path):
    record = life.record
    long = {
        name: np.concatenate([getattr(record, name)] * 34)[:5000]
        for name in ("action", "symbol", "surprise", "effective", "clones", "spikes", "events", "time")
    }
    frames = tuple(replace(record.frames[-1], at=at) for at in range(16, 5000, 16))
    pose = np.resize(record.pose, 5001)
    page = write_map_page(
        replace(life, record=replace(record, **long, pose=pose, frames=frames)), tmp_path / "map.html"
    )
    assert page.stat().st_size < 1_500_000


def test_shares_of_charts_are_shown_against_an_equal_one(life):
    packed = pack_frames(life, 10**7)
    assert packed["charts"] == 24 == life.summary["charts"]
    low, high = packed["spread"]
    assert -4 <= low < 0 < high
    most = max(frame.strengths[0] for frame in life.record.frames) * 24
    assert 2.0 ** (high - 1) < most <= 2.0**high or high == 1
    assert life.record.frames[-1].strengths.size == 24
    actions, effective = packed["course"]
    assert actions[-1] == 150 and max(effective) <= 24


def test_frames_are_left_out_until_they_fit_and_the_last_one_stays(life):
    whole, some = pack_frames(life, 10**7), pack_frames(life, 20_000)
    assert whole["at"] == list(range(1, 151)) and len(some["at"]) < 80 and some["at"][-1] == 150
    assert some["bytes"] <= 20_000 < whole["bytes"]


def test_a_life_of_clones_and_a_world_without_a_drawing_have_pages(life, tmp_path):
    clones = np.arange(150) > 90
    odd = replace(life, record=replace(life.record, clones=clones), room=None, motions=None)
    text = write_map_page(odd, tmp_path / "map.html").read_text(encoding="utf-8")
    assert "cannot be drawn" in text and "lives by clones, from action 92 on" in text


def test_nothing_lived_is_said(life, tmp_path):
    record = life.record
    none = {name: getattr(record, name)[:0] for name in ("action", "symbol", "surprise", "effective", "clones")}
    empty = replace(record, **none, spikes=record.spikes[:0], events=record.events[:0], time=record.time[:0], frames=())
    text = write_map_page(replace(life, record=empty), tmp_path / "map.html").read_text(encoding="utf-8")
    assert "Nothing was lived" in text


@pytest.fixture(scope="module")
def browser():
    executable = find_browser()
    if executable is None:
        pytest.skip("no chromium or google-chrome on PATH: the page is not tried in a browser")
    with Browser(executable) as one:
        yield one


def go_to(browser, frame):
    browser.evaluate(
        f"(s => {{ s.value = {frame}; s.dispatchEvent(new Event('input')) }})(document.getElementById('moment'))"
    )


@pytest.mark.browser
def test_browser_shows_the_map_growing(browser, page, life):
    browser.complaints.clear()
    browser.open(page)
    painted = []
    for frame in (0, 40, 149):
        go_to(browser, frame)
        painted.append(browser.count_pixels("map", "Math.max(red, green, blue) - Math.min(red, green, blue) > 40"))
    assert painted[0] < painted[1] < painted[2]
    assert browser.count_pixels("room", "Math.max(red, green, blue) - Math.min(red, green, blue) > 40") > 10_000
    assert browser.evaluate("document.getElementById('clock').textContent") == "action 150 of 150"
    assert browser.evaluate("document.querySelectorAll('#motifs li').length") == 4
    strengths = [frame.strengths for frame in life.record.frames]
    apart, alike = (
        int(k) for k in (np.argmax([s[0] for s in strengths]), np.argmin([s[0] - s[-1] for s in strengths]))
    )
    bars = []
    for frame in (apart, alike):
        go_to(browser, frame)
        bars.append(browser.count_pixels("shares", "blue > red + 60"))
    assert bars[0] > 3 * bars[1]
    assert browser.complaints == []


@pytest.mark.browser
def test_browser_plays_by_the_step_and_keys_reach_it(browser, page):
    def moment():
        return int(browser.evaluate("document.getElementById('moment').value"))

    browser.open(page)
    assert moment() == 149  # the end of the life is seen first
    browser.press(" ", "Space", 32, " ")
    deadline = time.monotonic() + 20
    while not 2 <= moment() < 149 and time.monotonic() < deadline:
        time.sleep(0.02)
    browser.press(" ", "Space", 32, " ")
    stopped = moment()
    assert 2 <= stopped < 149
    browser.press("ArrowRight", "ArrowRight", 39)
    assert moment() == stopped + 1
    browser.evaluate("document.getElementById('back').click()")
    assert moment() == stopped
    browser.press("Home", "Home", 36)
    assert moment() == 0 and browser.evaluate("document.getElementById('back').disabled")
    browser.press("End", "End", 35)
    assert moment() == 149 and browser.evaluate("document.getElementById('on').disabled")


@pytest.mark.browser
def test_browser_needs_no_sideways_scrolling_on_a_phone_and_is_dark_in_the_dark(browser, page):
    browser.complaints.clear()
    browser.open(page, width=320, height=740, phone=True, dark=True)
    assert browser.evaluate("document.documentElement.scrollWidth") <= 320
    assert browser.count_pixels("map", "red > 240 && green > 240 && blue > 240") < 2000
    assert browser.complaints == []

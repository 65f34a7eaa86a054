"""The figures of a life, each drawn twice: wide for a desk, narrow for a phone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from reafference.brain.life import ErrorCourse, Life, Phase, PushCurve, Sensation
from reafference.report.figure import (
    Floats,
    Plot,
    axes,
    bands,
    bars,
    curve,
    drawing,
    level,
    markers,
    runs,
    segment,
    swatch,
    text,
    thin,
)
from reafference.report.measures import NAMES, TWINS, per_sense
from reafference.report.scale import axis_around, number, percent

WIDE, NARROW = 760.0, 350.0
MOST_SENSES = 12
WINDOW = 12.0


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of the page: a title that says what to see, its legend, both drawings, and how it was made."""

    title: str
    legend: tuple[tuple[Markup, str], ...]
    wide: Markup
    narrow: Markup
    caption: str


def _both(draw: Callable[[float], Markup], *, title: str, legend: list[tuple[Markup, str]], caption: str) -> Figure:
    return Figure(title=title, legend=tuple(legend), wide=draw(WIDE), narrow=draw(NARROW), caption=caption)


def _ordered(keys: dict[str, object] | dict[str, Floats]) -> list[str]:
    return [twin for twin in TWINS if twin in keys] + [key for key in keys if key not in TWINS]


def _most_pushed(sensation: Sensation) -> float:
    """Start (s) of the window that holds most pushed frames; the earliest of equals."""
    time, pushed = sensation.time, np.concatenate([[0], np.cumsum(sensation.pushed)])
    last = np.searchsorted(time, time + WINDOW, side="right")
    full = time + WINDOW <= time[-1] + 1e-9
    count = np.where(full, pushed[last] - pushed[np.arange(time.size)], -1)
    return float(time[int(np.argmax(count))])


def sensation_figure(life: Life) -> Figure | None:
    """What was sensed and what had been predicted, sense by sense, and what was left over."""
    whole = life.sensation
    if whole is None or whole.time.size < 2:
        return None
    start = _most_pushed(whole)
    seen = (whole.time >= start - 1e-9) & (whole.time <= start + WINDOW + 1e-9)
    time, pushed = whole.time[seen], whole.pushed[seen]
    sensed, predicted = whole.sensed[seen], whole.predicted[seen]
    frame = float(np.median(np.diff(time))) if time.size > 1 else WINDOW
    # A stretch of test life may have holes; a line across a hole would show what nobody sensed.
    hole = np.flatnonzero(np.diff(time) > 1.5 * frame) + 1
    time_drawn = np.insert(time, hole, np.nan)
    pushes = [(float(time[a]) - frame / 2, float(time[b]) + frame / 2) for a, b in runs(pushed)]
    drawn = min(len(life.senses), sensed.shape[1], MOST_SENSES)
    cancelled = per_sense(life, "cancelled_own")
    left_over = np.sqrt(np.mean((sensed - predicted) ** 2, axis=1))

    def draw(width: float) -> Markup:
        panel, parts = 132.0, list[Markup]()
        x = axis_around(time, "time of life, s", snug=True, count=8 if width > 500 else 4)
        for k in range(drawn + 1):
            is_rest = k == drawn
            values = left_over if is_rest else np.concatenate([sensed[:, k], predicted[:, k]])
            label = "left over by the prediction, all senses, sd" if is_rest else f"change of {life.senses[k]}, sd"
            if len(label) * 6.6 > width - 120 and not is_rest:
                label = label[: int((width - 120) / 6.6)] + "\N{HORIZONTAL ELLIPSIS}, sd"
            y = axis_around(values, label, include=(0.0,), count=4)
            plot = Plot(width=width, height=panel + (42 if is_rest else 8), x=x, y=y, bottom=42 if is_rest else 8)
            inner = [bands(plot, pushes, "push"), axes(plot, x_texts=is_rest)]
            if is_rest:
                inner.append(curve(plot, time_drawn, np.insert(left_over, hole, np.nan), "rest"))
            else:
                inner.append(curve(plot, time_drawn, np.insert(sensed[:, k], hole, np.nan), "sensed"))
                inner.append(curve(plot, time_drawn, np.insert(predicted[:, k], hole, np.nan), "predicted"))
                if life.senses[k] in cancelled:
                    words = f"{percent(cancelled[life.senses[k]])} cancelled"
                    inner.append(text(width - plot.right, plot.top - 11, words, "remark", "end"))
            offset = Markup('<g transform="translate(0 {:g})">{}</g>').format(k * (panel + 8), Markup("").join(inner))
            parts.append(offset)
        height = drawn * (panel + 8) + panel + 42
        return drawing(width, height, "Sensed and predicted change of each sense over time, with pushes shaded", parts)

    caption = (
        f"{number(time[-1] - time[0])} s of the {number(_lived(whole))} s of test life, with plasticity frozen: "
        f"{'the stretch with the most pushes' if pushed.any() else 'the first stretch'}. Each change is "
        "within one frame, in the standard deviations (sd) of that sense. "
        "The bottom panel is the root mean square over the senses of what the prediction missed."
    )
    if len(life.senses) > drawn:
        caption += f" {len(life.senses) - drawn} more senses are not drawn."
    legend = [
        (swatch("sensed", shape="line"), "sensed"),
        (swatch("predicted", shape="line"), "predicted before it arrived"),
    ]
    if pushed.any():
        legend.append((swatch("push", shape="box"), "an outside hand pushes"))
    return _both(draw, title="Sensation against prediction", legend=legend, caption=caption)


def _lived(sensation: Sensation) -> float:
    """Seconds of test life, without the holes."""
    frame = float(np.median(np.diff(sensation.time)))
    return frame * sensation.time.size


def course_figure(
    course: ErrorCourse | None,
    phases: tuple[Phase, ...],
    *,
    title: str,
    turn: float | None = None,
    half_time: float | None = None,
) -> Figure | None:
    """Error over time of the brain and its twins.

    turn       s on the time axis, when the body was inverted, where it is known
    half_time  s after `turn` until the error was halved, where it is known
    """
    if course is None or course.time.size < 2 or not course.error:
        return None
    twins = _ordered(course.error)
    values = np.concatenate([course.error[twin] for twin in twins])
    positive = values[np.isfinite(values) & (values > 0)]
    log = bool(positive.size) and float(positive.max() / positive.min()) > 10
    from_turn = float(course.time[0]) < 0
    first, last = float(course.time[0]), float(course.time[-1])
    spans = () if from_turn else tuple(phase for phase in phases if phase.end > first and phase.start < last)
    moments = [(turn, "turn", "the body is inverted")]
    if turn is not None and half_time is not None:
        moments.append((turn + half_time, "half", f"error halved, {number(half_time)} s later"))
    shown = [(moment, kind, words) for moment, kind, words in moments if moment is not None and first < moment < last]
    origin = (0.0,) if 0 < first < 0.05 * last else ()

    def draw(width: float) -> Markup:
        label = "error left, share of variance" + (" (log scale)" if log else "")
        y = axis_around(values, label, include=(1.0,) if log else (0.0, 1.0), log=log, count=6)
        x_label = "time from the inversion, s" if from_turn else "time of life, s"
        x = axis_around(course.time, x_label, include=origin, snug=True, count=8 if width > 500 else 4)
        plot = Plot(width=width, height=300 if width > 500 else 270, x=x, y=y, top=46 if spans else 26)
        parts = [bands(plot, [(p.start, p.end) for p in spans[1::2]], "phase"), axes(plot)]
        parts += _phase_names(plot, spans)
        parts.append(level(plot, 1.0, ""))
        for moment, kind, _ in shown:
            parts.append(segment(plot.x_at(moment), plot.top, plot.x_at(moment), plot.height - plot.bottom, kind))
        for twin in reversed(twins):
            parts.append(curve(plot, *thin(course.time, course.error[twin], int(width)), twin))
            # Each twin has its markers at other moments, so that curves that lie on each other stay apart.
            share = (np.arange(6) + (twins.index(twin) + 0.5) / len(twins)) / 6
            some = np.unique((share * (course.time.size - 1)).astype(np.int64))
            parts.append(markers(plot, course.time[some], course.error[twin][some], twin))
        return drawing(width, plot.height, f"{title}, for {', '.join(twins)}", parts)

    caption = "Share of the sensed variance that the prediction left over, averaged over the senses; lower is better."
    if spans:
        caption += " Shaded stretches tell the phases of life apart."
    legend = [(swatch(twin, shape="marked"), NAMES.get(twin, twin)) for twin in twins]
    legend += [(swatch(kind, shape="line"), words) for _, kind, words in shown]
    legend.append((swatch("level", shape="line"), "1: nothing predicted"))
    return _both(draw, title=title, legend=legend, caption=caption)


def _phase_names(plot: Plot, phases: tuple[Phase, ...]) -> list[Markup]:
    """Names of the phases above the plot, where they fit."""
    parts: list[Markup] = []
    for phase in phases:
        left = plot.x_at(max(phase.start, plot.x.low))
        right = plot.x_at(min(phase.end, plot.x.high))
        if right - left > 6.6 * len(phase.name) + 4:
            parts.append(text((left + right) / 2, plot.top - 6, phase.name, "remark", "middle"))
    return parts and [Markup('<g class="phases">{}</g>').format(Markup("").join(parts))]


def push_figure(pushes: PushCurve | None) -> Figure | None:
    """How well pushes of each size are told from no push."""
    if pushes is None or pushes.size.size == 0 or not pushes.dprime:
        return None
    twins = _ordered(pushes.dprime)
    values = np.concatenate([pushes.dprime[twin] for twin in twins])
    positive = pushes.size[pushes.size > 0]
    log = bool(positive.size) and positive.size == pushes.size.size and float(positive.max() / positive.min()) > 8
    seen = {twin: size for twin in twins if (size := pushes.smallest.get(twin)) is not None and math.isfinite(size)}

    def draw(width: float) -> Markup:
        y = axis_around(values, "detection of a push, d′", include=(0.0, 1.2), count=6)
        label = "size of the push, × largest force of the body" + (" (log scale)" if log and width > 500 else "")
        x = axis_around(pushes.size, label, include=() if log else (0.0,), log=log, count=6)
        plot = Plot(width=width, height=320 if width > 500 else 280, x=x, y=y)
        parts = [axes(plot), level(plot, 1.0, "d\N{PRIME} = 1")]
        base = plot.height - plot.bottom
        for twin in reversed(twins):
            if twin in seen:
                parts.append(
                    segment(plot.x_at(seen[twin]), plot.y_at(1.0), plot.x_at(seen[twin]), base, f"drop {twin}")
                )
            parts.append(curve(plot, pushes.size, pushes.dprime[twin], twin))
            parts.append(markers(plot, pushes.size, pushes.dprime[twin], twin))
        return drawing(width, plot.height, f"d prime of pushes against their size, for {', '.join(twins)}", parts)

    found = [
        f"{NAMES.get(twin, twin)} {number(seen[twin])}"
        if twin in seen
        else f"{NAMES.get(twin, twin)}: none of these sizes"
        for twin in twins
    ]
    caption = (
        "d′ is the distance between the error with and without a push, in units of their spread: 0 is "
        "chance, 1 is the usual "
        f"mark of “seen”. Smallest push seen, where a line drops from d′ = 1: {', '.join(found)}."
    )
    legend = [(swatch(twin, shape="marked"), NAMES.get(twin, twin)) for twin in twins]
    return _both(draw, title="Detection of pushes", legend=legend, caption=caption)


def rate_figure(rates: Floats | None) -> Figure | None:
    """Histogram of the logarithm of the rates, with the log-normal of the same mean and width."""
    if rates is None:
        return None
    active = rates[np.isfinite(rates) & (rates > 0)]
    if active.size < 2:
        return None
    logs = np.log10(active)
    middle, spread = float(logs.mean()), float(logs.std(ddof=1))
    bins = int(np.clip(math.sqrt(active.size) * 1.2, 8, 40))
    counts, edges = np.histogram(logs, bins=bins)
    heights = counts.astype(np.float64)
    fine: Floats = np.linspace(float(edges[0]), float(edges[-1]), 161)
    bell: Floats = np.zeros_like(fine)
    if spread > 0:
        shape = np.exp(-((fine - middle) ** 2) / (2 * spread**2)) / (spread * math.sqrt(2 * math.pi))
        bell = active.size * (edges[1] - edges[0]) * shape

    def draw(width: float) -> Markup:
        x = axis_around(10.0**edges, "rate of a neuron, Hz (log scale)", log=True, snug=True, count=6)
        y = axis_around(np.concatenate([heights, bell]), "efference neurons in each bin", include=(0.0,), count=5)
        plot = Plot(width=width, height=300 if width > 500 else 270, x=x, y=y)
        parts = [axes(plot), bars(plot, 10.0**edges, heights, "bar")]
        if spread > 0:
            parts.append(curve(plot, 10.0**fine, bell, "fit"))
        return drawing(width, plot.height, "Histogram of log rates with the fitted log-normal", parts)

    sigma = spread * math.log(10)
    share = 0.5 * math.erfc(sigma / math.sqrt(2))
    caption = (
        f"{active.size:,} neurons; median of the fit {number(10.0**middle)} Hz, standard deviation of the "
        "natural logarithm "
        f"{number(sigma)}. In an exact log-normal of this width {percent(share)} of the neurons make half of "
        "the spikes."
    )
    if rates.size > active.size:
        caption += f" {rates.size - active.size:,} neurons without a spike are not in the histogram."
    legend = [(swatch("bar", shape="box"), "neurons"), (swatch("fit", shape="line"), "fitted log-normal")]
    return _both(draw, title="A few neurons say most", legend=legend, caption=caption)

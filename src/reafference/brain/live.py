"""A whole life: a brain babbles in a world, learns, meets pushes and an inverted body, and is compared with "
"its twins."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Lock
from typing import Any

import gymnasium
import numpy as np

from reafference.brain import scores
from reafference.brain.brain import Brain, BrainPlan
from reafference.brain.life import Life, Raster, Sensation
from reafference.brain.lived import Body, Lived, Log, live_in, relive
from reafference.brain.loop import Progress
from reafference.brain.protocol import (
    BACK,
    HUBS,
    INVERSION,
    LEARN,
    OTHERS,
    PUSHES,
    QUIET,
    REPLAY,
    Protocol,
    Schedule,
    schedule,
)
from reafference.brain.stream import Stream
from reafference.brain.worlds import World, open_world
from reafference.engine import played_back
from reafference.measure import half_share
from reafference.network import Network
from reafference.recording import Recording
from reafference.units import check_range, ms

RASTER_SECONDS = 6.0
SORTS = ("premotor", "motoneurons", "corollary discharge", "afferents", "efference", "sensed", "error")

TWINS = {
    "yoked": "same sensations, another's commands",
    "cut": "the copy of the command is cut",
    "frozen": "cannot learn",
}


class LifeEnded(ValueError):
    """The world failed in the middle of a life.

    life  what was lived until then, with `complete` False; save it as any other
    """

    def __init__(self, world: str, reason: str, life: Life):
        super().__init__(
            f"{world} failed after {life.summary['seconds']:.4g} s of life: {reason} Mend the environment; "
            "what was lived until then is in `life` of this error."
        )
        self.life = life


class Stopped(Exception):
    """The life was interrupted from outside."""


def live(
    world: str | gymnasium.Env[Any, Any] | World = "Pendulum-v1",
    *,
    seconds: float = 90.0,
    seed: int = 0,
    protocol: Protocol | None = None,
    plan: BrainPlan | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> Life:
    """Live `seconds` of learning and the tests after it, with three twins, and return what happened.

    world     name of a Gymnasium environment, an environment, or a World from `open_world`
    seconds   s of learning; ignored where a whole `protocol` is given
    seed      of brain, world and pushes; the same seed gives the same life
    threads   twins that live at the same time
    progress  called with the part done (0 to 1) and what is going on

    Ctrl-C ends the life early: what was lived so far comes back with `complete` False. Where the world fails, LifeEnded
    is raised, which has that life too.
    """
    check_range("seconds", seconds, 5.0, 1e6, "s")
    check_range("seed", seed, 0, 2**31 - 1, "")
    if protocol is not None and not isinstance(protocol, Protocol):
        raise TypeError(f"protocol = {protocol!r} is no Protocol; give Protocol(learn=90.0) or leave it out.")
    body_world = world if isinstance(world, World) else open_world(world, seed=seed)
    days = protocol or Protocol(learn=seconds)
    plan = plan or BrainPlan(maturity=float(np.clip(days.learn / 5, 10.0, 100.0)))
    frame = round(body_world.frame / ms) * ms
    course = schedule(days, frame=frame, seed=seed, can_push=body_world.can_push)
    until = course.end[REPLAY]
    total = course.frames + len(TWINS) * until
    stop, lock, done = Event(), Lock(), 0

    def tick(text: str) -> None:
        nonlocal done
        if stop.is_set():
            raise Stopped
        with lock:
            done += 1
            now = done
        if progress is not None and now % 20 == 0:
            progress(now / total, text)

    def brain(*, copied: bool = True, history: int = 0) -> Brain:
        return Brain(
            senses=len(body_world.senses),
            action=body_world.action,
            actions=body_world.actions,
            frame=frame,
            seed=seed,
            copied=copied,
            history=history,
            plan=plan,
        )

    if progress is not None:
        progress(0.0, "wiring the brain (the first time, its kernels are compiled)")
    started, lives = time.perf_counter(), dict[str, Lived]()
    own = brain()
    born = time.perf_counter()
    first = course.first.get(PUSHES, course.first[QUIET])
    keep = range(first, min(course.frames, first + round(RASTER_SECONDS / frame)))
    body = Body(body_world, course)
    own_log = Log(course.frames, own.senses, own.basis.populations[1].size)
    ending = live_in(own, body, own_log, keep=keep, tick=lambda phase: tick(f"own brain: {phase}"))
    complete, failure = ending.complete, ending.failure
    wall = time.perf_counter() - born
    lives["own"] = own_log.lived()
    if complete:
        made = {"yoked": {"history": 1}, "cut": {"copied": False}, "frozen": {}}

        def twin(name: str) -> Lived:
            copy = brain(copied=name != "cut", history=made[name].get("history", 0))
            log = Log(course.frames, copy.senses, own_log.efference.size)
            relive(
                copy,
                body.stream(),
                course,
                log,
                learns=name != "frozen",
                until=until,
                tick=lambda phase: tick(f"{name} twin: {phase}"),
            )
            return log.lived()

        with ThreadPoolExecutor(max(1, threads)) as pool:
            jobs = {name: pool.submit(twin, name) for name in TWINS}
            try:
                for name, job in jobs.items():
                    lives[name] = job.result()
            except KeyboardInterrupt:
                complete = False
                stop.set()
                for job in jobs.values():
                    job.cancel()
    life = report(
        body_world,
        body.stream(),
        course,
        days,
        lives,
        frame=frame,
        seed=seed,
        complete=complete,
        error_cells=own.plan.error.errors,
    )
    work = own.simulation.recording().work
    lived_seconds = max(lives["own"].frames * frame, frame)
    life.summary.update(
        seconds=round(lived_seconds, 6),
        spikes_per_second=work["spikes"] / lived_seconds,
        synaptic_events_per_second=work["synaptic_events"] / lived_seconds,
        wall_per_simulated_second=wall / lived_seconds,
        wall_seconds=time.perf_counter() - started,
    )
    recording = kept_spikes(own, lives["own"], keep, frame)
    if recording is not None:
        life = replace(life, recording=recording, raster=raster(recording), network=on_its_own(lives["own"], recording))
    if failure:
        raise LifeEnded(body_world.name, failure if failure.endswith(".") else f"{failure}.", life)
    return life


def report(
    world: World,
    stream: Stream,
    plan: Schedule,
    protocol: Protocol,
    lives: dict[str, Lived],
    *,
    frame: float,
    seed: int,
    complete: bool,
    error_cells: int,
) -> Life:
    """Score the logs. What was not lived is absent."""
    own = lives["own"]
    names = world.senses
    summary: dict[str, Any] = {
        "world": world.name,
        "seed": seed,
        "seconds": 0.0,
        "learning_seconds": protocol.learn,
        "complete": complete,
    }
    notes: list[str] = []
    sense = 0

    def each(values: scores.Floats) -> dict[str, float]:
        return {name: float(value) for name, value in zip(names, values, strict=True) if np.isfinite(value)}

    def lived(phase: str) -> bool:
        return phase in plan.end and own.frames >= plan.end[phase]

    quiet = scores.frames_of(plan, QUIET, stream.clean, frame) if lived(QUIET) else np.zeros(0, np.int64)
    if quiet.size > 10:
        for name, log in lives.items():
            summary[f"cancelled_{name}"] = each(scores.cancelled(log, quiet))
        summary["half_spikes_share"] = half_share(own.efference) if own.efference.any() else None
        summary["error_rate_at_rest_hz"] = float(own.errors[quiet].mean()) / (2 * error_cells) / frame
        if "cut" in lives:
            sense = scores.command_sense(lives["cut"], quiet)
            summary["command_sense"] = names[sense]
            for name in ("own", "yoked"):
                value = float(scores.command_cancelled(lives[name], lives["cut"], quiet)[sense])
                summary[f"command_cancelled_{name}"] = value if np.isfinite(value) else None
    pushes = None
    if lived(PUSHES) and not complete:
        pushes = scores.push_curve({"own": own}, plan, protocol.sizes, sense)
    elif lived(PUSHES):
        pushes = scores.push_curve(
            {name: lives[name] for name in ("own", "cut", "frozen")}, plan, protocol.sizes, sense
        )
    if pushes is not None:
        summary["push_size"] = float(protocol.sizes[-1])
        for name, curve in pushes.dprime.items():
            summary[f"push_dprime_{name}"] = finite(curve[-1])
            summary[f"push_smallest_{name}"] = pushes.smallest[name]
    elif not world.can_push:
        notes.append(f"No outside hand is known for {world.name}, so nothing was pushed.")
    if lived(REPLAY):
        for name in ("own", "yoked"):
            if name in lives:
                summary[f"agency_dprime_{name}"] = finite(scores.agency(lives[name], plan, frame, sense))
    for phase, key in ((HUBS, "cancelled_without_hubs"), (OTHERS, "cancelled_without_others")):
        if lived(phase):
            summary[key] = each(scores.cancelled(own, scores.frames_of(plan, phase, stream.clean, frame)))
    for phase, key in ((INVERSION, "inversion_half_time_s"), (BACK, "restored_half_time_s")):
        if lived(phase):
            summary[key] = scores.inversion_half_time(own, stream, plan, phase, sense, frame)
    if quiet.size > 10 and not summary.get("cancelled_own"):
        notes.append(
            f"Nothing that {world.name} lets the body sense changed in the quiet test; there was nothing to predict."
        )
    if not complete:
        notes.append(f"Interrupted after {own.frames * frame:.4g} s; what was lived so far is here.")
    end = min(own.frames, plan.end[REPLAY])
    first = plan.first[LEARN] + 1
    return Life(
        summary=summary,
        senses=names,
        phases=plan.phases(frame),
        sensation=sensation(own, plan, frame) if lived(QUIET) else None,
        course=scores.course(lives, stream.clean, frame, first, end) if end - first > 40 else None,
        inversion=scores.course({"own": own}, stream.clean, frame, plan.first[INVERSION] - 200, plan.end[BACK])
        if lived(BACK)
        else None,
        pushes=pushes,
        rates=own.efference / protocol.quiet if lived(QUIET) else None,
        complete=complete,
        notes=tuple(notes),
    )


def finite(value: float) -> float | None:
    """`value`, or None where it is not defined."""
    return float(value) if np.isfinite(value) else None


def sensation(own: Lived, plan: Schedule, frame: float) -> Sensation:
    """Sensation and prediction of the tests, in standard deviations of what the sensory cells said."""
    phase = PUSHES if PUSHES in plan.end and own.frames >= plan.end[PUSHES] else QUIET
    frames = np.arange(plan.first[phase], plan.end[phase])
    quiet = np.arange(plan.first[QUIET], plan.end[QUIET])
    scale = own.sensed[quiet].std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    pushed = np.zeros(frames.size, np.bool_)
    # A push is felt one frame after the world was pushed.
    pushed[1:] = plan.force[frames[:-1]] != 0
    return Sensation(
        time=np.asarray((frames + 0.5) * frame, dtype=np.float64),
        sensed=own.sensed[frames] / scale,
        predicted=own.predicted[frames] / scale,
        pushed=pushed,
    )


def kept_spikes(brain: Brain, own: Lived, keep: range, frame: float) -> Recording | None:
    """The kept stretch of spikes as a recording."""
    if not own.spikes:
        return None
    tick = np.concatenate([spikes.tick for spikes in own.spikes])
    neuron = np.concatenate([spikes.neuron for spikes in own.spikes]).astype(np.int64)
    return Recording(
        time=np.asarray(tick * ms, dtype=np.float64),
        neuron=neuron,
        groups=tuple((p.name, brain.network.first(p.name)) for p in brain.network.populations),
        neurons=brain.network.neurons,
        seconds=len(own.spikes) * frame,
        start=keep.start * frame,
        dt=1 * ms,
        work={"spikes": tick.size},
    )


def on_its_own(own: Lived, recording: Recording) -> Network | None:
    """The brain without its body: its senses send again what they sent in the kept stretch."""
    if own.network is None:
        return None
    senses = [p.name for p in own.network.populations if p.name == "afferents" or p.name.startswith("sensed ")]
    return played_back(own.network, recording, senses)


def raster(recording: Recording) -> Raster:
    """The same stretch for the page: populations of one sort stand together, whatever sense or muscle they serve."""
    ends = [first for _, first in recording.groups[1:]] + [recording.neurons]
    place = np.zeros(recording.neurons, np.int64)
    groups: list[tuple[str, int]] = []
    now = 0
    for sort in SORTS:
        groups.append((sort, now))
        for (name, first), end in zip(recording.groups, ends, strict=True):
            if name.startswith(sort):
                place[first:end] = np.arange(now, now + end - first)
                now += end - first
    return Raster(
        time=recording.time - recording.start,
        neuron=place[recording.neuron],
        groups=tuple(groups),
        neurons=now,
        seconds=recording.seconds,
    )

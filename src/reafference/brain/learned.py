"""A brain that has lived for a while, as a network to take elsewhere."""

from __future__ import annotations

from reafference.brain.brain import Brain, BrainPlan
from reafference.brain.live import kept_spikes, on_its_own
from reafference.brain.lived import Body, Log, live_in
from reafference.brain.loop import Progress
from reafference.brain.protocol import QUIET, Protocol, schedule
from reafference.brain.worlds import open_world
from reafference.network import Network
from reafference.units import check_range, ms


def learned_brain(
    world: str = "Pendulum-v1",
    *,
    seconds: float = 30.0,
    kept: float = 4.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Network:
    """The brain of `live`, without its twins and tests, as it is after some learning.

    seconds   s of learning
    kept      s of life after it, with plasticity frozen; what the senses sent then are sources of the network
    progress  called with the part done and what is going on

    Its weights stay as they are. Raises KeyboardInterrupt where it is stopped, and RuntimeError where the world failed.
    """
    check_range("seconds", seconds, 5.0, 1e6, "s")
    check_range("kept", kept, 0.1, 30.0, "s")
    body_world = open_world(world, seed=seed)
    frame = round(body_world.frame / ms) * ms
    course = schedule(Protocol(learn=seconds), frame=frame, seed=seed, can_push=body_world.can_push)
    brain = Brain(
        senses=len(body_world.senses),
        action=body_world.action,
        actions=body_world.actions,
        frame=frame,
        seed=seed,
        plan=BrainPlan(maturity=max(10.0, seconds / 5)),
    )
    until = course.first[QUIET] + max(1, round(kept / frame))
    log, done = Log(course.frames, brain.senses, brain.basis.populations[1].size), 0

    def tick(phase: str) -> None:
        nonlocal done
        done += 1
        if progress is not None and done % 20 == 0:
            progress(done / until, f"a brain lives in {world}: {phase}")

    keep = range(course.first[QUIET], until)
    ending = live_in(brain, Body(body_world, course), log, keep=keep, tick=tick, until=until)
    if ending.failure:
        raise RuntimeError(f"{body_world.name} failed: {ending.failure}")
    own = log.lived()
    recording = kept_spikes(brain, own, keep, frame)
    network = None if recording is None else on_its_own(own, recording)
    if network is None:
        raise KeyboardInterrupt
    return network

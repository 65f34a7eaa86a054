"""What happened in a life, in plain words, made from its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reafference.brain.life import Life
from reafference.report.measures import NAMES, TWINS, known, measure, per_sense
from reafference.report.scale import number, percent

MISSING = "not measured"


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One part of the story; `key` tells the page which figures stand beside it."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure to see first, and what it means."""

    value: str
    meaning: str


def figure(value: float | None, unit: str = "") -> str:
    """A number with its unit, or the words that say that there is none."""
    return MISSING if value is None else f"{number(value)} {unit}".rstrip()


def share(value: float | None) -> str:
    """A share in per cent, or the words that say that there is none."""
    return MISSING if value is None else percent(value)


def opening(life: Life) -> str:
    """One sentence: who lived where, and for how long."""
    world, seed = life.summary.get("world"), life.summary.get("seed")
    seconds = known(life.summary.get("seconds"))
    where = f"the body of {world}" if world else "a body"
    long = (
        f"lived {number(seconds)} s of simulated time" if seconds is not None else "lived (how long was not measured)"
    )
    return f"A brain of spiking neurons {long} in {where}" + (f", seed {seed}." if seed is not None else ".")


def interruption(life: Life) -> str:
    """What to say of a life that did not reach its end; empty for one that did."""
    if life.complete:
        return ""
    missing = [
        name
        for name, part in (
            ("sensation against prediction", life.sensation),
            ("the course of the error", life.course),
            ("the inversion of the body", life.inversion),
            ("the detection of pushes", life.pushes),
            ("the rates of the neurons", life.rates),
            ("the spikes", life.raster),
        )
        if part is None
    ]
    words = "This life was interrupted. What was lived so far is shown."
    return words + (f" Not reached: {', '.join(missing)}." if missing else "")


def tiles(life: Life) -> list[Tile]:
    """The handful of figures that a reader wants first."""
    each = per_sense(life, "cancelled_own")
    worst = min(each.values()) if len(each) > 1 else None
    cancelled = "of the variance of its sensations foreseen and cancelled"
    own, cut = (None, None) if life.pushes is None else (life.pushes.smallest.get(twin) for twin in ("own", "cut"))
    tail = f", {number(cut / own, 2)} times smaller than without its command copy" if own and cut else ""
    return [
        Tile(
            value=share(measure(life, "cancelled_own")),
            meaning=cancelled + (f" (worst sense {percent(worst)})" if worst is not None else ""),
        ),
        Tile(
            value=share(measure(life, "command_cancelled_own")),
            meaning="of what its own commands cause in its senses cancelled",
        ),
        Tile(value=figure(own, "×"), meaning=f"the body’s largest force: the smallest push it feels{tail}"),
        Tile(
            value=figure(measure(life, "inversion_half_time_s"), "s"),
            meaning="to halve the error after its body was inverted",
        ),
        Tile(
            value=share(measure(life, "half_spikes_share")),
            meaning="of the efference neurons make half of their spikes",
        ),
        Tile(
            value=figure(measure(life, "wall_per_simulated_second"), "s"), meaning="of computing for one second of life"
        ),
    ]


def chapters(life: Life) -> list[Chapter]:
    """The story in order: brain, babble, learning, pushes, inversion, twins."""
    return [_brain(life), _babble(life), _learning(life), _pushes(life), _inversion(life), _twins(life)]


def _brain(life: Life) -> Chapter:
    size = ""
    if life.raster is not None and life.raster.neurons > 0:
        count = len(life.raster.groups)
        size = f" The spikes below come from {life.raster.neurons:,} neurons in {count} population{'s' * (count != 1)}."
    return Chapter(
        key="brain",
        title="The brain",
        paragraphs=(
            "Most machines wait for an input and compute an answer. This brain works the other way round: it "
            "acts first, "
            "foretells what its action will feel like, and learns from the difference. Everything in it is "
            "done by neurons "
            "that send short, equal pulses, called spikes, and only when there is something to say." + size,
        ),
        facts=(
            ("Spikes in a second of life", figure(measure(life, "spikes_per_second"))),
            ("Spikes arriving at synapses in a second of life", figure(measure(life, "synaptic_events_per_second"))),
            ("Computing time for a second of life", figure(measure(life, "wall_per_simulated_second"), "s")),
        ),
    )


def _babble(life: Life) -> Chapter:
    half = measure(life, "half_spikes_share")
    outcome = ""
    if half is not None:
        uneven = "It is uneven" if half < 0.3 else "It is rather even"
        outcome = (
            f" {uneven}: {percent(half)} of the neurons that carry the command copies make half of the spikes. "
            "If all were equal it would be 50 %; in the cortex of animals it is 10 to 20 %."
        )
    return Chapter(
        key="babble",
        title="Babble: acting before knowing",
        paragraphs=(
            "Nobody told the brain how its body works. At first its own restless activity moves the body, as an infant "
            "kicks before it can walk. The brain is built so that a few neurons fire often and most fire "
            "seldom, with the "
            "logarithms of the rates under a bell curve." + outcome,
        ),
        facts=(("Share of efference neurons that make half of the spikes", share(half)),),
    )


def _learning(life: Life) -> Chapter:
    each = per_sense(life, "cancelled_own")
    facts = [(f"Cancelled variance of {name}", percent(value)) for name, value in each.items()]
    if not facts:
        facts = [("Cancelled variance", share(measure(life, "cancelled_own")))]
    command = {twin: measure(life, f"command_cancelled_{twin}") for twin in ("own", "yoked")}
    facts.append(("Cancelled of what the command itself causes, own brain", share(command["own"])))
    facts.append(("The same, yoked twin", share(command["yoked"])))
    own = measure(life, "cancelled_own")
    outcome = ()
    if own is not None:
        result = f"In this life the brain took away {percent(own)} of the variance of its sensations"
        result += " (mean over the senses)" if len(each) > 1 else ""
        outcome = (f"{result}{_others(life, 'cancelled', percent)}.",)
    facts.append(
        ("Rate of the error neurons when nothing surprises", figure(measure(life, "error_rate_at_rest_hz"), "Hz"))
    )
    return Chapter(
        key="learning",
        title="Learning what its own actions feel like",
        paragraphs=(
            "Each command goes two ways: to the body, and as a copy (the efference copy, or corollary "
            "discharge) to neurons "
            "that foretell the coming sensation. The prediction is subtracted from the sensation. What is "
            "left over, the "
            "error, changes the synapses so that the next prediction comes closer.",
            "“Cancelled” is the share of the variance of a sensation that the prediction takes away: 100 % "
            "is a perfect "
            "prediction, 0 % is as good as none, below 0 % is worse than none. Predictions are scored with plasticity "
            "frozen, or fixed before the sensation arrives, so that chasing the sensation cannot pass for "
            "foretelling it.",
            *outcome,
        ),
        facts=tuple(facts),
    )


def _pushes(life: Life) -> Chapter:
    own = measure(life, "push_dprime_own")
    outcome: list[str] = []
    if own is not None:
        outcome.append(f"In this life d′ of a push was {number(own)}{_others(life, 'push_dprime', number)}.")
    agency = measure(life, "agency_dprime_own")
    if agency is not None:
        outcome.append(f"d′ of “mine or replayed” was {number(agency)}{_others(life, 'agency_dprime', number)}.")
    facts = [
        (f"d′ of a push, {NAMES[twin]}", figure(measure(life, f"push_dprime_{twin}")))
        for twin in ("own", "cut", "frozen")
    ]
    facts += [
        (f"d′ of “mine or replayed to me”, {NAMES[twin]}", figure(measure(life, f"agency_dprime_{twin}")))
        for twin in ("own", "yoked")
    ]
    return Chapter(
        key="pushes",
        title="Pushes: what the world did",
        paragraphs=(
            "An outside hand pushes the body at moments that the brain is not told. A brain that cancels what it "
            "causes itself feels what is left: the push. How sure it can be is measured by d′, the distance "
            "between the "
            "error with and without a push in units of its spread; 0 is chance, at 1 the better guess is "
            "right about 7 times "
            "in 10, at 3 more than 9 times in 10.",
            "The second question is whose action it was: did this sensation follow from my command, or was "
            "it replayed to me?",
            *([" ".join(outcome)] if outcome else []),
        ),
        facts=tuple(facts),
    )


def _inversion(life: Life) -> Chapter:
    half = measure(life, "inversion_half_time_s")
    if half is not None:
        outcome = f" In this life the error was halved {number(half)} s after the inversion."
    elif life.inversion is not None:
        outcome = " In this life the error was not halved while it was watched, or the time was not measured."
    else:
        outcome = " This life did not come to that, or it was not measured."
    return Chapter(
        key="inversion",
        title="Inversion: a body that answers the wrong way round",
        paragraphs=(
            "The body is inverted, as prism glasses invert the world: each command now does the opposite. A brain that "
            "only replays what it knows stays wrong; one that keeps learning recovers." + outcome,
        ),
        facts=(("Time until the error is halved", figure(half, "s")),),
    )


def _twins(life: Life) -> Chapter:
    return Chapter(
        key="twins",
        title="Twins: how we know what the command copy is worth",
        paragraphs=(
            "A twin is the same brain with one thing changed. The yoked twin gets the same sensations but "
            "the command copies "
            "of another. The cut twin gets no command copy. The frozen twin cannot learn. What the own brain "
            "can do and a "
            "twin cannot is owed to what that twin lacks.",
            _verdict(life),
        ),
    )


def _others(life: Life, prefix: str, words: Callable[[float], str]) -> str:
    """The twins that were measured, to follow the own brain in a sentence: "; yoked twin 3 %; ..."."""
    figures = {twin: measure(life, f"{prefix}_{twin}") for twin in TWINS[1:]}
    return "".join(f"; {NAMES[twin]} {words(value)}" for twin, value in figures.items() if value is not None)


def _verdict(life: Life) -> str:
    """Whom the own brain surpasses in cancelled variance, and whom it does not."""
    own = measure(life, "cancelled_own")
    others = {twin: value for twin in TWINS[1:] if (value := measure(life, f"cancelled_{twin}")) is not None}
    if own is None or not others:
        return "Whether the own brain foretells more than its twins was not measured."
    behind = [NAMES[twin] for twin, value in others.items() if value < own]
    ahead = [NAMES[twin] for twin, value in others.items() if value >= own]
    parts: list[str] = []
    if behind:
        parts.append(f"In this life the own brain foretold more of its sensations than: {', '.join(behind)}.")
    if ahead:
        parts.append(f"It did not foretell more than: {', '.join(ahead)}; nothing can be credited to what those lack.")
    return " ".join(parts)

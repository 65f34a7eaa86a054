"""What can be wrong with a world. All are ValueErrors: the person who chose the world can put them right."""

from __future__ import annotations


class WorldError(ValueError):
    """Something about a world is not as a brain needs it."""


class UnknownWorld(WorldError):
    """No world of that name."""

    def __init__(self, name: str, nearest: tuple[str, ...], remedy: str):
        self.name, self.nearest = name, nearest
        guess = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"there is no world {name!r}.{guess} {remedy}")


class UnusableWorld(WorldError):
    """The world exists, but a brain cannot live in it as it is."""

    def __init__(self, name: str, reason: str, remedy: str):
        self.name, self.reason, self.remedy = name, reason, remedy
        super().__init__(f"{name} cannot be lived in: {reason}. {remedy}")


class BadSensation(WorldError):
    """The world gave the brain something that is not a sensation."""

    def __init__(self, name: str, sense: str, value: float, step: int):
        self.name, self.sense, self.value, self.step = name, sense, value, step
        super().__init__(
            f"{name}: sense {sense!r} is {value} at step {step}; a sensation must be a finite number. "
            "The environment or a wrapper around it made it: look there for a division by zero or a force that grew."
        )


class BadCommand(WorldError):
    """The command is not one that this body takes."""

    def __init__(self, name: str, command: object, needs: str):
        self.name = name
        super().__init__(f"{name}: command {command!r} is not possible; it takes {needs}.")


class NoHand(WorldError):
    """Nobody outside can push this body."""

    def __init__(self, name: str):
        self.name = name
        super().__init__(
            f"{name}: no outside hand knows how to push this body. Wrap the environment in a gymnasium.Wrapper with "
            "`largest_force` and `push(force)`, as PushablePendulum does, or leave the pushes out (can_push is False)."
        )


class NoSnapshot(WorldError):
    """The state of this world cannot be kept and brought back."""

    def __init__(self, name: str, reason: str):
        self.name, self.reason = name, reason
        super().__init__(
            f"{name}: its state cannot be copied: {reason}. Wrap the environment in a gymnasium.Wrapper with "
            "`save_state()` and `load_state(state)`, as PushableReacher does, or score without a copy of the world."
        )


class TooManySymbols(WorldError):
    """A world shows more different observations than was agreed."""

    def __init__(self, name: str, most: int, sensed: int):
        self.name, self.most, self.sensed = name, most, sensed
        super().__init__(
            f"{name}: {most + 1} of {sensed} observations were unlike all before them, at most {most} may be. "
            "A world that never repeats has no map: wrap it in an ObservationWrapper that rounds or picks what "
            "matters. If it does repeat, raise most_symbols (--symbols)."
        )

"""What stands in a YAML file as lists, dictionaries and words, from the events of its parser.

Everything stays a word: "1.10" is neuron 10 of group 1 here, not the number 1.1. This takes a quarter of the time of a
loader, which first makes nodes of all events.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Unplain(ValueError):
    """A file that has more than lists, dictionaries and words."""


def plain(events: Iterable[Any]) -> object:
    """The first document of PyYAML's events; None for an empty file. Raises Unplain for references and odd keys."""
    open_ones: list[tuple[str, list[object]]] = []
    done: list[object] = []
    for event in events:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            value: object = event.value
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            open_ones.append((kind, []))
            continue
        elif kind == "SequenceEndEvent":
            value = open_ones.pop()[1]
        elif kind == "MappingEndEvent":
            parts = open_ones.pop()[1]
            if not all(isinstance(key, str) for key in parts[::2]):
                raise Unplain("a list or dictionary is a key")
            value = dict(zip(parts[::2], parts[1::2], strict=True))
        elif kind == "AliasEvent":
            raise Unplain(f"{event.anchor} is referred to; write it out")
        else:
            continue
        (open_ones[-1][1] if open_ones else done).append(value)
    return done[0] if done else None

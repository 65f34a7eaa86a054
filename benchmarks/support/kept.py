"""Finished rows of a long table, kept in a file: a stop loses the row in hand, and a second call goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Kept:
    """A JSON file of rows that were found, by key.

    A key has to say everything that the row depends on but the code; delete the file where the code has changed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def row(self, key: str, make: Callable[[], Any]) -> Any:
        """What is kept under `key`, else what `make` gives now (lists, numbers, text), printed and kept at once."""
        if key not in self.rows:
            self.rows[key] = make()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside = self.path.with_suffix(".new")
            beside.write_text(json.dumps(self.rows, indent=0), encoding="utf-8")
            beside.replace(self.path)
            text = json.dumps(self.rows[key])
            print(f"{key}: {text if len(text) < 300 else text[:300] + ' ...'}", flush=True)
        return self.rows[key]

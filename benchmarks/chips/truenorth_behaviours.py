"""Draws the 20 behaviours of TrueNorth's neuron to docs/truenorth_behaviours.svg and prints their table.

    python benchmarks/chips/truenorth_behaviours.py [--out FILE]

Each panel shows the potential of the first neuron at the end of every tick, its spikes as strokes above, and below what
its input adds to it. The circuits are those of `reafference.chips.truenorth.behaviours`, the tests of their signatures
in `tests/test_truenorth_behaviours.py`.
"""

from __future__ import annotations

import argparse
import sys
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reafference.chips.truenorth.behaviours import Behaviour, all_behaviours
from support.printing import table

WIDTH, HEIGHT, COLUMNS = 260, 150, 4
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333; } .small { font-size: 10px; fill: #666; }
.v { stroke: #1d4ed8; } .spike { stroke: #111; } .drive { stroke: #c2410c; }
.zero { stroke: #ccc; stroke-dasharray: 2 3; }
path { fill: none; stroke-width: 1.2; }
@media (prefers-color-scheme: dark) {
text { fill: #ddd; } .small { fill: #aaa; } .v { stroke: #93c5fd; } .spike { stroke: #eee; } .drive { stroke: #fb923c; }
.zero { stroke: #444; } }
"""


def panel(behaviour: Behaviour) -> str:
    """One behaviour, its upper left corner at 0, 0."""
    run = behaviour.run()
    v, drive = run.potential[:, 0].tolist(), behaviour.drive().tolist()
    left, right = 8, WIDTH - 8
    across = [left + (right - left) * tick / behaviour.ticks for tick in range(behaviour.ticks + 1)]

    def down(values: list[int], top: float, bottom: float) -> tuple[list[float], float]:
        low, high = min(0, *values), max(1, *values)
        scale = (bottom - top) / (high - low)
        return [bottom - (value - low) * scale for value in values], bottom + low * scale

    heights, zero = down(v, 44, 104)
    amounts, nothing = down(drive, 114, 136)
    steps = " ".join(f"H{across[tick + 1]:.1f}V{y:.1f}" for tick, y in enumerate(heights))
    inputs = " ".join(
        f"M{across[tick]:.1f} {nothing:.1f}V{y:.1f}" for tick, y in enumerate(amounts) if drive[tick] != 0
    )
    spikes = " ".join(f"M{across[tick + 1]:.1f} 26V40" for tick in run.spikes.tick[run.spikes.neuron == 0].tolist())
    count = len(behaviour.neurons)
    several = f'<text class="small" x="{right}" y="15" text-anchor="end">{count} neurons</text>' if count > 1 else ""
    return "\n".join(
        [
            f'<text x="{left}" y="15">{behaviour.letter}  {escape(behaviour.name)}</text>{several}',
            f'<path class="zero" d="M{left} {zero:.1f}H{right}"/>',
            f'<path class="v" d="M{across[0]:.1f} {heights[0]:.1f} {steps}"/>',
            f'<path class="drive" d="{inputs}"/>' if inputs else "",
            f'<path class="spike" d="{spikes}"/>' if spikes else "",
        ]
    )


def picture(behaviours: tuple[Behaviour, ...]) -> str:
    """All of them as a standalone SVG that reads on light and dark pages."""
    rows = -(-len(behaviours) // COLUMNS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH} {rows * HEIGHT}" role="img" '
        f'aria-label="Potential, spikes and input of twenty circuits of TrueNorth neurons">',
        f"<style>{STYLE}</style>",
    ]
    for number, behaviour in enumerate(behaviours):
        row, column = divmod(number, COLUMNS)
        parts.append(f'<g transform="translate({column * WIDTH} {row * HEIGHT})">\n{panel(behaviour)}\n</g>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    docs = Path(__file__).resolve().parents[2] / "docs"
    parser.add_argument("--out", type=Path, default=docs / "truenorth_behaviours.svg")
    arguments = parser.parse_args()
    behaviours = all_behaviours()
    arguments.out.write_text(picture(behaviours), encoding="utf-8")
    rows = [[f"{one.letter} {one.name}", f"{len(one.neurons)}", one.note] for one in behaviours]
    print(table(["behaviour", "neurons", "how, and what is only nearly so"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

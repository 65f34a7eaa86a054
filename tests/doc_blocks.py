"""The Python examples of a Markdown page, to be executed as one program. `python tests/doc_blocks.py PAGE` runs them.

A comment in the line before a block changes what is done with it; readers of the page do not see it:
    <!-- not run: REASON -->    the block is left out
    <!-- shorter: A -> B -->    A, which must occur exactly once in the block, is replaced by B
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^(?:<!-- (?P<order>[^\n]*) -->\n)?```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def python_blocks(page: Path) -> list[tuple[int, str]]:
    """Return (line number, code) of every block of `page` that is to run."""
    text = page.read_text(encoding="utf-8")
    blocks: list[tuple[int, str]] = []
    for match in BLOCK.finditer(text):
        order, code = match["order"] or "", match["code"]
        line = text.count("\n", 0, match.start("code")) + 1
        if order.startswith("not run: "):
            continue
        if order.startswith("shorter: "):
            long, arrow, short = order.removeprefix("shorter: ").partition(" -> ")
            if not arrow or code.count(long) != 1:
                raise ValueError(
                    f"{page.name}:{line}: '{order}' needs its left side exactly once in the block below it."
                )
            code = code.replace(long, short)
        elif order:
            raise ValueError(f"{page.name}:{line}: '{order}' is no order; write 'not run: ...' or 'shorter: A -> B'.")
        blocks.append((line, code))
    if text.count("```python") != len(BLOCK.findall(text)):
        raise ValueError(f"{page.name}: a ```python fence is indented or never closed.")
    return blocks


def run_page(page: Path) -> int:
    """Execute the blocks of `page` one after the other in one namespace; return how many there were."""
    namespace: dict[str, object] = {"__name__": page.stem}
    blocks = python_blocks(page)
    for line, code in blocks:
        # The empty lines make a traceback point into the page.
        exec(compile("\n" * (line - 1) + code, str(page), "exec"), namespace)
    return len(blocks)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {run_page(Path(name))} examples ran")

"""Documentation that cannot lie: every Python example of every page and every docstring runs."""

import doctest
import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import reafference
from doc_blocks import python_blocks, run_page

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
EXTRAS = {"nir": "nir", "convert": "torch"}  # pages whose examples need a package that is an extra
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(reafference.__path__, "reafference.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page, tmp_path, monkeypatch):
    if page.stem in EXTRAS:
        pytest.importorskip(EXTRAS[page.stem], reason=f"the page's examples need the extra {EXTRAS[page.stem]!r}")
    monkeypatch.chdir(tmp_path)
    run_page(page)


def test_the_readme_shows_a_network_and_a_life():
    code = "\n".join(block for _, block in python_blocks(ROOT / "README.md"))
    assert "ra.run(" in code and "ra.live(" in code


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    if name.startswith("reafference.convert"):
        pytest.importorskip("torch", reason="the module needs PyTorch (extra convert)")
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    local = [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_files_named_in_the_pages_exist():
    named = re.compile(r"`((?:src|tests|benchmarks|docs)/[\w./-]+\.(?:py|md|toml|svg))`")
    missing = {
        f"{page.name}: {path}"
        for page in PAGES
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).exists()
    }
    assert missing == set()


def test_the_first_screen_of_the_readme_holds_exactly_the_two_commands():
    first_screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40])
    commands = [
        line.split("#")[0].strip()
        for block in re.findall(r"```sh\n(.*?)```", first_screen, re.DOTALL)
        for line in block.splitlines()
        if line.startswith("make ")
    ]
    assert commands == ["make run", "make test"]


def test_package_and_changelog_know_the_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert reafference.__version__ == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def page_of(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_a_wrong_example_fails_and_points_at_its_line(tmp_path):
    page = page_of(tmp_path, "# Title\n\n```python\na = 1\n```\n\ntext\n\n```python\nassert a == 2\n```\n")
    with pytest.raises(AssertionError) as caught:
        run_page(page)
    assert caught.traceback[-1].lineno + 1 == 10


def test_orders_before_a_block_are_obeyed(tmp_path):
    page = page_of(
        tmp_path,
        "<!-- not run: needs a robot -->\n```python\n1 / 0\n```\n"
        "<!-- shorter: 600 -> 6 -->\n```python\nassert 600 == 6\n```\n",
    )
    assert run_page(page) == 1


@pytest.mark.parametrize("order", ["shorter: 600 -> 6", "shorter: 1", "skip"])
def test_orders_that_cannot_be_obeyed_are_errors(order, tmp_path):
    with pytest.raises(ValueError, match=re.escape(order)):
        run_page(page_of(tmp_path, f"<!-- {order} -->\n```python\n1 + 1\n```\n"))


def test_a_fence_that_would_be_overlooked_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="indented or never closed"):
        run_page(page_of(tmp_path, "  ```python\n  1 / 0\n  ```\n"))

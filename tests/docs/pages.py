"""The pages, read as a reader finds them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img[^>]*\bsrc=\"([^\"]+)\"")


def page(name: str) -> str:
    """The text of a page, by its path from the root of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def all_pages() -> list[Path]:
    """Every page that a person reads."""
    return sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])


def links(text: str) -> list[str]:
    """Where a page leads: links and pictures, without those that leave the repository."""
    found = [plain or picture for plain, picture in _LINK.findall(text)]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def headings(text: str) -> set[str]:
    """The anchors that a page's headings have on a code host."""
    lines = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def block(text: str, title: str) -> str:
    """The indented block behind the line that begins with `title`."""
    found = re.search(rf"^{re.escape(title)}[^\n]*\n\n((?:    [^\n]*\n?)+)", text, re.MULTILINE)
    assert found is not None, title
    return "\n".join(line.removeprefix("    ") for line in found[1].splitlines())


def code_spans(text: str) -> set[str]:
    """What stands in back quotes."""
    return set(re.findall(r"`([^`\n]+)`", text))


def first_cells(text: str, heading: str) -> list[str]:
    """The first cells of the tables in the section under `heading`, without head and rule."""
    section = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, heading
    rows = [line.split("|")[1].strip() for line in section[1].splitlines() if line.startswith("|")]
    return [cell for place, cell in enumerate(rows) if place and not set(cell) <= set("-: ")]


def named_tests(text: str) -> list[tuple[str, str]]:
    """The tests that a page names, as (file, function)."""
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)


def functions_of(file: str) -> set[str]:
    """The names of all functions in a file of the repository."""
    tree = ast.parse(page(file))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

"""docs/architecture.md names tests that exist, for each of the nine promises."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.pages import ROOT, first_cells, functions_of, named_tests, page

_PAGE = page("docs/architecture.md")


@pytest.mark.parametrize(("file", "name"), named_tests(_PAGE))
def test_the_named_test_exists(file: str, name: str) -> None:
    """A promise without its test would be a hope."""
    assert name in functions_of(file)


def test_each_promise_has_a_test() -> None:
    """Nine promises, none without."""
    lines = re.findall(r"^\| (\d)\. .*$", _PAGE, re.MULTILINE)
    rows = [line for line in _PAGE.splitlines() if re.match(r"\| \d\. ", line)]
    assert lines == [str(number) for number in range(1, 10)]
    assert all("tests/" in row for row in rows)


def test_the_rooms_are_those_of_the_repository() -> None:
    """Every package that is installed is in the table."""
    rooms = {cell.strip("`").rstrip("/") for cell in first_cells(_PAGE, "## The rooms")}
    wheel = re.search(r"^packages = \[(.*)\]$", page("pyproject.toml"), re.MULTILINE)
    assert wheel is not None
    assert rooms == set(re.findall(r'"(\w+)"', wheel[1]))


def test_no_room_of_the_shop_imports_the_ledger() -> None:
    """The page says so of every room, the command line too."""
    for room in {cell.strip("`").rstrip("/") for cell in first_cells(_PAGE, "## The rooms")} - {
        "ledger",
        "simulation",
    }:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert not any(name.split(".")[0] == "ledger" for name in names), file

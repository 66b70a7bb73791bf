"""docs/offline.md names tests that exist, for each class of faults, and all twenty failures of others are played."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, first_cells, functions_of, named_tests, page

_PAGE = page("docs/offline.md")


@pytest.mark.parametrize(("file", "name"), sorted(set(named_tests(_PAGE))))
def test_the_named_test_exists(file: str, name: str) -> None:
    """A fault without its test would be a hope."""
    assert name in functions_of(file)


def test_each_class_of_faults_has_a_test() -> None:
    """Seventeen, none without."""
    assert [cell.split(".")[0] for cell in first_cells(_PAGE, "## Faults and where they are tested")] == [
        f"F{number}" for number in range(1, 18)
    ]
    rows = [line for line in _PAGE.splitlines() if re.match(r"\| F\d+\. ", line)]
    assert all(named_tests(row) for row in rows)


def test_all_failures_of_others_are_played() -> None:
    """One test each, numbered as told."""
    files = (ROOT / "tests" / "failures").glob("test_*.py")
    names = [name for file in files for name in functions_of(str(file.relative_to(ROOT)))]
    numbers = sorted(int(found[1]) for name in names if (found := re.match(r"test_(\d\d)_", name)))
    assert numbers == list(range(1, 21))

"""docs/importing.md names every column that an import reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cli_import import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "importing.md"


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_documented(kind: str) -> None:
    """With what else it may be called, and whether a file needs it."""
    section = PAGE.read_text("utf-8").partition(f"### {kind}\n")[2].partition("###")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    assert lines == [
        f"| `{column.name}`{' *' if column.is_needed else ''} | {', '.join(column.others)} | {column.what} |"
        for column in KINDS[kind]
    ]

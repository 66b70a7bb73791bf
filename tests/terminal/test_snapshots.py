"""Every screen and dialog as text, in both languages, at 80x24 and at 120x40.

`make snapshots` (that is `UPDATE_SNAPSHOTS=1 python -m pytest tests/terminal/test_snapshots.py`) writes them anew; read the
difference before committing it.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.terminal.walk import STOPS, Seen, leaves, walk

FOLDER = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (120, 40))
CUT = re.compile(r"(?<=[^.\s])\.\.(?=[\s│]|$)")
"""How `terminal.text.cut` marks what had no room."""
MAY_BE_CUT = (
    re.compile(r"^│ \d  "),  # rewards: what is cut is on the page before the redemption, whole
    re.compile(r"ttyACM0"),  # what a port seems to be: the technician listens on it (F4)
    re.compile(r"¥[\d.,]+ \+\d[\d,]* po\.\."),  # today's sales beside the counter: the unit behind the points
)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_screens_are_as_they_were(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    """Text for text, every class of them at some stop; no row wider or narrower than the terminal, and nothing cut off."""
    seen = await walk(tmp_path, language, size)
    columns, rows = size
    assert {one.__name__ for one in leaves() - {stop.screen for stop in seen}} == set(), (
        "no stop of STOPS shows these"
    )
    assert [
        (stop.name, row) for stop in seen for row in stop.rows if cell_len(row) != columns or len(stop.rows) != rows
    ] == []
    assert [
        (stop.name, row)
        for stop in seen
        for row in stop.rows
        if CUT.search(row) and not any(known.search(row) for known in MAY_BE_CUT)
    ] == []
    folder = FOLDER / f"{language}.{columns}x{rows}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        _write(folder, seen)
    assert "\n".join(_differences(folder, seen)) == ""
    assert {file.stem for file in folder.iterdir()} == {stop.__name__ for stop in STOPS}


def _write(folder: Path, seen: list[Seen]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for stop in seen:
        _file(folder, stop).write_text(stop.text, encoding="utf-8")


def _differences(folder: Path, seen: list[Seen]) -> list[str]:
    found: list[str] = []
    for stop in seen:
        file = _file(folder, stop)
        was = file.read_text(encoding="utf-8") if file.exists() else ""
        before, now = was.splitlines(), stop.text.splitlines()
        found += difflib.unified_diff(before, now, f"{stop.name} as it was", f"{stop.name} now", lineterm="", n=0)
    return found


def _file(folder: Path, stop: Seen) -> Path:
    return folder / f"{stop.name}.txt"

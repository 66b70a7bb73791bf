"""What the room may import, and what it must not have imported before the first paint."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import terminal

ROOM = Path(terminal.__file__).parent
MAY = {"textual", "rich", "till", "points", "protocol", "terminal", "devices.qr", "devices.wedge", "babel"}
HEAVY = (
    "sqlmodel",
    "sqlalchemy",
    "httpx",
    "serial",
    "cryptography",
    "pydantic",
    "points",
    "local_db",
    "till.counter",
)


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_room_imports_what_it_may() -> None:
    """Never sync, local_db, the ledger or a driver: the counter is its only door."""
    strange = {
        (file.name, name)
        for file in ROOM.rglob("*.py")
        for name in imported(file)
        if name not in MAY and name.split(".")[0] not in MAY | sys.stdlib_module_names
    }
    assert strange == set()


def test_first_paint_waits_for_nothing_heavy() -> None:
    """A fresh interpreter that imports the entry point has not read the rules, the database or the network yet."""
    code = f"import sys, terminal.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOM.parent)
    assert done.stdout.strip() == "[]"


def test_files_are_short() -> None:
    """One idea a file, never above 350 lines; the app itself not above 220."""
    lengths = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in ROOM.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 350} == {}
    assert lengths["app.py"] <= 220

"""The house: what is really loaded, and whose the packages are."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOMS = ("config", "devices", "ledger", "local_db", "points", "protocol", "simulation", "sync", "terminal", "till")

HOUSE = Path(__file__).parents[1]
MAX_LINES = 350


def loaded_by(module: str) -> set[str]:
    """What a fresh interpreter has imported after importing `module`."""
    code = f"import sys, {module}; print(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )


@pytest.mark.parametrize("module", ["till", "till.counter", "till.composition", "till.cli"])
def test_the_headless_till_leaves_textual_alone(module: str) -> None:
    """The contracts read the imports as written; this is what happens."""
    assert "textual" not in loaded_by(module)


@pytest.mark.parametrize("module", ["till.composition", "terminal.main"])
def test_the_counter_never_loads_the_ledger_or_its_orm(module: str) -> None:
    """SQLModel costs more than the whole start-up may (docs/architecture.md)."""
    assert loaded_by(module).isdisjoint({"ledger", "sqlmodel", "sqlalchemy", "fastapi"})


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_ours_alone(room: str) -> None:
    """The names are flat and common: no other distribution in this environment has one of them."""
    assert set(packages_distributions().get(room, ())) <= {"till-points-counter"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_file_is_one_idea(room: str) -> None:
    """No file of the house is longer than 350 lines; the migrations are written by a machine."""
    files = [file for file in (HOUSE / room).rglob("*.py") if "migrations" not in file.parts]
    lengths = {str(file.relative_to(HOUSE)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert lengths
    assert {file: lines for file, lines in lengths.items() if lines > MAX_LINES} == {}

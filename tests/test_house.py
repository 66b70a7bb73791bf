"""The house: what is really loaded, and whose the packages are."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

ROOMS = ("config", "devices", "ledger", "local_db", "points", "protocol", "simulation", "sync", "terminal", "till")


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

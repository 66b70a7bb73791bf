"""`till-ledger abuse`, as a person and a program use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ledger.cli import main
from ledger.database import Database
from ledger.settings import load_settings
from tests.ledger.shop import Shop
from tests.ledger.test_abuse import cheat

KEY = "refunds:M1:1000000001"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data-dir", str(folder), "abuse", *arguments], catch_exceptions=False)


def listed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(folder, "list", "--days", "366", "--json", *arguments).stdout)[
        "cases"
    ]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Books in which a member brought back all that he bought."""
    assert CliRunner().invoke(main, ["--data-dir", str(tmp_path), "init"]).exit_code == 0
    database = Database(load_settings(tmp_path, "").database)
    cheat(Shop(database))
    yield tmp_path
    database.close()


def test_it_is_found_looked_at_and_decided(folder: Path) -> None:
    """In a sentence of either language, with the entries; exit 1 while it is open."""
    result = run(folder, "list", "--days", "366", "--lang", "zh-CN")
    assert result.exit_code == 1
    assert "先买后退" in result.output
    assert "¥6,000.00" in result.output
    assert "T1 12" in run(folder, "show", KEY, "--days", "366").output
    decided = run(folder, "decide", KEY, "cleared", "--days", "366", "--why", "a reseller")
    assert (decided.exit_code, decided.output) == (0, f"{KEY} is cleared\n")
    assert listed(folder) == []
    (one,) = listed(folder, "--all")
    assert (one["state"], one["history"][0][2:]) == ("cleared", ["cleared", "a reseller"])
    assert run(folder, "list", "--days", "366").exit_code == 0


def test_what_is_not_there_is_refused(folder: Path) -> None:
    """With a sentence."""
    for key in ("refunds:M1:nobody", "nonsense"):
        result = run(folder, "decide", key, "cleared", "--why", "x")
        assert result.exit_code == 4
        assert "nothing like it was found" in result.output


def test_thresholds_are_set_from_a_file(folder: Path) -> None:
    """Other names and texts are refused; what is not named is as it comes."""
    (folder / "t.toml").write_text("refunds = 7\n", encoding="utf-8")
    assert "refunds = 7\n" in run(folder, "thresholds", str(folder / "t.toml")).output
    assert listed(folder) == []
    for wrong in ("refund = 7\n", 'refunds = "many"\n', "refunds\n"):
        (folder / "t.toml").write_text(wrong, encoding="utf-8")
        assert run(folder, "thresholds", str(folder / "t.toml")).exit_code == 4

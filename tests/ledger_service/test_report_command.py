"""`till-ledger report day`, for people, for programs and for a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ledger.cli import main
from ledger.database import Database
from ledger.settings import load_settings
from tests.ledger.shop import DAY, Shop

RULES = """
[[kind]]
code = "points"
name = { zh = "积分", en = "points" }
validity = { months = 24 }
[[category]]
code = "food"
name = { zh = "食品", en = "Food" }
"""


def run(folder: Path, *arguments: str) -> Result:
    command = ["--data-dir", str(folder), "report", "day", "S1", "--day", DAY, *arguments]
    return CliRunner().invoke(main, command, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Books with a day of two sales, of which one was voided, by somebody whose number looks like a formula."""
    assert CliRunner().invoke(main, ["--data-dir", str(tmp_path), "init"]).exit_code == 0
    database = Database(load_settings(tmp_path, "").database)
    shop = Shop(database)
    shop.settle("S1")
    till, member = shop.till(), shop.join("1000000001")
    sales = [till.sale(member, award=120, by="=1+1") for _ in range(2)]
    for sale in sales:
        till.send(sale)
    till.send(till.void(sales[1], by="=1+1"))
    shop.publish_whole(RULES)
    yield tmp_path
    database.close()


def test_a_person_reads_it(folder: Path) -> None:
    """In either language, the tender line first, kinds by their names."""
    said = run(folder, "--lang", "zh-CN").output
    assert said.index("积分抵扣") < said.index("笔数") < said.index("应收")
    assert "120" in said
    assert "voided" in run(folder, "--lang", "en").output.lower()


def test_a_program_and_a_spreadsheet_read_it(folder: Path, tmp_path: Path) -> None:
    """One object; a file with BOM in which no name is a formula, and that is never written over."""
    document: dict[str, Any] = json.loads(run(folder, "--json").stdout)
    assert (document["whole"]["sales"], document["voids"], document["whole"]["awarded"]) == (1, 1, {"points": 120})
    out = tmp_path / "day.csv"
    assert run(folder, "--lang", "en", "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["Money", "", "this day", "a week before"]
    assert any(line[1] == "'=1+1" for line in lines)
    assert run(folder, "--out", str(out)).exit_code == 2


def test_a_store_that_is_none_is_refused(folder: Path) -> None:
    """With a sentence."""
    result = CliRunner().invoke(main, ["--data-dir", str(folder), "report", "day", "S9"])
    assert result.exit_code == 4
    assert "S9" in result.output

"""`till-ledger report approvals`, for people, for programs and for a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.cli import main
from ledger.database import Database
from ledger.settings import load_settings
from protocol.entries import Approval
from tests.ledger.shop import DAY, Shop


def run(folder: Path, *arguments: str, store: str = "S1") -> Result:
    command = ["--data-dir", str(folder), "report", "approvals", store, "--day", DAY, *arguments]
    return CliRunner().invoke(main, command, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Books with a large redemption that a supervisor allowed, and a late void that a manager allowed himself."""
    assert CliRunner().invoke(main, ["--data-dir", str(tmp_path), "init"]).exit_code == 0
    database = Database(load_settings(tmp_path, "").database)
    shop = Shop(database)
    shop.settle("S1")
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=900))
    allowed = Approval(by="9001", how="card", allows=("redemption",), reason="other", words="=客人等了很久")
    sale = till.sale(member, redeem=500, by="1023", approval=allowed)
    till.send(sale)
    own = Approval(by="1001", how="self", allows=("void",), reason="mistake")
    till.send(till.void(sale, by="1001", approval=own))
    yield tmp_path
    database.close()


def test_a_person_reads_it(folder: Path) -> None:
    """Who allowed how many, then each; in either language."""
    said = run(folder, "--lang", "zh-CN").output
    for words in (
        "主管授权: 2",
        "大额兑换",
        "9001 工牌加密码授权",
        "其他: =客人等了很久",
        "1001 本人自批",
        "超时撤销",
    ):
        assert words in said, said
    assert "by himself" in run(folder, "--lang", "en").output
    assert "1000000001" not in said


def test_a_program_and_a_spreadsheet_read_it(folder: Path, tmp_path: Path) -> None:
    """One object; a file in which no reason is a formula."""
    told = json.loads(run(folder, "--json").stdout)["approvals"]
    assert [(one["approval"]["by"], one["points"], one["waits"]) for one in told] == [
        ("9001", 500, False),
        ("1001", 0, False),
    ]
    out = tmp_path / "approvals.csv"
    assert run(folder, "--lang", "en", "--out", str(out)).exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert all(not cell.startswith("=") for line in csv.reader(file) for cell in line)


def test_a_store_that_is_none_is_refused(folder: Path) -> None:
    """With a sentence."""
    result = CliRunner().invoke(main, ["--data-dir", str(folder), "report", "approvals", "S9"])
    assert result.exit_code == 4
    assert "S9" in result.output

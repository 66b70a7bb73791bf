"""`till-ledger green`: a member's report on paper and as a file that others check; a merchant's rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from config import data
from ledger.app import create_app
from ledger.clock import wall_clock_us
from ledger.database import Database
from ledger.keys import load_keys
from ledger.push import push
from ledger.settings import load_settings
from protocol.entries import Award, Redemption
from tests.ledger_service.test_command_line import ask, run
from tests.ledger_service.town import MEMBER, Town, TownClock

COALITION = """
name = "绿镇"
[[merchant]]
id = "lvya"
name = "绿芽家居"
programme = "green-home.toml"
[[store]]
id = "lvya-1"
merchant = "lvya"
name = "=建设路店"
industry = "green-home"
[[member]]
member = "1000000001"
name = "张三丰"
[[member]]
member = "1000000002"
name = "李四"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger in which a member bought two lamps and a shower head, filled in a questionnaire, and used 50 of his points."""
    folder = tmp_path / "ledger"
    (tmp_path / "town.toml").write_text(COALITION, encoding="utf-8")
    (tmp_path / "green-home.toml").write_bytes((data("programmes") / "green-home.toml").read_bytes())
    assert run(folder, "init").exit_code == 0
    ask(folder, "coalition", "load", str(tmp_path / "town.toml"))
    database, keys, clock = (
        Database(load_settings(folder, "").database),
        load_keys(folder),
        TownClock(wall_clock_us()),
    )
    till = Town(database, keys, clock, create_app(database, keys, clock)).till("lvya-1")
    by: dict[str, Any] = {"programme": "lvya-home", "sums_fen": {"lighting": 59_80, "water": 129_00}}
    taken = Redemption(reward="seeds", kind="green", points=50, off_bill_fen=0, authority="online", proof="static")
    till.sell(
        units={"kwh-year/lighting": 60, "litres-year/water": 8_050}, activities=("green-questionnaire",),
        awards=(Award(kind="green", points=190, expires_on="2028-12-31"),), **by,
    )  # fmt: skip
    till.sell(awards=(), redemptions=(taken,), business_day="2026-12-05", **by)
    assert {one.status for one in push(database, till.batch(), clock()).outcomes} == {"booked"}
    database.close()
    return folder


def test_a_member_gets_his_report_signed(folder: Path, tmp_path: Path) -> None:
    """In words in both languages, as JSON, as a file; one that is there is not overwritten."""
    file = tmp_path / "report.json"
    said = run(folder, "green", "member", MEMBER, "--out", str(file))
    assert said.exit_code == 0
    assert (
        "绿色消费积分 / green points: 获得 / earned 190, 使用 / used 50, 到期 / ended 0, 现有 / left 140"
        in said.stdout
    )
    assert "每年节约用电 / electricity saved a year: 60 千瓦时 / kWh = 31.836 kg CO2e (530600 mg)" in said.stdout
    assert "每年节约用水 / water saved a year: 8,050 升 / litres\n" in said.stdout
    assert "环保问卷 50分 / environmental questionnaire: 50 points: 1 次 / times" in said.stdout
    assert "生态环境部" in said.stdout
    report = ask(folder, "green", "member", MEMBER, "--from", "2026-12-01", "--until", "2026-12-31")["report"]
    assert [(one.get("earned", 0), one["used"], one["left"]) for one in report["kinds"]] == [(0, 50, 140)]
    assert "attributes" not in report or not report["attributes"]
    assert run(folder, "green", "member", MEMBER, "--out", str(file)).exit_code == 2
    assert run(folder, "green", "member", "1999999999").exit_code == 4
    assert "暂无 / nothing yet" in run(folder, "green", "member", "1000000002").stdout


def test_a_third_party_checks_the_file_without_the_ledger(folder: Path, tmp_path: Path) -> None:
    """With the fingerprint alone; a changed file, another ledger's and one without a fingerprint are refused."""
    file = tmp_path / "report.json"
    root = ask(folder, "init")["root"]
    ask(folder, "green", "member", MEMBER, "--out", str(file))
    nowhere = tmp_path / "nowhere"
    checked = run(nowhere, "verify", "--report", str(file), "--root", root)
    assert (checked.exit_code, nowhere.exists()) == (0, False)
    assert checked.stdout.startswith("the ledger signed this report\n")
    assert "31.836 kg CO2e" in checked.stdout
    wrong = run(nowhere, "verify", "--report", str(file), "--root", "0" * 16)
    assert (wrong.exit_code, wrong.stdout.endswith(f"the report of another ledger, {root}\n")) == (1, True)
    file.write_bytes(file.read_bytes().replace(b"31836", b"91836"))
    changed = run(nowhere, "verify", "--report", str(file), "--root", root)
    assert (changed.exit_code, "the signature does not fit" in changed.stdout) == (1, True)
    assert run(nowhere, "verify", "--report", str(file)).exit_code == 2
    assert run(nowhere, "verify", "--report", str(file), "--export", str(file), "--root", root).exit_code == 2


def test_a_merchant_gets_rows_and_a_spreadsheet(folder: Path, tmp_path: Path) -> None:
    """By month, store, attribute and category; a name that looks like a formula is none."""
    file = tmp_path / "rows.csv"
    said = run(folder, "green", "merchant", "lvya", "--month", "2026-11", "--month", "2026-12", "--out", str(file))
    assert said.stdout.splitlines()[:3] == [
        "2026-11  =建设路店  环保问卷 50分 / environmental questionnaire: 50 points: 1 次 / times",
        (
            "2026-11  =建设路店  每年节约用电 / electricity saved a year  节能灯具 / energy-saving lamps:"
            " 60 千瓦时 / kWh = 31.836 kg CO2e (530600 mg)"
        ),
        "2026-11  =建设路店  每年节约用水 / water saved a year  节水器具 / water-saving fittings: 8,050 升 / litres",
    ]
    with file.open(encoding="utf-8-sig", newline="") as text:
        found = list(csv.DictReader(text))
    assert [(one["what"], one["category"], one["amount"], one["co2e_g"]) for one in found] == [
        ("green-questionnaire", "", "1", "0"), ("kwh-year", "lighting", "60", "31836"), ("litres-year", "water", "8050", "0"),
    ]  # fmt: skip
    assert {one["store_name"] for one in found} == {"'=建设路店"}
    assert len(ask(folder, "green", "merchant", "lvya", "--month", "2026-11")["rows"]) == 3
    assert "nothing in these months" in run(folder, "green", "merchant", "lvya", "--month", "2026-12").stdout
    assert run(folder, "green", "merchant", "nobody", "--month", "2026-12").exit_code == 4

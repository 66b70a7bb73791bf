"""What technicians are told on the command line: in Chinese unless they ask for English."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import Settings
from local_db.journal import FILE, Journal
from local_db.journal_reader import JournalReader
from protocol.push import Outcome
from tests.desks import NOON_US, TERMINAL
from tests.till.test_composition import Shop
from till import i18n
from till.cli import main
from till.composition import open_till
from till.shifts import Session

ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z']+){2,}")
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use("en")


def asked(folder: Path, *command: str) -> tuple[int, str]:
    answer = CliRunner().invoke(main, ["--data-dir", str(folder), *command], catch_exceptions=False)
    return answer.exit_code, answer.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A till with three entries: one is booked with a shortfall, one waits for a person, one has no outcome."""
    shop = Shop(tmp_path)
    with open_till(shop.folder, Settings()) as till:
        session = till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
        till.counter.close_shift(session)
        till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
    with closing(Journal.open(tmp_path)) as journal:
        rows = journal.entries(1, 3)
        outcomes = [
            Outcome(seq=rows[0].seq, id=rows[0].id, status="shortfall", position=1, shortfall=3),
            Outcome(seq=rows[1].seq, id=rows[1].id, status="quarantined", position=0, reason="damaged"),
        ]
        journal.mark(outcomes, NOON_US)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "exit_code", "words"),
    [
        (["journal", "verify"], 0, "3 条流水，链条完整"),
        (["journal", "verify", "--receipt", "1", "AAAAAAAA"], 1, "第 1 条：小票上的校验码是 AAAAAAAA，流水里是"),
        (["journal", "verify", "--receipt", "9", "AAAAAAAA"], 1, "第 9 条：小票上有，流水里没有"),
        (["journal", "verify", "--witness", "W9"], 2, "'W9' 里没有凭证"),
        (["journal", "show"], 0, "已入账，有透支"),
        (["journal", "show", "--from", "9"], 0, "没有流水"),
        (["sync", "status"], 1, "3 条流水，1 条待上传，2 条待人处理\n  第 1 条：已入账，有透支"),
        (["devices", "list"], 0, ""),
        (["devices", "listen"], 4, "没有指定扫码枪"),
        (["devices", "profiles"], 0, ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_no_english_sentence_is_left(folder: Path, command: list[str], exit_code: int, words: str) -> None:
    """But the usage that click prints, and names of products."""
    code, output = asked(folder, *command)
    assert code == exit_code
    assert words in output
    said = [line for line in output.splitlines() if not line.startswith(("Usage:", "Try ", "Error: "))]
    if command != ["devices", "profiles"]:
        assert [line for line in said if ENGLISH.search(line)] == []


def test_what_verify_finds_is_said_in_chinese(folder: Path) -> None:
    """A missing entry, a fact that rotted; with `--mend` what was done about it."""
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.execute("UPDATE fact SET value = 'cache-7.db' WHERE name = 'cache'")
    code, output = asked(folder, "journal", "verify", "--witness", f"W1 {TERMINAL} 9 AAAAAAAA")
    assert (code, output.splitlines()) == (
        1,
        ["缺第 4 条：有凭证见过第 9 条", "记录 'cache' 已损坏；会员和商品将重新下载"],
    )
    code, output = asked(folder, "journal", "verify", "--mend")
    assert (code, output.splitlines()) == (
        0,
        ["已修复：记录 'cache' 已损坏；会员和商品将重新下载", "3 条流水，链条完整"],
    )


def test_where_there_is_no_till(tmp_path: Path) -> None:
    """And what helps; in English for who wants it."""
    assert asked(tmp_path, "sync", "status") == (
        4,
        f"{tmp_path} 还不是收银机：请用 `till enrol CODE` 配对，或试试 `till demo`\n",
    )
    code, output = asked(tmp_path, "--lang", "en", "journal", "show")
    assert (code, "is no till yet" in output, bool(CHINESE.search(output))) == (4, True, False)


def test_an_export_says_where_it_went(folder: Path, tmp_path: Path) -> None:
    """With the number of its entries."""
    out = tmp_path / "out.jsonl"
    assert asked(folder, "journal", "export", str(out)) == (0, f"3 条流水已写入 {out}\n")
    with closing(JournalReader.open(folder)) as journal:
        assert len(journal.entries(1, 9)) == 3

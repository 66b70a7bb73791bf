"""积分抵扣 against the cash register's export: what agrees, and each receipt that does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from points import Choice
from tests.desks import TestDesk, member_row
from tests.till.test_refunding import take_back
from tests.till.test_selling import identified
from till import i18n
from till.cli import main
from till.receipts import Receipt
from till.selling import commit_sale
from till.tender import Comparison, Difference, compare, taken_on
from till.tender_file import TenderFileError, read_tender
from till.voiding import void_sale

Make = Callable[..., TestDesk]


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


def sell(test: TestDesk, receipt: str, points: int = 0) -> Receipt:
    draft = replace(identified(test), reference=receipt).with_amount(200_00)
    if points:
        return commit_sale(test.desk, test.manager, draft.with_choice(Choice("voucher", points)), "online")
    return commit_sale(test.desk, test.manager, draft)


def evening(test: TestDesk, *there: tuple[str, int]) -> Comparison:
    return compare(test.desk.business_day, taken_on(test.desk.journal, test.desk.business_day), there)


def test_a_day_that_agrees(desk_with: Make) -> None:
    """Receipts without points are on neither side; what the register has in two lines is one sum."""
    test = desk_with(members=[member_row(points=5_000)])
    sell(test, "R1", 1_000)
    sell(test, "R2")
    sell(test, "R3", 2_000)
    found = evening(test, ("R1", 20_00), ("R3", 100_00), ("R3", -60_00))
    assert (found.agreed, found.here_fen, found.there_fen, found.differences) == (2, 60_00, 60_00, ())


def test_five_differences_are_named_one_by_one(desk_with: Make) -> None:
    """Only here, only there, another amount, voided here, goods that came back here; and a bill without a number."""
    test = desk_with(members=[member_row(points=9_000)])
    sell(test, "R1", 1_000)
    sell(test, "R2", 1_000)
    voided, back = sell(test, "R3", 1_000), sell(test, "R4", 1_000)
    sell(test, "R5", 1_000)
    sell(test, "", 1_000)
    void_sale(test.desk, test.manager, voided.id)
    take_back(test, test.manager, back, {test.desk.store.programme.default_category: 200_00})
    found = evening(test, ("R2", 30_00), ("R3", 20_00), ("R4", 10_00), ("R5", 20_00), ("R6", 40_00))
    assert [(one.what, one.receipt, one.here_fen, one.there_fen) for one in found.differences] == [
        ("only-here", "R1", 20_00, 0), ("differs", "R2", 20_00, 30_00), ("only-there", "R3", 0, 20_00),
        ("differs", "R4", 20_00, 10_00), ("only-there", "R6", 0, 40_00),
    ]  # fmt: skip
    assert [(one.is_voided, one.came_back) for one in found.differences][2:4] == [(True, False), (False, True)]
    assert (found.agreed, found.unnumbered, found.unnumbered_fen) == (1, 1, 20_00)


def test_a_day_is_found_in_a_long_journal(desk_with: Make) -> None:
    """Only that day's; what was voided on it and is of the day before is not its own."""
    test = desk_with(members=[member_row(points=90_000)])
    days = []
    for day in range(4):
        days.append(test.desk.business_day)
        for one in range(3):
            sell(test, f"R{day}{one}", 1_000)
        test.clocks.pass_s(86_400)
    for day, name in enumerate(days):
        assert sorted(taken_on(test.desk.journal, name)) == [f"R{day}{one}" for one in range(3)]
    assert taken_on(test.desk.journal, "2020-01-01") == {} == taken_on(test.desk.journal, "2099-01-01")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("小票号,合计,积分抵扣\nR1,100.00,10.00\nR2,5,\n\nR3,8,-3.5\n".encode(), [("R1", 1_000), ("R3", -350)]),
        ("小票号,积分抵扣\nR1,¥1\n".encode("gb18030"), [("R1", 100)]),
        ("\ufeffReceipt,Amount\n R1 ,\"1,234.50\"\n".encode(), [("R1", 123_450)]),
        ("单号\t抵扣\nR1\t10元\nR2\t(2.00)\n".encode("utf-16"), [("R1", 1_000), ("R2", -200)]),
        ('小票号,抵扣\n="20261122001",1\n\'0002,2\n'.encode(), [("20261122001", 100), ("0002", 200)]),
    ],
)  # fmt: skip
def test_files_of_cash_registers(data: bytes, found: list[tuple[str, int]], tmp_path: Path) -> None:
    """As they are exported here: three encodings, two separators, yen signs, brackets, and what keeps zeros in a sheet."""
    (tmp_path / "t.csv").write_bytes(data)
    assert read_tender(tmp_path / "t.csv") == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "t.csv is empty"), ("a,b\n1,2\n", "no column"), ("receipt,amount\nR1\n", "Line 2 is too short"),
        ("receipt,amount\n2.02611E+13,1\n", "spreadsheet"), ("receipt,amount\nR1,ten\n", "Line 2: ten is no amount"),
        ("receipt,amount\nR1,1.005\n", "no amount"), ("receipt,amount\nR1,nan\n", "no amount"),
        ("receipt,amount\nR1,1e99\n", "no amount"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_compared_says_why(text: str, said: str, tmp_path: Path) -> None:
    """With the line."""
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TenderFileError, match=said):
        read_tender(tmp_path / "t.csv")


def test_other_columns_can_be_named(tmp_path: Path) -> None:
    """Of any export."""
    (tmp_path / "t.csv").write_text("Bon;x,Bon,Punkte\n1,R1,2\n", encoding="utf-8")
    assert read_tender(tmp_path / "t.csv", "bon", "punkte") == [("R1", 200)]


def test_the_command(desk_with: Make, tmp_path: Path) -> None:
    """Exit 1 with each difference in words, 0 where all agree, 4 for a file that is none."""
    test = desk_with(members=[member_row(points=5_000)])
    sell(test, "R1", 1_000)
    file = tmp_path / "register.csv"

    def run(text: str, *arguments: str) -> Any:
        file.write_text(text, encoding="utf-8")
        command = ["--data-dir", str(test.desk.folder), "report", "tender", "--compare", str(file), *arguments]
        return CliRunner().invoke(main, command, catch_exceptions=False)

    assert run("小票号,积分抵扣\nR1,20\n").exit_code == 0
    found = run("小票号,积分抵扣\nR1,12\nR9,3\n")
    assert found.exit_code == 1
    assert "金额不同" in found.output
    assert "本机没有" in found.output
    document = json.loads(run("小票号,积分抵扣\nR9,3\n", "--json").output)
    assert [one["receipt"] for one in document["differences"]] == ["R1", "R9"]
    assert run("nothing\n").exit_code == 4


def test_a_difference_is_what_it_says() -> None:
    """Both sides beside each other."""
    found = compare("2026-11-22", {}, [("R1", 100), ("R1", -100)])
    assert (found.differences, found.there_fen) == ((), 0)
    assert compare("2026-11-22", {}, [("R1", 100)]).differences == (Difference("only-there", "R1", 0, 100),)

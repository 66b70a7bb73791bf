"""Reports as files: the figures of the screen, numbers as numbers, and no name that becomes a formula or a tag."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from points import format_fen
from sync.link import LinkState
from tests.desks import TestDesk, member_row
from tests.till.test_selling import identified
from till import i18n
from till.counter import Counter
from till.report_files import csv_bytes, html_text, lines_of, write_xlsx
from till.report_sections import report_sections
from till.report_words import Amount, ReportRow, Section
from till.shift_report import shift_report

Make = Callable[..., TestDesk]
HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture
def sections(desk_with: Make) -> list[Section]:
    i18n.use("zh-CN")
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    for fen in (100_00, 30_50):
        counter.commit(test.manager, identified(test).with_amount(fen))
    report = shift_report(test.desk.journal, test.manager.shift)
    row = ReportRow(HOSTILE, "<b>-1</b>", "", (Amount(-12_34, "fen"), Amount(7, "points", HOSTILE)))
    return [*report_sections(report, test.desk.store, counter.local), Section("x", "@sum", [row])]


def test_the_csv_has_every_figure_of_the_screen(sections: list[Section]) -> None:
    """With BOM; money in yuan; what begins like a formula is a text, a negative number is a number."""
    data = csv_bytes(sections, None)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert head == ["栏目", "项目", "数值", "单位", "说明"]
    figures = [amount for section in sections for row in section.rows for amount in row.amounts]
    assert [row[2] for row in rows if row[2]] == [
        format_fen(one.number).replace(",", "") if one.unit == "fen" else str(one.number) for one in figures
    ]
    assert ["金额", "消费金额", "130.50", "元", "130.50"] in rows
    assert rows[-2:] == [
        ["'@sum", f"'{HOSTILE}", "-12.34", "元", "<b>-1</b>"],
        ["'@sum", f"'{HOSTILE}", "7", f"'{HOSTILE}", ""],
    ]


def test_the_spreadsheet_is_read_back_by_another_reader(sections: list[Section], tmp_path: Path) -> None:
    """Numbers are numbers, texts are texts, nothing is a formula."""
    path = tmp_path / "shift.xlsx"
    write_xlsx(path, "交班单", sections, None)
    sheet = openpyxl.load_workbook(path).active
    assert sheet["A1"].value == "交班单"
    rows = list(sheet.iter_rows(min_row=4))
    lines = list(lines_of(sections, None))
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        number = None if line.number is None else line.number.number / (100 if line.number.unit == "fen" else 1)
        assert row[2].value == (None if number is None else pytest.approx(number))
        assert [cell.value or "" for cell in (row[0], row[1], row[3], row[4])] == [
            line.section,
            line.item,
            line.unit,
            line.said,
        ]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    assert rows[-1][1].value == HOSTILE


def test_the_page_stands_alone(sections: list[Section]) -> None:
    """All rows, in their order, names escaped; no address of anything elsewhere."""
    page = html_text("中山路店", "交班单", sections)
    assert page.index("积分抵扣") < page.index("消费金额") < page.index("分时段")
    assert "&lt;b&gt;-1&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "http" not in page
    assert 'class="bar" style="width:10.0em"' in page


def test_figures_of_one_row_are_told_apart() -> None:
    """Sales, voids and refunds of one cashier stand in one row on the screen, and each under its name in a file."""
    i18n.use("zh-CN")
    row = ReportRow("王芳(1023)", "2笔", "", (Amount(2, "count", "sales"), Amount(1, "count", "voids")))
    said = [line.unit for line in lines_of([Section("cashiers", "收银员", [row])], None)]
    assert said == ["单数", "撤销"]

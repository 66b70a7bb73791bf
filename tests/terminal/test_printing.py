"""Receipts on paper, from the screen: F7 prints one again; what the printer needs is said where the cashier looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp

from devices.printer_simulator import PrinterSimulator
from devices.printer_status import Trouble
from terminal.dialogs.paper import PaperDialog
from terminal.screens.counter import CounterScreen
from terminal.screens.receipts import ReceiptsScreen
from tests.terminal.stage import Stage, make_stage


@pytest.fixture
def printer() -> Iterator[PrinterSimulator]:
    with PrinterSimulator() as simulated:
        yield simulated


async def sell(stage: Stage) -> None:
    await stage.sign_in("1001")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.scan_member()
    await stage.press("100\n")
    await stage.settle()


async def test_f7_prints_the_chosen_receipt_again(tmp_path: Path, printer: PrinterSimulator) -> None:
    """The first comes by itself, the second says that it is a copy."""
    stage = make_stage(tmp_path, language="zh-CN", printer_port=str(printer.port))
    async with stage.run():
        await sell(stage)
        await stage.until(lambda: printer.sheet.cuts == 1)
        assert "补打" not in printer.sheet.text
        await stage.press("{f7}")
        await stage.until(lambda: stage.shows(ReceiptsScreen))
        await stage.press("{f7}")
        await stage.until(lambda: printer.sheet.cuts == 2)
        assert "补打" in printer.sheet.text
        await stage.until(lambda: "正在补打" in stage.said())
    stage.close()


async def test_what_the_printer_needs_is_said(tmp_path: Path, printer: PrinterSimulator) -> None:
    """And the sale is done all the same."""
    stage = make_stage(tmp_path, language="zh-CN", printer_port=str(printer.port))
    async with stage.run():
        await sell(stage)
        printer.trouble(Trouble.PAPER_OUT)
        await stage.scan_member()
        await stage.press("50\n")
        await stage.until(lambda: "请装纸" in stage.said())
        printer.trouble(None)
        await stage.until(lambda: printer.sheet.cuts == 2)
    stage.close()


async def test_a_till_without_a_printer_says_so(tmp_path: Path) -> None:
    """F7 in the list."""
    stage = make_stage(tmp_path, language="zh-CN")
    async with stage.run():
        await sell(stage)
        await stage.press("{f7}")
        await stage.until(lambda: stage.shows(ReceiptsScreen))
        await stage.press("{f7}")
        await stage.until(lambda: "没有小票打印机" in stage.said())
    stage.close()


async def test_f6_shows_the_paper(tmp_path: Path, printer: PrinterSimulator) -> None:
    """As it would come out, with a code that a phone reads where the screen is high enough; F7 prints it from there."""
    stage = make_stage(tmp_path, language="zh-CN", printer_port=str(printer.port))
    async with stage.run((80, 44)):
        await sell(stage)
        await stage.until(lambda: printer.sheet.cuts == 1)
        await stage.press("{f7}")
        await stage.until(lambda: stage.shows(ReceiptsScreen))
        await stage.press("{f6}")
        await stage.until(lambda: stage.shows(PaperDialog) and "补打" in stage.said())
        await stage.press("{end}")
        await stage.until(lambda: len(zxingcpp.read_barcodes(stage.picture())) == 1)
        await stage.press("{f7}")
        await stage.until(lambda: printer.sheet.cuts == 2)
        assert [found.text for found in zxingcpp.read_barcodes(stage.picture())] == []
    stage.close()


async def test_the_closing_report_comes_by_itself(tmp_path: Path, printer: PrinterSimulator) -> None:
    """F7 prints what is shown, a void its slip; closing prints the Z report."""
    stage = make_stage(tmp_path, language="zh-CN", printer_port=str(printer.port))
    async with stage.run():
        await sell(stage)
        await stage.until(lambda: printer.sheet.cuts == 1)
        await stage.press("{f3}{f2}")
        await stage.until(lambda: printer.sheet.cuts == 2)
        assert "撤销单" in printer.sheet.text
        await stage.press("{f7}")
        await stage.until(lambda: stage.shows(ReceiptsScreen))
        await stage.press("{f7}")
        await stage.until(lambda: "撤销单已打印" in stage.said() and printer.sheet.cuts == 3)
        await stage.press("{escape}{f8}{f7}")
        await stage.until(lambda: printer.sheet.cuts == 4)
        assert "班中小计" in printer.sheet.text
        await stage.press("{f6}")
        assert "日结单" in stage.said()
        await stage.press("{f7}")
        await stage.until(lambda: printer.sheet.cuts == 5)
        await stage.press("{f6}{f8}{f2}")
        await stage.until(lambda: printer.sheet.cuts == 6)
        assert "交班单" in printer.sheet.text
        assert "已交班" in stage.said()
    stage.close()

"""查一笔 at the counter: from the question to the sentence, with whatever the customer has."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from devices.printer_simulator import PrinterSimulator
from protocol.entries import Sale, decode_entry, encode_entry
from protocol.sales import KnownSale, SalesAnswer
from terminal.screens.counter import CounterScreen
from terminal.screens.tracing import TracingScreen
from tests.terminal.stage import ONLINE, Stage, make_stage
from till.desk import Desk
from till.tracing import Traced, trace


async def opened(stage: Stage) -> None:
    await stage.sign_in("1001")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.scan_member()
    await stage.press("128.50\n")
    await stage.settle()
    await opened_again(stage)


async def opened_again(stage: Stage) -> None:
    await stage.more("查一笔")
    await stage.until(lambda: stage.shows(TracingScreen))


async def test_a_sale_is_found_and_said(tmp_path: Path) -> None:
    """By the amount, by the member's code; its way and the sentence stand on the screen, offline too."""
    stage = make_stage(tmp_path, language="zh-CN")
    async with stage.run():
        await opened(stage)
        await stage.press("128.5\n")
        await stage.until(lambda: "还没上传" in stage.said())
        assert "一分不会少" in stage.said()
        await stage.press("7.77\n")
        await stage.until(lambda: "没有这一单" in stage.said())
        await stage.scan_member()
        await stage.until(lambda: "一分不会少" in stage.said())
        assert stage.shows(TracingScreen)


async def test_the_arrows_choose_while_the_field_is_ready(tmp_path: Path) -> None:
    """What is typed next begins anew."""
    stage = make_stage(tmp_path, language="zh-CN")
    async with stage.run():
        await opened(stage)
        await stage.press("{escape}")
        await stage.scan_member()
        await stage.press("56\n")
        await stage.settle()
        await opened_again(stage)
        await stage.scan_member()
        await stage.until(lambda: "56.00元" in stage.said() or "：56.00" in stage.said())
        await stage.press("{down}")
        await stage.until(lambda: "：128.50" in stage.said())
        await stage.press("56\n")
        await stage.until(lambda: "：56.00" in stage.said())
    stage.close()


async def test_nothing_is_found_and_a_foreign_code_is_refused(tmp_path: Path) -> None:
    """With a sentence, and the field is ready for the next."""
    stage = make_stage(tmp_path, language="zh-CN")
    async with stage.run():
        await opened(stage)
        await stage.press("7.77\n")
        await stage.until(lambda: "没有这一单" in stage.said())
        await stage.scan("134567890123456789")
        await stage.until(lambda: "付款码" in stage.said())
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(CounterScreen))
    stage.close()


async def test_it_is_looked_for_apart_from_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the journal is read, keys are taken; what was asked last is what is shown."""
    stage = make_stage(tmp_path, language="zh-CN")
    go_on, threads = threading.Event(), list[str]()

    def slow(desk: Desk, text: str) -> list[Traced]:
        threads.append(threading.current_thread().name)
        if text == "128.50":
            assert go_on.wait(10)
        return trace(desk, text)

    monkeypatch.setattr("till.tracing.trace", slow)
    async with stage.run():
        await opened(stage)
        await stage.press("128.50\n")
        await stage.until(lambda: "正在查" in stage.text())
        await stage.press("{backspace}{backspace}{backspace}{backspace}{backspace}{backspace}7.77\n")
        await stage.until(lambda: "没有这一单" in stage.said())
        go_on.set()
        await stage.settle()
        assert "没有这一单" in stage.said(), "an answer that nobody waits for is not shown"
    assert threading.main_thread().name not in threads
    stage.close()


async def test_sales_of_other_tills_stand_behind_those_of_this_one(tmp_path: Path) -> None:
    """As soon as the ledger has answered; where it does not, what is known here stays."""
    stage = make_stage(tmp_path, language="zh-CN")
    async with stage.run():
        await opened(stage)
        stage.link[0] = ONLINE
        row = stage.desk.desk.journal.of_type("sale", 1)[0]
        sale = decode_entry(row.payload)
        assert isinstance(sale, Sale)
        other = msgspec.structs.replace(sale, id=UUID(int=sale.id.int ^ 1), due_fen=77_00)
        known = KnownSale(terminal="zhongshan-01", seq=9, payload=encode_entry(other).decode())
        await stage.press("1000000001\n")
        await stage.until(lambda: "128.50" in stage.text() and "后台没有回应" not in stage.text())
        stage.desk.ledger.known_sales = lambda _request: SalesAnswer(sales=(known,))
        await stage.press("\n")
        await stage.until(lambda: "77.00" in stage.text())
        assert "128.50" in stage.text()
        await stage.press("{down}")
        await stage.until(lambda: "zhongshan-01" in stage.text())
    stage.close()


async def test_the_answer_is_printed_where_a_printer_is(tmp_path: Path) -> None:
    """F6; without a printer the key is not named."""
    with PrinterSimulator() as printer:
        stage = make_stage(tmp_path / "with", language="zh-CN", printer_port=str(printer.port))
        async with stage.run():
            await opened(stage)
            await stage.press("128.50\n")
            await stage.until(lambda: "一分不会少" in stage.said())
            assert "F6打说明" in stage.text()
            await stage.press("{f6}")
            await stage.until(lambda: "说明已打印" in stage.text())
            await stage.until(lambda: "积分查询" in printer.sheet.text)
        stage.close()
    stage = make_stage(tmp_path / "without", language="zh-CN")
    async with stage.run():
        await opened(stage)
        assert "F6" not in stage.rows()[-1]
    stage.close()

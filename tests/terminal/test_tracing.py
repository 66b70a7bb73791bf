"""查一笔 at the counter: from the question to the sentence, with whatever the customer has."""

from __future__ import annotations

from pathlib import Path

from terminal.screens.counter import CounterScreen
from terminal.screens.tracing import TracingScreen
from tests.terminal.stage import Stage, make_stage


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

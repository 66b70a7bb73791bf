"""What the counter says while the merchant or his programme is suspended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from terminal import i18n
from terminal.screens.counter import CounterScreen
from tests.desks import payloads
from tests.terminal.stage import Stage
from till.events import StoreChanged


async def stop(stage: Stage, what: str = "merchant") -> None:
    """As a pull would bring it."""
    desk = stage.desk.desk
    desk.use_cache(desk._cache, replace(desk.store, suspended=what))  # type: ignore[arg-type]
    await stage.happen(StoreChanged())


@pytest.mark.parametrize(
    ("what", "sentence"),
    [("merchant", "This merchant is suspended"), ("programme", "This store's points are suspended")],
)
async def test_it_says_so_at_the_top_and_on_a_scan(counter_stage: Stage, what: str, sentence: str) -> None:
    """In the status line at once; with the member found, his points in sight, and nothing booked by Enter or F2."""
    stage = counter_stage
    await stop(stage, what)
    assert sentence in stage.said()
    await stage.scan_member()
    assert stage.said().count(sentence) > 1
    assert "1,250" in stage.said()
    before = len(payloads(stage.desk.desk))
    await stage.press("128.50\n")
    assert len(payloads(stage.desk.desk)) == before
    await stage.press("{f2}")
    await stage.settle()
    assert stage.shows(CounterScreen)
    await stop(stage, "")
    await stage.press("\n")
    assert len(payloads(stage.desk.desk)) == before + 1
    assert sentence not in stage.said()


async def test_both_sentences_are_there_in_chinese() -> None:
    """As the cashier reads them."""
    from terminal.words import sentence

    i18n.use("zh-CN")
    assert sentence("merchant-suspended").startswith("本商户已暂停，不积分也不兑换")
    assert sentence("programme-suspended").startswith("本店积分已暂停，不积分也不兑换")

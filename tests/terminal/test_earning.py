"""Two kinds of points in one sale, what others pay, a questionnaire: in 24 rows of 80 cells (`tests/earning.toml`)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from protocol.documents import Product
from protocol.entries import Sale, decode_entry
from terminal.dialogs.menu import Menu
from terminal.messages import Retracted
from terminal.screens.receipts import ReceiptsScreen
from terminal.widgets.amount_field import AmountField
from tests.terminal.stage import Stage, make_stage

LED, LATTE = "6900000000106", "6900000000113"
GOODS = (
    Product(code=LED, name="LED灯", category="lamps", price_fen=30_00, attributes={"kwh-year": 25}),
    Product(code=LATTE, name="拿铁", category="coffee", price_fen=28_00),
)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A gold member is on the screen."""
    made = make_stage(tmp_path, language="zh-CN", industry="earning", more=GOODS)
    async with made.run():
        await made.sign_in("1001")
        await made.scan_member()
        yield made
        assert [row for row in made.rows() if cell_len(row) != 80] == []
    made.close()


def last_sale(stage: Stage) -> Sale:
    row = stage.desk.desk.journal.last()
    assert row is not None
    entry = decode_entry(row.payload)
    assert isinstance(entry, Sale)
    return entry


async def test_two_kinds_in_one_sale_read_well(stage: Stage) -> None:
    """A lamp and a latte: both chains with their units, and the three kinds in the line below."""
    await stage.scan(LED)
    await stage.scan(LATTE)
    said = stage.said()
    assert "1元积1分 28.00 x 金卡 1.2倍 33.6 消费积分" in said
    assert "1 0 5 积分 印花 +1枚 +6 绿色消费积分" in said
    await stage.press("\n")
    sale = last_sale(stage)
    assert {award.kind: award.points for award in sale.awards} == {"points": 105, "stamps": 1, "green": 6}
    await stage.press("{f7}")
    await stage.until(lambda: stage.shows(ReceiptsScreen))
    assert "每10千瓦时1分 25千瓦时" in stage.said()


async def test_what_is_due_is_never_cut_off(tmp_path: Path) -> None:
    """In English three kinds leave no room for a remark, but for the amount that the cash register takes."""
    made = make_stage(tmp_path, industry="earning", more=GOODS)
    async with made.run():
        await made.sign_in("1001")
        await made.scan_member()
        await made.scan(LED)
        await made.scan(LATTE)
        await made.press("-9\n")
        await made.until(
            lambda: "This sale earns to pay 49.00 8 9 points stamps +1 pcs +6 green points" in made.said()
        )
    made.close()


async def test_a_sale_of_one_counted_rule_says_its_units(stage: Stage) -> None:
    """Two lattes are two stamps, said as cups."""
    await stage.scan(LATTE)
    await stage.scan(LATTE)
    assert "每杯1枚印花 2杯 2 印花" in stage.said()


async def test_what_an_insurer_pays_is_typed_behind_a_minus(stage: Stage) -> None:
    """3280, minus, minus again for the second payer, 2000, Enter: 1,280 are left to pay; then Enter books it."""
    await stage.press("3280--2000")
    assert "保险理赔 付" in stage.said()
    assert "2000_" in stage.said()
    await stage.press("\n")
    await stage.until(lambda: "保险理赔 -2,000.00" in stage.said())
    assert "应收 1,280.00 元" in stage.said()
    await stage.press("\n")
    sale = last_sale(stage)
    assert (sale.gross_fen, sale.due_fen, sale.others_fen) == (3_280_00, 1_280_00, {"insurer": 2_000_00})
    assert sale.awards[0].points == 1_536
    await stage.press("{f7}")
    await stage.until(lambda: stage.shows(ReceiptsScreen))
    assert "保险理赔 -2,000.00" in stage.said()


async def test_a_part_is_taken_back_and_left(stage: Stage) -> None:
    """An empty one is nobody's; Esc leaves what was there."""
    await stage.press("100-30\n-{escape}")
    await stage.until(lambda: "外卖平台 -30.00" in stage.said())
    await stage.press("-\n")
    await stage.until(lambda: "外卖平台" not in stage.said())
    await stage.press("\n")
    assert last_sale(stage).others_fen == {}


async def test_more_than_the_bill_is_refused_with_a_sentence(stage: Stage) -> None:
    """While the amount is typed nothing is said; Enter says it, and F2 too."""
    await stage.press("-30\n")
    await stage.settle()
    await stage.press("2")
    await stage.settle()
    assert "外卖平台" not in stage.said()
    before = stage.counter.last_seq()
    await stage.press("\n")
    await stage.until(lambda: "外卖平台付的超过了应付：最多 2.00元" in stage.said())
    assert stage.counter.last_seq() == before
    await stage.press("9{f2}")
    await stage.until(lambda: "最多 29.00元" in stage.said())
    await stage.press("0\n")
    await stage.until(lambda: stage.counter.last_seq() > before)
    assert last_sale(stage).due_fen == 290_00 - 30_00


async def test_a_scan_in_the_middle_of_a_part_leaves_nothing_behind(stage: Stage) -> None:
    """What begins like a part and turns out to be a scan is taken back, sign and all."""
    await stage.press("100")
    field = stage.app.screen.query_one(AmountField)
    await stage.press("-12")
    field.on_retracted(Retracted(3))
    assert (field.part, field.value) == (None, "100")
    field.on_retracted(Retracted(1))
    assert field.value == "10"


async def test_a_questionnaire_is_chosen_from_the_menu(stage: Stage) -> None:
    """F9, its number, its name: 50 green points with nothing bought; afterwards the list is empty."""
    await finish(stage)
    await stage.until(lambda: "完成节能问卷 50" in stage.said())
    await stage.press("\n")
    assert (last_sale(stage).activities, last_sale(stage).awards[0].points) == (("quiz",), 50)
    await stage.scan_member()
    await open_menu(stage)
    await stage.until(lambda: "都已完成" in stage.said())


async def open_menu(stage: Stage) -> None:
    await stage.press("{f9}")
    await stage.until(lambda: stage.shows(Menu))
    found = re.search(r"([0-9])  完成的问卷、培训", stage.text())
    assert found is not None
    await stage.press(found[1])


async def finish(stage: Stage) -> None:
    await open_menu(stage)
    await stage.until(lambda: "会员完成了什么" in stage.text())
    await stage.press("1")
    await stage.until(lambda: not stage.shows(Menu))
    await stage.settle()

"""Vouchers, stamps, cash beside points and limits at the counter: pieces are called what they are, in 24 rows of 80 cells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from protocol.feed import Balance
from terminal.dialogs.appointment import AskAppointment
from terminal.dialogs.ladder import Ladder
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.receipts import ReceiptsScreen
from terminal.screens.redeem import RedeemScreen
from tests.desks import grants, member_row
from tests.terminal.stage import ONLINE, Stage, make_stage

HELD = {"points": 6_250, "wash-voucher": 1, "money-voucher": 24, "stamps": 7}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The workshop of `tests/later.toml`, online, with a member, a code and 120 yuan."""
    made = make_stage(tmp_path, language="zh-CN", industry="later", balances=HELD)
    made.desk.ledger.answer = grants
    async with made.run():
        await made.sign_in("1001")
        await made.go(ONLINE)
        await customer(made)
        yield made
        assert [row for row in made.rows() if cell_len(row) != 80] == []
    made.close()


async def customer(stage: Stage, nonce: bytes = b"12345678") -> None:
    await stage.scan(stage.dynamic_code(nonce=nonce))
    await stage.press("120")
    await stage.settle()


async def redeem(stage: Stage, number: int) -> None:
    """The reward under that number, confirmed."""
    await stage.press(f"{{f2}}{number}")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))


async def test_what_is_counted_in_pieces_is_never_called_points(stage: Stage) -> None:
    """The member's card and the list of rewards: 洗车券 1张, 印花 7/10枚."""
    assert "洗车券 1张 1元券 24张 印花 7/10枚" in stage.said()
    assert "再积 3枚 可兑 满10枚印花送洗车" in stage.said()
    assert "120 积分 印花 +2枚" in stage.said().replace("1 2 0", "120")
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(RedeemScreen))
    listed = stage.said()
    for words in (
        "洗车 洗车券 1张",
        "用1元券 1元券 1张起",
        "印花 10枚",
        "5,000 积分+99.00元",
        "每人每月限1次 大堂吧",
        "限金卡 当次",
    ):
        assert words in listed, words


async def test_a_voucher_for_a_later_visit(stage: Stage) -> None:
    """Before: what he gets and until when. After: on the last line and on the receipt, with what he has."""
    await stage.press("{f2}1")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "得 洗车券 1张 有效期至2026年12月14日" in stage.said()
    assert "可得 120 -> 120 积分" in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.until(lambda: "+120 -800积分 洗车券 +1张" in stage.said())
    assert "已存本机，正在上传" in stage.said()
    await stage.press("{f7}")
    await stage.until(lambda: stage.shows(ReceiptsScreen))
    receipt = "".join(row.split("│")[1].strip() for row in stage.rows() if row.count("│") == 2)
    assert "兑洗车券（800 积分）得 洗车券 1张有效期至2026年12月14日联网确认" in receipt
    assert "+120, 印花 +2枚" in receipt
    assert "1元券 24张印花 9枚" in receipt


async def test_a_voucher_is_used_by_the_piece(stage: Stage) -> None:
    """One wash for one voucher; 24 yuan with 24, chosen on the ladder in pieces."""
    await stage.press("{f2}3")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "可用积分 1张" in stage.said()
    assert "兑换后剩 0张" in stage.said()
    assert "使用洗车券" in stage.said()
    await stage.press("{escape}4")
    await stage.until(lambda: stage.shows(Ladder))
    assert "可用 1 到 24张，按 1 递增；24 值 24.00元" in stage.said()
    await stage.press("\n")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "抵扣后应收 96.00元" in stage.said()


async def test_missing_stamps_are_no_missing_points(stage: Stage) -> None:
    """Pressed too early: how many there are, of how many."""
    await stage.press("{f2}5")
    await stage.until(lambda: "印花不够：7/10。" in stage.said())


async def test_cash_beside_points_is_due(stage: Stage) -> None:
    """5,000 points and 99 yuan: said before, on the receipt after."""
    await stage.press("{f2}6")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "价值 399.00元 另付 99.00元 消费 120.00，抵扣后应收 219.00元" in stage.said()
    assert "可得 120 -> 219 积分" in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.press("{f7}")
    await stage.until(lambda: "+99.00" in stage.said())


async def test_what_was_taken_this_month_is_used_up(stage: Stage) -> None:
    """The till knows of its own entry at once: the list says so, and the number says why."""
    await stage.press("{f2}7")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "适用对象 每人每月限1次" in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await customer(stage, b"87654321")
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(RedeemScreen))
    assert next(row for row in stage.rows() if "下午茶" in row).rstrip(" │").endswith("已用完")
    await stage.press("7")
    await stage.until(lambda: "下午茶每人每月限1次，已用完。" in stage.said())


async def test_taking_back_says_what_becomes_of_the_voucher(stage: Stage) -> None:
    """Asked before; vouchers that were used meanwhile are owed, less what this sale gave, and the member's card says so."""
    await redeem(stage, 1)
    await stage.press("{f3}")
    await stage.until(lambda: "同时收回 洗车券" in stage.said())
    assert "1张；已用掉的，记为会员所欠。" in stage.said()
    await stage.press("{escape}")
    owing = member_row(position=20, balances={"points": Balance(available=1_250), "wash-voucher": Balance(owed=2)})
    stage.desk.put_members(owing)
    await customer(stage, b"87654321")
    assert "欠 洗车券 1张" in stage.said()


async def test_a_service_is_booked_before_everything_is_shown(stage: Stage) -> None:
    """One line: when and with whom. A mistake says how; then it stands on the page, and on the receipt."""
    await stage.press("{f2}9")
    await stage.until(lambda: stage.shows(AskAppointment))
    await stage.press("tomorrow\n")
    await stage.until(lambda: "请按 11-28 10:00 1023 的样子输入" in stage.said())
    await stage.press("10-28 10:00 1023\n")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "预约 2026年10月28日 10:00 王芳 1023" in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.press("{f7}")
    await stage.until(lambda: "2026年10月28日 10:00 王芳" in stage.said())

"""A voucher's code at the counter: one scan shows what it buys, F2 gives it; of a sale that issued one, F5 shows the code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zxingcpp
from rich.cells import cell_len

from protocol.ids import bucket_of, new_id
from protocol.voucher_codes import make, read_issued, voucher_of
from terminal.dialogs.ladder import Ladder
from terminal.dialogs.menu import Menu
from terminal.dialogs.voucher import VoucherCodeDialog
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.receipts import ReceiptsScreen
from tests.desks import MEMBER, NOON_US, grants
from tests.terminal.stage import ONLINE, Stage, make_stage
from tests.terminal.test_later_visits import HELD, customer, redeem

SALE = new_id(NOON_US // 1000, bucket_of(MEMBER), 99)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The workshop of `tests/later.toml`, online, with nobody on the screen."""
    made = make_stage(tmp_path, language="zh-CN", industry="later", balances=HELD)
    made.desk.ledger.answer = grants
    async with made.run():
        await made.sign_in("1001")
        await made.go(ONLINE)
        yield made
        assert [row for row in made.rows() if cell_len(row) != 80] == []
    made.close()


def code(stage: Stage, kind: str = "wash-voucher", until: str = "2026-12-14") -> str:
    """What the member's page shows."""
    return make(voucher_of(MEMBER, SALE, kind, 0, until), stage.desk.working_key)


async def receipts(stage: Stage) -> None:
    """The list of receipts, with the newest one chosen."""
    await stage.press("{f7}")
    await stage.until(lambda: isinstance(screen := stage.app.screen, ReceiptsScreen) and screen.chosen is not None)


async def test_one_scan_and_f2(stage: Stage) -> None:
    """The member need not say what he wants; Enter gives nothing, and the same code again is refused in words."""
    await stage.scan(code(stage))
    await stage.until(lambda: stage.shows(DisclosureScreen))
    for words in ("兑换 洗车", "使用洗车券", "兑换后剩 0张"):
        assert words in stage.said(), words
    await stage.press("\n")
    assert stage.shows(DisclosureScreen)
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen) and "洗车券 -1张" in stage.said())
    assert [(one.proof, one.kind) for one in stage.desk.ledger.asked] == [("voucher", "wash-voucher")]
    await stage.scan(code(stage))
    assert "这个券码已用过。会员还剩什么，请扫会员码查看。" in stage.said()


async def test_money_off_waits_for_the_amount(stage: Stage) -> None:
    """Nothing is paid yet, and it says so; with the amount another scan of the same code shows what it takes off."""
    await stage.scan(code(stage, "money-voucher"))
    assert stage.shows(CounterScreen)
    assert "先输入金额" in stage.said() or "请先输入" in stage.said()
    await stage.press("40")
    await stage.scan(code(stage, "money-voucher"))
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "抵扣后应收 39.00元" in stage.said()
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.press("\n")
    await stage.until(lambda: "已存本机" in stage.said())
    assert stage.desk.ledger.asked == []


@pytest.mark.parametrize(
    ("kind", "until", "said"),
    [
        ("wash-voucher", "2026-09-14", "这张券已于 2026年9月14日 到期。"),
        ("cinema", "", "这是其他商户的券，本店不能用。"),
        ("stamps", "", "本店没有可用印花兑换的项目，请到其他门店使用。"),
    ],
)
async def test_what_is_not_taken_says_why(stage: Stage, kind: str, until: str, said: str) -> None:
    await stage.scan(code(stage, kind, until))
    await stage.until(lambda: said in stage.said())
    assert stage.app.work is not None
    assert stage.app.work.draft.member is None


async def test_the_receipt_shows_the_voucher_as_a_code(stage: Stage) -> None:
    """A phone's camera reads it from 80x24, and this till knows it again."""
    await customer(stage)
    await redeem(stage, 1)
    await receipts(stage)
    await stage.press("{f5}")
    await stage.until(lambda: stage.shows(VoucherCodeDialog))
    await stage.settle()
    for words in ("洗车券 1张", "有效期至2026年12月14日", "谁出示谁用"):
        assert words in "".join(stage.said().split("│")).replace("  ", " "), words
    (found,) = zxingcpp.read_barcodes(stage.picture().convert("L"), try_invert=False)
    assert read_issued(found.text).voucher.member == MEMBER
    await stage.press("{escape}{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.scan(found.text)
    await stage.until(lambda: stage.shows(DisclosureScreen))


async def test_of_several_one_is_chosen(stage: Stage) -> None:
    """Twenty vouchers of one yuan, and a sale that gave none."""
    await stage.scan(stage.dynamic_code())
    await stage.press("120\n")
    await stage.until(lambda: "已存本机" in stage.said())
    await receipts(stage)
    await stage.press("{f5}")
    await stage.until(lambda: "这单没有可出码的券。" in stage.said())
    await stage.press("{escape}")
    await customer(stage, b"87654321")
    await stage.press("{f2}2")
    await stage.until(lambda: stage.shows(Ladder))
    await stage.press("1000\n")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await receipts(stage)
    await stage.press("{f5}")
    await stage.until(lambda: stage.shows(Menu))
    assert "1元券 1张 1/20" in stage.said()
    await stage.press("3")
    await stage.until(lambda: stage.shows(VoucherCodeDialog))

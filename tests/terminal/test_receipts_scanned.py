"""A receipt or a staff card in front of the scanner: it goes where it belongs, on whatever screen."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from terminal.dialogs.find_sale import FindSale
from terminal.screens.counter import CounterScreen
from terminal.screens.receipts import ReceiptsScreen
from terminal.screens.refund import RefundScreen
from terminal.screens.refund_list import RefundListScreen
from terminal.screens.sign_in import SignInScreen
from tests.terminal.stage import Stage


async def sold(stage: Stage, yuan: str) -> str:
    """A sale to the member; what its receipt carries."""
    await stage.scan_member()
    await stage.press(f"{yuan}\n")
    assert stage.app.work is not None
    assert stage.app.work.last is not None
    return stage.counter.witness(stage.app.work.last.receipt.seq)


async def as_manager(stage: Stage) -> None:
    await stage.press("{f10}")
    await stage.until(lambda: stage.shows(SignInScreen))
    await stage.press("{f10}")
    await stage.sign_in("1001")
    await stage.until(lambda: stage.shows(CounterScreen))


async def test_d50_a_receipt_at_the_counter_opens_its_refund(counter_stage: Stage) -> None:
    """For who may; the sale under way is kept."""
    stage = counter_stage
    receipt = await sold(stage, "88")
    await sold(stage, "12")
    await stage.scan(receipt)
    assert stage.shows(CounterScreen)
    assert "manager" in stage.said()
    await as_manager(stage)
    await stage.press("5")
    await stage.scan(receipt.lower())
    await stage.until(lambda: stage.shows(RefundScreen))
    assert "88.00" in stage.said()
    await stage.press("{escape}{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert stage.app.work is not None
    assert stage.app.work.typed == "5"


@pytest.mark.parametrize("keys", ["{f4}", "{f4}{f5}"])
async def test_d50_a_receipt_in_the_list_of_refunds_is_its_sale(counter_stage: Stage, keys: str) -> None:
    """Also in the form that finds a sale; without the network, because it is this till's."""
    stage = counter_stage
    receipt = await sold(stage, "88")
    await sold(stage, "12")
    await as_manager(stage)
    await stage.press(keys)
    assert stage.shows(RefundListScreen, FindSale)
    await stage.scan(receipt)
    await stage.until(lambda: stage.shows(RefundScreen))
    assert "88.00" in stage.said()


async def test_d50_a_receipt_of_another_till_or_a_forged_one_is_said(counter_stage: Stage) -> None:
    """Its number means another sale here, and so it is refused."""
    stage = counter_stage
    receipt = await sold(stage, "88")
    await as_manager(stage)
    _, terminal, seq, code = receipt.split()
    await stage.scan(f"W1 ANOTHER-9 {seq} {code}")
    await stage.until(lambda: "of till ANOTHER-9" in stage.said())
    await stage.scan(f"W1 {terminal} {seq} {'A' * len(code)}")
    await stage.until(lambda: "never made such a receipt" in stage.said())
    await stage.scan(f"W1 {terminal} 999999 {code}")
    await stage.until(lambda: "never made such a receipt" in stage.said())
    assert stage.shows(RefundListScreen)


async def test_d50_a_receipt_in_the_list_of_the_shift_is_its_row(counter_stage: Stage) -> None:
    """F7, and the cursor is on it."""
    stage = counter_stage
    receipt = await sold(stage, "88")
    await sold(stage, "12")
    await stage.press("{f7}")
    await stage.scan(receipt)
    screen = stage.app.screen
    assert isinstance(screen, ReceiptsScreen)
    assert screen.chosen is not None
    assert screen.chosen.receipt.due_fen == 88_00
    _, terminal, _, code = receipt.split()
    await stage.scan(f"W1 {terminal} 999999 {code}")
    assert "not of this shift" in stage.said()


async def test_d50_a_staff_card_says_who_signs_in(stage: Stage) -> None:
    """By a scanner with a line of its own; the PIN is still typed, and nobody is signed in by the card."""
    async with stage.run():
        await stage.press("99")
        await stage.scan("1023")
        assert stage.shows(SignInScreen)
        assert [field.value for field in stage.app.screen.query(Input)] == ["1023", ""]
        await stage.scan("7777")
        assert "Sign in first" in stage.said()
        await stage.press("1023\n")
        await stage.until(lambda: stage.shows(CounterScreen))

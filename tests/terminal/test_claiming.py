"""自助积分 on the screen: Enter asks by the line above the keys, Enter again records; a receipt that comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from protocol.claims import ClaimAnswer, is_claim_account
from terminal.dialogs.claim import ClaimCodeDialog, ClaimDialog
from terminal.screens.counter import CounterScreen
from tests.desks import payloads
from tests.terminal.stage import MILK, ONLINE, Stage, make_stage


@pytest.fixture
async def claiming(tmp_path: Path) -> AsyncIterator[Stage]:
    """王芳 at a till whose store lets points be claimed."""
    stage = make_stage(tmp_path, claim_days=7, member_page="https://p.example.com", language="zh-CN")
    async with stage.run():
        await stage.sign_in("1023")
        yield stage
    stage.close()


def sales(stage: Stage) -> list[dict[str, Any]]:
    return [entry for entry in payloads(stage.desk.desk) if entry["type"] == "sale"]


async def test_enter_asks_and_enter_again_records(claiming: Stage) -> None:
    """No dialog; the last result says what it is, and F7, F5 show its code."""
    await claiming.press("98")
    assert "请扫会员码（没有码按 F5）；不是会员按回车" in claiming.said()
    await claiming.press("{backspace}8\n")
    assert sales(claiming) == []
    assert claiming.shows(CounterScreen)
    assert "没有会员：再按回车出领分小票；有会员码请扫码" in claiming.said()
    await claiming.press("\n")
    (sale,) = sales(claiming)
    assert is_claim_account(sale["member"])
    assert "无会员 98.00元 +98积分" in claiming.said()
    assert "claim-" not in claiming.text()
    await claiming.press("{f7}")
    await claiming.until(lambda: "待领积分" in claiming.said())
    await claiming.press("{f5}")
    await claiming.until(lambda: claiming.shows(ClaimCodeDialog))
    assert "领一次，2026年9月22日 前有效" in claiming.said()


@pytest.mark.parametrize("between", ["5", "{backspace}", MILK])
async def test_whatever_changes_in_between_asks_anew(claiming: Stage, between: str) -> None:
    """Another amount or a product is another sale: Enter asks for that one first."""
    await claiming.press("98\n")
    if between == MILK:
        await claiming.scan(MILK)
    else:
        await claiming.press(between)
    await claiming.press("\n")
    assert sales(claiming) == []
    await claiming.press("\n")
    assert len(sales(claiming)) == 1


async def test_the_members_code_after_the_question_makes_it_his(claiming: Stage) -> None:
    """He found his phone after all."""
    await claiming.press("98\n")
    await claiming.scan_member()
    await claiming.press("\n")
    assert [sale["member"] for sale in sales(claiming)] == ["1000000001"]


async def test_void_takes_it_back(claiming: Stage) -> None:
    """F3, as of any sale."""
    await claiming.press("98\n\n")
    await claiming.press("{f3}")
    await claiming.press("{f2}")
    await claiming.settle()
    assert [entry["type"] for entry in payloads(claiming.desk.desk)][-1] == "void"
    await claiming.press("{f7}")
    await claiming.press("{f5}")
    assert not claiming.shows(ClaimCodeDialog)


async def test_a_receipt_that_comes_back(claiming: Stage) -> None:
    """First the member, then the receipt; the sale on the screen stays as it is."""
    await claiming.go(ONLINE)
    await claiming.press("98\n\n")
    code = claiming.counter.sales(claiming.desk.manager)[0].receipt.claim
    await claiming.scan(code)
    assert "请先扫会员码，再扫这张小票" in claiming.said()
    claiming.desk.ledger.claims = lambda _request: ClaimAnswer(state="claimed", points={"points": 98})
    await claiming.scan_member()
    await claiming.press("12")
    await claiming.scan(code)
    await claiming.until(lambda: claiming.shows(ClaimDialog) and "已领 +98" in claiming.said())
    await claiming.press("{escape}")
    await claiming.settle()
    assert claiming.shows(CounterScreen)
    await claiming.press("\n")
    assert sales(claiming)[-1]["gross_fen"] == 1200
    claiming.desk.ledger.claims = lambda _request: ClaimAnswer(state="taken")
    await claiming.scan_member()
    await claiming.scan(code)
    await claiming.until(lambda: "这张小票的积分已被领取" in claiming.said())


async def test_an_unusual_amount_is_asked_about_too(tmp_path: Path) -> None:
    """Before anything is recorded."""
    stage = make_stage(tmp_path, claim_days=7, usual_amount_fen=100_00)
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("9999\n\n")
        assert sales(stage) == []
        assert "far more than is usual" in stage.said()
        await stage.press("{f2}")
        await stage.settle()
        assert len(sales(stage)) == 1
    stage.close()

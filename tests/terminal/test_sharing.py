"""F9, household points: shown, drawn after the member's own proof, said in a sentence; and every no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol.households import Drawn, DrawRequest, Pool, PooledKind
from protocol.reservations import Refused
from sync.errors import FinalSyncError
from terminal.dialogs.draw_points import DrawPoints
from terminal.dialogs.member_pin import MemberPin
from terminal.dialogs.menu import Menu
from terminal.screens.counter import CounterScreen
from tests.terminal.stage import MEMBER, OFFLINE, ONLINE, Stage, make_stage

PIN = "246810"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """王芳 at a counter that offers it, online; the ledger grants whatever is asked, and the member is on the screen."""
    stage = make_stage(tmp_path, language="zh-CN", households=True)
    ledger = stage.desk.ledger
    ledger.shared = Pool(kinds=(PooledKind(kind="points", points=1_200, drawable=300),))
    ledger.draws = lambda asked: Drawn(kind=asked.kind, points=asked.points, left=900)
    async with stage.run():
        await stage.sign_in("1023")
        await stage.go(ONLINE)
        await stage.scan_member()
        yield stage
    stage.close()


async def press_f9(stage: Stage) -> None:
    await stage.press("{f9}")
    await stage.until(lambda: stage.shows(Menu))
    lines = stage.said().replace(" ", "")
    place = next(number for number in "123456789" if f"{number}家庭积分" in lines)
    await stage.press(place)
    await stage.settle()


async def ask(stage: Stage, points: str = "300", pin: str = PIN) -> None:
    """Until the member's PIN is typed."""
    await press_f9(stage)
    await stage.until(lambda: stage.shows(DrawPoints))
    await stage.press(points + "\n")
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.press(pin + "\n")


async def test_points_are_drawn_by_a_pin(stage: Stage) -> None:
    """What is there and how much of it, then the proof; the sentence says what comes next."""
    await press_f9(stage)
    await stage.until(lambda: stage.shows(DrawPoints))
    said = stage.said().replace(" ", "")
    for words in ("家庭积分1,200消费积分", "现在可支取300", "只能联网支取"):
        assert words in said
    for points in ("0", "301"):
        await stage.press(points + "\n")
        assert stage.shows(DrawPoints)
        await stage.press("{backspace}" * len(points))
    await stage.press("250\n")
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.press(PIN + "\n")
    await stage.until(lambda: stage.shows(CounterScreen))
    asked = stage.desk.ledger.draws_asked[-1]
    assert isinstance(asked, DrawRequest)
    assert (asked.member, asked.kind, asked.points, asked.proof, asked.evidence) == (
        MEMBER,
        "points",
        250,
        "pin",
        PIN,
    )
    assert "已支取家庭积分250消费积分" in stage.said().replace(" ", "")


async def test_a_wrong_pin_is_typed_again(stage: Stage) -> None:
    """With how many tries there are; the amount is kept."""
    stage.desk.ledger.draws = lambda _asked: Refused(reason="pin-wrong", tries_left=2)
    await ask(stage)
    await stage.until(lambda: stage.shows(MemberPin) and "2" in stage.said())
    stage.desk.ledger.draws = lambda asked: Drawn(kind=asked.kind, points=asked.points, left=900)
    await stage.press(PIN + "\n")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert "已支取家庭积分300" in stage.said().replace(" ", "")


async def test_what_cannot_be_drawn_is_said(stage: Stage) -> None:
    """In no household, nothing there, used up meanwhile, offline: a sentence each, and nothing is asked of the member."""
    ledger = stage.desk.ledger

    def used_up(_asked: DrawRequest) -> Drawn:
        raise FinalSyncError("household-monthly", "used up")

    ledger.draws = used_up
    await ask(stage)
    await stage.until(lambda: stage.shows(CounterScreen))
    assert "超过该会员本月可支取的上限" in stage.said().replace(" ", "")
    ledger.shared = Pool()
    await press_f9(stage)
    await stage.until(lambda: stage.shows(CounterScreen))
    assert "现在没有可支取的家庭积分" in stage.said().replace(" ", "")
    ledger.draws = None
    await press_f9(stage)
    await stage.until(lambda: stage.shows(CounterScreen))
    assert "后台没有回应" in stage.said().replace(" ", "")
    await stage.go(OFFLINE)
    asked = len(ledger.draws_asked)
    await press_f9(stage)
    await stage.until(lambda: "家庭积分须联网才能支取" in stage.said().replace(" ", ""))
    assert len(ledger.draws_asked) == asked


async def test_a_store_that_does_not_offer_it_says_nothing_of_it(tmp_path: Path) -> None:
    """Off unless its settings say so."""
    stage = make_stage(tmp_path, language="zh-CN")
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("{f9}")
        await stage.until(lambda: stage.shows(Menu))
        assert "家庭积分" not in stage.said().replace(" ", "")
    stage.close()

"""Points that are set aside at this till: what the cashier reads, and that he need not know where they lie."""

from __future__ import annotations

from pathlib import Path

from protocol.reservations import LyingElsewhere, Refused
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.redeem import RedeemScreen
from tests.desks import payloads
from tests.terminal.stage import MEMBER, ONLINE, Stage, make_stage
from tests.till.test_allowances import set_aside

ELSEWHERE = (LyingElsewhere(store="滨河店", till="02号机", points=200),)


async def chosen(stage: Stage, code: str) -> None:
    """The bag for 300 points, up to the page that says everything."""
    await stage.scan(code)
    await stage.press("128.50{f2}")
    await stage.until(lambda: stage.shows(RedeemScreen))


async def test_offline_it_is_redeemed_as_if_nothing_were_split(counter_stage: Stage) -> None:
    """One number of points; the list, the page and the receipt say on what it stands; Enter and a call are not needed."""
    stage = counter_stage
    stage.desk.put_members(set_aside(400, of=1_250, position=11))
    await chosen(stage, stage.dynamic_code())
    assert "set aside" in stage.text()
    assert "1,250" in stage.text()
    assert "at another counter" not in stage.said()
    await stage.press("3")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "Offline allowance: these points are set aside at this till" in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    (taken,) = payloads(stage.desk.desk)[-1]["redemptions"]
    assert (taken["authority"], taken["points"]) == ("allowance", 300)
    assert stage.desk.ledger.asked == []
    await stage.press("{f7}")
    await stage.until(lambda: "offline allowance" in stage.said())


async def test_who_is_on_the_screen_is_being_served(counter_stage: Stage) -> None:
    """From the scan until the screen is cleared; a page above it changes nothing."""
    stage, desk = counter_stage, counter_stage.desk.desk
    assert desk.serving == ""
    await chosen(stage, stage.dynamic_code())
    assert desk.serving == MEMBER
    await stage.press("{escape}{escape}{escape}")
    await stage.until(lambda: desk.serving == "")


async def test_a_pin_alone_where_no_code_can_be_checked(counter_stage: Stage) -> None:
    """The clock jumped: the list and the page ask for the PIN, and F2 lets him type it."""
    stage = counter_stage
    stage.desk.put_members(set_aside(400, of=1_250, position=11))
    stage.desk.clocks.wall_us += 3_600_000_000
    await stage.scan_member()
    await stage.press("128.50{f2}")
    await stage.until(lambda: stage.shows(RedeemScreen))
    assert "offline: with PIN" in stage.text()
    await stage.press("3")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "Still needed: the member's PIN." in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: "The member types the PIN" in stage.said())
    await stage.press("246810\n")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert payloads(stage.desk.desk)[-1]["redemptions"][0]["proof"] == "pin"


async def test_points_elsewhere_are_on_their_way(tmp_path: Path) -> None:
    """How many, where, and what to do: the sale stays on the page, and F2 asks again."""
    stage = make_stage(tmp_path, language="zh-CN")
    stage.desk.ledger.answer = lambda _: Refused(reason="not-enough-points", lying=ELSEWHERE)
    async with stage.run():
        await stage.sign_in("1001")
        await stage.go(ONLINE)
        await chosen(stage, stage.dynamic_code())
        await stage.press("3")
        await stage.until(lambda: stage.shows(DisclosureScreen))
        await stage.press("{f2}")
        await stage.until(
            lambda: "200 积分在 滨河店 02号机 备作断网可兑额度，已请求退回，请稍候再试。" in stage.said()
        )
        await stage.press("{f2}")
        await stage.until(lambda: len(stage.desk.ledger.asked) == 2)
    stage.close()

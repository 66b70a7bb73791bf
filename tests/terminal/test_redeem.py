"""F2: everything is said before, nothing by Enter, never twice."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from protocol.reservations import Refused, ReserveRequest, Verdict
from terminal.dialogs.ladder import Ladder
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.redeem import RedeemScreen
from tests.desks import grants, payloads
from tests.terminal.stage import MEMBER, OFFLINE, ONLINE, OTHER, Stage, make_stage


def redemptions(stage: Stage) -> list[Any]:
    return [taken for entry in payloads(stage.desk.desk) for taken in entry.get("redemptions", [])]


async def to_disclosure(stage: Stage, number: int = 3) -> None:
    """A sale of 128.50 with reward `number` on the page before the confirmation."""
    await stage.scan(stage.dynamic_code())
    await stage.press(f"128.50{{f2}}{number}")
    await stage.until(lambda: stage.shows(DisclosureScreen, Ladder))


async def test_f2_redeems_offline_within_the_floor(counter_stage: Stage) -> None:
    """Chosen by number, shown, confirmed by F2: one entry, with its authority."""
    stage = counter_stage
    await to_disclosure(stage)
    assert "Shopping bag" in stage.said()
    assert "left after it 950" in stage.said()
    assert "Offline, small amount" in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert [(taken["reward"], taken["points"], taken["authority"]) for taken in redemptions(stage)] == [
        ("tote-bag", 300, "floor")
    ]
    await stage.settle()
    assert "-300" in stage.said()


async def test_ladder_offers_no_more_than_the_authority_carries(counter_stage: Stage) -> None:
    """The member has 1,250 points, the floor carries 1,000: that is where the ladder ends."""
    stage = counter_stage
    await stage.scan(stage.dynamic_code())
    await stage.press("128.50{f2}1")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "Amount 128.50, to pay ¥108.50" in stage.said()
    assert "earns 154 -> 130" in stage.said()


async def test_ladder_takes_steps_only(counter_stage: Stage) -> None:
    """Online all 1,250 can be spent, in steps of 50; another number is refused with the bounds."""
    stage = counter_stage
    await stage.go(ONLINE)
    await to_disclosure(stage, 1)
    assert stage.shows(Ladder)
    await stage.press("{backspace}" * 4 + "1001\n")
    assert "Between 1,000 and 1,250" in stage.said()
    await stage.press("{backspace}" * 4 + "1200\n")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "to pay ¥104.50" in stage.said()


async def test_enter_confirms_nothing(counter_stage: Stage) -> None:
    """A scanner sends Enter: on the page before a redemption it does nothing."""
    stage = counter_stage
    await to_disclosure(stage)
    await stage.press("\n\n")
    assert stage.shows(DisclosureScreen)
    assert redemptions(stage) == []


async def test_two_f2_are_one_redemption(counter_stage: Stage) -> None:
    """While the ledger is asked F2 and Esc do nothing; one call, one entry."""
    stage = counter_stage
    asked, answer = threading.Event(), threading.Event()

    def slowly(request: ReserveRequest) -> Verdict:
        asked.set()
        assert answer.wait(10)
        return grants(request)

    stage.desk.ledger.answer = slowly
    await stage.go(ONLINE)
    await to_disclosure(stage)
    await stage.press("{f2}{f2}{escape}{f2}")
    await stage.until(asked.is_set)
    assert "Asking the ledger" in stage.said()
    answer.set()
    await stage.until(lambda: stage.shows(CounterScreen))
    assert len(stage.desk.ledger.asked) == 1
    assert [taken["authority"] for taken in redemptions(stage)] == ["online"]


async def test_newer_code_of_the_member_confirms(counter_stage: Stage) -> None:
    """The same code does not; a refreshed one of the same member does; another member's does not."""
    stage = counter_stage
    await to_disclosure(stage)
    await stage.scan(stage.dynamic_code())
    assert "The same code again" in stage.said()
    await stage.scan(stage.dynamic_code(OTHER, nonce=b"otherotr"))
    assert stage.shows(DisclosureScreen)
    assert "another member's code" in stage.said()
    assert redemptions(stage) == []
    await stage.scan(stage.dynamic_code(MEMBER, age_s=1, nonce=b"87654321"))
    await stage.until(lambda: stage.shows(CounterScreen))
    assert len(redemptions(stage)) == 1


async def test_page_follows_the_link(counter_stage: Stage) -> None:
    """The plug is pulled while the member reads: the page never names an authority that is gone. Enter says what does."""
    stage = counter_stage
    await stage.go(ONLINE)
    await to_disclosure(stage)
    assert "Online: the ledger confirms" in stage.said()
    await stage.go(OFFLINE)
    assert "Offline, small amount" in stage.said()
    await stage.press("\n")
    assert "Enter never redeems" in stage.said()
    assert redemptions(stage) == []


async def test_no_of_the_ledger_is_a_sentence(counter_stage: Stage) -> None:
    """A refusal keeps the page open with what would help; nothing is booked."""
    stage = counter_stage
    stage.desk.ledger.answer = lambda _: Refused(reason="not-enough-points", spendable=120)
    await stage.go(ONLINE)
    await to_disclosure(stage)
    await stage.press("{f2}")
    await stage.until(lambda: "120 points can be spent" in stage.said())
    assert payloads(stage.desk.desk)[-1]["type"] == "shift-opened"
    await stage.press("{escape}{escape}")
    assert stage.shows(CounterScreen)


async def test_what_cannot_be_had_says_why(counter_stage: Stage) -> None:
    """A reward out of reach, one without an amount, a number that no reward has."""
    stage = counter_stage
    await stage.scan(stage.dynamic_code())
    await stage.press("{f2}2")
    await stage.until(lambda: "750 points short" in stage.said())
    await stage.press("1")
    await stage.until(lambda: "Type the amount first" in stage.said())
    await stage.press("9")
    await asyncio.sleep(0.15)
    await stage.settle()
    assert stage.shows(RedeemScreen)


async def test_bounce_of_f2_does_not_confirm(counter_stage: Stage) -> None:
    """A page that gives points away takes no confirmation in its first moments."""
    stage = counter_stage
    stage.app.guard_s = 60
    await to_disclosure(stage)
    await stage.press("{f2}")
    await stage.settle()
    assert stage.shows(DisclosureScreen)
    assert redemptions(stage) == []


async def test_what_can_be_had_is_shown_first(tmp_path: Path) -> None:
    """Six rewards and three rows: the two within reach, each under its own number, and how many there are besides."""
    stage = make_stage(tmp_path, industry="4s")
    async with stage.run():
        await stage.sign_in("1023")
        await stage.go(ONLINE)
        await stage.scan_member()
        await stage.press("1288")
        rows = [row[2:5].strip() for row in stage.rows()[17:20]]
        assert rows[:2] == ["1", "5"]
        assert "and 4 more; F2 shows all" in stage.said()
    stage.close()

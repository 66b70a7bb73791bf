"""The member types his PIN: who shows no dynamic code redeems by it, and no scan and no eye gets into the field."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from protocol.codes import member_code
from protocol.reservations import RefusalReason, Refused, ReserveRequest, Verdict
from sync.errors import TransientSyncError
from terminal.dialogs.ladder import Ladder
from terminal.dialogs.member_pin import MemberPin
from terminal.keyboard import key_event
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.redeem import RedeemScreen
from terminal.widgets.pin_field import PinField
from tests.desks import grants, payloads
from tests.terminal.stage import MEMBER, MILK, OFFLINE, ONLINE, OTHER, Stage, make_stage

PIN = "246810"


@pytest.fixture
async def asked(counter_stage: Stage) -> Stage:
    """A sale of 128.50 by the static code, the bag for 300 points chosen, and the PIN asked for by F2; the ledger says yes."""
    stage = counter_stage
    stage.desk.ledger.answer = grants
    await stage.go(ONLINE)
    await choose(stage)
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(MemberPin))
    return stage


async def choose(stage: Stage) -> None:
    await stage.scan_member()
    await stage.press("128.50{f2}3")
    await stage.until(lambda: stage.shows(DisclosureScreen))


def field(stage: Stage) -> PinField:
    return stage.app.screen.query_one(PinField)


def redemptions(stage: Stage) -> list[Any]:
    return [taken for entry in payloads(stage.desk.desk) for taken in entry.get("redemptions", [])]


def refuses(reason: RefusalReason, left: int = 0) -> Any:
    return lambda _request: Refused(reason=reason, spendable=1_250, tries_left=left)


async def test_pin_redeems(asked: Stage) -> None:
    """It goes to the ledger as typed and stays nowhere: not on the screen, not in the journal, not with the sale."""
    stage = asked
    assert "The member types the PIN for points" in stage.said()
    assert "张*丰 Shopping bag 300 points" in stage.said()
    await stage.press(PIN)
    assert "******_" in stage.said()
    assert PIN not in stage.text()
    await stage.press("\n")
    await stage.until(lambda: stage.shows(CounterScreen))
    (request,) = stage.desk.ledger.asked
    assert (request.proof, request.evidence, request.points) == ("pin", PIN, 300)
    assert [(taken["authority"], taken["proof"]) for taken in redemptions(stage)] == [("online", "pin")]
    journal = stage.desk.desk.folder / "journal.db"
    assert all(PIN.encode() not in path.read_bytes() for path in journal.parent.glob("journal.db*"))
    assert PIN not in repr(stage.app.work)


async def test_full_width_digits_are_digits(asked: Stage) -> None:
    """An input method that was left on types 全角; signs are no digits, Backspace takes one back, F2 is as good as Enter."""
    await asked.press("２４a６8.９{backspace}1０{f2}")
    await asked.until(lambda: asked.shows(CounterScreen))
    assert asked.desk.ledger.asked[0].evidence == "246810"


@pytest.mark.parametrize("typed", ["", "123"])
async def test_too_few_digits_cost_no_try(asked: Stage, typed: str) -> None:
    """Enter too early is a sentence, and the ledger is not asked; Esc goes back to the page with nothing done."""
    await asked.press(typed + "\n")
    assert "A PIN has 4 to 8 digits" in asked.said()
    await asked.press("{escape}")
    await asked.until(lambda: asked.shows(DisclosureScreen))
    assert asked.desk.ledger.asked == []


async def test_wrong_pin_is_typed_again(asked: Stage) -> None:
    """The tries that are left are said, sale and choice stay, and the next try is another request."""
    stage = asked
    stage.desk.ledger.answer = refuses("pin-wrong", 2)
    await stage.press("1111\n")
    await stage.until(lambda: stage.shows(MemberPin) and "tries left: 2" in stage.said())
    stage.desk.ledger.answer = grants
    await stage.press("{escape}{f2}")
    await stage.until(lambda: stage.shows(MemberPin))
    assert len(stage.desk.ledger.asked) == 1, "what was typed is gone with its call"
    await stage.press(PIN + "\n")
    await stage.until(lambda: stage.shows(CounterScreen))
    first, second = stage.desk.ledger.asked
    assert first.id != second.id
    assert stage.desk.ledger.given_up == [first.id]
    assert len(redemptions(stage)) == 1


@pytest.mark.parametrize(
    ("reason", "said"), [("pin-locked", "The PIN is locked"), ("pin-not-set", "This member has no PIN")]
)
async def test_pin_that_cannot_help_is_not_asked_for_again(asked: Stage, reason: RefusalReason, said: str) -> None:
    """The sentence says what helps, F2 says it again, and the member's code still redeems."""
    stage = asked
    stage.desk.ledger.answer = refuses(reason)
    await stage.press("1111\n")
    await stage.until(lambda: said in stage.said())
    await stage.press("{f2}")
    assert stage.shows(DisclosureScreen)
    assert said in stage.said()
    stage.desk.ledger.answer = grants
    await stage.scan(stage.dynamic_code())
    await stage.until(lambda: stage.shows(CounterScreen))
    assert [request.proof for request in stage.desk.ledger.asked] == ["pin", "dynamic"]


@pytest.mark.parametrize(("reward", "said"), [("3", "Scan the member's fresh code"), ("1", "Redeem when it answers")])
async def test_silence_is_no_check_of_a_pin(counter_stage: Stage, reward: str, said: str) -> None:
    """What the floor would carry needs a code; what it would not waits for the network. Nothing is booked."""
    stage = counter_stage

    def silence(_request: ReserveRequest) -> Verdict:
        raise TransientSyncError("no-answer")

    stage.desk.ledger.answer = silence
    await stage.go(ONLINE)
    await stage.scan_member()
    await stage.press(f"128.50{{f2}}{reward}")
    await stage.until(lambda: stage.shows(DisclosureScreen, Ladder))
    if stage.shows(Ladder):
        await stage.press("\n")
        await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.press(PIN + "\n")
    await stage.until(lambda: "the PIN is not checked" in stage.said())
    assert said in stage.said()
    assert redemptions(stage) == []


async def test_the_members_code_takes_the_place_of_the_pin(asked: Stage) -> None:
    """Scanned while the field is half full: it proves, the dialog closes, and no digit of anything goes anywhere."""
    stage = asked
    await stage.press("12")
    await stage.scan(stage.dynamic_code())
    await stage.until(lambda: stage.shows(CounterScreen))
    assert [request.proof for request in stage.desk.ledger.asked] == ["dynamic"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (MILK, "The scan was not used"),
        (member_code(OTHER), "another member's code"),
        (member_code(MEMBER), "proves nothing"),
    ],
)
async def test_scan_never_goes_into_the_pin(asked: Stage, code: str, said: str) -> None:
    """By a scanner that types: what was typed stays exactly, the scan's Enter sends nothing, and a sentence says so."""
    stage = asked
    await stage.press("2468")
    stage.burst(code)
    await stage.until(lambda: said in stage.said())
    assert stage.shows(MemberPin)
    assert "****_" in stage.said()
    assert "*****" not in stage.said()
    assert stage.desk.ledger.asked == []
    await stage.press("\n")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert stage.desk.ledger.asked[0].evidence == "2468"


async def test_short_fast_digits_send_nothing(asked: Stage) -> None:
    """A scan too short to be told by its length: its Enter is not a person's."""
    at_s = time.monotonic() + 1
    for char in "2468\n":
        event = key_event(char)
        event.time = at_s = at_s + 0.002
        asked.app.post_message(event)
    await asked.settle()
    assert asked.shows(MemberPin)
    assert asked.desk.ledger.asked == []


async def test_rewards_say_what_is_still_needed(counter_stage: Stage) -> None:
    """Found by a card: online a code or the PIN, offline the code; a scan of it in the list is all that was missing."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("128.50")
    assert "offline: with code" in stage.said()
    await stage.go(ONLINE)
    assert "code or PIN" in stage.said()
    assert "possible" not in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(RedeemScreen))
    assert "code or PIN" in stage.said()
    await stage.scan(stage.dynamic_code())
    assert "possible" in stage.said()
    assert "code or PIN" not in stage.said()
    await stage.press("3")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "Still needed" not in stage.said()


async def test_page_says_what_is_still_needed(counter_stage: Stage) -> None:
    """And follows the link: offline the PIN is no way any more, and none is asked for."""
    stage = counter_stage
    await stage.go(ONLINE)
    await choose(stage)
    assert "Still needed: the member's code or PIN" in stage.said()
    assert "F2 and the member types the PIN" in stage.said()
    await stage.go(OFFLINE)
    assert "Still needed: the member's fresh code" in stage.said()
    await stage.press("{f2}")
    await stage.until(lambda: "must show a fresh code" in stage.said())
    assert stage.shows(DisclosureScreen)


async def test_what_the_merchant_allows_a_day_needs_no_pin(tmp_path: Path) -> None:
    """Within the daily limit the static code is tried; where the ledger knows of more the PIN is asked for, and tried."""
    stage = make_stage(tmp_path, static_daily_points=700)
    async with stage.run():
        stage.desk.ledger.answer = grants
        await stage.sign_in("1023")
        await stage.go(ONLINE)
        await choose(stage)
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(CounterScreen))
        stage.desk.ledger.answer = refuses("proof-missing")
        await choose(stage)
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(MemberPin))
        stage.desk.ledger.answer = grants
        await stage.press(PIN + "\n")
        await stage.until(lambda: stage.shows(CounterScreen))
        await choose(stage)
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(MemberPin))
    assert [request.proof for request in stage.desk.ledger.asked] == ["static", "static", "pin"]
    stage.close()

"""The member allows a redemption on his own phone: what he scans, what the cashier scans then, and every way out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol import authorisations
from protocol.authorisations import Authorisation, read_challenge
from protocol.codes import member_code
from terminal.dialogs.ladder import Ladder
from terminal.dialogs.phone import PhonePermission
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.redeem import RedeemScreen
from tests.browsers import read_pixels
from tests.desks import MEMBER, NOON_US, TERMINAL, payloads
from tests.terminal.stage import OFFLINE, OTHER, Stage, make_stage

PAGE = "https://p.example.com"
LONGEST = "https://" + "p" * 44 + ".com"
"""With what stands behind it all that version 4 holds."""


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Stage]:
    """Offline, 1,250 points, which the floor does not carry at once: F2 shows the code for the phone."""
    stage = make_stage(tmp_path / "till", language="zh-CN", member_page=PAGE)
    async with stage.run():
        await open_dialog(stage)
        yield stage
    stage.close()


async def open_dialog(stage: Stage) -> None:
    await stage.sign_in("1001")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.go(OFFLINE)
    await stage.scan_member()
    await stage.press("128.50{f2}1")
    await stage.until(lambda: stage.shows(Ladder))
    await stage.press("1200\n")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(PhonePermission))
    await stage.settle()


def allowed(stage: Stage, **changes: object) -> str:
    """What the phone shows once the ledger has reserved what the till's pixels say."""
    asks = read_challenge(read_pixels(stage.picture()))
    given = Authorisation(asks.id, TERMINAL, MEMBER, "points", asks.points, asks.quote)
    return authorisations.make(given._replace(**changes), NOON_US // 1_000_000, stage.desk.working_key)  # type: ignore[arg-type]


def redemptions(stage: Stage) -> list[tuple[str, str, int]]:
    return [
        (taken["authority"], taken["proof"], taken["points"])
        for entry in payloads(stage.desk.desk)
        for taken in entry.get("redemptions", [])
    ]


async def test_scanned_on_both_sides(asked: Stage) -> None:
    """The code is read from the pixels of 80x24, the answer by the scanner; the sale is done, and the next may come."""
    assert "请会员用手机确认" in asked.said()
    assert "1,200" in asked.said()
    await asked.scan(allowed(asked))
    await asked.until(lambda: asked.shows(CounterScreen))
    assert redemptions(asked) == [("authorised", "authorisation", 1_200)]


async def test_a_phone_that_stays_before_the_scanner_is_no_second_sale(asked: Stage) -> None:
    """Read once more at the counter it says that it was used, and not to begin again."""
    text = allowed(asked)
    await asked.scan(text)
    await asked.until(lambda: asked.shows(CounterScreen))
    await asked.scan(text)
    assert "这个确认码已经用过了" in asked.said()
    assert len(redemptions(asked)) == 1


async def test_escape_and_back_is_the_same_code(asked: Stage) -> None:
    """Whoever pressed Esc too early loses nothing of what the member may have allowed; and may scan it a page before."""
    text = allowed(asked)
    first = read_pixels(asked.picture())
    await asked.press("{escape}")
    await asked.until(lambda: asked.shows(DisclosureScreen))
    await asked.press("{f5}")
    await asked.until(lambda: asked.shows(PhonePermission))
    await asked.settle()
    assert read_pixels(asked.picture()) == first
    await asked.press("{escape}")
    await asked.until(lambda: asked.shows(DisclosureScreen))
    await asked.scan(text)
    await asked.until(lambda: asked.shows(CounterScreen))
    assert redemptions(asked) == [("authorised", "authorisation", 1_200)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lambda stage: allowed(stage, terminal="zhongshan-01"), "这是另一台机的确认码"),
        (lambda stage: allowed(stage, points=1_000), "会员确认之后这笔单子改过了"),
        (lambda stage: allowed(stage)[:-5], "没有读全"),
        (lambda _: member_code(OTHER), "这是另一位会员的码"),
        (lambda _: member_code(MEMBER), "这个码只能认人"),
        (lambda _: "6901234567892", "请先办完这里"),
    ],
)
async def test_anything_else_is_said_and_takes_nothing(asked: Stage, text: object, said: str) -> None:
    """The dialog stays, and the right code does afterwards."""
    await asked.scan(text(asked))  # type: ignore[operator]
    assert said in asked.said().replace(" ", ""), asked.text()
    assert asked.shows(PhonePermission)
    assert redemptions(asked) == []
    await asked.scan(allowed(asked))
    await asked.until(lambda: asked.shows(CounterScreen))


async def test_enter_does_nothing_and_no_scan_presses_a_button(asked: Stage) -> None:
    """A scanner that types ends in Enter."""
    await asked.press("\n\n")
    assert asked.shows(PhonePermission)
    asked.burst(allowed(asked))
    await asked.until(lambda: asked.shows(CounterScreen))
    assert redemptions(asked) == [("authorised", "authorisation", 1_200)]


async def test_a_permission_without_its_redemption_says_what_to_do(asked: Stage) -> None:
    """Scanned at the counter and in the list of rewards: nothing happens, and the way is said."""
    text = allowed(asked)
    await asked.press("{escape}{escape}")
    await asked.until(lambda: asked.shows(RedeemScreen))
    await asked.scan(text)
    assert "F5" in asked.app.screen.next_line.notice.text  # type: ignore[attr-defined]
    await asked.press("{escape}")
    await asked.until(lambda: asked.shows(CounterScreen))
    await asked.scan(text)
    assert "没有等这个确认码的兑换" in asked.said()
    assert redemptions(asked) == []


async def test_the_longest_address_is_read_too(tmp_path: Path) -> None:
    """With less error correction, in half blocks, on a screen of 24 rows."""
    stage = make_stage(tmp_path / "till", member_page=LONGEST)
    async with stage.run():
        await open_dialog(stage)
        assert len(read_pixels(stage.picture())) == authorisations.MAX_CHALLENGE_CHARACTERS
        assert "Esc" in stage.text()
    stage.close()


async def test_without_a_page_nothing_speaks_of_phones(counter_stage: Stage) -> None:
    """Neither the key nor the words."""
    stage = counter_stage
    await stage.go(OFFLINE)
    await stage.scan_member()
    await stage.press("128.50{f2}3")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    assert "F5" not in stage.text()
    await stage.press("{f5}")
    assert "no page" in stage.said()

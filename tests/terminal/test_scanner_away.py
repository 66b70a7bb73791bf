"""The scanner is unplugged in the middle of the day: it is said, codes are typed meanwhile, and it comes back by itself."""

from __future__ import annotations

import pytest

from protocol.codes import member_code
from terminal.screens.counter import CounterScreen
from terminal.widgets.amount_field import AmountField
from tests.desks import payloads
from tests.terminal.stage import MEMBER, MILK, FakeStatus, Stage
from till.events import RegisterChanged, ScannerChanged


def pieces(stage: Stage) -> int:
    assert stage.app.work is not None
    return sum(line.quantity for line in stage.app.work.draft.lines)


async def test_d05_an_unplugged_scanner_is_said_until_it_is_back(counter_stage: Stage) -> None:
    """A notice goes with the next key; the line of the next step stays."""
    stage = counter_stage
    await stage.happen(ScannerChanged(is_online=False, code="port-gone"))
    assert "The scanner is unplugged" in stage.said()
    await stage.press("1{backspace}")
    assert "The scanner is away: type the member's code" in stage.said()
    await stage.happen(ScannerChanged(is_online=True, code="scanner-moved"))
    assert "there again, in another socket" in stage.said()
    await stage.press("1{backspace}")
    assert "Scan the member's code" in stage.said()


@pytest.mark.parametrize("keys", ["100{f2}", "{f7}", "{f10}"])
async def test_d05_it_is_said_whatever_is_open(counter_stage: Stage, keys: str) -> None:
    """Redeeming, where the member is about to show his code; in a list; locked."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press(keys)
    await stage.settle()
    await stage.happen(ScannerChanged(is_online=False, code="port-other-model"))
    assert "Another device is in the scanner's USB socket" in stage.said()
    await stage.happen(ScannerChanged(is_online=True, code="scanner-back"))
    assert "The scanner is there again" in stage.said()


async def test_d05_codes_are_typed_meanwhile(counter_stage: Stage) -> None:
    """A member and a product, by their numbers, with Enter; no number of theirs becomes an amount."""
    stage = counter_stage
    await stage.happen(ScannerChanged(is_online=False, code="port-missing"))
    await stage.press(member_code(MEMBER) + "\n")
    assert "张*丰" in stage.said()
    await stage.press(MILK + "\n")
    assert pieces(stage) == 1
    assert stage.app.screen.query_one(AmountField).value == ""
    assert [entry["type"] for entry in payloads(stage.desk.desk)].count("sale") == 0


async def test_a_long_number_that_nothing_has_is_a_mistyped_amount(counter_stage: Stage) -> None:
    """Its check digit is wrong: it is said, and nothing is booked."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("6901234567893\n")
    assert "too large" in stage.said()
    assert pieces(stage) == 0


async def test_d01_a_scanner_that_was_away_before_the_till_opened_is_said(stage: Stage) -> None:
    """Nobody heard it go."""
    stage.scanner.status_now = FakeStatus("by-id:usb-gone", code="port-missing")
    async with stage.run():
        await stage.sign_in("1023")
        assert stage.shows(CounterScreen)
        assert "The scanner is away" in stage.said()


@pytest.mark.parametrize(
    ("code", "sentence"), [("register-missing", "it gets no scans"), ("register-stalled", "takes no scans")]
)
async def test_a_cash_register_that_gets_no_scans_is_said(counter_stage: Stage, code: str, sentence: str) -> None:
    """Each time, because each time a product is missing there."""
    await counter_stage.happen(RegisterChanged(code))
    assert sentence in counter_stage.said()
    await counter_stage.happen(RegisterChanged("register-back"))
    assert "gets scans again" in counter_stage.said()

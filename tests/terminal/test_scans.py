"""The traps of scanners that type, by raw key events: `Pilot.press` waits between keys and hides them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input

from protocol.codes import member_code
from protocol.pins import hash_pin
from terminal.dialogs.ask import Ask
from terminal.dialogs.look_up import LookUp
from terminal.keyboard import key_event
from terminal.screens.counter import CounterScreen
from terminal.screens.redeem import RedeemScreen
from terminal.screens.sign_in import SignInScreen
from terminal.widgets.amount_field import AmountField
from tests.desks import payloads
from tests.terminal.stage import APPLES, MEMBER, MILK, Stage, make_stage


def pieces(stage: Stage) -> int:
    assert stage.app.work is not None
    return sum(line.quantity for line in stage.app.work.draft.lines)


async def test_d50_burst_scan_into_a_focused_input_leaves_it_as_it_was(stage: Stage) -> None:
    """What was typed stays, the scan is told apart, and its Enter signs nobody in."""
    async with stage.run():
        await stage.press("1023\n10")
        stage.burst(MILK)
        await stage.settle()
        await stage.settle()
        assert stage.shows(SignInScreen)
        assert [field.value for field in stage.app.screen.query(Input)] == ["1023", "10"]
        assert "Sign in first" in stage.said()


@pytest.mark.parametrize("gap_s", [0.01, 0.03, 0.06])
async def test_who_signs_in_fast_is_no_scanner(stage: Stage, gap_s: float) -> None:
    """Number, Enter, PIN, Enter from somebody who knows them by heart."""
    async with stage.run():
        for key in "1023\n1023\n":
            event = key_event(key)
            event.time = time.monotonic()
            stage.app.post_message(event)
            await asyncio.sleep(gap_s)
        await stage.until(lambda: stage.shows(CounterScreen))


async def test_a_pin_that_a_busy_machine_hears_at_once_is_typed(stage: Stage) -> None:
    """Its Enter too: six digits with nothing between them are a PIN where one is asked for."""
    known = stage.desk.desk.store.staff["1023"]
    stage.desk.desk.store.staff["1023"] = msgspec.structs.replace(known, pin_hash=hash_pin("102310"))
    async with stage.run():
        await stage.press("1023\n")
        stage.burst("102310", gap_s=0)
        await stage.until(lambda: stage.shows(CounterScreen))


async def test_d50_a_scan_behind_a_long_pin_leaves_it_as_it_was(stage: Stage) -> None:
    """Eight digits of the PIN, then a product: it is told apart, and no try is lost."""
    async with stage.run():
        await stage.press("1023\n12345678")
        stage.burst(MILK)
        await stage.until(lambda: "Sign in first" in stage.said())
        assert [field.value for field in stage.app.screen.query(Input)] == ["1023", "12345678"]
        assert stage.desk.desk.journal.pin_tries("1023") == (0, 0)


async def test_ten_scans_back_to_back_are_ten(counter_stage: Stage) -> None:
    """Ten scans whose keys were all waiting at once: ten products, and an empty amount field."""
    stage = counter_stage
    stage.burst(*[MILK, APPLES] * 5)
    await stage.until(lambda: pieces(stage) == 10)
    assert stage.app.screen.query_one(AmountField).value == ""


async def test_d50_scan_behind_a_typed_amount_keeps_it(counter_stage: Stage) -> None:
    """The amount typed before a burst stands there after it."""
    stage = counter_stage
    await stage.press("128.50")
    stage.burst(member_code(MEMBER))
    await stage.until(lambda: "张*丰" in stage.said())
    assert stage.app.screen.query_one(AmountField).value == "128.50"


async def test_d50_scan_while_a_dialog_is_open_presses_nothing(counter_stage: Stage) -> None:
    """Neither Yes nor No: the question stays, and a sentence says that the scan was not used."""
    stage = counter_stage
    await stage.scan_member()
    await stage.press("10\n{f3}")
    assert stage.shows(Ask)
    stage.burst(MILK)
    await stage.settle()
    await stage.scan(MILK)
    assert stage.shows(Ask)
    assert "The scan was not used" in stage.said()
    assert pieces(stage) == 0
    assert [entry["type"] for entry in payloads(stage.desk.desk)].count("void") == 0


async def test_d50_scan_into_the_reward_list_chooses_no_reward(counter_stage: Stage) -> None:
    """The digits of a scan are no reward numbers."""
    stage = counter_stage
    await stage.scan(stage.dynamic_code())
    await stage.press("100{f2}")
    stage.burst("1234567890128", gap_s=0.005)
    await asyncio.sleep(0.2)
    await stage.settle()
    assert stage.shows(RedeemScreen)


async def test_code_scanned_into_the_look_up_is_the_member(counter_stage: Stage) -> None:
    """The member found his code after all: the form closes and he is at the counter."""
    stage = counter_stage
    await stage.press("{f5}138")
    assert stage.shows(LookUp)
    stage.burst(member_code(MEMBER))
    await stage.until(lambda: stage.shows(CounterScreen))
    assert "张*丰" in stage.said()


async def test_scanner_without_enter_is_heard_after_silence(counter_stage: Stage) -> None:
    """A scanner that sends no Enter has ended its code when no key follows."""
    stage = counter_stage
    for char in member_code(MEMBER):
        event = key_event(char)
        event.time = time.monotonic()
        stage.app.post_message(event)
    await stage.until(lambda: "张*丰" in stage.said())


async def test_d50_enter_faster_than_a_hand_books_nothing(counter_stage: Stage) -> None:
    """A scan too short to be told by its length does not book itself as an amount."""
    stage = counter_stage
    await stage.scan_member()
    stage.burst("123")
    await stage.settle()
    assert [entry["type"] for entry in payloads(stage.desk.desk)].count("sale") == 0
    assert stage.app.screen.query_one(AmountField).value == "123"


async def test_ten_kilobytes_are_one_sentence(counter_stage: Stage) -> None:
    """A scan without an end is said, whether the device or the screen finds it."""
    await counter_stage.scan("9" * 10_000)
    assert "far too long" in counter_stage.said()


async def test_d50_a_scanner_with_a_prefix_is_heard_however_slow(tmp_path: Path) -> None:
    """As slow as a person, into the amount that is being typed: a member is there, and the amount as it was."""
    stage = make_stage(tmp_path, customer={"wedge_prefix": "~~"})
    try:
        async with stage.run():
            await stage.sign_in("1023")
            await stage.press("128.50")
            await stage.press("~~" + member_code(MEMBER) + "\n")
            await stage.until(lambda: "张*丰" in stage.said())
            assert stage.app.screen.query_one(AmountField).value == "128.50"
    finally:
        stage.close()


async def test_d50_full_width_and_pinyin_of_an_input_method(counter_stage: Stage) -> None:
    """Full-width signs are the code all the same; what an input method made hanzi of is said."""
    stage = counter_stage
    stage.burst("".join(chr(ord(char) + 0xFEE0) for char in member_code(MEMBER)))
    await stage.until(lambda: "张*丰" in stage.said())
    stage.burst("妈1000000001")
    await stage.until(lambda: "Switch it to English" in stage.said())

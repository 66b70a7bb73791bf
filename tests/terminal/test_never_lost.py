"""What is on the counter's screen is never lost: by the end of the program, by the next phone, by a cashier who left."""

from __future__ import annotations

import pytest

from terminal import app
from terminal.app import TillApp
from terminal.dialogs.ask import Ask
from terminal.idle import Idle, lock_if_idle
from terminal.screens.counter import CounterScreen
from terminal.screens.sign_in import SignInScreen
from tests.desks import MEMBER
from tests.terminal.stage import MILK, OTHER, Stage, make_stage
from tests.terminal.test_sale import sales
from till.unfinished import Unfinished


def start_again(stage: Stage) -> None:
    """Another run of the program over the same folder."""
    stage.counter.unfinished = Unfinished(stage.desk.desk)
    stage.app = TillApp(stage.app.opener._start, stage.app._settings)


async def interrupted(stage: Stage) -> None:
    """A member, a product and half an amount; then the program ends, and somebody signs in again."""
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.scan(MILK)
        await stage.press("12.")
    start_again(stage)


async def test_the_next_cashier_goes_on_with_it(stage: Stage) -> None:
    """F2, and everything is there; it is booked once, and asked for once."""
    await interrupted(stage)
    async with stage.run():
        await stage.sign_in("1023")
        assert "The last sale was not finished: 12:00 张*丰 12." in stage.said()
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(CounterScreen))
        assert "张*丰" in stage.said()
        await stage.press("5\n")
        await stage.until(lambda: bool(sales(stage)))
    assert [(sale["member"], sale["gross_fen"]) for sale in sales(stage)] == [(MEMBER, 1250)]
    start_again(stage)
    async with stage.run():
        await stage.sign_in("1023")
        assert stage.shows(CounterScreen)


async def test_enter_and_esc_put_it_aside(stage: Stage) -> None:
    """The answer of who does not read is no loss: F6 has it."""
    await interrupted(stage)
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("\n")
        await stage.until(lambda: stage.shows(CounterScreen))
        assert "1 put aside, F6 takes one back" in stage.said()
        await stage.press("{f6}1")
        await stage.until(lambda: "张*丰" in stage.said())


async def test_a_lock_in_between_asks_no_question(stage: Stage) -> None:
    """The sale is on the screen still: nothing was left by an earlier run."""
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("12.{f10}")
        await stage.until(lambda: stage.shows(SignInScreen))
        await stage.press("1023\n")
        await stage.until(lambda: stage.shows(CounterScreen))
        assert stage.app.work is not None
        assert stage.app.work.typed == "12."


async def test_a_second_members_code_in_the_middle_asks(counter_stage: Stage) -> None:
    """Esc keeps the first one, F2 takes the second; amount and products stay."""
    stage = counter_stage
    await stage.scan_member()
    await stage.scan(MILK)
    await stage.scan_member(OTHER)
    assert "This sale is 张*丰's. Change it to 李*?" in stage.said()
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.scan_member(OTHER)
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.press("\n")
    await stage.until(lambda: bool(sales(stage)))
    assert [(sale["member"], sale["gross_fen"]) for sale in sales(stage)] == [(OTHER, 650)]


async def test_the_second_of_two_scans_before_an_amount_is_the_member(counter_stage: Stage) -> None:
    """Nothing has begun: there is nothing to ask about."""
    stage = counter_stage
    await stage.scan_member()
    await stage.scan_member(OTHER)
    assert stage.shows(CounterScreen)
    assert "李*" in stage.said()


async def test_an_idle_counter_locks_and_keeps_the_sale(stage: Stage) -> None:
    """A key puts it off; whoever comes types his PIN and goes on."""
    now_s = [0.0]
    stage.app.idle = Idle(10, lambda: now_s[0])
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        now_s[0] = 599
        await stage.press("5")
        now_s[0] = 600
        lock_if_idle(stage.app)
        await stage.settle()
        assert stage.shows(CounterScreen)
        now_s[0] = 599 + 600
        lock_if_idle(stage.app)
        await stage.until(lambda: stage.shows(SignInScreen))
        assert "Locked" in stage.said()
        assert "张*丰" not in stage.said()
        await stage.press("1023\n")
        await stage.until(lambda: stage.shows(CounterScreen))
        await stage.press("\n")
        await stage.until(lambda: bool(sales(stage)))
        assert sales(stage)[0]["gross_fen"] == 500


@pytest.mark.parametrize(("minutes", "is_over"), [(0, False), (1, True)])
def test_zero_minutes_never_lock(minutes: int, is_over: bool) -> None:
    now_s = [0.0]
    idle = Idle(minutes, lambda: now_s[0])
    now_s[0] = 100_000
    assert idle.is_over is is_over


async def test_the_app_looks_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody calls it."""
    monkeypatch.setattr(app, "LOOK_S", 0.02)
    now_s = [0.0]
    stage.app.idle = Idle(10, lambda: now_s[0])
    async with stage.run():
        await stage.sign_in("1023")
        now_s[0] = 600
        await stage.until(lambda: stage.shows(SignInScreen))


def test_the_setting_reaches_the_app(tmp_path_factory: pytest.TempPathFactory) -> None:
    stage = make_stage(tmp_path_factory.mktemp("till"), customer={"lock_after_min": 3})
    assert stage.app.idle._limit_s == 180
    stage.close()


async def test_a_locked_cashier_is_freed_by_a_supervisor(stage: Stage) -> None:
    """He is told how long it is; a supervisor signs in, F9, and he goes on at once."""
    async with stage.run():
        await stage.press("1023\n")
        for _ in range(5):
            await stage.press("0000\n")
            await stage.until(lambda: "PIN" in stage.said())
            await stage.until(lambda: not stage.app.screen._is_asking)  # type: ignore[attr-defined]
        await stage.press("1023\n")
        await stage.until(lambda: "Try again in 5 min" in stage.said())
        await stage.press("{f10}")
        await stage.sign_in("1001")
        await stage.more("Free the locked PIN of 1023")
        await stage.until(lambda: "1023 may type the PIN again" in stage.said())
        await stage.press("{f10}{f10}")
        await stage.until(lambda: stage.shows(SignInScreen))
        await stage.press("{f10}")
        await stage.sign_in("1023")
        assert stage.shows(CounterScreen)


async def test_an_answer_to_a_dialog_that_was_closed_meanwhile_closes_nothing_else(stage: Stage) -> None:
    """The counter was locked in the middle of a call: the screen that is open stays."""
    async with stage.run():
        await stage.sign_in("1023")
        asked = Ask("?", yes="y", no="n")
        stage.app.push_screen(asked)
        await stage.until(lambda: stage.shows(Ask))
        stage.app.lock()
        await stage.until(lambda: stage.shows(SignInScreen))
        depth = len(stage.app.screen_stack)
        asked.dismiss(result=True)
        await stage.settle()
        assert (len(stage.app.screen_stack), stage.shows(SignInScreen)) == (depth, True)

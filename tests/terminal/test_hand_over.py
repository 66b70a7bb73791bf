"""交班 at the counter: F8, F2, number and PIN of who takes over; nothing on the screen is lost."""

from __future__ import annotations

from terminal.dialogs.hand_over import HandOver
from terminal.screens.counter import CounterScreen
from terminal.screens.shift import ShiftScreen
from tests.desks import payloads
from tests.terminal.stage import Stage


async def test_the_next_cashier_goes_on_with_the_sale_on_the_screen(stage: Stage) -> None:
    """A wrong PIN is said, the dialog asked for again; the basket, the member and the amount stay."""
    async with stage.run():
        await stage.sign_in("1001")
        await stage.scan_member()
        await stage.press("12.5{f8}{f2}")
        assert stage.shows(HandOver)
        await stage.press("1023\n9999\n")
        await stage.until(lambda: "4 tries left" in stage.said())
        await stage.press("{f2}1023\n1023\n")
        await stage.until(lambda: stage.shows(CounterScreen))
        assert "王芳(1023)" in stage.said()
        assert "12.5" in stage.said()
        assert "张*丰" in stage.said()
        assert payloads(stage.desk.desk)[-1]["type"] == "shift-handed-over"
        await stage.press("\n")
        await stage.until(lambda: payloads(stage.desk.desk)[-1]["type"] == "sale")
        assert payloads(stage.desk.desk)[-1]["by"] == "1023"


async def test_a_cashier_sees_his_own_part_and_hands_over(stage: Stage) -> None:
    """Not what others did, and no closing; a staff card says who takes over."""
    async with stage.run():
        await stage.sign_in("1001")
        await stage.scan_member()
        await stage.press("100\n{f8}{f2}1023\n1023\n")
        await stage.until(lambda: stage.shows(CounterScreen) and "王芳(1023)" in stage.said())
        await stage.scan_member()
        await stage.press("30\n{f8}")
        assert stage.shows(ShiftScreen)
        assert "Since you came 王芳(1023)" in stage.said()
        assert "Amount before points 30.00" in stage.said()
        assert "F8" not in stage.rows()[-1]
        await stage.press("{f8}")
        assert "needs a supervisor" in stage.said()
        await stage.press("{f2}")
        await stage.scan("1001")
        await stage.press("1001\n")
        await stage.until(lambda: stage.shows(CounterScreen) and "赵敏(1001)" in stage.said())
        await stage.press("{f8}")
        assert "Amount before points 130.00" in stage.said()
        assert "1/2" in stage.said()
        await stage.press("{f5}")
        assert "王芳(1023) - 赵敏(1001)" in stage.said()
        await stage.press("{f5}")
        assert "Amount before points 130.00" in stage.said()

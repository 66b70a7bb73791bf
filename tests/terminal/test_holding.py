"""F6 over an end of the program, whichever."""

from __future__ import annotations

from terminal.app import TillApp
from tests.terminal.stage import MILK, Stage
from till.counter import Counter


async def test_what_was_put_aside_is_there_after_a_restart(stage: Stage) -> None:
    """Leaving does not ask for it, the next start says that it waits, and F6 gives it back."""
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.scan(MILK)
        await stage.press("{f6}")
        await stage.more("Quit the program")
        await stage.until(lambda: stage.app.return_code == 0)

    stage.counter = Counter(stage.desk.desk, lambda: stage.link[0])
    stage.app = TillApp(stage.app.opener._start, stage.app._settings)
    async with stage.run():
        await stage.sign_in("1023")
        assert "1 put aside, F6 takes one back" in stage.said()
        await stage.press("{f6}1")
        await stage.until(lambda: "纯牛奶" in stage.said())
        assert "张*丰" in stage.said()


async def test_what_is_not_put_aside_stays_on_the_screen(counter_stage: Stage) -> None:
    """Nine are put aside: the tenth stays where it is."""
    stage = counter_stage
    for amount in range(1, 10):
        await stage.press(f"{amount}{{f6}}")
    await stage.scan_member()
    await stage.press("5{f6}")
    assert "9 sales are put aside already" in stage.said()
    assert "张*丰" in stage.said()

"""Press each key once: which of them reach the till."""

from __future__ import annotations

from terminal.screens.devices import DevicesScreen
from terminal.screens.keys import ROWS, KeysScreen
from tests.terminal.stage import Stage

ALL = [key for row in ROWS for key in row]


async def opened(stage: Stage) -> None:
    await stage.sign_in("1090")
    await stage.press("{f8}7")
    await stage.until(lambda: stage.shows(KeysScreen))


async def test_every_key_is_counted_and_none_does_anything(stage: Stage) -> None:
    """F10 locks nothing, Enter presses nothing; Esc twice goes back."""
    async with stage.run():
        await opened(stage)
        await stage.press("".join(key if len(key) == 1 else f"{{{key}}}" for key in ALL if key != "escape"))
        await stage.until(lambda: f"{len(ALL) - 1} of {len(ALL)} keys" in stage.said())
        await stage.press("{escape}")
        await stage.until(lambda: "All keys arrive. Esc" in stage.said())
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(DevicesScreen) and "All keys arrive" in stage.said())


async def test_keys_that_the_terminal_keeps_are_named(stage: Stage) -> None:
    """F1 and F10 are those that terminals like to keep."""
    async with stage.run():
        await opened(stage)
        kept = ("f1", "f10", "escape")
        await stage.press("".join(key if len(key) == 1 else f"{{{key}}}" for key in ALL if key not in kept))
        await stage.press("{escape}{escape}")
        await stage.until(lambda: stage.shows(DevicesScreen))
        assert "did not arrive: F1 F10." in stage.said()


async def test_a_scan_is_no_key(stage: Stage) -> None:
    """It ends nothing."""
    async with stage.run():
        await opened(stage)
        await stage.scan("6901234567892")
        await stage.until(lambda: "That was a scan" in stage.said())
        assert stage.shows(KeysScreen)

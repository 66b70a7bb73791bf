"""When the program fails it says so without showing what it knew."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from terminal.app import TillApp
from terminal.messages import CodeRead, Declined, Happened
from tests.terminal.stage import OFFLINE, ONLINE, Stage, make_stage
from till.errors import RefusedError
from till.events import LinkChanged


class PlantedError(Exception):
    """An error that would like to draw itself."""

    def __rich__(self) -> str:
        return "secret-in-rich"


async def test_crash_shows_a_sentence_and_no_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No local variables, no message of the error, on the screen and in the log; the log has the place."""
    stage = make_stage(tmp_path)
    shown: list[Any] = []
    monkeypatch.setattr(TillApp, "_print_error_renderables", lambda app: shown.extend(app._exit_renderables))

    def fail() -> None:
        phone = "13800138000"
        raise PlantedError(f"secret {phone}")

    caplog.set_level(logging.CRITICAL, logger="till.terminal")

    async def run_into_it() -> None:
        async with stage.app.run_test() as pilot:
            stage.app.call_later(fail)
            await pilot.pause()

    with pytest.raises(PlantedError):
        await run_into_it()
    stage.close()
    assert stage.app.return_code == 1
    said = "".join(
        part.plain if isinstance(part, Text) else str(part) for part in stage.app._exit_renderables + shown
    )
    assert "Every sale that was shown as stored is safe" in said
    for text in (said, caplog.text):
        assert "13800138000" not in text
        assert "secret" not in text.replace("secret-in-rich", "secret")
    assert "test_crash.py" in caplog.text
    assert "PlantedError" in caplog.text


async def test_a_fact_that_arrives_while_a_screen_is_taken_down_is_no_crash(counter_stage: Stage) -> None:
    """The program is closing, its screen is half gone, and the link changes."""
    await counter_stage.app.screen.remove_children()
    await counter_stage.go(OFFLINE)
    assert counter_stage.app.is_running


async def test_fact_that_comes_while_the_program_ends_is_nothing(stage: Stage) -> None:
    """The background tells to the last moment; no screen is left to show it on, and that is no error."""
    async with stage.run():
        await stage.sign_in("1023")
    assert stage.app.screen_stack == []
    stage.app.on_happened(Happened(LinkChanged(ONLINE)))
    stage.app.on_declined(Declined("redeem", RefusedError("no-shift")))
    stage.app.on_code_read(CodeRead("1"))

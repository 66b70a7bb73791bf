"""The app over a real journal and cache, without a network: what it shows is what the till says."""

from __future__ import annotations

import os

# Both change colours and with them what a test sees; textual reads them when it is imported.
os.environ.pop("NO_COLOR", None)
os.environ.pop("TEXTUAL_THEME", None)

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from terminal import i18n
from tests.terminal.stage import Stage, make_stage


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """Each test begins in English: its own words are those of the source."""
    yield
    i18n.use("en")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A till with members and products, nobody signed in, the network gone."""
    stage = make_stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
async def counter_stage(stage: Stage) -> AsyncIterator[Stage]:
    """The same with 王芳 signed in and the counter on the screen."""
    async with stage.run() as pilot:
        await stage.sign_in("1023")
        assert pilot.app.screen.__class__.__name__ == "CounterScreen"
        yield stage

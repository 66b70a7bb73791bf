"""The app without a terminal, 80×24, in the hands of a script (entry point `till.app`): the demo's headless day.

Keys arrive as raw events, as a terminal sends them, and not through Textual's pilot, which waits between them and so hides
what a burst of keys does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from textual.pilot import Pilot

from terminal.app import TillApp
from terminal.keyboard import typed_keys
from terminal.looks import Looks
from terminal.opened import Start

if TYPE_CHECKING:
    from till.app import Hands

_SIZE: Final = (80, 24)
_LOOK_S: Final = 0.02


class _PlayedHands:
    """A person at the counter (`till.app.Hands`)."""

    def __init__(self, app: TillApp, pilot: Pilot[Any]) -> None:
        self._app, self._pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Keys one after the other; each carries the time at which a person would have pressed it."""
        names = "".join(key if len(key) == 1 else f"{{{key}}}" for key in keys)
        for event in typed_keys(names, start_s=time.monotonic()):
            self._app.post_message(event)
        await self._pilot.pause()

    async def until(self, seen: Callable[[str], bool], what: str, timeout_s: float = 10) -> str:
        """Look at the screen until it is as `seen` wants it."""
        deadline = time.monotonic() + timeout_s
        while not seen(text := self.screen()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout_s} s for {what}; the screen says:\n{text}")
            await asyncio.sleep(_LOOK_S)
        return text

    def screen(self) -> str:
        """The rows as the terminal would get them."""
        return "\n".join(strip.text.rstrip() for strip in self._app.screen._compositor.render_strips())  # noqa: SLF001


def play(start: Start, settings: Looks, script: Callable[[Hands], Awaitable[None]]) -> None:
    """Run the app headless until the script ends. Raises what the script raises."""
    asyncio.run(_play(start, settings, script))


async def _play(start: Start, settings: Looks, script: Callable[[Hands], Awaitable[None]]) -> None:
    app = TillApp(start, settings)
    async with app.run_test(size=_SIZE, tooltips=False) as pilot:
        await script(_PlayedHands(app, pilot))

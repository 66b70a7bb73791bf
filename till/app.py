"""How the command line reaches the app without importing upwards.

`terminal` stands above this room and is found by its entry point (group `till.app`), so that the headless commands work where
textual is not installed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

from config.settings import Settings
from till.composition import Till

Start = Callable[[], AbstractContextManager[Till]]


@dataclass(frozen=True)
class DemoKey:
    """A key that exists in the demo only: what it is called and what it does, from a thread of its own."""

    key: str
    label_zh: str
    label_en: str
    press: Callable[[], None]


class App(Protocol):
    """What `terminal` offers. `start` opens the till and is called after the first paint, in a thread.

    `pair` takes an enrolment code and the till's name, for a folder that is no till yet. Returns the exit code.
    """

    def __call__(
        self,
        start: Start,
        settings: Settings,
        *,
        pair: Callable[[str, str], None],
        demo_keys: tuple[DemoKey, ...] = (),
    ) -> int: ...


def find_app() -> App | None:
    """The app, or None where only the headless part is installed."""
    for entry in entry_points(group="till.app", name="counter"):
        return cast("Any", entry.load())  # type: ignore[no-any-return]
    return None

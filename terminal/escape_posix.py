"""Esc at once, on POSIX: Textual's input thread looks every 100 ms whether an Esc stood alone, however short `ESCDELAY` is.

Here it looks again `ESCDELAY` after each byte that came, and every 100 ms when nothing did.
"""

from __future__ import annotations

import selectors

from textual.constants import ESCAPE_DELAY
from textual.drivers import linux_driver

_LATER_S = 0.001
"""So that the wait has surely passed when it is looked at."""


class _Selector(selectors.SelectSelector):
    """Waits shorter after something was read."""

    _has_read = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; nothing after `timeout` seconds."""
        if self._has_read and timeout is not None:
            timeout = min(timeout, ESCAPE_DELAY + _LATER_S)
        found = super().select(timeout)
        self._has_read = bool(found)
        return found


class _Selectors:
    """What `textual.drivers.linux_driver` uses of the module `selectors`."""

    SelectSelector = _Selector
    EVENT_READ = selectors.EVENT_READ


def hasten_escape() -> None:
    """For every app that is started in this process from now on."""
    vars(linux_driver)["selectors"] = _Selectors  # the one place where its waiting can be told

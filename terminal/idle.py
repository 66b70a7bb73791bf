"""How long nobody has touched the counter."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminal.app import TillApp

LOOK_S = 5.0
"""So often somebody looks whether it has been too long."""


class Idle:
    """`minutes` without a key or a scan are too long; 0: nothing ever is."""

    def __init__(self, minutes: int, now_s: Callable[[], float] = time.monotonic) -> None:
        self._limit_s, self._now_s = minutes * 60, now_s
        self._touched_s = now_s()

    def touched(self) -> None:
        """A key, or a scan."""
        self._touched_s = self._now_s()

    @property
    def is_over(self) -> bool:
        """Whether it has been too long."""
        return bool(self._limit_s) and self._now_s() - self._touched_s >= self._limit_s


def lock_if_idle(app: TillApp) -> None:
    """Nobody has touched the counter for as long as the settings allow: whoever comes next types his PIN."""
    work = app.work
    if work is not None and work.session is not None and not work.is_redeeming and app.idle.is_over:
        app.lock()

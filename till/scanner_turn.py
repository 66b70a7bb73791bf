"""Whose turn the scanner is where a cash register hangs on it: the counter's, or of `till devices pass`, which gives way.

A lock says who has it, so that a crash leaves nobody in its way; a young file says that the counter wants it.
"""

from __future__ import annotations

import time
from pathlib import Path

from filelock import FileLock, Timeout

LOCK_FILE = "scanner.lock"
WANTED_FILE = "scanner.wanted"
PATIENCE_S = 3.0
_YOUNG_S = 10.0
"""A counter that crashed while it waited must not keep the register without scans."""


class ScannerTurn:
    """Of one till's folder. Take and give back may come from different threads."""

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / LOCK_FILE, thread_local=False)
        self._wanted = folder / WANTED_FILE

    def demand(self, patience_s: float = PATIENCE_S) -> bool:
        """The counter opens: whoever has the scanner is asked to let go. False where that did not happen in time."""
        self._wanted.touch()
        try:
            self._lock.acquire(timeout=patience_s)
        except Timeout:
            return False
        finally:
            self._wanted.unlink(missing_ok=True)
        return True

    def take(self) -> bool:
        """Take it while nobody has it, and the counter does not want it."""
        if self.is_wanted:
            return False
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    @property
    def is_wanted(self) -> bool:
        """Whether a counter waits."""
        try:
            return time.time() - self._wanted.stat().st_mtime < _YOUNG_S
        except FileNotFoundError:
            return False

    def give_back(self) -> None:
        """Let go, where it is held."""
        if self._lock.is_locked:
            self._lock.release()

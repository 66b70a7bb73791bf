"""Who may write next: a counter that waits for a verdict goes before a till that empties its journal.

SQLite has one writer, and its own queue is a lottery (whoever polls at the right moment); on PostgreSQL two batches lock most
of each other's buckets, and a counter would wait behind both.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

BUSY_FOR_S = 2.0
"""So long after a counter's call batches stay small: the next call would come while 1,000 entries are being booked.

With small batches only while somebody waits, p99 of a call was three times as long (50 tills that push, SQLite).
"""


class WriterGate:
    """Lets one pass at a time, the urgent first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_taken = False
        self._urgent_waiting = 0
        self._urgent_at = -BUSY_FOR_S

    @property
    def is_urgent(self) -> bool:
        """Whether a counter asks now or did a moment ago: batches are cut smaller then."""
        return time.monotonic() < self._urgent_at + BUSY_FOR_S

    def ask(self) -> None:
        """A counter asks for something."""
        self._urgent_at = time.monotonic()

    @contextmanager
    def passing(self, *, urgent: bool) -> Iterator[None]:
        """Held until the end of the block."""
        with self._changed:
            if urgent:
                self.ask()
                self._urgent_waiting += 1
                self._changed.wait_for(lambda: not self._is_taken)
                self._urgent_waiting -= 1
            else:
                self._changed.wait_for(lambda: not (self._is_taken or self._urgent_waiting))
            self._is_taken = True
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()

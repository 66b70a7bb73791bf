"""Who may write next: a counter that waits for a verdict goes before a till that empties its journal.

SQLite has one writer, and its own queue is a lottery (whoever polls at the right moment); on PostgreSQL two batches lock most
of each other's buckets, and a counter would wait behind both.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class WriterGate:
    """Lets one pass at a time, the urgent first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_taken = False
        self._urgent_waiting = 0

    @property
    def urgent_waiting(self) -> int:
        """How many counters wait now: batches are cut smaller then."""
        return self._urgent_waiting

    @contextmanager
    def passing(self, *, urgent: bool) -> Iterator[None]:
        """Held until the end of the block."""
        with self._changed:
            if urgent:
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

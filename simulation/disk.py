"""What a till's disk does to the journal: it is full for a while, or a write fails, before it was done or after.

SQLite's own words are said at the border of the product, in the middle of a transaction that writes. That a commit which failed
may have reached the disk is played too. What becomes of half-written sectors is the matter of `tests/disk`.
"""

from __future__ import annotations

import sqlite3
from typing import Any

_FULL = sqlite3.SQLITE_FULL
_FAILED = sqlite3.SQLITE_IOERR_WRITE


class Disk:
    """Of one journal's writer, until the till is started again."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._left = 0
        self._code = 0
        self._has_failed = False
        self._is_done_first = self._was_writing = False

    @property
    def is_sound(self) -> bool:
        """Whether nothing is planned for it, and nothing has failed: then only a new start helps."""
        return not (self._code or self._has_failed)

    def fill(self, statements: int) -> None:
        """From its so-manieth writing statement on there is no room."""
        self._left, self._code, self._is_done_first = statements, _FULL, False

    def fail(self, statements: int, *, is_done_first: bool) -> None:
        """An I/O error at the so-manieth writing statement; `is_done_first`: at a commit, which is done all the same."""
        self._left, self._code, self._is_done_first = statements, _FAILED, is_done_first

    def meet(self, event: str, called: Any) -> None:
        """A statement begins (`c_call`) or has ended (`c_return`). Raises what SQLite raises."""
        if not self._code or called.__self__ is not self._connection:
            return
        is_writing = self._connection.in_transaction
        if event == "c_call":
            self._was_writing = is_writing
            self._left -= is_writing
            if is_writing and self._left <= 0 and not self._is_done_first:
                raise self._error()
        elif self._is_done_first and self._left <= 0 and self._was_writing and not is_writing:
            raise self._error()

    def _error(self) -> sqlite3.OperationalError:
        is_full = self._code == _FULL
        error = sqlite3.OperationalError("database or disk is full" if is_full else "disk I/O error")
        error.sqlite_errorcode = self._code
        if not is_full:
            self._code, self._has_failed = 0, True
        return error

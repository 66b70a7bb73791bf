"""`devices.db`: how each scan went, and what was counted of each device, month by month.

Beside the journal and worth less: written behind the counter by a thread of its own, never waited for, never fsynced for one
row, deleted without harm. A disk that is full costs rows here and nothing else.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from local_db.connections import open_reading, open_writing, transaction
from local_db.errors import LocalDbError

FILE: Final = "devices.db"
SCHEMA: Final = "devices"
MOST_SCANS: Final = 100_000
"""About two months of a busy till; 20 MB."""

MONTHS: Final = 36
_WAIT_S: Final = 0.5
"""So long rows are gathered for one transaction."""

_log = logging.getLogger(__name__)


class ScanRow(NamedTuple):
    """One scan. `shown`: as much of the code as may be kept; `code`: why it was refused; `seq`: its entry, 0 for none.

    `answer_us`: from the last byte to what the counter made of it; 0 where nobody knows.
    """

    number: int
    at: int
    device: str
    size: int
    symbology: str
    kind: str
    shown: str
    screen: str
    code: str
    answer_us: int
    seq: int = 0


class Counted(NamedTuple):
    """How often something happened with a device in a month (YYYY-MM)."""

    device: str
    month: str
    what: str
    times: int


class _Sold(NamedTuple):
    """These scans led to that entry."""

    numbers: tuple[int, ...]
    seq: int


_Work = ScanRow | _Sold | Counted


class DeviceLog:
    """The writer. `start` never raises: without the file the till works all the same."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._work: queue.SimpleQueue[_Work | threading.Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._number = 0
        self._numbering = threading.Lock()

    def start(self) -> None:
        """Go on behind the last number."""
        try:
            connection = self._open()
        except (sqlite3.Error, LocalDbError, OSError) as error:
            _log.warning("%s is not written: %s", FILE, error)
            return
        self._thread = threading.Thread(target=self._run, args=(connection,), name="device-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join(5)
            self._thread = None

    def next_number(self) -> int:
        """The id of the next scan."""
        with self._numbering:
            self._number += 1
            return self._number

    def put(self, row: ScanRow) -> None:
        """A scan was judged. Returns at once."""
        self._put(row)

    def sold(self, numbers: tuple[int, ...], seq: int) -> None:
        """These scans led to the entry `seq`."""
        self._put(_Sold(numbers, seq))

    def count(self, device: str, month: str, what: str) -> None:
        """Something happened once more."""
        self._put(Counted(device, month, what, 1))

    def flush(self, timeout_s: float = 2.0) -> None:
        """Wait until all that was put is written; for who wants to read it."""
        if self._thread is not None:
            written = threading.Event()
            self._work.put(written)
            written.wait(timeout_s)

    def _put(self, work: _Work) -> None:
        if self._thread is not None:
            self._work.put(work)

    def _open(self) -> sqlite3.Connection:
        try:
            connection = open_writing(self._path, "NORMAL", SCHEMA)
            found = connection.execute("SELECT max(number) FROM scan").fetchone()
        except sqlite3.DatabaseError:
            # Damaged: nothing stands on it.
            for end in ("", "-wal", "-shm"):
                self._path.with_name(FILE + end).unlink(missing_ok=True)
            connection = open_writing(self._path, "NORMAL", SCHEMA)
            found = (0,)
        self._number = int(found[0] or 0)
        return connection

    def _run(self, connection: sqlite3.Connection) -> None:
        is_ending = False
        while not is_ending:
            batch, waiting, is_ending = self._gather()
            try:
                with transaction(connection):
                    _write(connection, batch)
            except sqlite3.Error as error:
                _log.warning("%s: %s", FILE, error)
            for written in waiting:
                written.set()
        with suppress(sqlite3.Error):
            connection.close()

    def _gather(self) -> tuple[list[_Work], list[threading.Event], bool]:
        """What comes within a moment of the first, or up to who wants to read."""
        batch: list[_Work] = []
        item = self._work.get()
        while item is not None and not isinstance(item, threading.Event):
            batch.append(item)
            try:
                item = self._work.get(timeout=_WAIT_S)
            except queue.Empty:
                return batch, [], False
        return batch, [] if item is None else [item], item is None


def _write(connection: sqlite3.Connection, batch: list[_Work]) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    for work in batch:
        match work:
            case ScanRow():
                connection.execute(f"INSERT OR REPLACE INTO scan VALUES ({', '.join('?' * len(work))})", work)
            case _Sold(numbers, seq):
                connection.executemany("UPDATE scan SET seq = ? WHERE number = ?", [(seq, one) for one in numbers])
            case Counted(device, month, what, times):
                counted[device, month, what] += times
    for key, count in counted.items():
        connection.execute(
            "INSERT INTO counted VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            (*key, count),
        )
    if batch:
        connection.execute("DELETE FROM scan WHERE number <= (SELECT max(number) FROM scan) - ?", (MOST_SCANS,))
        connection.execute(
            "DELETE FROM counted WHERE month <= (SELECT strftime('%Y-%m', max(month) || '-01', ?) FROM counted)",
            (f"-{MONTHS} months",),
        )


class DeviceLogReader:
    """For everybody: while the till is at work too. Where there is no file, or none that can be read, nothing was counted."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def scans(self, limit: int, before: int = 0) -> list[ScanRow]:
        """The newest first; `before`: only those with a smaller number."""
        bound = before or (1 << 62)
        rows = self._all("SELECT * FROM scan WHERE number < ? ORDER BY number DESC LIMIT ?", bound, limit)
        return [ScanRow(*row) for row in rows]

    def scan(self, number: int) -> ScanRow | None:
        """One of them."""
        found = self._all("SELECT * FROM scan WHERE number = ?", number)
        return ScanRow(*found[0]) if found else None

    def counted(self) -> list[Counted]:
        """All, the newest month first."""
        rows = self._all("SELECT device, month, what, count FROM counted ORDER BY month DESC, device, what")
        return [Counted(*row) for row in rows]

    def _all(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        try:
            connection = open_reading(self._path)
        except sqlite3.Error:
            return []
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.Error:
            return []
        finally:
            connection.close()

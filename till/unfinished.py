"""The sale on the screen, kept beside the journal: the end of the program, whichever, does not lose it.

Each change is written at once and not fsynced: it survives the program (a crash, `kill -9`), and costs a key no wait for
the disk. A thread fsyncs a second later, so that a power cut costs the last second at most. Two files are written in turn,
each with a checksum: a write that was cut short loses that one change. The journal says whether the sale was booked after
all: it then has a sale that is newer than where it stood when this one began.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from pathlib import Path

import msgspec

from points import PointsError
from protocol import canonical
from protocol.canonical import Count, Model
from till.desk import Desk
from till.draft import SaleDraft
from till.holding import HeldSale, draft_of, put_aside, sale_of

FILES = ("basket-0", "basket-1")
FSYNC_AFTER_S = 1.0
_DIGEST_BYTES = 32

_log = logging.getLogger(__name__)


class Kept(Model, kw_only=True):
    """What one file of `terminal` holds. `number` rises with each write; `seq`: of the journal's newest entry when the sale
    began."""

    terminal: str
    number: Count
    seq: Count
    sale: HeldSale | None = None


class Unfinished:
    """The sale that the screen shows, and the one that an earlier run of the program left.

    `keep` and `left` are for one thread, the screen's. What the disk refuses is logged, and never stops a sale.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._number, self._seq = 0, 0
        self._now: HeldSale | None = None
        self._left: HeldSale | None = None
        self._has_looked = False
        self._fsync: threading.Timer | None = None

    @property
    def left(self) -> HeldSale | None:
        """The sale that was on the screen when the program ended, until it is gone on with or put aside."""
        if not self._has_looked:
            self._look()
        return self._left

    def go_on(self, sale: HeldSale) -> SaleDraft:
        """The draft of `left`, for the screen. Raises `RefusedError("cache-rebuilding")`: then it is still there."""
        draft = draft_of(self._desk, sale)
        self._left = None
        return draft

    def put_aside(self, shift: str, sale: HeldSale) -> None:
        """F6 lists `left` from now on. Raises what `till.holding.hold` raises: then it is still there."""
        put_aside(self._desk, shift, sale)
        self._left = None
        self._write(None)

    def keep(self, shift: str, draft: SaleDraft, typed: str) -> None:
        """What is on the screen now, the amount as `typed`. Nothing is written where nothing has changed, or `left` waits."""
        if self.left is not None:
            return
        if draft.is_empty and not typed:
            if self._now is not None:
                self._write(None)
            return
        began = self._now.at if self._now else self._desk.clock.now_us()
        sale = sale_of(draft, typed, began, shift)
        if sale != self._now:
            self._write(sale)

    def _write(self, sale: HeldSale | None) -> None:
        if self._now is None:
            self._seq = self._desk.journal.last_seq()
        self._now, self._number = sale, self._number + 1
        body = canonical.encode(Kept(terminal=self._desk.terminal, number=self._number, seq=self._seq, sale=sale))
        path = self._desk.folder / FILES[self._number % len(FILES)]
        try:
            with path.open("r+b" if path.exists() else "wb", buffering=0) as file:
                file.write(hashlib.sha256(body).digest() + body)
                file.truncate()
        except OSError as error:
            _log.warning("the sale on the screen is not kept: %s", error)
            return
        if self._fsync is None or not self._fsync.is_alive():
            self._fsync = threading.Timer(FSYNC_AFTER_S, _to_disk, (self._desk.folder,))
            self._fsync.daemon = True
            self._fsync.start()

    def _look(self) -> None:
        self._has_looked = True
        found = [kept for name in FILES if (kept := _read(self._desk.folder / name))]
        own = [kept for kept in found if kept.terminal == self._desk.terminal]  # a folder can become another till's
        newest = max(own, key=lambda kept: kept.number, default=None)
        if newest is None:
            return
        self._number = newest.number
        if newest.sale is None:
            return
        if any(row.seq > newest.seq for row in self._desk.journal.of_type("sale", 1)):
            self._write(None)
        else:
            self._left = newest.sale


def _read(path: Path) -> Kept | None:
    """None for a file that is not there, was cut short or changed."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    body = raw[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != raw[:_DIGEST_BYTES]:
        return None
    try:
        return canonical.decode(body, Kept)
    except (msgspec.MsgspecError, PointsError, ValueError):
        return None


def _to_disk(folder: Path) -> None:
    for name in FILES:
        try:
            with (folder / name).open("r+b") as file:
                os.fsync(file.fileno())
        except OSError:
            continue  # not written yet, or the disk is failing: the journal says so

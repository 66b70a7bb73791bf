"""A snapshot as it arrives: a head, a row a line, an end with count and digest, and the ledger's signature over that end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from protocol.errors import SignatureError
from protocol.feed import MemberRow, SnapshotEnd, SnapshotHead
from protocol.signing import KeyRing, Signed
from sync.errors import NotTheLedgerError
from sync.packing import lines, unpacked_pieces

PURPOSE = "snapshot"

LOAD_ROWS = 10_000
"""Rows that go into a file at once. Ten times a page of changes: nobody reads that file yet, so nobody waits."""

Page = SnapshotHead | list[MemberRow]
"""The head first, then rows, at most `LOAD_ROWS` together."""

_head = msgspec.json.Decoder(SnapshotHead)
_row = msgspec.json.Decoder(MemberRow)
_end = msgspec.json.Decoder(SnapshotEnd)
_seal = msgspec.json.Decoder(Signed)


def read_snapshot(pieces: Iterable[bytes], encoding: str, ring: KeyRing) -> Iterator[Page]:
    """Pages as they come.

    Raises `NotTheLedgerError` at the latest at the end, when a line is missing, was changed, or nobody signed it.
    """
    reader = _Reader()
    for batch in lines(unpacked_pieces(pieces, encoding)):
        for line in batch:
            if (head := reader.take(line)) is not None:
                yield head
            if len(reader.rows) == LOAD_ROWS:
                yield reader.flush()
    if reader.rows:
        yield reader.flush()
    reader.check(ring)


class _Reader:
    """Where in the stream we are. Rows are decoded two lines late: the last two lines are not rows."""

    def __init__(self) -> None:
        self.rows: list[MemberRow] = []
        self._hash = hashlib.sha256()
        self._count = 0
        self._has_head = False
        self._ahead: list[bytes] = []

    def take(self, line: bytes) -> SnapshotHead | None:
        """The next line; the head when this was it."""
        self._ahead.append(line)
        if len(self._ahead) < 3:
            return None
        line = self._ahead.pop(0)
        self._hash.update(line + b"\n")
        try:
            if self._has_head:
                self.rows.append(_row.decode(line))
                self._count += 1
                return None
            self._has_head = True
            return _head.decode(line)
        except msgspec.MsgspecError as error:
            raise NotTheLedgerError("not-the-ledger", f"a snapshot with a line that is none: {error}") from None

    def flush(self) -> list[MemberRow]:
        """The rows so far."""
        page, self.rows = self.rows, []
        return page

    def check(self, ring: KeyRing) -> None:
        """Raises `NotTheLedgerError` unless all came, unchanged, and the ledger says so."""
        try:
            stated, seal = self._ahead
            end = _end.decode(stated)
            signed = ring.open(_seal.decode(seal), PURPOSE, SnapshotEnd)
        except (ValueError, msgspec.MsgspecError, SignatureError) as error:
            raise NotTheLedgerError("not-the-ledger", f"a snapshot without its end: {error}") from None
        if not (end == signed and end.rows == self._count and end.digest == self._hash.hexdigest()):
            raise NotTheLedgerError("not-the-ledger", "a snapshot that does not add up")

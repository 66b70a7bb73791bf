"""A snapshot as it arrives: a row a line, and after each part a signed line with its buckets, its count and its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

import msgspec

from protocol.errors import SignatureError
from protocol.feed import MemberRow, SnapshotPart
from protocol.ids import BUCKETS
from protocol.signing import KeyRing, Signed
from sync.errors import NotTheLedgerError
from sync.packing import lines, unpacked_pieces

PURPOSE = "snapshot"

LOAD_ROWS = 10_000
"""Rows that go into a file at once. Ten times a page of changes: nobody reads that file yet, so nobody waits."""

Page = list[MemberRow] | SnapshotPart
"""Rows, at most `LOAD_ROWS` together, and the end of their part: before it came nobody has signed them."""

Keep = Callable[[bytes, SnapshotPart | None], None]
"""Gets the lines as they came, and the part once they are its last."""

_SEAL = b'{"body":'
"""How a signed value begins, and no row: keys are sorted, and a row has none before `balances`."""

_row = msgspec.json.Decoder(MemberRow)
_seal = msgspec.json.Decoder(Signed)


def read_snapshot(
    pieces: Iterable[bytes], encoding: str, ring: KeyRing, first: int = 0, keep: Keep = lambda _lines, _part: None
) -> Iterator[Page]:
    """Pages as they come, from the bucket `first` to the last one.

    Raises `NotTheLedgerError` where a part has a line less or another one, where nobody signed it, or the last part is missing.
    """
    end = first
    for page in read_parts(pieces, encoding, ring, first, keep):
        if isinstance(page, SnapshotPart):
            end = page.end
        yield page
    if end != BUCKETS:
        raise NotTheLedgerError("not-the-ledger", "a snapshot without its end")


def read_parts(pieces: Iterable[bytes], encoding: str, ring: KeyRing, first: int, keep: Keep) -> Iterator[Page]:
    """As many whole parts as there are, from the bucket `first` on. Raises `NotTheLedgerError`."""
    reader = _Reader(ring, first)
    for batch in lines(unpacked_pieces(pieces, encoding)):
        for line in batch:
            part = reader.take(line)
            if part is None and len(reader.rows) < LOAD_ROWS:
                continue
            rows = reader.rows
            keep(reader.flush(), part)
            if rows:
                yield rows
            if part is not None:
                yield part


class _Reader:
    """Where in the stream we are."""

    def __init__(self, ring: KeyRing, first: int) -> None:
        self.rows: list[MemberRow] = []
        self._ring, self._first = ring, first
        self._hash, self._count = hashlib.sha256(), 0
        self._lines: list[bytes] = []

    def take(self, line: bytes) -> SnapshotPart | None:
        """The next line; the part that it ends, checked."""
        self._lines.append(line)
        try:
            if line.startswith(_SEAL):
                return self._checked(self._ring.open(_seal.decode(line), PURPOSE, SnapshotPart))
            self.rows.append(_row.decode(line))
        except (ValueError, msgspec.MsgspecError, SignatureError) as error:
            raise NotTheLedgerError("not-the-ledger", f"a snapshot with a line that is none: {error}") from None
        self._hash.update(line + b"\n")
        self._count += 1
        return None

    def flush(self) -> bytes:
        """The lines so far, as they came."""
        held = b"".join(line + b"\n" for line in self._lines)
        self.rows, self._lines = [], []
        return held

    def _checked(self, part: SnapshotPart) -> SnapshotPart:
        stated, found = (part.first, part.rows, part.digest), (self._first, self._count, self._hash.hexdigest())
        if stated != found or part.end > BUCKETS:
            raise NotTheLedgerError("not-the-ledger", "a snapshot that does not add up")
        self._first, self._hash, self._count = part.end, hashlib.sha256(), 0
        return part

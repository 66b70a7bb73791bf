"""A snapshot as it travels: the lines of the books, and behind each part of them a line in which the ledger signs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ledger.database import Database
from ledger.feed import snapshot
from ledger.keys import Keys
from ledger.visits import Scope
from protocol import canonical
from protocol.signing import sign

PURPOSE = "snapshot"


def sealed_snapshot(
    database: Database, keys: Keys, clock: Callable[[], int], scope: Scope, first: int
) -> Iterator[bytes]:
    """The lines of `snapshot`; each `SnapshotPart` as `Signed` for the purpose `snapshot`, and an empty line to send it now.

    A stream has no digest before it ends, so the signature over the answer's head cannot cover it. An old part that
    somebody plays again is only old: the changes after it are signed for the very request.
    """
    for piece in snapshot(database, clock, scope, first):
        if isinstance(piece, bytes):
            yield piece
        else:
            yield canonical.encode(sign(PURPOSE, piece, keys.current(piece.at).private)) + b"\n"
            yield b""

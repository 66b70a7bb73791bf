"""A snapshot as it travels: the lines of the books, and a last one in which the ledger signs their digest."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.database import Database
from ledger.feed import snapshot
from ledger.visits import Scope
from protocol import canonical
from protocol.feed import SnapshotEnd
from protocol.signing import sign

PURPOSE = "snapshot"


def sealed_snapshot(database: Database, scope: Scope, key: Ed25519PrivateKey) -> Iterator[bytes]:
    """The lines of `snapshot`, then its `SnapshotEnd` again as `Signed` for the purpose `snapshot`.

    A stream has no digest before it ends, so the signature over the answer's head cannot cover it. An old snapshot that
    somebody plays again is only old: the changes after it are signed for the very request.
    """
    last = b""
    for line in snapshot(database, scope):
        last = line
        yield line
    end = msgspec.json.decode(last, type=SnapshotEnd)
    yield canonical.encode(sign(PURPOSE, end, key)) + b"\n"

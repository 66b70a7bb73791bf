"""What a stick carries beside the program: everything the ledger would tell a new till of a store, signed, and its codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import zstandard

from ledger.bundles import BundleWriter
from ledger.database import Database
from ledger.documents import documents_after
from ledger.enrolment import invite
from ledger.keys import DAY_US, Keys
from ledger.problems import BundleProblemError
from ledger.snapshots import sealed_snapshot
from ledger.visits import scope_of
from protocol import canonical
from protocol.bundles import DOCUMENTS, SNAPSHOT, TEMPLATE, TILLS, InvitedTill, InvitedTills
from protocol.feed import SnapshotPart
from protocol.signing import Signed


def put_store(writer: BundleWriter, database: Database, keys: Keys, store: str, clock: Callable[[], int]) -> None:
    """Documents (programme, products, staff) and members, as they are now. Raises `NotKnownError`."""
    with database.read() as connection:
        scope = scope_of(connection, store, clock())
        documents = documents_after(connection, keys, store, 0)
    writer.put(DOCUMENTS, canonical.encode(documents))
    for first, lines in _parts(sealed_snapshot(database, keys, clock, scope, 0)):
        writer.put(f"{SNAPSHOT}/snapshot-{first:04d}.part", zstandard.ZstdCompressor(level=3).compress(lines))


def put_tills(
    writer: BundleWriter, database: Database, keys: Keys, store: str, url: str, names: tuple[str, ...], days: int,
    now_us: int,
) -> None:  # fmt: skip
    """A one-time code for each till. Raises `NotKnownError`, and `BundleProblemError` for two tills of one name."""
    if len(set(names)) < len(names):
        raise BundleProblemError("two tills of a stick have the same name")
    with database.write() as connection:
        tills = tuple(
            InvitedTill(name=name, invitation=str(invite(connection, keys, store, url, now_us, days * DAY_US)))
            for name in names
        )
    writer.put(TILLS, canonical.encode(InvitedTills(tills=tills)))


def put_beside(writer: BundleWriter, template: Path | None, python: Path | None) -> None:
    """The store's template, and Python's installer for machines that have none."""
    if template is not None:
        writer.put(TEMPLATE, template)
    if python is not None:
        writer.put(f"python/{python.name}", python)


def _parts(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """First bucket and lines of each part: the last line of a part is its seal, and an empty piece follows."""
    lines = bytearray()
    seal = b""
    for piece in pieces:
        if piece:
            lines += piece
            seal = piece
            continue
        body = msgspec.json.decode(seal, type=Signed).body
        yield msgspec.json.decode(body, type=SnapshotPart).first, bytes(lines)
        lines.clear()

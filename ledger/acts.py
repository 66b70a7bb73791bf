"""What was done at the console: append-only, each act hashed over the one before it: none is changed or left out unseen.

A log of its own beside that of entries (`ledger.log`): tills witness that one, and nothing of this one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.documents import take_lock
from ledger.schema_console import Act
from protocol import canonical
from protocol.canonical import Count, Micros, Model

BEGINNING = b"till-ledger acts"


class Deed(Model, kw_only=True):
    """An act as it is hashed."""

    number: Count
    at: Micros
    by: str
    what: str
    facts: dict[str, str | int]


class Told(NamedTuple):
    """An act with the hash of all up to it."""

    deed: Deed
    hash: str


def record(connection: Connection, by: str, what: str, now_us: int, **facts: str | int) -> None:
    """In the transaction that does it. `by`: an operator; empty for the ledger itself, and where books have no operators."""
    take_lock(connection)
    last = rows.fetch(connection, "SELECT number, hash FROM act ORDER BY number DESC LIMIT 1")
    number, before = (last[0][0], bytes(last[0][1])) if last else (0, BEGINNING)
    deed = Deed(number=number + 1, at=now_us, by=by, what=what, facts=facts)
    text = canonical.encode(facts).decode()
    rows.insert(connection, Act, [(deed.number, now_us, by, what, text, _link(before, deed))])


def acts(connection: Connection, what: str = "") -> Iterator[Told]:
    """All of them, rising; or all of one sort."""
    columns = "SELECT number, done_at, done_by, what, facts, hash FROM act"
    found = (
        rows.fetch(connection, f"{columns} WHERE what = ? ORDER BY number", what) if what
        else rows.fetch(connection, f"{columns} ORDER BY number")
    )  # fmt: skip
    for number, at, by, what, facts, hash_ in found:
        deed = Deed(number=number, at=at, by=by, what=what, facts=msgspec.json.decode(facts))
        yield Told(deed, bytes(hash_).hex())


def verify_acts(connection: Connection) -> Iterator[str]:
    """A sentence for the first act that does not follow from the one before it."""
    before = BEGINNING
    for place, (deed, hash_) in enumerate(acts(connection), start=1):
        before = _link(before, deed)
        if deed.number != place or before.hex() != hash_:
            yield f"act {deed.number} ({deed.what}) is not what was recorded, or one before it is missing"
            return


def _link(before: bytes, deed: Deed) -> bytes:
    return hashlib.sha256(before + canonical.encode(deed)).digest()

"""A till's folder for the tests: a real journal, enrolled with a real ledger, and entries to put into it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CacheReader
from local_db.journal import Draft, Journal, Row
from protocol.entries import (
    Authority,
    Award,
    Clock,
    Entry,
    MemberEntry,
    Redemption,
    Returned,
    Sale,
    decode_entry,
    encode_entry,
)
from protocol.feed import MemberRow
from protocol.ids import bucket_of, new_id
from sync.client import LedgerClient
from sync.enrolment import enrol
from sync.identity import Identity, load_identity, load_key
from tests.sync.books import KIND, STORE, Books

PROGRAMME, DAY = "qingsui-market", "2026-11-21"


class Till:
    """What a counter does to its journal, without the counter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal.open(folder)
        identity = load_identity(self.journal)
        assert identity is not None
        self.identity: Identity = identity
        self.key: Ed25519PrivateKey = load_key(folder)

    def sale(
        self, member: str, award: int = 0, redeem: int = 0, reservation: UUID | None = None, version: int = 1,
        day: str = DAY, draws_on: UUID | None = None, authority: Authority | None = None,
    ) -> Row:  # fmt: skip
        """Append a sale that gives and takes points of the one kind, on the floor, its own reservation, or an allowance."""
        own: dict[str, Any] = {"id": reservation} if reservation else {}
        own["business_day"] = day
        awards = (Award(kind=KIND, points=award),) if award else ()
        taken = Redemption(
            reward="r",
            kind=KIND,
            points=max(redeem, 1),
            off_bill_fen=1,
            authority=authority or ("online" if reservation else "floor"),
            proof="static",
            reservation=draws_on,
        )
        return self.append(
            Sale(
                **header(member) | own, member=member, gross_fen=10_000, due_fen=10_000, programme=PROGRAMME,
                programme_version=version, engine=1, awards=awards, redemptions=(taken,) if redeem else (),
            )
        )  # fmt: skip

    def returned(self, member: str, reservation: UUID) -> Row:
        """Append that a reservation is given back."""
        return self.append(Returned(**header(member), member=member, reservation=reservation))

    def append(self, entry: Entry) -> Row:
        """Append any entry."""
        member = entry.member if isinstance(entry, MemberEntry) else ""
        kind = str(entry.__struct_config__.tag)
        draft = Draft(entry.id, kind, member, entry.shift, entry.occurred_at, encode_entry(entry))
        return self.journal.append(draft, self.identity.terminal, self.identity.genesis(), self.key.sign)

    def client(self, transport: httpx.BaseTransport) -> LedgerClient:
        """A client of this till."""
        return LedgerClient(self.identity, self.key, transport=transport)

    def cache(self) -> CacheReader:
        """The cache that the journal names."""
        name = self.journal.fact("cache")
        assert name
        return CacheReader.open(self.folder / name)


def points_of(row: Row) -> int:
    """What an entry does to its member's points."""
    entry = decode_entry(row.payload)
    if not isinstance(entry, Sale):
        return 0
    return sum(a.points for a in entry.awards) - sum(r.points for r in entry.redemptions)


def shown(cache: CacheReader, journal: Journal, member: str) -> int | None:
    """The balance as a counter shows it (promise 4): the row first, the journal second. None for nobody."""
    found = cache.cached_member(member)
    if found is None:
        return None
    return available(found.row) + sum(
        map(points_of, journal.not_counted(member, found.row.position, found.row.epoch))
    )


def available(row: MemberRow) -> int:
    """Of the one kind."""
    return row.balances[KIND].available if KIND in row.balances else 0


@contextmanager
def enrolled(books: Books, folder: Path, transport: httpx.BaseTransport | None, url: str = "") -> Iterator[Till]:
    """A new till of the store, its journal open."""
    invitation = books.invite(url) if url else books.invite()
    enrol(invitation, folder, "02号机", transport=transport)
    till = Till(folder)
    try:
        yield till
    finally:
        till.journal.close()


def header(holder: str) -> dict[str, Any]:
    """What every entry says, of this moment."""
    now = time.time_ns() // 1_000
    return {
        "id": new_id(now // 1_000, bucket_of(holder), secrets.randbits(64)), "store": STORE, "occurred_at": now,
        "business_day": DAY, "clock": Clock(wall=now, boot="b", mono_us=now),
    }  # fmt: skip

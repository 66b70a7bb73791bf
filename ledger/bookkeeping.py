"""Booking what was received: one transaction for as many entries as it is given, set-wise.

Lock order: the terminal's row, then buckets in rising order, then references in rising order. What is not booked
yet is known by `terminal.booked_seq`, so every step can be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.accounts import Booking
from ledger.booking import Facts, Refusal, book
from ledger.database import Database
from ledger.receiving import Till, find_till
from ledger.references import References
from ledger.screening import Screened, screen
from ledger.shelf import Booked, Shelf, load, original_of
from ledger.terms import Terms
from protocol import canonical
from protocol.entries import Entry, MemberEntry, Returned, Sale, Void
from protocol.ids import bucket_in
from protocol.push import Outcome


class Waiting(NamedTuple):
    """An entry that was received and has no outcome yet."""

    seq: int
    received_at: int
    screened: Screened


def book_received(connection: Connection, database: Database, terminal: str, limit: int) -> bool:
    """Book the next `limit` entries of a terminal; whether more are waiting."""
    till = find_till(connection, terminal, lock=True)
    if till.booked_seq == till.head_seq:
        return False
    database.terms = terms = database.terms.refreshed(connection)
    waiting = _waiting(connection, till, terms, limit)
    outcomes = Bookkeeper(connection, till, waiting).book_all()
    values = [(terminal, outcome.seq, outcome.status, canonical.encode(outcome)) for outcome in outcomes]
    rows.insert(connection, schema.EntryOutcome, values)
    is_more = len(waiting) == limit
    booked_seq = waiting[-1].seq if is_more else till.head_seq
    rows.execute(connection, "UPDATE terminal SET booked_seq = ? WHERE terminal = ?", booked_seq, terminal)
    return is_more


def _waiting(connection: Connection, till: Till, terms: Terms, limit: int) -> list[Waiting]:
    found = rows.fetch(
        connection,
        "SELECT r.seq, r.received_at, r.payload, r.payload_hash FROM received r"
        " LEFT JOIN outcome o ON o.terminal = r.terminal AND o.seq = r.seq"
        " WHERE r.terminal = ? AND r.seq > ? AND o.seq IS NULL ORDER BY r.seq LIMIT ?",
        till.terminal,
        till.booked_seq,
        limit,
    )
    return [
        Waiting(seq, received_at, _damaged() if stated else screen(payload, till.terminal, till.store, terms))
        for seq, received_at, payload, stated in found
    ]


def _damaged() -> Screened:
    return Screened(None, Refusal("damaged", "the payload no longer fits the hash in the terminal's journal"))


class Bookkeeper:
    """Books the entries of one terminal in their order."""

    def __init__(self, connection: Connection, till: Till, waiting: Sequence[Waiting]) -> None:
        self._connection = connection
        self._till = till
        self._waiting = waiting
        entries = [one.screened.entry for one in waiting if isinstance(one.screened.entry, MemberEntry)]
        self._shelf: Shelf = load(connection, entries)
        claims = [(entry.reference, one.seq) for one in waiting if isinstance(entry := one.screened.entry, Sale)]
        freed = [booked.original.reference for booked in self._shelf.entries.values()]
        self._references = References(connection, till, claims, freed)

    def book_all(self) -> list[Outcome]:
        """An outcome for each, and everything written."""
        outcomes = [self._outcome(one) for one in self._waiting]
        self._shelf.store(self._connection)
        self._references.store(self._connection)
        return outcomes

    def _outcome(self, one: Waiting) -> Outcome:
        entry, refusal, identity = one.screened
        if refusal is not None:
            return _quarantined(one.seq, identity, refusal)
        if not isinstance(entry, MemberEntry):
            return Outcome(seq=one.seq, id=identity, status="recorded")
        return self._book(one, entry)

    def _book(self, one: Waiting, entry: MemberEntry) -> Outcome:
        bucket, shelf = bucket_in(entry.id), self._shelf
        if known := shelf.entries.get((bucket, entry.id.bytes)):
            return self._known(one, entry.id, known)
        if (bucket, entry.member) not in shelf.accounts:
            return _quarantined(one.seq, entry.id, Refusal("unknown-member", "nobody has this number"))
        if isinstance(entry, Sale) and not self._references.is_free(entry.reference, one.seq):
            return _quarantined(one.seq, entry.id, Refusal("reference-taken", f"{entry.reference!r} earned before"))
        facts = self._facts(bucket, one, entry)
        booking = book(facts, entry)
        if isinstance(booking, Refusal):
            return _quarantined(one.seq, entry.id, booking)
        self._keep(bucket, one, entry, facts, booking)
        return _booked(one.seq, entry.id, facts.position, booking.shortfall, bool(facts.foreign_nonces))

    def _known(self, one: Waiting, identity: UUID, known: Booked) -> Outcome:
        if (known.terminal, known.seq) != (self._till.terminal, one.seq):
            return _quarantined(one.seq, identity, Refusal("same-id", "another entry has this id"))
        return _booked(one.seq, identity, known.position, known.shortfall, False)

    def _facts(self, bucket: int, one: Waiting, entry: MemberEntry) -> Facts:
        shelf, till = self._shelf, self._till
        named = entry.reservation if isinstance(entry, Returned) else entry.id
        original = shelf.entries.get((bucket, entry.voids.bytes)) if isinstance(entry, Void) else None
        return Facts(
            account=shelf.accounts[bucket, entry.member],
            terminal=till.terminal,
            store=till.store,
            merchant=till.merchant,
            price_mfen=till.price_mfen,
            now_us=one.received_at,
            position=shelf.next_position(bucket),
            reservation=shelf.reservations.get((bucket, named.bytes)),
            original=original.original if original else None,
            foreign_nonces=self._foreign_nonces(bucket, entry),
        )

    def _foreign_nonces(self, bucket: int, entry: Entry) -> frozenset[str]:
        if not isinstance(entry, Sale) or not entry.redemptions:
            return frozenset()
        mine = entry.id.bytes
        nonces = {line.nonce for line in entry.redemptions if line.nonce}
        return frozenset(n for n in nonces if self._shelf.nonces.get((bucket, n), mine) != mine)

    def _keep(self, bucket: int, one: Waiting, entry: MemberEntry, facts: Facts, booking: Booking) -> None:
        shelf, till, identity = self._shelf, self._till, entry.id.bytes
        reference = entry.reference if isinstance(entry, Sale) else ""
        row = (
            identity, till.terminal, one.seq, entry.__struct_config__.tag, entry.member, till.store, till.merchant,
            reference, entry.business_day, entry.occurred_at, one.received_at, facts.position, booking.shortfall, b"",
        )  # fmt: skip
        shelf.add(bucket, row, entry.member, booking)
        if isinstance(entry, Void):
            shelf.void(bucket, entry.voids.bytes, identity)
            self._references.free(facts.original.reference if facts.original else "")
        if isinstance(entry, Sale):
            for nonce in dict.fromkeys(line.nonce for line in entry.redemptions if line.nonce):
                if (bucket, nonce) not in shelf.nonces:
                    shelf.claim_nonce(bucket, nonce, identity)
        self._remember(bucket, row, booking)

    def _remember(self, bucket: int, row: rows.Values, booking: Booking) -> None:
        """For an entry of the same batch with the same id, or one that voids it."""
        key = bucket, row[0]
        postings: dict[str, dict[str, int]] = {}
        if key in self._shelf.to_be_voided:
            for account, _holder, kind, points in booking.postings:
                postings.setdefault(account, {})[kind] = points
        original = original_of(row[0], (row[3], row[4], row[5], row[6], row[7], b""), postings, booking.uses)
        self._shelf.entries[key] = Booked(row[1], row[2], row[11], row[12], original)


def _quarantined(seq: int, identity: UUID | None, refusal: Refusal) -> Outcome:
    return Outcome(seq=seq, id=identity, status="quarantined", reason=refusal.reason, detail=refusal.detail)


def _booked(seq: int, identity: UUID, position: int, shortfall: int, is_reused: bool) -> Outcome:
    """A redemption on a dynamic code of another sale is booked, and says so: its shortfall has a case."""
    if not shortfall:
        return Outcome(seq=seq, id=identity, status="booked", position=position)
    why = Refusal("nonce-used", "the dynamic code belongs to another sale") if is_reused else Refusal("")
    return Outcome(
        seq=seq,
        id=identity,
        status="shortfall",
        position=position,
        shortfall=shortfall,
        reason=why.reason,
        detail=why.detail,
    )

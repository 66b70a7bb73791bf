"""Booking what was received: one transaction for as many entries as it is given, set-wise.

Lock order: the terminal's row, then buckets, then references, each in rising order, then what is counted of all members
together (`ledger.bounds`). What is not booked yet is known by `terminal.booked_seq`, so every step can be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import Booking, Original, Refusal
from ledger.approvals import Approving
from ledger.booking import Facts, book
from ledger.cases import open_cases
from ledger.counting import Counting, left_of, sales_behind
from ledger.database import Database
from ledger.given import ended_of
from ledger.joining import Newcomers
from ledger.receiving import Till, find_till
from ledger.references import References
from ledger.schema_received import EntryOutcome
from ledger.screening import Screened, screen
from ledger.shelf import Arrived, Shelf, load, original_of
from ledger.terms import Terms
from ledger.transfers import LateArrivals
from ledger.vouchers import without_freed
from protocol import canonical
from protocol.approvals import type_of
from protocol.counts import as_given, without_awards
from protocol.entries import MemberEntry, Refund, Returned, Sale, Void
from protocol.push import Outcome, OutcomeStatus


class Waiting(NamedTuple):
    """An entry that was received and has no outcome yet."""

    seq: int
    received_at: int
    screened: Screened


def book_received(
    connection: Connection, database: Database, terminal: str, limit: int, also: Iterable[int] = ()
) -> bool:
    """Book the next `limit` entries of a terminal; whether more are waiting. `also`: buckets to be locked with theirs.

    Raises `BucketsNeededError`, and has done nothing then.
    """
    till = find_till(connection, terminal, lock=True)
    if till.booked_seq == till.head_seq:
        return False
    database.terms = terms = database.terms.refreshed(connection)
    waiting = _waiting(connection, till, terms, limit)
    outcomes = Bookkeeper(connection, till, terms, waiting, also).book_all()
    values = [(terminal, outcome.seq, outcome.status, canonical.encode(outcome)) for outcome in outcomes]
    rows.insert(connection, EntryOutcome, values)
    open_cases(connection, till, outcomes, waiting[-1].received_at if waiting else 0)
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

    def __init__(
        self, connection: Connection, till: Till, terms: Terms, waiting: Sequence[Waiting], also: Iterable[int], *,
        is_accepted: bool = False,
    ) -> None:  # fmt: skip
        """`is_accepted`: a person answers for what these sales give, also under a reference that earned before."""
        self._connection, self._is_accepted = connection, is_accepted
        self._till = till
        self._waiting = waiting
        self._arrived = {
            one.seq: Arrived(one.screened.bucket, entry.id.bytes, entry)
            for one in waiting
            if isinstance(entry := one.screened.entry, (Sale, Void, Refund, Returned))
        }
        buckets = {arrived.bucket for arrived in self._arrived.values()} | set(also)
        self._newcomers = Newcomers(connection, till, waiting, buckets)
        self._shelf: Shelf = load(connection, list(self._arrived.values()), also)
        self._shelf.nonces = without_freed(connection, self._shelf.nonces, till.terminal)
        self._counting = Counting(connection, terms, till.merchant, self._shelf.bounds)
        originals = [key for key, known in self._shelf.entries.items() if known]
        self._sales = sales_behind(connection, originals)
        """Those that entries of the batch take back, whole or in part."""
        self._late = LateArrivals(connection, self._shelf, waiting[-1].received_at if waiting else 0)
        self._ended = ended_of(connection, originals)
        self._approving = Approving(connection, till, waiting[0].seq if waiting else 0)
        claims = [
            (entry.reference, one.seq)
            for one in waiting
            if isinstance(entry := one.screened.entry, Sale) and one.screened.awards_wait is None
        ]
        freed = [original.reference for original in self._shelf.entries.values() if original]
        self._references = References(connection, till, claims, freed)

    def book_all(self) -> list[Outcome]:
        """An outcome for each, and everything written."""
        outcomes = [self._outcome(one) for one in self._waiting]
        self._late.sweep()
        self._shelf.store(self._connection)
        self._late.store(self._connection)
        self._references.store(self._connection)
        self._counting.store(self._shelf.merged, self._waiting[-1].received_at if self._waiting else 0)
        self._shelf.bounds.store(self._connection)
        return outcomes

    def _outcome(self, one: Waiting) -> Outcome:
        if one.screened.refusal is not None:
            return _quarantined(one.seq, one.screened.id, one.screened.refusal)
        if arrived := self._arrived.get(one.seq):
            outcome = self._book(one, arrived)
            if outcome.status == "quarantined" and isinstance(arrived.entry, Sale):
                self._references.let_go(arrived.entry.reference, one.seq)
            return outcome
        return self._newcomers.outcome(one.seq) or Outcome(seq=one.seq, id=one.screened.id, status="recorded")

    def _book(self, one: Waiting, arrived: Arrived) -> Outcome:
        bucket, identity, entry = arrived
        if (bucket, identity) in self._shelf.entries:
            return _quarantined(one.seq, entry.id, Refusal("same-id", "another entry has this id"))
        if (bucket, entry.member) not in self._shelf.accounts:
            return _quarantined(one.seq, entry.id, Refusal("unknown-member", "nobody has this number"))
        if not self._is_accepted and (refusal := self._approving.refusal(entry)) is not None:
            return _quarantined(one.seq, entry.id, refusal)
        self._late.prepare(bucket, entry)
        facts = self._facts(one, arrived)
        booking = book(facts, entry)
        if isinstance(booking, Refusal):
            return _quarantined(one.seq, entry.id, booking)
        self._keep(one, arrived, facts, booking)
        return _booked(one, facts, booking)

    def _awards_wait(self, one: Waiting, entry: MemberEntry) -> Refusal | None:
        """A reference earns once; a sale that gives nothing does not claim it."""
        waits = one.screened.awards_wait
        if self._is_accepted:
            return None
        if waits is None and isinstance(entry, Sale) and not self._references.is_free(entry.reference, one.seq):
            return Refusal("reference-taken", f"{entry.reference!r} earned before")
        return waits

    def _facts(self, one: Waiting, arrived: Arrived) -> Facts:
        (bucket, _id, entry), shelf, till = arrived, self._shelf, self._till
        return Facts(
            shelf.accounts[bucket, entry.member],
            till.terminal,
            till.store,
            till.merchant,
            till.prices,
            one.received_at,
            shelf.next_position(bucket),
            shelf.reservations.get(arrived.reservation),
            shelf.entries.get(arrived.sale) if arrived.sale else None,
            self._foreign_nonces(arrived),
            self._awards_wait(one, entry),
            [shelf.reservations[key] for key in arrived.allowances if key in shelf.reservations],
            self._sales.get(arrived.sale) if arrived.sale else None,
            self._ended.get(arrived.sale, {}) if arrived.sale else {},
        )

    def _foreign_nonces(self, arrived: Arrived) -> frozenset[str]:
        bucket, mine, entry = arrived
        if not isinstance(entry, Sale) or not entry.redemptions:
            return frozenset()
        nonces = {line.nonce for line in entry.redemptions if line.nonce}
        return frozenset(nonce for nonce in nonces if self._shelf.nonces.get((bucket, nonce), mine) != mine)

    def _keep(self, one: Waiting, arrived: Arrived, facts: Facts, booking: Booking) -> None:
        (bucket, identity, entry), shelf, till = arrived, self._shelf, self._till
        reference = entry.reference if isinstance(entry, Sale) and booking.awards_wait is None else ""
        reference = reference if self._references.is_free(reference, one.seq) else ""
        row = (
            identity, till.terminal, one.seq, type_of(entry), entry.member, till.store, till.merchant, reference,
            entry.business_day, entry.occurred_at, one.received_at, facts.position, booking.shortfall, b"",
        )  # fmt: skip
        shelf.add(bucket, row, entry.member, booking)
        self._approving.keep(entry)
        is_taken_back_here = (bucket, identity) in shelf.to_be_taken_back
        shelf.entries[bucket, identity] = _as_original(row, booking) if is_taken_back_here else None
        if isinstance(entry, Sale):
            self._claim_nonces(bucket, identity, entry)
            self._counting.add(bucket, entry if booking.awards_wait is None else without_awards(entry))
            if is_taken_back_here:
                self._sales[bucket, identity] = entry
        elif facts.original is not None and isinstance(entry, Refund):
            gone_back = shelf.refund(bucket, facts.original, entry, booking)
            self._count_again(bucket, facts.original, times=-1)
            self._count_again(bucket, facts.original._replace(gone_back=gone_back))
        elif facts.original is not None:
            shelf.void(bucket, facts.original.id, identity)
            self._references.free(facts.original.reference)
            self._count_again(bucket, facts.original, times=-1)

    def _count_again(self, bucket: int, original: Original, times: int = 1) -> None:
        """What is left of a sale, of which no more counts than it gave."""
        if sale := self._sales.get((bucket, original.id)):
            self._counting.add(bucket, left_of(as_given(sale, original.given), original.gone_back), times)

    def _claim_nonces(self, bucket: int, identity: bytes, sale: Sale) -> None:
        for line in sale.redemptions:
            if line.nonce and (bucket, line.nonce) not in self._shelf.nonces:
                self._shelf.claim_nonce(bucket, line.nonce, identity)


def _as_original(row: rows.Values, booking: Booking) -> Original:
    """A sale of this batch, for an entry that takes it back."""
    postings: dict[str, dict[str, int]] = {}
    for account, _holder, kind, points in booking.postings:
        postings.setdefault(account, {})[kind] = points
    identity, _terminal, _seq, tag, member, store, merchant, reference = row[:8]
    return original_of(identity, (tag, member, store, merchant, reference, b""), postings, booking.uses)


def _quarantined(seq: int, identity: UUID | None, refusal: Refusal) -> Outcome:
    return Outcome(seq=seq, id=identity, status="quarantined", reason=refusal.reason, detail=refusal.detail)


def _booked(one: Waiting, facts: Facts, booking: Booking) -> Outcome:
    """A redemption on a code of another sale is booked, and says so: its shortfall has a case. Awards that wait have
    one before it."""
    status: OutcomeStatus = "shortfall" if booking.shortfall else "booked"
    why = Refusal("")
    if booking.awards_wait is not None:
        status, why = "quarantined", booking.awards_wait
    elif booking.shortfall and facts.foreign_nonces:
        why = Refusal("nonce-used", "the code of the member or the voucher belongs to another sale")
    return Outcome(
        seq=one.seq,
        id=one.screened.id,
        status=status,
        position=facts.position,
        shortfall=booking.shortfall,
        reason=why.reason,
        detail=why.detail,
    )

"""What a person decides about a case, in one transaction: booked, remembered and numbered, once.

Lock order as everywhere: the terminal's row, then buckets in rising order, then references, then bounds. Whoever has the
terminal's lock sees whether somebody has decided before: two at once decide one after the other, and the second is told of the
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger import rows, schema
from ledger.accounts import Account, Refusal, Reservation, accepted_id
from ledger.booking import Amends, Facts, amend
from ledger.bookkeeping import Bookkeeper, Waiting
from ledger.bounds import Bounds
from ledger.cases import Found, find_case, newest_decision, stood_for
from ledger.chance import own_id
from ledger.correcting import correction_of
from ledger.counting import Counting
from ledger.database import Database
from ledger.documents import newest
from ledger.late_awards import late_awards
from ledger.problems import CaseError
from ledger.receiving import Till, find_till
from ledger.references import References
from ledger.reserving import own_entry
from ledger.schema_cases import Case
from ledger.screening import Screened, cannot_be_given, screen
from ledger.shelf import Shelf, load_accounts, lock_buckets
from ledger.terms import Terms
from ledger.transfers import BucketsNeededError, LateArrivals
from points.amounts import MAX_POINTS
from protocol import canonical
from protocol.cases import MAX_CORRECTION, Choice, Correction, Decision
from protocol.counts import awards_alone
from protocol.documents import Staff
from protocol.entries import Entry, MemberEntry, Sale, decode_entry, encode_entry
from protocol.errors import UnreadableEntryError
from protocol.ids import BUCKETS, bucket_in, bucket_of
from protocol.training import is_training


class Wanted(NamedTuple):
    """A decision that somebody wants to make: see `protocol.cases.DecideRequest`. `most`: points of one correction."""

    terminal: str
    seq: int
    choice: Choice
    who: str
    why: str
    where: str = ""
    branch: bytes = b""
    by: UUID | None = None
    correction: Correction | None = None
    entry: UUID | None = None
    most: int = MAX_CORRECTION


class Done(NamedTuple):
    """The decision about a case; not `is_new` where it had been made before."""

    decision: Decision
    is_new: bool


class _Effect(NamedTuple):
    """What a decision did to the books."""

    position: int = 0
    shortfall: int = 0
    by: bytes = b""


class _Step(NamedTuple):
    """What is booked on one member's account, as an entry of the ledger's own."""

    member: str
    identity: bytes
    amends: Amends


def decide(database: Database, wanted: Wanted, now_us: int) -> Done:
    """Raises `NotKnownError` for an entry that has no case, `CaseError` where this cannot be: then nothing has changed."""
    also: frozenset[int] = frozenset()
    while True:
        try:
            return database.transact(partial(_decide, database=database, wanted=wanted, now_us=now_us, also=also))
        except BucketsNeededError as error:
            also |= error.buckets


def _decide(
    connection: Connection, database: Database, wanted: Wanted, now_us: int, also: Iterable[int]
) -> Done:  # fmt: skip
    till = find_till(connection, wanted.terminal, lock=True)
    case = find_case(connection, wanted.terminal, wanted.seq, wanted.branch)
    if decided := case.decided:
        return Done(decided, is_new=False)
    database.terms = terms = database.terms.refreshed(connection)
    effect = _Deciding(connection, till, case, wanted, terms, now_us, also).take_effect()
    decision = Decision(
        number=newest_decision(connection, till.terminal) + 1,
        seq=case.seq,
        choice=wanted.choice,
        position=effect.position,
        shortfall=effect.shortfall,
        by=UUID(bytes=effect.by) if effect.by else None,
        branch=case.branch.hex(),
        who=_printable(wanted.who, 64),
        where=wanted.where,
        at=now_us,
        why=_printable(wanted.why, 200),
    )
    key = (till.terminal, case.seq, case.branch)
    written = (decision.number, effect.by, canonical.encode(decision))
    rows.update(connection, Case, ("number", "by_entry", "decision"), [(*key, *written)])
    return Done(decision, is_new=True)


def check_manager(connection: Connection, store: str, staff: str) -> None:
    """Raises `CaseError` unless `staff` is a manager of the store, by its own staff document."""
    known = newest(connection, "staff", store, Staff)
    if not any(one.staff == staff and "manager" in one.roles for one in (known.staff if known else ())):
        raise CaseError("role", f"{staff} is no manager of store {store}")


def sent_entry(connection: Connection, case: Found) -> tuple[bytes, bool]:
    """The payload of a case's entry as it was received, and whether it still is what the till wrote."""
    table, more = ("branch", " AND hash = ?") if case.branch else ("received", "")
    keys = [case.terminal, case.seq, *([case.branch] if case.branch else [])]
    found = rows.fetch(
        connection, f"SELECT payload, payload_hash FROM {table} WHERE terminal = ? AND seq = ?{more}", *keys
    )
    payload, stated = found[0]
    return payload, not stated


def readable(payload: bytes) -> Entry | None:
    """The entry in a payload, if there is one."""
    try:
        return decode_entry(payload)
    except UnreadableEntryError:
        return None


def _printable(text: str, most: int) -> str:
    """What a person typed, as a screen can show it. Raises `CaseError` where nothing is left."""
    kept = "".join(char for char in text if char.isprintable()).strip()[:most]
    if not kept:
        raise CaseError("why", "who decides says why")
    return kept


class _Deciding:
    """One decision, with the terminal locked."""

    def __init__(
        self, connection: Connection, till: Till, case: Found, wanted: Wanted, terms: Terms, now_us: int,
        also: Iterable[int],
    ) -> None:  # fmt: skip
        self._connection, self._till, self._case, self._wanted = connection, till, case, wanted
        self._terms, self._now_us, self._also = terms, now_us, also
        payload, is_intact = sent_entry(connection, case)
        self._entry = readable(payload) if is_intact else None
        self._is_accepted = wanted.choice == "accepted"
        self._shortfall, self._reference = 0, ""

    def take_effect(self) -> _Effect:
        """Book it. Raises `CaseError`."""
        if self._entry is not None and self._entry.training != is_training(self._till.terminal):
            return self._set_aside()
        if self._is_accepted:
            return self._accept()
        if self._wanted.choice == "written-off":
            return self._book([], handed_out=self._handed_out())
        if self._wanted.by is not None:
            return self._book([])._replace(by=self._standing(self._wanted.by))
        correction = correction_of(
            self._connection, self._till, self._wanted.correction, self._terms, self._wanted.most
        )
        given, taken = correction.booked(self._entry, self._now_us)
        identity = own_id(self._now_us, bucket_of(correction.member))
        effect = self._book([_Step(correction.member, identity, Amends(taken=taken, given=given))])
        return effect._replace(by=identity)

    def _set_aside(self) -> _Effect:
        """Nothing was sold and nothing handed out: nobody can make it a sale."""
        if self._wanted.choice != "written-off":
            raise CaseError("still-training", "made in training: write it off")
        return self._book([])

    # --- accepted ----------------------------------------------------------------------------------------------------

    def _accept(self) -> _Effect:
        case = self._case
        if not case.is_whole:
            return self._accept_awards() if case.reason not in ("", "nonce-used") else _Effect()
        entry, waiting = self._acceptable()
        keeper = Bookkeeper(self._connection, self._till, self._terms, [waiting], self._also, is_accepted=True)
        outcome = keeper.book_all()[0]
        if outcome.status == "quarantined":
            raise CaseError(f"still-{outcome.reason}", outcome.detail)
        by = entry.id.bytes if self._entry is not None and entry.id != self._entry.id else b""
        return _Effect(outcome.position, outcome.shortfall, by)

    def _acceptable(self) -> tuple[Entry, Waiting]:
        """The entry as it can be booked now: under an id of the ledger's own where its own is taken or is not its member's."""
        entry = self._entry
        if entry is None:
            raise CaseError("still-unreadable", "what cannot be read cannot be booked; correct it or write it off")
        if isinstance(entry, Sale):
            bucket = bucket_of(entry.member)
            is_its_own = bucket_in(entry.id) == bucket
            taken = rows.find(self._connection, schema.Entry, ("bucket", "id"), [(bucket, entry.id.bytes)], "id")
            if taken or not is_its_own:
                entry = msgspec.structs.replace(entry, id=UUID(bytes=own_id(self._now_us, bucket)))
            if self._case.branch:  # its reference may be the one of the entry that has its place in the chain
                entry = msgspec.structs.replace(entry, reference="")
        screened = screen(encode_entry(entry), self._till.terminal, self._till.store, self._terms)
        refusal = screened.refusal or (cannot_be_given(entry, self._terms) if isinstance(entry, Sale) else None)
        if refusal is not None:
            raise CaseError(f"still-{refusal.reason}", refusal.detail)
        return entry, Waiting(self._case.seq, self._now_us, Screened(entry, None, entry.id, screened.bucket))

    def _accept_awards(self) -> _Effect:
        sale = self._entry
        assert isinstance(sale, Sale)  # a position is a booked sale's
        if refusal := cannot_be_given(sale, self._terms):
            raise CaseError(f"still-{refusal.reason}", refusal.detail)
        bucket = bucket_of(sale.member)
        lock_buckets(self._connection, {bucket, *self._also})  # nobody takes it back meanwhile
        sale = msgspec.structs.replace(sale, awards=late_awards(self._connection, self._terms, sale))
        counting = Counting(self._connection, self._terms, self._till.merchant, Bounds())
        counting.add(bucket, awards_alone(sale))
        counting.store({}, self._now_us)
        return self._book([_Step(sale.member, accepted_id(sale.id.bytes), Amends(given=sale.awards))])

    # --- what is booked as entries of the ledger's own -----------------------------------------------------------------

    def _handed_out(self) -> dict[str, int]:
        """What a sale of which nothing is booked took, by kind: the goods have left. No points that nobody can have had."""
        sums: dict[str, int] = {}
        if self._case.is_whole and isinstance(self._entry, Sale):
            for line in self._entry.redemptions:
                if line.kind in self._terms.kinds and line.points <= MAX_POINTS:
                    sums[line.kind] = sums.get(line.kind, 0) + line.points
        return sums

    def _book(self, steps: Sequence[_Step], handed_out: dict[str, int] | None = None) -> _Effect:
        """The steps, and what belongs to every end of a case: its reservation goes back, the member's row moves."""
        member = self._entry.member if isinstance(self._entry, MemberEntry) else ""
        ends = self._reservation() if self._case.is_whole else None
        members = {member, ends.member if ends else "", *(step.member for step in steps)} - {""}
        if not members:
            return _Effect()
        keys = [(bucket_of(one), one) for one in members]
        shelf = Shelf(lock_buckets(self._connection, {*(bucket for bucket, _member in keys), *self._also}))
        load_accounts(self._connection, shelf, keys, keys)
        late = LateArrivals(self._connection, shelf, self._now_us)
        references = self._claimed_reference()
        for one, amends in (
            (ends.member if ends else "", Amends(ends=ends)),
            (member, Amends(handed_out=handed_out or {})),
        ):
            if one:
                self._add(shelf, _Step(one, own_id(self._now_us, bucket_of(one)), amends))
        for step in steps:
            self._add(shelf, step)
        key = bucket_of(member), member
        is_somebody = bool(rows.find(self._connection, schema.Member, ("bucket", "member"), [key], "member"))
        if is_somebody and key not in shelf.positions:
            shelf.touch(*key)
        late.sweep()
        shelf.store(self._connection)
        late.store(self._connection)
        if references is not None:
            references.store(self._connection)
        shelf.bounds.store(self._connection)
        return _Effect(shelf.positions[key] if is_somebody else 0, self._shortfall)

    def _add(self, shelf: Shelf, step: _Step) -> None:
        key = bucket_of(step.member), step.member
        till, position = self._till, shelf.next_position(key[0])
        account = shelf.accounts.setdefault(
            key, Account(step.member)
        )  # nobody's number: its merchant's accounts alone
        facts = Facts(account, till.terminal, till.store, till.merchant, till.prices, self._now_us, position)
        booking = amend(facts, step.identity, step.amends)
        if isinstance(booking, Refusal):
            raise CaseError(f"still-{booking.reason}", booking.detail)
        if not booking.postings and not booking.reservations:
            return
        self._shortfall += booking.shortfall
        entry = own_entry(
            step.identity, self._wanted.choice, step.member, self._now_us, position, till,
            self._reference if step.amends.given and self._is_accepted else "", booking.shortfall,
        )  # fmt: skip
        shelf.add(key[0], entry, step.member, booking)

    def _claimed_reference(self) -> References | None:
        """Of awards that are accepted: their sale earns on it now, unless another one did before."""
        if not self._is_accepted or not isinstance(self._entry, Sale):
            return None
        reference = self._entry.reference
        references = References(self._connection, self._till, [(reference, self._case.seq)], [])
        self._reference = reference if references.is_free(reference, self._case.seq) else ""
        return references

    def _reservation(self) -> Reservation | None:
        """What still lies under the entry's own id at its terminal. An id that has none reserves nothing from now on."""
        identity = self._entry.id if self._entry is not None else self._wanted.entry
        if identity is None or bucket_in(identity) >= BUCKETS:
            return None
        key = [(bucket_in(identity), identity.bytes)]
        found = rows.find(self._connection, schema.Reservation, ("bucket", "id"), key)
        if found:
            known = Reservation(*found[0][1:])
            return known if known.terminal == self._till.terminal and not known.ended_by else None
        if not isinstance(self._entry, MemberEntry) or bucket_in(identity) != bucket_of(self._entry.member):
            return None
        if rows.find(self._connection, schema.Entry, ("bucket", "id"), key, "id"):
            return None
        return Reservation(
            identity.bytes, self._till.terminal, self._entry.member, "", 0, 0, self._now_us, 0
        )  # fmt: skip

    # --- corrected by another entry ------------------------------------------------------------------------------------

    def _standing(self, by: UUID) -> bytes:
        """A sale of this store that is booked and stands, and for no other case. Raises `CaseError`."""
        found = rows.find(
            self._connection, schema.Entry, ("bucket", "id"), [(bucket_in(by), by.bytes)],
            "terminal, seq, type, store, voided_by",
        )  # fmt: skip
        if not found or found[0][2:4] != ("sale", self._till.store):
            raise CaseError("by-unknown", f"{by} is no booked sale of store {self._till.store}")
        terminal, seq, _type, _store, voided_by = found[0]
        if voided_by or (terminal, seq) == (self._till.terminal, self._case.seq):
            raise CaseError("by-unknown", f"{by} was voided, or is this entry itself")
        if other := stood_for(self._connection, by.bytes):
            raise CaseError("by-taken", f"{by} stands for entry {other.seq} of {other.terminal}")
        return by.bytes

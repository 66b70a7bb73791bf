"""The states that a batch needs, taken from the database set-wise, and what became of them.

Between `load` and `store` everything happens in memory: the buckets are locked, nobody else changes what lies here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.accounts import Account, Booking, GoneBack, Holding, Lot, LotKey, Original, Reservation
from ledger.bounds import Bounds
from ledger.given import given_under
from ledger.habits import remember_habits
from ledger.refunds import gone_back, refund_rows
from ledger.taking_back import ended_in, gone_back_after
from ledger.unclaimed import open_accounts
from ledger.visits import remember, visits_in
from protocol.entries import MemberEntry, Refund, Returned, Sale, Void
from protocol.ids import BUCKETS

Key = tuple[int, bytes]
MemberKey = tuple[int, str]

_BUCKETS_AT_ONCE = 64


class Arrived(NamedTuple):
    """An entry of a member with what it is looked up by."""

    bucket: int
    id: bytes
    entry: MemberEntry

    @property
    def reservation(self) -> Key:
        """The one that it can use and ends, or that it returns."""
        return self.bucket, self.entry.reservation.bytes if isinstance(self.entry, Returned) else self.id

    @property
    def allowances(self) -> list[Key]:
        """Those that its redemptions draw on."""
        if not isinstance(self.entry, Sale):
            return []
        return [(self.bucket, line.reservation.bytes) for line in self.entry.redemptions if line.reservation]

    @property
    def sale(self) -> Key | None:
        """The one that it takes back, or a part of it."""
        if isinstance(self.entry, Void):
            return self.bucket, self.entry.voids.bytes
        return (self.bucket, self.entry.refunds.bytes) if isinstance(self.entry, Refund) else None


class Shelf:
    """States by (bucket, …) as they are now, with what the batch did to them so far."""

    def __init__(self, buckets: dict[int, int]) -> None:
        self.numbers = buckets
        self.accounts: dict[MemberKey, Account] = {}
        self.reservations: dict[Key, Reservation] = {}
        self.entries: dict[Key, Original | None] = {}
        """Those that have their place in the books, and whole those that an entry of the batch takes back."""
        self.to_be_taken_back: set[Key] = set()
        self.nonces: dict[tuple[int, str], bytes] = {}
        self.positions: dict[MemberKey, int] = {}
        self.merged: dict[MemberKey, str] = {}
        """Of the accounts here, those that were merged, and into whom."""
        self._holdings: dict[tuple[int, str, str], Holding] = {}
        self._lots: dict[tuple[int, LotKey], tuple[str, Lot]] = {}
        self._new_lots: set[tuple[int, LotKey]] = set()
        self._ended: dict[Key, Reservation] = {}
        self._new_nonces: list[rows.Values] = []
        self.bounds = Bounds()
        """Of rewards, what the batch gave and gave back; stored last, by whoever books."""
        self._voided: list[rows.Values] = []
        self._refund_rows: list[rows.Values] = []
        self._entry_rows: list[rows.Values] = []
        self._posting_rows: list[rows.Values] = []
        self._use_rows: list[rows.Values] = []

    def next_position(self, bucket: int) -> int:
        """Where the next entry of a bucket stands in its feed."""
        return self.numbers[bucket] + 1

    def touch(self, bucket: int, member: str) -> None:
        """A member's row is told anew, though nothing was booked on his account."""
        self.numbers[bucket] += 1
        self.positions[bucket, member] = self.numbers[bucket]

    def add(self, bucket: int, entry: rows.Values, member: str, booking: Booking) -> None:
        """Make a booking. `entry` is its row in the table of entries, without the bucket; its first column is the id."""
        identity = entry[0]
        self.touch(bucket, member)
        self.accounts[bucket, member] = self.accounts[bucket, member].after(booking)
        self._entry_rows.append((bucket, *entry))
        for line, posting in enumerate(booking.postings, 1):
            self._posting_rows.append((bucket, identity, line, *posting))
        for kind, holding in booking.holdings.items():
            self._holdings[bucket, member, kind] = holding
        for key, lot in booking.lots.items():
            self._lots[bucket, key] = member, lot
        for key in booking.new_lots:
            self._new_lots.add((bucket, key))
        for key, points in booking.uses.items():
            self._use_rows.append((bucket, identity, *key, points))
        for reservation in booking.reservations:
            self.keep(bucket, reservation)

    def keep(self, bucket: int, reservation: Reservation) -> None:
        """A reservation as it is now."""
        self.reservations[bucket, reservation.id] = self._ended[bucket, reservation.id] = reservation
        if reservation.holds and reservation.ended_by:
            self.bounds.release(bucket, reservation.id)

    def claim_nonce(self, bucket: int, nonce: str, entry: bytes) -> None:
        """The nonce of a dynamic code belongs to this entry, for ever."""
        self.nonces[bucket, nonce] = entry
        self._new_nonces.append((bucket, nonce, entry))

    def void(self, bucket: int, original: bytes, by: bytes) -> None:
        """A sale is taken back once."""
        booked = self.entries[bucket, original]
        if booked is not None:
            self.entries[bucket, original] = booked._replace(voided_by=by)
        self._voided.append((bucket, original, by))

    def refund(self, bucket: int, original: Original, refund: Refund, booking: Booking) -> GoneBack:
        """Something of a sale came back; all that did so far."""
        ended = ended_in(booking)
        gone_back = gone_back_after(original.gone_back, refund, ended)
        self.entries[bucket, original.id] = original._replace(gone_back=gone_back)
        self._refund_rows += refund_rows(bucket, refund, ended)
        return gone_back

    def store(self, connection: Connection) -> None:
        """Write what changed: a statement per table."""
        rows.insert(connection, schema.Entry, self._entry_rows)
        rows.insert(connection, schema.Posting, self._posting_rows)
        self._store_lots(connection)
        rows.insert(connection, schema.LotUse, self._use_rows)
        rows.put(connection, schema.Balance, [(*key, *holding) for key, holding in self._holdings.items()])
        rows.put(
            connection,
            schema.Reservation,
            [(bucket, *reservation) for (bucket, _id), reservation in self._ended.items()],
        )
        rows.insert(connection, schema.Nonce, self._new_nonces)
        rows.update(connection, schema.Entry, ("voided_by",), self._voided)
        rows.insert(connection, schema.Refund, self._refund_rows)
        remember(connection, visits_in(self._entry_rows, self.merged))
        remember_habits(connection, self._entry_rows, self._posting_rows)
        rows.update(connection, schema.Member, ("position",), [(*key, at) for key, at in self.positions.items()])
        moved = {bucket for bucket, _member in self.positions}
        rows.update(connection, schema.Bucket, ("number",), [(bucket, self.numbers[bucket]) for bucket in moved])

    def _store_lots(self, connection: Connection) -> None:
        new, changed = [], []
        for (bucket, key), (member, lot) in self._lots.items():
            if (bucket, key) in self._new_lots:
                new.append((bucket, *key, member, *lot[2:]))
            else:
                changed.append((bucket, *key, lot.points_left, lot.expires_on, lot.extended))
        rows.insert(connection, schema.Lot, new)
        rows.update(connection, schema.Lot, ("points_left", "expires_on", "extended"), changed)


def portions() -> Iterator[range]:
    """All buckets, as many at once as one transaction locks: a counter waits for no more than these."""
    for first in range(0, BUCKETS, _BUCKETS_AT_ONCE):
        yield range(first, first + _BUCKETS_AT_ONCE)


def lock_buckets(connection: Connection, buckets: Iterable[int]) -> dict[int, int]:
    """Bucket → feed number, locked in rising order. On SQLite whoever writes has the whole file."""
    wanted = sorted(set(buckets))
    if connection.dialect.name == "sqlite":
        return dict(rows.find(connection, schema.Bucket, ("bucket",), [(bucket,) for bucket in wanted]))
    locked = "SELECT bucket, number FROM bucket WHERE bucket = ANY(?) ORDER BY bucket FOR UPDATE"
    return dict(rows.fetch(connection, locked, wanted))


def load(connection: Connection, arrived: Sequence[Arrived], also: Iterable[int] = ()) -> Shelf:
    """Lock the buckets of what arrived, and those named, and read every state that booking it can need."""
    shelf = Shelf(lock_buckets(connection, {*(one.bucket for one in arrived), *also}))
    open_accounts(connection, [one.entry for one in arrived if isinstance(one.entry, Sale) and one.entry.claim_until])
    _load_entries(connection, shelf, arrived)
    members = [(one.bucket, one.entry.member) for one in arrived]
    spending = [key for key, one in zip(members, arrived, strict=True) if _needs_lots(one.entry)]
    load_accounts(connection, shelf, members, spending)
    reservations = [key for one in arrived for key in (one.reservation, *one.allowances)]
    for row in rows.find(connection, schema.Reservation, ("bucket", "id"), reservations):
        shelf.reservations[row[0], row[1]] = Reservation._make(row[1:])
    nonces = [
        (one.bucket, line.nonce)
        for one in arrived
        if isinstance(one.entry, Sale)
        for line in one.entry.redemptions
        if line.nonce
    ]
    if nonces:
        known = rows.find(connection, schema.Nonce, ("bucket", "nonce"), nonces)
        shelf.nonces = {(bucket, nonce): entry for bucket, nonce, entry in known}
    return shelf


def load_accounts(
    connection: Connection, shelf: Shelf, members: Sequence[MemberKey], spending: Sequence[MemberKey], *,
    of_households: bool = False,
) -> None:  # fmt: skip
    """Accounts of the members that exist; open lots only of those who are `spending`, or owe what comes back to them.
    What tills send is never booked on the account of a household: it is read only where `of_households` says so.
    """
    holdings: dict[MemberKey, dict[str, Holding]] = defaultdict(dict)
    for bucket, member, kind, *sums in rows.find(connection, schema.Balance, ("bucket", "member"), members):
        holdings[bucket, member][kind] = Holding(*sums)
    lots: dict[MemberKey, dict[LotKey, Lot]] = defaultdict(dict)
    spending = [*spending, *(key for key, held in holdings.items() if any(one.owed for one in held.values()))]
    if spending:
        open_ones = rows.find(
            connection, schema.Lot, ("bucket", "member"), spending, where="t.points_left > 0", index="lot_open"
        )
        _collect(lots, open_ones)
    originals = [(key[0], original) for key, original in shelf.entries.items() if original]
    voided = [(bucket, *lot) for bucket, original in originals for lot in original.uses]
    if voided:
        _collect(lots, rows.find(connection, schema.Lot, ("bucket", "entry", "line"), voided))
    columns = "bucket, member, merged_into"
    who = "" if of_households else schema.BOOKED_BY_TILLS
    for bucket, member, into in rows.find(connection, schema.Member, ("bucket", "member"), members, columns, who):
        key = bucket, member
        if into:
            shelf.merged[key] = into
        shelf.accounts[key] = Account(member, holdings.get(key, {}), lots.get(key, {}))


def _collect(lots: dict[MemberKey, dict[LotKey, Lot]], found: Iterable[rows.Values]) -> None:
    for bucket, entry, line, member, *rest in found:
        lots[bucket, member][entry, line] = Lot(entry, line, *rest)


def _needs_lots(entry: MemberEntry) -> bool:
    return isinstance(entry, Void | Refund) or (isinstance(entry, Sale) and bool(entry.redemptions))


def _load_entries(connection: Connection, shelf: Shelf, arrived: Sequence[Arrived]) -> None:
    """Those whose ids are taken already, and whole those that are to be taken back."""
    voided = {one.sale for one in arrived if one.sale}
    shelf.to_be_taken_back = voided
    keys = [*((one.bucket, one.id) for one in arrived), *voided]
    known = rows.find(connection, schema.Entry, ("bucket", "id"), keys, "bucket, id")
    shelf.entries = dict.fromkeys((bucket, identity) for bucket, identity in known)
    if voided:
        _load_originals(connection, shelf, voided)


def _load_originals(connection: Connection, shelf: Shelf, voided: set[Key]) -> None:
    """What a person accepted of a sale later was booked under an entry of its own, and belongs to the sale."""
    postings: dict[Key, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    under = given_under(voided)
    later = {key: sale[1] for key, sale in under.items() if key != sale}
    columns = "bucket, entry, account, kind, points"
    for bucket, entry, account, kind, points in rows.find(
        connection, schema.Posting, ("bucket", "entry"), [*voided, *later], columns
    ):
        key = bucket, entry
        if key in later:
            key = bucket, later[key]
        sums = postings[key][account]
        sums[kind] = sums.get(kind, 0) + points
    uses: dict[Key, dict[LotKey, int]] = defaultdict(dict)
    for bucket, entry, *lot, points in rows.find(connection, schema.LotUse, ("bucket", "entry"), voided):
        uses[bucket, entry][lot[0], lot[1]] = points
    refunded = gone_back(connection, voided)
    columns = "bucket, id, type, member, store, merchant, reference, voided_by"
    accepted: dict[Key, str] = {}
    for bucket, identity, *facts in rows.find(connection, schema.Entry, ("bucket", "id"), [*later, *voided], columns):
        if (bucket, identity) in later:
            accepted[bucket, later[bucket, identity]] = facts[4]
            continue
        key = bucket, identity
        original = original_of(identity, facts, postings[key], uses[key])
        shelf.entries[key] = original._replace(gone_back=refunded[key]) if key in refunded else original
    for key, reference in accepted.items():
        if booked := shelf.entries[key]:
            shelf.entries[key] = booked._replace(reference=booked.reference or reference)


def original_of(
    identity: bytes, facts: Sequence[Any], postings: Mapping[str, Mapping[str, int]], uses: Mapping[LotKey, int]
) -> Original:
    """`facts`: type, member, store, merchant, reference, voided_by. `postings`: account → kind → points."""
    given = {kind: -points for kind, points in postings.get("issuance", {}).items()}
    uncovered = {kind: -points for kind, points in postings.get("shortfall", {}).items()}
    taken = postings.get("clearing", {})
    tag, member, store, merchant, reference, voided_by = facts
    return Original(identity, tag, member, store, merchant, reference, voided_by, given, taken, uncovered, uses)

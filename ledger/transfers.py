"""Points that go from one account to another, because the two are one person's, or a member's and his household's: entries of
the ledger's own, a leg in each.

Between the legs the points lie in the account `transfer`, whose holder is the number that was merged, or the household; over
all buckets it sums to zero. A lot keeps issuer, end and price, and `lot_origin` says which one it was. What lies in
reservations stays.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import Draft, LotKey
from ledger.chance import own_id
from ledger.receiving import Till
from ledger.reserving import own_entry
from ledger.schema_people import LotOrigin
from ledger.shelf import MemberKey, Shelf, load_accounts, lock_buckets
from protocol.canonical import MAX_INTEGER
from protocol.entries import MemberEntry, Sale
from protocol.ids import bucket_of

EntryType = Literal["transfer", "pool-put", "pool-draw", "pool-back"]
"""Of both legs: two numbers become one; a member puts points into the pool, draws some, gets his own back."""

ENTRY_TYPES: tuple[EntryType, ...] = ("transfer", "pool-put", "pool-draw", "pool-back")


class BucketsNeededError(Exception):
    """Accounts in these buckets take part too: begin again and lock them with the others, in rising order."""

    def __init__(self, buckets: Iterable[int]) -> None:
        super().__init__()
        self.buckets = frozenset(buckets)


class Passage(NamedTuple):
    """Who gives to whom. `between`: the holder of what is on its way, the number that was merged or the household.

    With `limits` no more than so many points of a kind, and no debt; else all that is free, and what the source owes. `only`:
    of which lots. `departure` and `arrival` are ids of the legs that were promised before; else they are new ones. `till`:
    where it was asked for. The legs of a household name each other's holder as their reference.
    """

    source: MemberKey
    target: MemberKey
    between: str
    limits: Mapping[str, int] | None = None
    only: Container[LotKey] | None = None
    type: EntryType = "transfer"
    departure: bytes = b""
    arrival: bytes = b""
    till: Till | None = None


class Transfers:
    """Transfers between accounts of a shelf; `store` comes after the shelf's own."""

    def __init__(self, shelf: Shelf, now_us: int) -> None:
        self._shelf, self._now_us = shelf, now_us
        self.origins: list[rows.Values] = []
        """Of each lot that was made, its key and that of the one it was."""

    def move(self, passage: Passage) -> int:
        """How many points went. Without limits the target pays what he owes at once, and nothing moves where he would have
        more than an account can hold.
        """
        shelf, (source, target, between, limits, only, *_rest) = self._shelf, passage
        departure = passage.departure or own_id(self._now_us, source[0])
        arrival = passage.arrival or own_id(self._now_us, target[0])
        out, into = Draft(shelf.accounts[source], departure), Draft(shelf.accounts[target], arrival)
        origins: list[rows.Values] = []
        moved = 0
        for kind in tuple(shelf.accounts[source].holdings):
            left = MAX_INTEGER if limits is None else limits.get(kind, 0)
            for lot, free in out.unreserved(kind):
                points = min(free, left) if only is None or lot.key in only else 0
                if not points:
                    continue
                left, moved = left - points, moved + points
                out.use(lot, points)
                out.move(kind, points, "available", "transfer", merchant=between)
                into.move(kind, points, "transfer", "available", merchant=between)
                into.make_lot(kind, points, lot.issuer, lot.expires_on, lot.price_mfen, lot.extended)
                origins.append((target[0], arrival, len(origins) + 1, source[0], *lot.key))
            if limits is None:
                owed = out.holding(kind).owed
                out.move(kind, owed, "transfer", "owed", merchant=between)
                into.move(kind, owed, "owed", "transfer", merchant=between)
                into.pay_owed(kind)
                if sum(into.holding(kind)) > MAX_INTEGER:
                    return 0
        for leg, other, identity, draft in ((source, target, departure, out), (target, source, arrival, into)):
            booking = draft.finish()
            if booking.postings or booking.uses:
                till = passage.till if leg[1] != between else None  # a household is at no till
                position, reference = shelf.next_position(leg[0]), other[1] if passage.type != "transfer" else ""
                entry = own_entry(identity, passage.type, leg[1], self._now_us, position, till, reference)
                shelf.add(leg[0], entry, leg[1], booking)
        self.origins += origins
        return moved

    def store(self, connection: Connection) -> None:
        """Write where the new lots came from."""
        rows.insert(connection, LotOrigin, self.origins)


class LateArrivals:
    """What still arrives under numbers that were merged: booked on the old account, and swept in the same transaction.

    A sale that took points out there finds them, as far as the member has any: they come back for it.
    """

    def __init__(self, connection: Connection, shelf: Shelf, now_us: int) -> None:
        """Raises `BucketsNeededError` where an account that takes part lies in a bucket that nobody locked."""
        self._targets = {key: (bucket_of(into), into) for key, into in shelf.merged.items()}
        self._shelf, self._transfers = shelf, Transfers(shelf, now_us)
        if not self._targets:
            return
        missing = {bucket for bucket, _member in self._targets.values()} - shelf.numbers.keys()
        if missing and connection.dialect.name != "sqlite":
            raise BucketsNeededError(missing)
        shelf.numbers.update(lock_buckets(connection, missing))
        both = [*self._targets, *self._targets.values()]
        load_accounts(connection, shelf, both, both)

    def prepare(self, bucket: int, entry: MemberEntry) -> None:
        """Before an entry is booked."""
        source = bucket, entry.member
        target = self._targets.get(source)
        if target is None or not isinstance(entry, Sale):
            return
        wanted: dict[str, int] = {}
        for line in entry.redemptions:
            wanted[line.kind] = wanted.get(line.kind, 0) + line.points
        holdings = self._shelf.accounts[source].holdings
        limits = {
            kind: max(0, points - (holdings[kind].available if kind in holdings else 0))
            for kind, points in wanted.items()
        }
        self._transfers.move(Passage(target, source, entry.member, limits))

    def sweep(self) -> None:
        """After all were booked: who was merged keeps nothing, and his new row says how far his old account is in it."""
        for source, target in self._targets.items():
            if source in self._shelf.positions and not self._transfers.move(Passage(source, target, source[1])):
                self._shelf.touch(*target)

    def store(self, connection: Connection) -> None:
        """After the shelf was stored."""
        self._transfers.store(connection)

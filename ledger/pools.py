"""The account of a household: what is in it, whose it is, and the way back to them.

Whose a lot of the pool is stands beside it (`Pooled`): who put it in; of points that were drawn and put back by another member,
who put them in before. So drawing and putting back makes nobody's points another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from ledger import rows
from ledger.problems import HouseholdError
from ledger.schema import Balance, Entry, Lot, Posting
from ledger.schema_household import Pooled
from ledger.schema_people import LotOrigin
from ledger.shelf import MemberKey, Shelf, load_accounts, lock_buckets
from ledger.transfers import Passage, Transfers
from protocol.ids import bucket_of

LotPlace = tuple[int, bytes, int]
"""(bucket, entry, line)"""

_LOT = ("bucket", "entry", "line")


def key_of(holder: str) -> MemberKey:
    """Where his account lies."""
    return bucket_of(holder), holder


def pool_of(connection: Connection, household: str) -> dict[str, int]:
    """Points by kind; kinds of which there are none are left out."""
    found = rows.find(connection, Balance, ("bucket", "member"), [key_of(household)], "kind, available")
    return {kind: points for kind, points in sorted(found) if points}


def shares_of(connection: Connection, household: str) -> dict[str, dict[str, int]]:
    """By the number under which they were put in: what is still there, by kind."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (bucket, entry, line), member in _pooled(connection, household).items():
        columns = "kind, points_left"
        for kind, points in rows.find(connection, Lot, _LOT, [(bucket, entry, line)], columns, "t.points_left > 0"):
            found[member][kind] += points
    return {member: dict(kinds) for member, kinds in found.items()}


def givers_of(connection: Connection, household: str) -> set[str]:
    """The numbers under which what is in the pool was put in."""
    return set(shares_of(connection, household))


def moved_in(connection: Connection, household: str, month: str = "") -> dict[tuple[str, str, str], int]:
    """(type of entry, member, kind) → points, of a month (YYYY-MM) or ever: who put in, drew, and got back how much."""
    types = "t.type IN ('pool-put', 'pool-draw', 'pool-back')"
    columns = "id, type, reference, business_day"
    entries = {
        bytes(identity): (kind, member)
        for identity, kind, member, day in rows.find(
            connection, Entry, ("bucket", "member"), [key_of(household)], columns, types, "entry_member"
        )
        if day.startswith(month)
    }
    keys = [(bucket_of(household), identity) for identity in entries]
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for entry, kind, points in rows.find(
        connection, Posting, ("bucket", "entry"), keys, "entry, kind, points", "t.account = 'available'"
    ):
        sums[*entries[bytes(entry)], kind] += abs(points)
    return dict(sums)


def give_back(
    connection: Connection, household: str, owners: Sequence[tuple[str, Collection[str]]], now_us: int
) -> int:
    """To each owner what was put in under one of his numbers; how many points. The caller has locked all their buckets.

    Raises `HouseholdError` where somebody would have more than an account can hold.
    """
    keys = [key_of(household), *(key_of(owner) for owner, _numbers in owners)]
    shelf = Shelf(lock_buckets(connection, {bucket for bucket, _holder in keys}))
    load_accounts(connection, shelf, keys, keys, of_households=True)
    transfers, lots, returned = Transfers(shelf, now_us), _pooled(connection, household), 0
    account = shelf.accounts[keys[0]]
    for owner, numbers in owners:
        his = {place[1:] for place, giver in lots.items() if giver in numbers and place[1:] in account.lots}
        if his:
            moved = transfers.move(Passage(keys[0], key_of(owner), household, only=his, type="pool-back"))
            if not moved:
                raise HouseholdError("too-much")
            returned += moved
    shelf.store(connection)
    transfers.store(connection)
    return returned


def owners_of(
    connection: Connection, household: str, lots: Iterable[LotPlace], putting: str, seated: Collection[str]
) -> dict[LotPlace, str]:
    """Whose these lots of a member are in the household's pool: who put them in before he drew them, if he is still in it, else
    `putting`. `seated`: the numbers of its members.
    """
    found = dict.fromkeys(lots, putting)
    at = {lot: lot for lot in found}
    while at:
        came = {tuple(row[:3]): tuple(row[3:]) for row in rows.find(connection, LotOrigin, _LOT, at.values())}
        at = {lot: came[now] for lot, now in at.items() if now in came}
        pooled = {
            tuple(row[:3]): row[3]
            for row in rows.find(connection, Pooled, _LOT, at.values(), "bucket, entry, line, member, household")
            if row[4] == household
        }
        for lot, now in at.items():
            if now in pooled and pooled[now] in seated:
                found[lot] = pooled[now]
        at = {lot: now for lot, now in at.items() if now not in pooled}
    return found


def _pooled(connection: Connection, household: str) -> dict[LotPlace, str]:
    """Whose each lot is that ever was in the pool."""
    found = rows.find(connection, Pooled, ("bucket", "household"), [key_of(household)], "bucket, entry, line, member")
    return {(bucket, bytes(entry), line): member for bucket, entry, line, member in found}

"""Members move points into the pool of their household, and out of it: entries of the ledger's own, a leg in each account.

What is drawn is the member's own from then on, and is redeemed, refunded and settled as any other point. A lot keeps issuer,
end, price and the way it came: whoever uses it, who earned it stays known. The id of the member's leg is chosen by who asks,
so asking again moves nothing twice, for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import Holding
from ledger.clock import day_of
from ledger.database import Database
from ledger.documents import every
from ledger.households import Policy, household_of, in_his_household, policy_of, seats_of
from ledger.pools import key_of, moved_in, owners_of, pool_of
from ledger.problems import BadRequestError, HouseholdError
from ledger.programmes import is_in_pieces
from ledger.receiving import Till
from ledger.schema import Entry, Member, Posting
from ledger.schema_household import Pooled
from ledger.sessions import accounts_of
from ledger.shelf import Shelf, load_accounts, lock_buckets
from ledger.transfers import Passage, Transfers
from protocol.canonical import MAX_INTEGER
from protocol.documents import ProgrammeText
from protocol.ids import bucket_in, bucket_of, is_entry_id


class Moving(NamedTuple):
    """So many points of a kind. `id`: an entry's, in the member's bucket, for this and nothing else."""

    id: UUID
    member: str
    kind: str
    points: int
    till: Till | None = None


class Pool(NamedTuple):
    """What a member sees of his household's pool: points by kind, and how many of each he can draw now."""

    household: str
    points: dict[str, int]
    drawable: dict[str, int]


def pool_for(connection: Connection, member: str, now_us: int) -> Pool | None:
    """None where the member is in no household, or the coalition has none any more."""
    policy, household = policy_of(connection), household_of(connection, member)
    if policy is None or not household:
        return None
    points = pool_of(connection, household)
    drawn = _drawn(connection, household, member, now_us)
    drawable = {kind: max(0, min(there, policy.monthly - drawn.get(kind, 0))) for kind, there in points.items()}
    return Pool(household, points, drawable)


def is_pooled(connection: Connection, kind: str) -> bool:
    """Whether points of a kind are: vouchers, tickets and stamps are their member's own."""
    return not any(is_in_pieces(text, kind) for text in every(connection, "programme", ProgrammeText))


def put_in(database: Database, moving: Moving, now_us: int) -> None:
    """From the member into the pool, first expiring first. Raises `HouseholdError`."""

    def work(connection: Connection, household: str) -> None:
        if _is_done(connection, moving, "pool-put"):
            return
        policy = _allowed(connection, moving)
        if not is_pooled(connection, moving.kind):
            raise HouseholdError("kind")
        shelf, member, pool = _shelf(connection, moving, household)
        free = shelf.accounts[member].holdings.get(moving.kind, Holding()).available
        there = shelf.accounts[pool].holdings.get(moving.kind, Holding()).available
        if moving.points > free:
            raise HouseholdError("not-enough", free)
        if there + moving.points > policy.points:
            raise HouseholdError("pool-full", max(0, policy.points - there))
        passage = Passage(
            member, pool, household, {moving.kind: moving.points}, type="pool-put", departure=moving.id.bytes
        )
        _keep_owners(connection, household, moving.member, _move(connection, shelf, passage, now_us))

    in_his_household(database, moving.member, work)


def draw(database: Database, moving: Moving, now_us: int) -> int:
    """From the pool to the member, first expiring first; how many of the kind are left there. Raises `HouseholdError`."""

    def work(connection: Connection, household: str) -> int:
        if _is_done(connection, moving, "pool-draw"):
            return pool_of(connection, household).get(moving.kind, 0)
        policy = _allowed(connection, moving)
        shelf, member, pool = _shelf(connection, moving, household)
        there = shelf.accounts[pool].holdings.get(moving.kind, Holding()).available
        if moving.points > there:
            raise HouseholdError("not-enough", there)
        left = policy.monthly - _drawn(connection, household, moving.member, now_us).get(moving.kind, 0)
        if moving.points > left:
            raise HouseholdError("monthly", max(0, left))
        if sum(shelf.accounts[member].holdings.get(moving.kind, Holding())) + moving.points > MAX_INTEGER:
            raise HouseholdError("too-much")
        passage = Passage(
            pool, member, household, {moving.kind: moving.points}, type="pool-draw", arrival=moving.id.bytes,
            till=moving.till,
        )  # fmt: skip
        _move(connection, shelf, passage, now_us)
        return there - moving.points

    return in_his_household(database, moving.member, work)


def _allowed(connection: Connection, moving: Moving) -> Policy:
    policy = policy_of(connection)
    if policy is None:
        raise HouseholdError("off")
    found = rows.find(connection, Member, ("bucket", "member"), [key_of(moving.member)], "status")
    if found[0][0] != "active":
        raise HouseholdError("blocked")
    if moving.points < 1 or not is_entry_id(moving.id) or bucket_in(moving.id) != bucket_of(moving.member):
        raise BadRequestError("points are moved by ones at least, under an id of the member's bucket")
    return policy


def _is_done(connection: Connection, moving: Moving, kind: str) -> bool:
    """Whether exactly this was done before. Raises `HouseholdError` where the id stands for something else."""
    key = bucket_of(moving.member), moving.id.bytes
    booked = rows.find(connection, Entry, ("bucket", "id"), [key], "type, member")
    if not booked:
        return False
    moved = rows.find(connection, Posting, ("bucket", "entry"), [key], "kind, points", "t.account = 'available'")
    points = moving.points if kind == "pool-draw" else -moving.points
    if booked != [(kind, moving.member)] or moved != [(moving.kind, points)]:
        raise HouseholdError("ended")
    return True


def _shelf(connection: Connection, moving: Moving, household: str) -> tuple[Shelf, tuple[int, str], tuple[int, str]]:
    """Both accounts, and their keys. Raises `HouseholdError` where the member owes: what he gets would not be his."""
    member, pool = key_of(moving.member), key_of(household)
    shelf = Shelf(lock_buckets(connection, {member[0], pool[0]}))
    load_accounts(connection, shelf, [member, pool], [member, pool], of_households=True)
    if shelf.accounts[member].holdings.get(moving.kind, Holding()).owed:
        raise HouseholdError("owing")
    return shelf, member, pool


def _move(connection: Connection, shelf: Shelf, passage: Passage, now_us: int) -> Sequence[rows.Values]:
    """Where each new lot came from."""
    transfers = Transfers(shelf, now_us)
    transfers.move(passage)
    shelf.store(connection)
    transfers.store(connection)
    return transfers.origins


def _keep_owners(connection: Connection, household: str, member: str, origins: Sequence[rows.Values]) -> None:
    seated = {
        number for one in seats_of(connection, household).members for _bucket, number in accounts_of(connection, one)
    }
    came = {tuple(origin[3:]): tuple(origin[:3]) for origin in origins}
    owners = owners_of(connection, household, came, member, seated)
    rows.insert(connection, Pooled, [(*came[lot], household, owner) for lot, owner in owners.items()])


def _drawn(connection: Connection, household: str, member: str, now_us: int) -> dict[str, int]:
    """By kind, in the coalition's month, under all his numbers."""
    numbers = {number for _bucket, number in accounts_of(connection, member)}
    sums: dict[str, int] = {}
    for (type_, who, kind), points in moved_in(connection, household, day_of(now_us)[:7]).items():
        if type_ == "pool-draw" and who in numbers:
            sums[kind] = sums.get(kind, 0) + points
    return sums

"""Allowances: what members usually take in a store, reserved for one of its tills before the network fails (DESIGN 4).

Small, so that nobody misses his points elsewhere: as much as he took there last, and never his whole balance. No clock ends
one: it shrinks by what its own terminal books, and goes back when that terminal returns it or is declared lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.accounts import Reservation
from ledger.booking import reserve
from ledger.chance import own_id
from ledger.database import Database
from ledger.documents import newest
from ledger.habits import Usual, usual_in
from ledger.persons import with_who_goes_on
from ledger.receiving import Till, find_till
from ledger.reserving import as_told, own_entry
from ledger.shelf import Shelf, load_accounts, lock_buckets, portions
from ledger.suspending import suspension_of
from protocol import reservations
from protocol.documents import HotList, StoreSettings

_LYING_IN_STORE = (
    "SELECT DISTINCT r.bucket, r.member FROM reservation r JOIN terminal t ON t.terminal = r.terminal"
    " WHERE r.authority = 'allowance' AND r.points_left > 0 AND t.store = ?"
)


def points_for(usual: int, available: int) -> int:
    """How many of `available` points an allowance holds: what he usually takes, and never everything."""
    return usual if usual < available else available // 2


def grant_allowances(database: Database, terminal: str, now_us: int) -> tuple[reservations.Reservation, ...]:
    """Grant what the store's settings allow, a few buckets at a time. Raises `UnknownTerminalError`.

    Asked again after an answer that was lost, it grants to nobody twice.
    """
    with database.read() as connection:
        till = find_till(connection, terminal)
        wanted = _candidates(connection, till, now_us) if _may_hold(connection, till) else []
    granted: list[reservations.Reservation] = []
    for buckets in portions():
        here = [one for one in wanted if one.bucket in buckets]
        if here:
            granted += database.transact(partial(_grant_some, terminal=terminal, wanted=here, now_us=now_us))
    return tuple(granted)


def _may_hold(connection: Connection, till: Till) -> bool:
    """Whether it is at work, and neither its merchant nor its programme is suspended."""
    return till.status == "active" and suspension_of(connection, till) is None


def _candidates(connection: Connection, till: Till, now_us: int) -> list[Usual]:
    settings = newest(connection, "store", till.store, StoreSettings)
    if settings is None or not settings.allowance.per_member:
        return []
    policy = settings.allowance
    since = (settings.calendar.day(now_us) - timedelta(days=policy.days)).isoformat()
    lying = rows.fetch(
        connection,
        "SELECT count(*) FROM reservation WHERE terminal = ? AND authority = 'allowance' AND points_left > 0",
        till.terminal,
    )[0][0]
    has_one = set(rows.fetch(connection, _LYING_IN_STORE, till.store))
    hot = newest(connection, "hot-list", "all", HotList)
    excluded = with_who_goes_on(connection, hot.members if hot else ())
    usual = usual_in(connection, till.store, since, policy.members + len(has_one) + len(excluded))
    free = [one for one in usual if (one.bucket, one.member) not in has_one and one.member not in excluded]
    return [one._replace(points=min(one.points, policy.per_member)) for one in free[: max(0, policy.members - lying)]]


def _grant_some(
    connection: Connection, terminal: str, wanted: Sequence[Usual], now_us: int
) -> list[reservations.Reservation]:
    """Under the buckets' locks: who got one meanwhile, or is no active member any more, gets none."""
    shelf = Shelf(lock_buckets(connection, {one.bucket for one in wanted}))
    till = find_till(connection, terminal)
    if not _may_hold(connection, till):
        return []
    keys = [(one.bucket, one.member) for one in wanted]
    load_accounts(connection, shelf, keys, [])
    taken = set(rows.fetch(connection, _LYING_IN_STORE, till.store))
    status = {
        (bucket, member): status
        for bucket, member, status in rows.find(
            connection, schema.Member, ("bucket", "member"), keys, "bucket, member, status"
        )
    }
    granted = []
    for one in wanted:
        key = (one.bucket, one.member)
        if key not in taken and status.get(key) == "active" and (reservation := _grant(shelf, till, one, now_us)):
            taken.add(key)
            granted.append(as_told(reservation))
    shelf.store(connection)
    return granted


def _grant(shelf: Shelf, till: Till, one: Usual, now_us: int) -> Reservation | None:
    """The entry that moves the points and the reservation have one id: no sale can come under it."""
    account = shelf.accounts[one.bucket, one.member]
    holding = account.holdings.get(one.kind)
    points = points_for(one.points, holding.available) if holding else 0
    if not points:
        return None
    identity, position = own_id(now_us, one.bucket), shelf.next_position(one.bucket)
    wanted = Reservation(
        identity, till.terminal, one.member, one.kind, points, points, now_us, position, authority="allowance"
    )
    booking = reserve(account, identity, wanted)
    if booking is None:
        return None
    shelf.add(one.bucket, own_entry(identity, "reserve", one.member, now_us, position, till), one.member, booking)
    return wanted

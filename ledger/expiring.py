"""Expiry: points past their last day become breakage. What lies in reservations stays; it ends when it comes back.

To be run once a day, some days late rather than early: a sale that a till made offline on a lot's last day arrives later.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from ledger import rows
from ledger.booking import expire as book_expiry
from ledger.chance import own_id
from ledger.clock import day_of
from ledger.database import Database
from ledger.documents import every
from ledger.reserving import own_entry
from ledger.shelf import Shelf, load_accounts, lock_buckets, portions
from protocol.documents import StoreSettings


def expire(database: Database, today: str, now_us: int) -> int:
    """Take every unreserved point whose last day is before `today` (YYYY-MM-DD); how many points that were."""
    expired = 0
    for buckets in portions():
        expired += database.transact(partial(_expire_some, buckets=buckets, today=today, now_us=now_us))
    return expired


def day_that_goes_on(database: Database, now_us: int) -> str:
    """The earliest business day that has not ended yet in some store: what ended before it has ended everywhere."""
    with database.read() as connection:
        days = [settings.calendar.day(now_us).isoformat() for settings in every(connection, "store", StoreSettings)]
    return min(days, default=day_of(now_us))


def _expire_some(connection: Connection, buckets: range, today: str, now_us: int) -> int:
    members = _due(connection, buckets, today)
    if not members:
        return 0
    shelf = Shelf(lock_buckets(connection, (bucket for bucket, _member in members)))
    load_accounts(connection, shelf, members, members, of_households=True)
    expired = 0
    for bucket, member in members:
        identity = own_id(now_us, bucket)
        booking = book_expiry(shelf.accounts[bucket, member], identity, today)
        if booking.postings:
            expired += sum(line.points for line in booking.postings if line.account == "breakage")
            entry = own_entry(identity, "expire", member, now_us, shelf.next_position(bucket))
            shelf.add(bucket, entry, member, booking)
    shelf.store(connection)
    return expired


def _due(connection: Connection, buckets: range, today: str) -> list[tuple[int, str]]:
    found = rows.fetch(
        connection,
        "SELECT DISTINCT bucket, member FROM lot WHERE bucket BETWEEN ? AND ? AND points_left > 0"
        " AND expires_on <> '' AND expires_on < ? ORDER BY bucket, member",
        buckets[0],
        buckets[-1],
        today,
    )
    return [(bucket, member) for bucket, member in found]

"""A terminal that stays silent is declared lost by its merchant: the points in its reservations go back to their members.

What it still sends is booked all the same; what then has no reservation any more is its merchant's shortfall (DESIGN 4).
"""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.accounts import Draft, Reservation
from ledger.chance import own_id
from ledger.database import Database
from ledger.enrolment import end
from ledger.receiving import Till, find_till
from ledger.reserving import own_entry
from ledger.shelf import Shelf, load_accounts, lock_buckets

ENTRY_TYPE = "lost"


def declare_lost(database: Database, terminal: str, now_us: int) -> int:
    """How many points went back. Raises `UnknownTerminalError`."""
    return database.transact(lambda connection: _declare(connection, terminal, now_us))


def _declare(connection: Connection, terminal: str, now_us: int) -> int:
    till = find_till(connection, terminal, lock=True)
    end(connection, terminal, "lost")
    buckets = rows.fetch(
        connection, "SELECT DISTINCT bucket FROM reservation WHERE terminal = ? AND points_left > 0", terminal
    )
    shelf = Shelf(lock_buckets(connection, [bucket for (bucket,) in buckets]))
    lying = _lying(connection, terminal)
    members = [(bucket, reservation.member) for bucket, reservation in lying]
    load_accounts(connection, shelf, members, [])
    for bucket, reservation in lying:
        _give_back(shelf, bucket, reservation, till, now_us)
    shelf.store(connection)
    return sum(reservation.points_left for _bucket, reservation in lying)


def _lying(connection: Connection, terminal: str) -> list[tuple[int, Reservation]]:
    """Read under the buckets' locks."""
    columns = ", ".join(schema.Reservation.model_fields)
    found = rows.fetch(
        connection,
        f"SELECT {columns} FROM reservation WHERE terminal = ? AND points_left > 0 ORDER BY bucket, id",
        terminal,
    )
    return [(bucket, Reservation(*rest)) for bucket, *rest in found]


def _give_back(shelf: Shelf, bucket: int, reservation: Reservation, till: Till, now_us: int) -> None:
    identity = own_id(now_us, bucket)
    draft = Draft(shelf.accounts[bucket, reservation.member], identity)
    draft.move(reservation.kind, reservation.points_left, "reserved", "available")
    booking = draft.finish(reservation._replace(points_left=0, ended_by=identity))
    entry = own_entry(identity, ENTRY_TYPE, reservation.member, now_us, shelf.next_position(bucket), till)
    shelf.add(bucket, entry, reservation.member, booking)

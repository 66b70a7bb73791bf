"""A terminal that stays silent is declared lost by its merchant: the points in its reservations go back to their members.

What it still sends is booked all the same; what then has no reservation any more is its merchant's shortfall (DESIGN 4).
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.accounts import Draft, Reservation
from ledger.booking import end_reservation
from ledger.chance import own_id
from ledger.database import Database
from ledger.enrolment import end
from ledger.receiving import Till, find_till
from ledger.reserving import own_entry
from ledger.shelf import Shelf, load_accounts, lock_buckets, portions

ENTRY_TYPE = "lost"


def declare_lost(database: Database, terminal: str, now_us: int) -> int:
    """How many points went back. Raises `UnknownTerminalError`. Again after a crash it gives back the rest.

    It is lost before anything goes back. Who has a bucket's lock then has either granted before, and it is seen here, or reads
    that the terminal is lost: no reservation is left behind, and none is returned that a sale has used.
    """
    till = database.transact(lambda connection: _end(connection, terminal))
    returned = 0
    for buckets in portions():
        give_back = partial(_give_back_some, till=till, buckets=buckets, now_us=now_us)
        returned += database.transact(give_back)
    return returned


def _end(connection: Connection, terminal: str) -> Till:
    """With the terminal's row locked: a batch that is being booked is booked to its end before."""
    till = find_till(connection, terminal, lock=True)
    end(connection, terminal, "lost")
    return till


def _give_back_some(connection: Connection, till: Till, buckets: range, now_us: int) -> int:
    shelf = Shelf(lock_buckets(connection, buckets))
    lying = _lying(connection, till.terminal, buckets)
    load_accounts(connection, shelf, [(bucket, reservation.member) for bucket, reservation in lying], [])
    for bucket, reservation in lying:
        _give_back(shelf, bucket, reservation, till, now_us)
    shelf.store(connection)
    shelf.bounds.store(connection)
    return sum(reservation.points_left for _bucket, reservation in lying)


def _lying(connection: Connection, terminal: str, buckets: range) -> list[tuple[int, Reservation]]:
    """Read under the buckets' locks."""
    columns = ", ".join(schema.Reservation.model_fields)
    found = rows.fetch(
        connection,
        f"SELECT {columns} FROM reservation WHERE bucket BETWEEN ? AND ? AND terminal = ? AND points_left > 0"
        " ORDER BY bucket, id",
        buckets[0],
        buckets[-1],
        terminal,
    )
    return [(bucket, Reservation(*rest)) for bucket, *rest in found]


def _give_back(shelf: Shelf, bucket: int, reservation: Reservation, till: Till, now_us: int) -> None:
    identity = own_id(now_us, bucket)
    draft = Draft(shelf.accounts[bucket, reservation.member], identity)
    booking = draft.finish(end_reservation(draft, reservation, identity))
    entry = own_entry(identity, ENTRY_TYPE, reservation.member, now_us, shelf.next_position(bucket), till)
    shelf.add(bucket, entry, reservation.member, booking)

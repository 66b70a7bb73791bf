"""What the feed forgets: the tombstone of an account that ended long ago, and with it what is left of the person.

His account, his entries and their postings stay in the books for ever; only no reader is told of him any more. Each bucket
remembers the highest number at which something stood that is forgotten: a reader who has not read so far may have missed the
end, is told so, and starts from a snapshot. A merged number is not forgotten: whoever still has the old card is to be found.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.schema_people import Ended, Horizon
from ledger.shelf import lock_buckets
from protocol.feed import Vector

FORGET_AFTER_DAYS = 400
"""As long as a till keeps its journal: one that slept longer has other things to catch up with."""

ENDS = ("revoked", "left")
_DAY_US = 86_400 * 1_000_000
_AT_ONCE = 200
"""Members in one transaction; a counter waits for no more than these."""


def note(connection: Connection, bucket: int, member: str, status: str, now_us: int) -> None:
    """The state of an account is another one: when it ended, or that it goes on."""
    rows.delete(connection, Ended, [(bucket, member)])
    if status in ENDS:
        rows.insert(connection, Ended, [(bucket, member, now_us)])


def forget(database: Database, now_us: int, after_days: int = FORGET_AFTER_DAYS) -> int:
    """Forget who ended more than `after_days` ago and of whom no points lie at a till; how many that were."""
    before_us, forgotten = now_us - after_days * _DAY_US, 0
    while some := database.transact(lambda connection: _forget_some(connection, before_us)):
        forgotten += some
    return forgotten


def is_past(connection: Connection, reader: Vector) -> bool:
    """Whether a reader may have missed something that nobody can tell him any more."""
    found = rows.fetch(connection, "SELECT bucket, number FROM horizon")
    return any(reader.numbers[bucket] < number for bucket, number in found)


def _forget_some(connection: Connection, before_us: int) -> int:
    due = _due(connection, before_us)
    if not due:
        return 0
    lock_buckets(connection, {bucket for bucket, _member, _position in due})
    due = _due(connection, before_us)  # as they are under the locks
    for bucket, member, _position in due:
        rows.execute(
            connection,
            "UPDATE member SET position = 0, name = '', last4 = '', phone_key = '', pin_hash = ''"
            " WHERE bucket = ? AND member = ?",
            bucket, member,
        )  # fmt: skip
        rows.execute(connection, "DELETE FROM phone WHERE member = ?", member)
        for table in (
            "visit",
            "habit",
            "consent",
            "member_count",
            "standing",
            "tier_given",
            "usual",
            "personal_offer",
        ):
            rows.execute(connection, f"DELETE FROM {table} WHERE bucket = ? AND member = ?", bucket, member)
    highest = {bucket: position for bucket, _member, position in due}  # they rise within a bucket
    rows.put_later(connection, Horizon, "number", list(highest.items()))
    return len(due)


def _due(connection: Connection, before_us: int) -> list[rows.Values]:
    """(bucket, member, position), rising, where nothing was booked since. Position 0: nobody is told of him."""
    return rows.fetch(
        connection,
        "SELECT e.bucket, e.member, m.position FROM ended e JOIN member m ON m.bucket = e.bucket AND m.member = e.member"
        " WHERE e.ended_at < ? AND m.position > 0 AND NOT EXISTS (SELECT 1 FROM balance b"
        " WHERE b.bucket = e.bucket AND b.member = e.member AND b.reserved > 0) AND NOT EXISTS (SELECT 1 FROM entry x"
        " WHERE x.bucket = e.bucket AND x.member = e.member AND x.recorded_at >= ?) ORDER BY 1, 3 LIMIT ?",
        before_us,
        before_us,
        _AT_ONCE,
    )

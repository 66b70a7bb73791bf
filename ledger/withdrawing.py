"""A member says yes or no to a purpose: what follows in the books, and how tills hear of it (`ledger.consent`)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ledger import rows
from ledger.consent import Key, Purpose
from ledger.database import Database
from ledger.feed import advance
from ledger.schema import Member
from ledger.schema_page import Consent
from ledger.sessions import accounts_of
from ledger.shelf import lock_buckets
from ledger.usual import forget_personal


def set_consent(database: Database, member: str, purpose: Purpose, now_us: int, *, is_given: bool) -> None:
    """He agrees, or not any more; his row is told anew to every till."""
    database.transact(lambda connection: _set(connection, member, purpose, now_us, is_given=is_given))


def _set(connection: Connection, member: str, purpose: Purpose, now_us: int, *, is_given: bool) -> None:
    keys = accounts_of(connection, member)
    lock_buckets(connection, {bucket for bucket, _member in keys})
    rows.put(connection, Consent, [(*keys[0], purpose, int(is_given), now_us)])
    if purpose == "habit" and not is_given:
        _forget_habits(connection, keys)
    if purpose == "personal" and not is_given:
        forget_personal(connection, keys)
    for bucket, one in reversed(keys):  # his own row last: it says how far the others are in it
        rows.update(connection, Member, ("position",), [(bucket, one, advance(connection, bucket))])


def _forget_habits(connection: Connection, keys: Iterable[Key]) -> None:
    for key in keys:
        rows.execute(connection, "DELETE FROM habit WHERE bucket = ? AND member = ?", *key)
        rows.execute(
            connection,
            "UPDATE reservation SET called_back = 1 WHERE bucket = ? AND member = ? AND authority = 'allowance'"
            " AND points_left > 0",
            *key,
        )

"""The slow hashes of phones of members who were imported: 50 ms each, so they are made behind, while the ledger serves.

Until he has one a member is found by his phone online, and at a till without a network by his code or card. Tills are told
only of who was at their merchant within 13 months, so the others' are not made before they come.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.database import Database
from ledger.members import PLATE_KEY, phone_salt
from ledger.shelf import lock_buckets
from ledger.visits import first_day
from protocol.phone_keys import phone_key

TURN_S = 20.0
"""Of a minute; counters come first."""

_AT_ONCE = 64
_UNHASHED = "t.phone_key = '' AND t.last4 <> ''"


def make_phone_hashes(database: Database, now_us: int, turn_s: float = TURN_S) -> int:
    """Make some, for at most about so long, on half of the cores; how many."""
    until_s, made, salt = time.monotonic() + turn_s, 0, phone_salt(database)
    with ThreadPoolExecutor(
        max(1, (os.cpu_count() or 1) // 2)
    ) as threads:  # Argon2 works outside the interpreter's lock
        while time.monotonic() < until_s and (wanting := _wanting(database, now_us)):
            hashes = threads.map(lambda phone: phone_key(phone, salt), (phone for *_who, phone in wanting))
            found = [(bucket, member, made_of) for (bucket, member, _), made_of in zip(wanting, hashes, strict=True)]
            database.transact(partial(_write, found))
            made += len(found)
    return made


def _wanting(database: Database, now_us: int) -> list[rows.Values]:
    """(bucket, member, phone) of who is told to tills, and not with his phone's hash."""
    with database.read() as connection:
        return rows.fetch(
            connection,
            "SELECT m.bucket, m.member, p.phone FROM member m JOIN phone p ON p.member = m.member"
            " WHERE m.phone_key = '' AND m.last4 <> '' AND p.phone NOT LIKE ?"
            " AND EXISTS (SELECT 1 FROM visit v WHERE v.bucket = m.bucket AND v.member = m.member AND v.day >= ?)"
            " LIMIT ?",
            f"{PLATE_KEY}%", first_day(now_us), _AT_ONCE,
        )  # fmt: skip


def _write(found: list[rows.Values], connection: Connection) -> None:
    """Their rows are told anew. Whoever was merged meanwhile keeps nothing of the person, no hash of his phone either."""
    numbers = lock_buckets(connection, {bucket for bucket, *_ in found})
    keys = [(bucket, member) for bucket, member, _made_of in found]
    still = set(rows.find(connection, schema.Member, ("bucket", "member"), keys, "bucket, member", _UNHASHED))
    changed = []
    for bucket, member, made_of in found:
        if (bucket, member) not in still:
            continue
        numbers[bucket] += 1
        changed.append((bucket, member, made_of, numbers[bucket]))
    rows.update(connection, schema.Member, ("phone_key", "position"), changed)
    rows.update(connection, schema.Bucket, ("number",), list(numbers.items()))

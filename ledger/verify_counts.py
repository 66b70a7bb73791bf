"""Recount what rules with a memory go by: a count is the sum of what the standing sales of a member add to it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger import rows
from ledger.counting import Counter, kept_since, recount
from ledger.shelf import portions
from ledger.terms import Terms


def verify_counts(connection: Connection) -> Iterator[str]:
    """A sentence for each count that is another one. Those of days long past are not kept, nor of members who are forgotten."""
    terms = Terms().refreshed(connection)
    is_asked = any(terms.rules_of(connection, key).asked for key in terms.kinds_of)
    if not is_asked and not rows.fetch(connection, "SELECT 1 FROM member_count LIMIT 1"):
        return
    kept = kept_since(connection)
    for buckets in portions():
        where = "WHERE bucket BETWEEN ? AND ?"
        stored = {
            Counter(*key): amount
            for *key, amount in rows.fetch(
                connection,
                f"SELECT bucket, member, merchant, name, period, amount FROM member_count {where}",
                buckets[0],
                buckets[-1],
            )
        }
        forgotten = f"SELECT bucket, member FROM member {where} AND position = 0"
        is_gone = {(bucket, member) for bucket, member in rows.fetch(connection, forgotten, buckets[0], buckets[-1])}
        counted = recount(connection, terms, buckets)
        for one in sorted(stored.keys() | counted.keys()):
            says, is_so = stored.get(one, 0), counted.get(one, 0)
            if says != is_so and kept.has(one.period) and one[:2] not in is_gone:
                name = f"{one.name}/{one.period}" if one.period else one.name
                yield f"member {one.member} at {one.merchant}: {name} is stored as {says}, his sales say {is_so}"

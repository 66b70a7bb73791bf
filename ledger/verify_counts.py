"""Recount what rules with a memory go by: a count is the sum of what the standing sales of a member add to it; one of all
members together is what theirs add and what open reservations hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection

from ledger import rows
from ledger.bounds import Holds, Shared
from ledger.counting import Counter, kept_since, recount
from ledger.shelf import portions
from ledger.terms import Terms


def verify_counts(connection: Connection) -> Iterator[str]:
    """A sentence for each count that is another one. Those of days long past are not kept, nor of members who are forgotten."""
    terms = Terms().refreshed(connection)
    rules = [terms.rules_of(connection, key) for key in terms.kinds_of]
    is_asked = any(one.asked or one.asked_of_all for one in rules)
    kept_some = "SELECT 1 FROM member_count UNION ALL SELECT 1 FROM merchant_count LIMIT 1"
    if not is_asked and not rows.fetch(connection, kept_some):
        return
    kept = kept_since(connection)
    of_all: dict[Shared, int] = defaultdict(int)
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
        counted, shared = recount(connection, terms, buckets)
        for key, amount in shared.items():
            of_all[key] += amount
        for one in sorted(stored.keys() | counted.keys()):
            says, is_so = stored.get(one, 0), counted.get(one, 0)
            if says != is_so and kept.has(one.period) and one[:2] not in is_gone:
                name = f"{one.name}/{one.period}" if one.period else one.name
                yield f"member {one.member} at {one.merchant}: {name} is stored as {says}, his sales say {is_so}"
    yield from _of_all(connection, of_all)


def _of_all(connection: Connection, counted: dict[Shared, int]) -> Iterator[str]:
    """With what open reservations hold; each of these rows belongs to one that is open."""
    for row in rows.fetch(connection, f"SELECT {', '.join(Holds._fields)} FROM held"):
        for shared, amount in Holds(*row).sums:
            counted[shared] += amount
    found = rows.fetch(connection, "SELECT merchant, name, period, amount FROM merchant_count")
    stored = {Shared(*key): amount for *key, amount in found}
    for one in sorted(stored.keys() | counted.keys()):
        says, is_so = stored.get(one, 0), counted.get(one, 0)
        if says != is_so:
            yield f"merchant {one.merchant}: {one.name}/{one.period} is stored as {says}, its sales say {is_so}"
    open_ones = "SELECT bucket, id FROM reservation WHERE holds = 1 AND length(ended_by) = 0"
    held = "SELECT bucket, id FROM held"
    for bucket, identity in rows.fetch(connection, f"{held} EXCEPT {open_ones} ORDER BY 1, 2"):
        yield f"bucket {bucket}: {bytes(identity).hex()} holds a reward and is no open reservation"
    for bucket, identity in rows.fetch(connection, f"{open_ones} EXCEPT {held} ORDER BY 1, 2"):
        yield f"bucket {bucket}: reservation {bytes(identity).hex()} holds a reward that nobody counts"

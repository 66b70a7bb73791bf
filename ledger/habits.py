"""What a member usually takes in a store: as many points of a kind as he took when he redeemed there last.

From this the allowances of the store's tills are made (`ledger.allowances`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.clock import day_of
from ledger.consent import refusing
from ledger.schema_people import Habit
from ledger.visits import latest_day
from protocol.ids import bucket_of


class Usual(NamedTuple):
    """Who takes how much."""

    bucket: int
    member: str
    kind: str
    points: int


def remember_habits(connection: Connection, entries: Iterable[rows.Values], postings: Iterable[rows.Values]) -> None:
    """From the rows of `schema.Entry` and `schema.Posting` of a batch; one statement, and none where nobody redeemed.

    An entry that was made on an earlier day and arrives late changes nothing; of one day the first redemption counts. Of who
    does not want it nothing is kept.
    """
    taken = {(line[0], line[1], line[5]): line[6] for line in postings if line[3] == "clearing" and line[6] > 0}
    if not taken:
        return
    sales = {(entry[0], entry[1]): entry for entry in entries if entry[4] == "sale"}
    habits: dict[tuple[int, str, str, str], tuple[str, int]] = {}
    for (bucket, identity, kind), points in taken.items():
        if sale := sales.get((bucket, identity)):
            _id, _terminal, _seq, _type, member, store, _merchant, _reference, day = sale[1:10]
            key = (bucket, member, store, kind)
            habits[key] = max(habits.get(key, ("", 0)), (min(day, latest_day(sale[11])), points))
    refused = refusing(connection, {key[:2] for key in habits}, "habit")
    kept = [(*key, *habit) for key, habit in habits.items() if key[:2] not in refused]
    rows.put_later(connection, Habit, "day", kept)


def bring_habits(connection: Connection, member: str, usual: Iterable[tuple[str, str, int]], now_us: int) -> None:
    """What a new member is known to take: (store, kind, points), from the system before this one."""
    bucket, day = bucket_of(member), day_of(now_us)
    rows.put_later(
        connection, Habit, "day", [(bucket, member, store, kind, day, points) for store, kind, points in usual]
    )


def usual_in(connection: Connection, store: str, since: str, limit: int) -> list[Usual]:
    """Those who redeemed in `store` on the day `since` or later, last ones first, at most `limit`."""
    found = rows.fetch(
        connection,
        "SELECT bucket, member, kind, points FROM habit WHERE store = ? AND day >= ?"
        " ORDER BY day DESC, bucket, member, kind LIMIT ?",
        store,
        since,
        limit,
    )
    return [Usual(*row) for row in found]

"""Who was where: for 13 months after a member's last business day at a merchant the tills of that merchant know his name.

Others are told his number, rank, status and points: enough to earn. He comes into scope by his own sale, whose booking moves
his row in the feed; he leaves it by staying away, and a till forgets him with its next snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.clock import day_of
from ledger.problems import NotKnownError
from ledger.schema_people import Visit
from protocol.ids import bucket_of

SCOPE_MONTHS = 13
"""A year and a month: who comes once a year, at the New Year, stays known."""

Key = tuple[int, str]
Visits = Mapping[tuple[int, str, str], str]
"""(bucket, member, merchant) → business day."""


class Scope(NamedTuple):
    """What a reader may know: names of members who were at `merchant` on the day `since` or later, and how to check the PIN of
    those who have an allowance at `terminal`. Of days before `yesterday` he is told no counts."""

    merchant: str
    since: str
    terminal: str = ""
    yesterday: str = ""


def scope_of(connection: Connection, store: str, now_us: int, terminal: str = "") -> Scope:
    """What the tills of a store may know, and one of them. Raises `NotKnownError` for a store that there is not."""
    found = rows.fetch(connection, "SELECT merchant FROM store WHERE store = ?", store)
    if not found:
        raise NotKnownError("store", store)
    yesterday = date.fromisoformat(day_of(now_us)) - timedelta(days=1)
    return Scope(found[0][0], first_day(now_us), terminal, yesterday.isoformat())


def first_day(now_us: int) -> str:
    """Who was at a merchant on this day (YYYY-MM-DD) or later is known there."""
    return months_before(date.fromisoformat(day_of(now_us)), SCOPE_MONTHS).isoformat()


def in_scope(connection: Connection, keys: Sequence[Key], scope: Scope) -> set[Key]:
    """Those of the members who are."""
    wanted = [(*key, scope.merchant) for key in keys]
    found = rows.find(connection, Visit, ("bucket", "member", "merchant"), wanted, "bucket, member, day")
    return {(bucket, member) for bucket, member, day in found if day >= scope.since}


def remember(connection: Connection, visits: Visits) -> None:
    """One statement for all of them; an earlier day never replaces a later one."""
    rows.put_later(connection, Visit, "day", [(*key, day) for key, day in visits.items()])


def visits_in(entries: Iterable[rows.Values], merged: Mapping[Key, str]) -> Visits:
    """The visits that sales among these rows of `schema.Entry` are. `merged`: who of their members goes on as whom."""
    found: dict[tuple[int, str, str], str] = {}
    for (
        bucket,
        _id,
        _terminal,
        _seq,
        kind,
        member,
        _store,
        merchant,
        _reference,
        day,
        _at,
        recorded_at,
        *_,
    ) in entries:
        if kind == "sale":
            into = merged.get((bucket, member))
            key = (bucket_of(into), into, merchant) if into else (bucket, member, merchant)
            found[key] = max(found.get(key, ""), min(day, latest_day(recorded_at)))
    return found


@lru_cache(maxsize=64)
def latest_day(received_at_us: int) -> str:
    """A till whose clock is ahead says nothing about next year: its day counts as the one after the ledger's at most."""
    return (date.fromisoformat(day_of(received_at_us)) + timedelta(days=1)).isoformat()


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or the last one that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("unreachable")

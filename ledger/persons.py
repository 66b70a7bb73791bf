"""One person with several numbers: what holds for a number that was merged holds for the one that stays."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ledger import rows
from ledger.schema import Member
from ledger.schema_people import Merged
from protocol.ids import bucket_of


def merged_into(connection: Connection, member: str) -> list[str]:
    """The numbers that were merged into this one."""
    found = rows.find(connection, Merged, ("bucket", "member"), [(bucket_of(member), member)], "source")
    return [source for (source,) in found]


def with_who_goes_on(connection: Connection, members: Iterable[str]) -> frozenset[str]:
    """These numbers, and those that the merged ones among them go on as."""
    listed = frozenset(members)
    keys = [(bucket_of(member), member) for member in listed]
    found = rows.find(connection, Member, ("bucket", "member"), keys, "merged_into") if keys else []
    return listed | {into for (into,) in found if into}

"""What the books say of one member, for his own eyes: name, balances, what ends when, what lies where."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.feed import member_row
from ledger.problems import NotKnownError
from ledger.schema import Lot, Member
from ledger.sessions import accounts_of
from protocol.feed import MemberRow
from protocol.ids import bucket_of


class Lying(NamedTuple):
    """Points that wait at a till: `authority` as in a reservation."""

    kind: str
    points: int
    merchant: str
    store: str
    till: str
    authority: str


class Ending(NamedTuple):
    """Points of a kind that end together; `on` (YYYY-MM-DD) is their last day, empty: they do not end."""

    kind: str
    points: int
    on: str


class Account(NamedTuple):
    """`row` is what a till would be told, his numbers of former days included."""

    member: str
    name: str
    last4: str
    tier: str
    row: MemberRow


def account_of(connection: Connection, member: str) -> Account:
    """Raises `NotKnownError`."""
    row = member_row(connection, member)
    if row is None:
        raise NotKnownError("member", member)
    key = bucket_of(member), member
    name, last4, tier = rows.find(connection, Member, ("bucket", "member"), [key], "name, last4, tier")[0]
    return Account(member, name, last4, tier, row)


def lying_of(connection: Connection, row: MemberRow) -> list[Lying]:
    """Most points first, with the places' names."""
    places = {terminal: (merchant, store, till) for terminal, merchant, store, till in rows.fetch(
        connection,
        "SELECT t.terminal, m.name, s.name, t.name FROM terminal t JOIN store s ON s.store = t.store"
        f" JOIN merchant m ON m.merchant = s.merchant WHERE t.terminal IN ({', '.join('?' * len(row.lying))})",
        *(one.terminal for one in row.lying),
    )} if row.lying else {}  # fmt: skip
    found = [
        Lying(one.kind, one.points, *places.get(one.terminal, ("", "", one.terminal)), one.authority)
        for one in row.lying
    ]
    return sorted(found, key=lambda one: -one.points)


def endings_of(connection: Connection, member: str) -> list[Ending]:
    """First ending first, those that never end last."""
    found = rows.find(
        connection, Lot, ("bucket", "member"), accounts_of(connection, member), "kind, expires_on, points_left",
        "t.points_left > 0", "lot_open",
    )  # fmt: skip
    sums: dict[tuple[bool, str, str], int] = defaultdict(int)
    for kind, on, points in found:
        sums[not on, on, kind] += points
    return [Ending(kind, points, on) for (_never, on, kind), points in sorted(sums.items())]

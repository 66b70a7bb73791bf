"""What the books say of sales without a member, checked: their points are claimed by one, can be claimed, or have ended."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger import rows

_STRANDED = (
    "SELECT m.member, b.kind, b.available FROM member m JOIN balance b ON b.bucket = m.bucket AND b.member = m.member"
    " LEFT JOIN unclaimed u ON u.bucket = m.bucket AND u.member = m.member"
    " WHERE m.status = 'unclaimed' AND b.available > 0 AND u.member IS NULL ORDER BY 1, 2"
)
_LEFT_BEHIND = (
    "SELECT m.member, b.kind, b.available, b.owed FROM member m"
    " JOIN balance b ON b.bucket = m.bucket AND b.member = m.member"
    " WHERE m.status = 'claimed' AND (b.available > 0 OR b.owed > 0) ORDER BY 1, 2"
)
_NOBODYS = (
    "SELECT m.member, m.merged_into, count(o.member) FROM member m"
    " LEFT JOIN merged o ON o.source_bucket = m.bucket AND o.source = m.member AND o.member = m.merged_into"
    " WHERE m.status = 'claimed' GROUP BY m.member, m.merged_into HAVING count(o.member) <> 1 ORDER BY 1"
)
_RESERVED = (
    "SELECT m.member, b.kind, b.reserved FROM member m JOIN balance b ON b.bucket = m.bucket AND b.member = m.member"
    " WHERE m.status IN ('unclaimed', 'claimed') AND b.reserved <> 0 ORDER BY 1, 2"
)


def verify_claims(connection: Connection) -> Iterator[str]:
    """Findings, in words."""
    for account, kind, points in rows.fetch(connection, _STRANDED):
        yield f"{account}, {kind!r}: {points} points that nobody can claim and that never end"
    for account, kind, available, owed in rows.fetch(connection, _LEFT_BEHIND):
        yield f"{account}, {kind!r}: was claimed, and still has {available} points and owes {owed}"
    for account, member, times in rows.fetch(connection, _NOBODYS):
        yield f"{account}: was claimed by {member}, who has it {times} times"
    for account, kind, points in rows.fetch(connection, _RESERVED):
        yield f"{account}, {kind!r}: {points} points of a sale without a member are reserved"

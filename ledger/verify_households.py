"""Recompute what households claim: who is in which, and whose every point of a pool is."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger import rows

_OTHER_WAYS = (
    "SELECT m.member, e.type, count(*) FROM member m JOIN entry e ON e.bucket = m.bucket AND e.member = m.member"
    " JOIN posting p ON p.bucket = e.bucket AND p.entry = e.id AND p.holder = m.member"
    " AND p.account IN ('available', 'reserved', 'owed') WHERE m.status = 'household'"
    " AND e.type NOT IN ('pool-put', 'pool-draw', 'pool-back', 'expire') GROUP BY m.member, e.type ORDER BY 1, 2"
)
_RESERVED = (
    "SELECT b.member, b.kind FROM balance b JOIN member m ON m.bucket = b.bucket AND m.member = b.member"
    " WHERE m.status = 'household' AND (b.reserved <> 0 OR b.owed <> 0) ORDER BY 1, 2"
)
_NOBODYS = (
    "SELECT l.member, count(*) FROM lot l JOIN member m ON m.bucket = l.bucket AND m.member = l.member"
    " LEFT JOIN pooled o ON o.bucket = l.bucket AND o.entry = l.entry AND o.line = l.line AND o.household = l.member"
    " WHERE m.status = 'household' AND o.member IS NULL GROUP BY l.member ORDER BY 1"
)
_STRANGERS = (
    "SELECT DISTINCT o.household, o.member FROM pooled o JOIN lot l ON l.bucket = o.bucket AND l.entry = o.entry"
    " AND l.line = o.line AND l.points_left > 0 LEFT JOIN member m ON m.member = o.member"
    " LEFT JOIN seat s ON s.household = o.household AND s.member IN (m.member, m.merged_into)"
    " WHERE s.member IS NULL ORDER BY 1, 2"
)
_NO_HOUSEHOLD = (
    "SELECT s.member, s.household FROM seat s LEFT JOIN household h ON h.household = s.household AND h.closed_at = 0"
    " WHERE h.household IS NULL ORDER BY 1"
)


def verify_households(connection: Connection) -> Iterator[str]:
    """Findings, in words."""
    for household, kind, count in rows.fetch(connection, _OTHER_WAYS):
        yield f"household {household}: {count} postings of entries of type {kind!r}, by which no points come or go"
    for household, kind in rows.fetch(connection, _RESERVED):
        yield f"household {household}, {kind!r}: points are reserved or owed, and no till knows it"
    for household, count in rows.fetch(connection, _NOBODYS):
        yield f"household {household}: {count} lots of which nobody knows whose they are"
    for household, member in rows.fetch(connection, _STRANGERS):
        yield f"household {household}: points of {member}, who is not in it, are in the pool"
    for member, household in rows.fetch(connection, _NO_HOUSEHOLD):
        yield f"member {member}: is in household {household}, which is closed or was never there"

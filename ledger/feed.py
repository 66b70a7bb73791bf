"""The feed: how far every bucket is, what moved since, and a snapshot of all members.

A bucket's number moves in the transaction that books, under the bucket's lock, so whoever sees number n sees everything up
to n. All reads of one answer are one state of the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.epochs import current_epoch
from ledger.horizon import is_past
from ledger.member_rows import member_rows
from ledger.schema import Member
from ledger.visits import Scope
from protocol import canonical
from protocol.feed import MAX_PAGE_ROWS, Changes, ChangesRequest, MemberRow, SnapshotPart, Vector
from protocol.ids import BUCKETS, bucket_of

PART_ROWS = 50_000
"""A part of a snapshot ends with the bucket in which it reaches so many rows: 1.3 MB on the line, what a cut costs at most."""

_SNAPSHOT_MEMBERS = 5_000
"""Members whose rows are built at once; more costs memory and wins nothing."""


def vector(connection: Connection) -> Vector:
    """How far the books are: one query over 1,024 short rows and the newest document's number, in which epoch another one."""
    numbers = rows.fetch(
        connection,
        "SELECT bucket, number FROM bucket UNION ALL SELECT ?, coalesce(max(number), 0) FROM document ORDER BY 1",
        BUCKETS,
    )
    return Vector([number for _bucket, number in numbers[:-1]], numbers[-1][1], current_epoch(connection))


def digest(database: Database) -> str:
    """The digest of `vector`: a till that sends the same one has nothing to pull."""
    with database.read() as connection:
        return vector(connection).digest()


def changes(database: Database, request: ChangesRequest, scope: Scope | None = None) -> Changes:
    """What moved since the reader's numbers, at most `limit` rows (and never more than `MAX_PAGE_ROWS`), as he may know it;
    or that nobody can tell him any more (`ledger.horizon`).

    Raises `ValueError` when the request does not name every bucket.
    """
    theirs = Vector(request.numbers, request.documents, request.epoch)
    with database.read() as connection:
        ours = vector(connection)
        if theirs.epoch not in ("", ours.epoch) or is_past(connection, theirs):
            return Changes(documents=ours.documents, is_past_horizon=True, epoch=ours.epoch)
        moved = [
            (b, theirs.numbers[b], number) for b, number in enumerate(ours.numbers) if number > theirs.numbers[b]
        ]
        limit = min(request.limit, MAX_PAGE_ROWS)
        keys, read = _moved_members(connection, moved, limit)
        page = tuple(member_rows(connection, keys, scope))
    more = any(read.get(bucket, 0) < number for bucket, _since, number in moved)
    return Changes(rows=page, read=read, documents=ours.documents, more=more, epoch=ours.epoch)


def snapshot(
    database: Database, clock: Callable[[], int], scope: Scope | None = None, first: int = 0
) -> Iterator[bytes | SnapshotPart]:
    """Every `MemberRow` of the buckets from `first` on, lines with their newlines, and what ends each part.

    A part is one transaction: every row is as it was at the part's numbers. A bucket lies in one part whole, and the changes
    of a bucket are counted by itself, so parts of different moments make one snapshot: the changes after each part's numbers
    complete it. No transaction stays open for as long as a slow line takes.
    """
    while first < BUCKETS:
        hashed, count, last = hashlib.sha256(), 0, BUCKETS - 1
        with database.read() as connection:
            at, ours = clock(), vector(connection)
            for keys in _members_from(connection, first):
                if keys[0][0] > last:
                    break
                keys = [key for key in keys if key[0] <= last]  # noqa: PLW2901  # the rest is the next part's
                lines = [canonical.encode(row) + b"\n" for row in member_rows(connection, keys, scope)]
                block = b"".join(lines)
                hashed.update(block)
                count += len(lines)
                yield block
                if count >= PART_ROWS:
                    last = min(last, keys[-1][0])
        yield SnapshotPart(
            first=first, numbers=ours.numbers[first : last + 1], rows=count, digest=hashed.hexdigest(), at=at,
            epoch=ours.epoch,
        )  # fmt: skip
        first = last + 1


def member_row(connection: Connection, member: str, scope: Scope | None = None) -> MemberRow | None:
    """One member as a till is told of him who asks for him by name; None for a number that nobody has."""
    return next(iter(member_rows(connection, [(bucket_of(member), member)], scope, by_name=True)), None)


def advance(connection: Connection, bucket: int, count: int = 1) -> int:
    """Lock a bucket and take its next `count` feed numbers; the first of them.

    Whatever changes a member's row by another way than booking takes his new `position` from here, in the same transaction.
    """
    taken = rows.fetch(
        connection, "UPDATE bucket SET number = number + ? WHERE bucket = ? RETURNING number", count, bucket
    )
    last: int = taken[0][0]
    return last - count + 1


def _moved_members(
    connection: Connection, moved: Sequence[tuple[int, int, int]], limit: int
) -> tuple[list[tuple[int, str]], dict[int, int]]:
    """Members in rising (bucket, position), and how far each bucket is read with them."""
    found = rows.find_above(connection, Member, "position", [(b, since) for b, since, _ in moved], "member", limit)
    read = {bucket: number for bucket, _since, number in moved}
    if len(found) == limit and found:
        last_bucket, last_position, _member = found[-1]
        read = {bucket: number for bucket, number in read.items() if bucket < last_bucket}
        read[last_bucket] = last_position
    return [(bucket, member) for bucket, _position, member in found], read


def _members_from(connection: Connection, first: int) -> Iterator[list[tuple[int, str]]]:
    """Keys of all members from a bucket on, in portions, by walking the primary key."""
    after: tuple[int, str] = (first, "")  # no member has an empty number
    while True:
        keys = rows.fetch(
            connection,
            "SELECT bucket, member FROM member WHERE (bucket, member) > (?, ?) AND position > 0"
            " ORDER BY bucket, member LIMIT ?",
            *after,
            _SNAPSHOT_MEMBERS,
        )
        if not keys:
            return
        yield [(bucket, member) for bucket, member in keys]
        after = (keys[-1][0], keys[-1][1])

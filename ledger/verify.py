"""Recompute what the books claim: `verify` reads one state of everything and returns a sentence for each thing that is wrong.

It trusts nothing that booking keeps for its own comfort: sums are added up anew, chains hashed anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows
from ledger.acts import verify_acts
from ledger.database import Database
from ledger.transfers import ENTRY_TYPES
from ledger.verify_claims import verify_claims
from ledger.verify_counts import verify_counts
from ledger.verify_households import verify_households
from ledger.verify_log import verify_log
from ledger.verify_refunds import verify_refunds
from protocol import chain

_PAGE = 1_000


def verify(database: Database) -> list[str]:
    """Findings, in words; none when all is well."""
    with database.read() as connection:
        return [
            *_postings(connection),
            *_balances(connection),
            *_lots(connection),
            *_transfers(connection),
            *_positions(connection),
            *_chains(connection),
            *verify_log(connection),
            *verify_refunds(connection),
            *_cases(connection),
            *verify_acts(connection),
            *verify_counts(connection),
            *verify_households(connection),
            *verify_claims(connection),
        ]


def _postings(connection: Connection) -> Iterator[str]:
    """Double entry: the postings of an entry sum to zero per kind; its shortfall is what they say."""
    unbalanced = (
        "SELECT bucket, entry, kind, sum(points) FROM posting GROUP BY bucket, entry, kind HAVING sum(points) <> 0"
    )
    for bucket, entry, kind, points in rows.fetch(connection, unbalanced):
        yield f"entry {_id(entry)} in bucket {bucket}: postings of {kind!r} sum to {points}, not to zero"
    wrong = (
        "SELECT e.bucket, e.id, e.shortfall, coalesce(sum(p.points), 0) FROM entry e"
        " LEFT JOIN posting p ON p.bucket = e.bucket AND p.entry = e.id AND p.account = 'shortfall'"
        " WHERE e.type = 'sale' GROUP BY e.bucket, e.id, e.shortfall HAVING e.shortfall + coalesce(sum(p.points), 0) <> 0"
    )
    for bucket, entry, stated, posted in rows.fetch(connection, wrong):
        yield f"entry {_id(entry)} in bucket {bucket}: says a shortfall of {stated}, its postings say {-posted}"


def _balances(connection: Connection) -> Iterator[str]:
    """A balance is the sum of its postings, of what is left in its lots, and of what is left in its reservations."""
    posted = (
        "SELECT bucket, holder AS member, kind, account, sum(points) AS points FROM posting"
        " WHERE account IN ('available', 'reserved', 'owed') GROUP BY bucket, holder, kind, account"
    )
    stored = (
        "SELECT bucket, member, kind, 'available' AS account, available AS points FROM balance"
        " UNION ALL SELECT bucket, member, kind, 'reserved', reserved FROM balance"
        " UNION ALL SELECT bucket, member, kind, 'owed', -owed FROM balance"
    )
    for member, kind, account, says, is_so in _differences(
        connection, stored, posted, "bucket, member, kind, account"
    ):
        yield f"member {member}, {kind!r}: {account} is stored as {says}, its postings sum to {is_so}"
    whole = "SELECT bucket, member, kind, '' AS account, available + reserved AS points FROM balance"
    lots = "SELECT bucket, member, kind, '' AS account, sum(points_left) AS points FROM lot GROUP BY bucket, member, kind"
    for member, kind, _account, says, is_so in _differences(connection, whole, lots, "bucket, member, kind, account"):
        yield f"member {member}, {kind!r}: has {says} available and reserved, {is_so} are left in his lots"
    reserved = "SELECT bucket, member, kind, '' AS account, reserved AS points FROM balance"
    lying = (
        "SELECT bucket, member, kind, '' AS account, sum(points_left) AS points FROM reservation"
        " WHERE length(ended_by) = 0 GROUP BY bucket, member, kind"
    )
    for member, kind, _account, says, is_so in _differences(
        connection, reserved, lying, "bucket, member, kind, account"
    ):
        yield f"member {member}, {kind!r}: {says} are stored as reserved, {is_so} lie in open reservations"
    both = "SELECT member, kind, available, owed FROM balance WHERE available > 0 AND owed > 0 ORDER BY member, kind"
    for member, kind, available, owed in rows.fetch(connection, both):
        yield f"member {member}, {kind!r}: owes {owed}, and {available} that he has did not pay it"


def _differences(connection: Connection, stored: str, counted: str, keys: str) -> list[rows.Values]:
    """(member, kind, account, stored, counted) where the two queries differ; what is missing in one counts as 0."""
    both = (
        f"SELECT {keys}, points AS says, 0 AS is_so FROM ({stored}) AS s"
        f" UNION ALL SELECT {keys}, 0, points FROM ({counted}) AS c"
    )
    return rows.fetch(
        connection,
        f"SELECT member, kind, account, sum(says), sum(is_so) FROM ({both}) AS b"
        f" GROUP BY {keys} HAVING sum(says) <> sum(is_so) ORDER BY {keys}",
    )


def _lots(connection: Connection) -> Iterator[str]:
    """What is left of a lot is what was in it without what entries took: every point has its way (A2)."""
    wrong = (
        "SELECT l.bucket, l.entry, l.line, l.points, l.points_left, coalesce(sum(u.points), 0) FROM lot l"
        " LEFT JOIN lot_use u ON u.bucket = l.bucket AND u.lot_entry = l.entry AND u.lot_line = l.line"
        " GROUP BY l.bucket, l.entry, l.line, l.points, l.points_left"
        " HAVING l.points - l.points_left <> coalesce(sum(u.points), 0)"
    )
    for bucket, entry, line, points, left, used in rows.fetch(connection, wrong):
        yield f"lot {line} of entry {_id(entry)} in bucket {bucket}: {left} of {points} are left, but {used} were taken"


def _transfers(connection: Connection) -> Iterator[str]:
    """What left an account that was merged, a member's or a household's, came to the other one; a lot that came is what it was,
    with its way behind it.
    """
    types = ", ".join(f"'{one}'" for one in ENTRY_TYPES)
    on_the_way = (
        "SELECT holder, kind, sum(points) FROM posting WHERE account = 'transfer' GROUP BY holder, kind"
        " HAVING sum(points) <> 0 ORDER BY holder, kind"
    )
    for member, kind, points in rows.fetch(connection, on_the_way):
        yield f"holder {member}, {kind!r}: {points} points left an account and came to none"
    strangers = (
        "SELECT l.bucket, l.entry, l.line FROM entry e JOIN lot l ON l.bucket = e.bucket AND l.entry = e.id"
        " LEFT JOIN lot_origin o ON o.bucket = l.bucket AND o.entry = l.entry AND o.line = l.line"
        " LEFT JOIN lot f ON f.bucket = o.from_bucket AND f.entry = o.from_entry AND f.line = o.from_line"
        " AND f.kind = l.kind AND f.issuer = l.issuer AND f.price_mfen = l.price_mfen"
        f" WHERE e.type IN ({types}) AND f.entry IS NULL"
    )
    for bucket, entry, line in rows.fetch(connection, strangers):
        yield f"lot {line} of transfer {_id(entry)} in bucket {bucket}: it is not what it was before"
    more = (
        "SELECT c.bucket, c.entry, c.line, c.points, coalesce(sum(u.points), 0) FROM"
        " (SELECT o.from_bucket AS bucket, o.from_entry AS entry, o.from_line AS line, sum(l.points) AS points"
        " FROM lot_origin o JOIN lot l ON l.bucket = o.bucket AND l.entry = o.entry AND l.line = o.line"
        " GROUP BY o.from_bucket, o.from_entry, o.from_line) AS c"
        " LEFT JOIN (SELECT u.bucket, u.lot_entry, u.lot_line, u.points FROM lot_use u JOIN entry e"
        f" ON e.bucket = u.bucket AND e.id = u.entry AND e.type IN ({types})) AS u"
        " ON u.bucket = c.bucket AND u.lot_entry = c.entry AND u.lot_line = c.line"
        " GROUP BY c.bucket, c.entry, c.line, c.points HAVING c.points > coalesce(sum(u.points), 0)"
    )
    for bucket, entry, line, came, left in rows.fetch(connection, more):
        yield f"lot {line} of entry {_id(entry)} in bucket {bucket}: {left} points were transferred, {came} came"


def _positions(connection: Connection) -> Iterator[str]:
    """The feed of a bucket has seen everything in it, and no two entries stand in one place."""
    for table in ("member", "entry"):
        ahead = (
            f"SELECT t.bucket, max(t.position), b.number FROM {table} t LEFT JOIN bucket b ON b.bucket = t.bucket"
            " GROUP BY t.bucket, b.number HAVING max(t.position) > coalesce(b.number, -1)"
        )
        for bucket, position, number in rows.fetch(connection, ahead):
            yield f"bucket {bucket}: a row of {table!r} stands at {position}, the feed at {number}"
    twice = "SELECT bucket, position, count(*) FROM entry WHERE seq > 0 GROUP BY bucket, position HAVING count(*) > 1"
    for bucket, position, count in rows.fetch(connection, twice):
        yield f"bucket {bucket}: {count} entries stand at position {position} of the feed"


def _chains(connection: Connection) -> Iterator[str]:
    """Every terminal's chain, hash by hash, up to the head that it signed; every entry up to `booked_seq` has an outcome."""
    terminals = rows.fetch(
        connection, "SELECT terminal, public, head_seq, head, booked_seq FROM terminal ORDER BY terminal"
    )
    for terminal, public, head_seq, head, booked_seq in terminals:
        yield from _chain(connection, terminal, chain.genesis(terminal, public), head_seq, head)
        counted = rows.fetch(
            connection, "SELECT count(*) FROM outcome WHERE terminal = ? AND seq <= ?", terminal, booked_seq
        )
        if counted[0][0] != booked_seq:
            yield f"terminal {terminal}: {counted[0][0]} outcomes for {booked_seq} entries"


def _chain(connection: Connection, terminal: str, genesis: bytes, head_seq: int, head: bytes) -> Iterator[str]:
    previous, expected = genesis, 1
    while page := rows.fetch(
        connection,
        "SELECT seq, hash, payload, payload_hash FROM received WHERE terminal = ? AND seq >= ? ORDER BY seq LIMIT ?",
        terminal,
        expected,
        _PAGE,
    ):
        for seq, stored, payload, stated in page:
            if seq != expected:
                yield f"terminal {terminal}: entry {expected} is missing"
                return
            previous = chain.link(previous, terminal, seq, stated or chain.payload_hash(payload))
            if previous != stored:
                yield f"terminal {terminal}: entry {seq} was changed, its hash does not follow from the chain"
                return
            expected += 1
    if expected - 1 != head_seq or (head_seq and previous != head):
        yield f"terminal {terminal}: the chain ends at entry {expected - 1}, the signed head is at {head_seq}"


def _cases(connection: Connection) -> Iterator[str]:
    """What waits has a case, and nothing else has one; the decisions of a terminal are numbered without a gap."""
    waiting = (
        "SELECT o.terminal, o.seq FROM outcome o LEFT JOIN entry_case c"
        " ON c.terminal = o.terminal AND c.seq = o.seq AND length(c.branch) = 0"
        " WHERE (o.status IN ('quarantined', 'shortfall')) <> (c.seq IS NOT NULL)"
        " UNION ALL SELECT b.terminal, b.seq FROM branch b LEFT JOIN entry_case c"
        " ON c.terminal = b.terminal AND c.seq = b.seq AND c.branch = b.hash WHERE c.seq IS NULL ORDER BY 1, 2"
    )
    for terminal, seq in rows.fetch(connection, waiting):
        yield f"terminal {terminal}: entry {seq} waits without a case, or has one and does not wait"
    gaps = (
        "SELECT terminal, count(*), max(number) FROM entry_case WHERE number > 0 GROUP BY terminal"
        " HAVING count(*) <> max(number) ORDER BY terminal"
    )
    for terminal, count, newest in rows.fetch(connection, gaps):
        yield f"terminal {terminal}: {count} decisions, the last one is number {newest}"


def _id(entry: bytes) -> UUID:
    return UUID(bytes=bytes(entry))

"""The feed: nothing is skipped, nothing is told twice, a snapshot is one moment."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import feed
from ledger.database import Database
from ledger.feed import advance, changes, digest, member_row, snapshot, vector
from protocol import canonical
from protocol.feed import Changes, ChangesRequest, Expiring, MemberRow, SnapshotPart, Vector
from protocol.ids import BUCKETS, bucket_of
from tests.ledger.shop import KIND, NOW_US, Shop
from tests.postgres import engines

DEADLINE_S = 20


def test_digest_changes_with_any_booking(shop: Shop) -> None:
    """A till that sends the digest it has is told that nothing moved until something does."""
    till, member = shop.till(), shop.join("1000000001")
    before = digest(shop.database)
    assert digest(shop.database) == before
    till.send(till.sale(member, award=1))
    assert digest(shop.database) != before


def test_vector_of_what_was_read_has_the_ledgers_digest(shop: Shop) -> None:
    """Reading all changes brings a till to the digest that the ledger answers."""
    _many_members(shop, 30)
    reader = Vector()
    answer = _ask(shop, reader, 1_000)
    assert reader.moved_to(answer.read, answer.documents, answer.epoch).digest() == digest(shop.database)
    assert not answer.more


@pytest.mark.parametrize("limit", [1, 7])
def test_pages_bring_every_member_once(shop: Shop, limit: int) -> None:
    """However small the pages are, every member comes, in rising (bucket, position), and reading ends."""
    members = _many_members(shop, 30)
    reader, seen, is_more = Vector(), list[MemberRow](), True
    while is_more:
        answer = _ask(shop, reader, limit)
        assert len(answer.rows) <= limit
        seen.extend(answer.rows)
        reader, is_more = reader.moved_to(answer.read, answer.documents), answer.more
    assert sorted(row.member for row in seen) == members
    places = [(bucket_of(row.member), row.position) for row in seen]
    assert places == sorted(places)


def test_only_what_moved_is_told(shop: Shop) -> None:
    """A reader who has everything gets the one member whose points moved, as he is now."""
    members, till = _many_members(shop, 10), shop.till()
    reader = Vector().moved_to(_ask(shop, Vector(), 1_000).read)
    outcomes = [till.send(till.sale(members[3], award=award)) for award in (5, 6)]
    answer = _ask(shop, reader, 1_000)
    assert [(row.member, row.balances[KIND].available) for row in answer.rows] == [(members[3], 18)]
    assert answer.rows[0].position == outcomes[-1].position == answer.read[bucket_of(members[3])]


def test_row_says_what_expires_first_and_what_lies_where(shop: Shop) -> None:
    """The soonest end of points that are not reserved, and each open reservation with its terminal."""
    till, member = shop.till(), shop.join("1000000001")
    for points, day in ((10, "2027-01-31"), (20, "2027-01-31"), (5, "2026-12-31"), (40, "")):
        till.send(till.sale(member, award=points, expires_on=day))
    sale = till.sale(member)
    till.reserve(sale, 12)
    with shop.database.read() as connection:
        row = member_row(connection, member)
        assert member_row(connection, "1000000009") is None
    assert row is not None
    assert row.expiring == (Expiring(kind=KIND, points=23, on="2027-01-31"),)
    assert [(lying.id, lying.terminal, lying.points) for lying in row.lying] == [(sale.id, "T1", 12)]


@pytest.mark.parametrize("part_rows", [1, 7, 50_000])
@pytest.mark.parametrize("first", [0, 300])
def test_snapshot_is_whole_and_checks(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, part_rows: int, first: int
) -> None:
    """However it is cut: a line for each member from a bucket on, each bucket in one part, each part with count and hash."""
    monkeypatch.setattr(feed, "PART_ROWS", part_rows)
    monkeypatch.setattr(feed, "_SNAPSHOT_MEMBERS", 2)
    members = [member for member in _many_members(shop, 30) if bucket_of(member) >= first]
    told: list[MemberRow] = []
    numbers: list[int] = []
    for lines, part in _parts(shop, first):
        rows = [canonical.decode(line, MemberRow) for line in lines.splitlines()]
        assert (part.first, part.rows, part.digest) == (
            first + len(numbers), len(rows), hashlib.sha256(lines).hexdigest()
        )  # fmt: skip
        assert all(part.first <= bucket_of(row.member) < part.end for row in rows)
        numbers += part.numbers
        told += rows
    assert sorted(row.member for row in told) == members
    with shop.database.read() as connection:
        assert tuple(numbers) == vector(connection).numbers[first:]


def test_a_part_is_one_moment_and_the_next_one_later(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is booked while a part is being read is not in it, nor in its numbers: the changes after them bring it."""
    monkeypatch.setattr(feed, "PART_ROWS", 1)
    monkeypatch.setattr(feed, "_SNAPSHOT_MEMBERS", 1)
    till, members = shop.till(), _many_members(shop, 30)
    early, late = min(members, key=bucket_of), max(members, key=bucket_of)
    pieces = snapshot(shop.database, lambda: NOW_US)
    row = canonical.decode(_lines(next(pieces)).rstrip(), MemberRow)
    for member in (early, late):
        till.send(till.sale(member, award=5))
    rest = list(pieces)
    numbers = [number for part in rest if isinstance(part, SnapshotPart) for number in part.numbers]
    reader, rows = (
        Vector(numbers),
        [line for piece in rest if isinstance(piece, bytes) for line in piece.splitlines()],
    )
    assert (row.member, row.balances[KIND].available) == (early, 7)
    assert canonical.decode(rows[-1], MemberRow).balances[KIND].available == 12
    assert [row.member for row in _ask(shop, reader, 1_000).rows] == [early]


def test_request_must_name_every_bucket(shop: Shop) -> None:
    """A vector of another length is an error, not a short answer."""
    with pytest.raises(ValueError, match="3"):
        changes(shop.database, ChangesRequest(numbers=(0, 0, 0)))


@pytest.mark.parametrize("engine", engines()[1:])
def test_reader_never_skips_a_slower_writer(engine: str, books_url: str) -> None:
    """While a transaction that took a feed number is open, nobody takes a higher one in that bucket, so no gap is read."""
    assert engine == "postgresql"
    shop = Shop(Database(books_url))
    till, member = shop.till(), shop.join("1000000001")
    till.append(till.sale(member, award=5))
    with ThreadPoolExecutor(1) as pool:
        with shop.database.write(urgent=True) as connection:
            number = advance(connection, bucket_of(member))
            pushed = pool.submit(till.push)
            _wait_until_somebody_waits(shop.database)
            assert not pushed.done()
            assert _ask(shop, Vector(), 10).read[bucket_of(member)] == number - 1
        position = pushed.result(DEADLINE_S).outcomes[0].position
    assert position == number + 1
    assert [row.position for row in _ask(shop, Vector(), 10).rows] == [position]
    shop.database.close()


def _wait_until_somebody_waits(database: Database) -> None:
    """Until PostgreSQL itself says that a transaction waits for a lock."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    woken = threading.Event()
    for _ in range(DEADLINE_S * 100):
        with database.read() as connection:
            if connection.exec_driver_sql(blocked).scalar_one():
                return
        woken.wait(0.01)
    pytest.fail("nobody waits for the bucket's lock")


def _many_members(shop: Shop, count: int) -> list[str]:
    """Members, all with points; `count` of them, some in one bucket."""
    till, members = shop.till("T0"), [shop.join(f"10000000{n:02d}") for n in range(count)]
    for member in members:
        till.append(till.sale(member, award=7))
    till.push()
    return members


def _parts(shop: Shop, first: int) -> Iterator[tuple[bytes, SnapshotPart]]:
    """The lines of each part, and its end."""
    lines = b""
    for piece in snapshot(shop.database, lambda: NOW_US, first=first):
        if isinstance(piece, SnapshotPart):
            yield lines, piece
            lines = b""
        else:
            lines += piece


def _lines(piece: bytes | SnapshotPart) -> bytes:
    assert isinstance(piece, bytes)
    return piece


def _ask(shop: Shop, reader: Vector, limit: int) -> Changes:
    assert len(reader.numbers) == BUCKETS
    return changes(shop.database, ChangesRequest(numbers=reader.numbers, documents=reader.documents, limit=limit))

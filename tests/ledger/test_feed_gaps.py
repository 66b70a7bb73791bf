"""No gap: whoever commits while another transaction is open, in the same bucket or in another one, a reader skips nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count

import pytest
from sqlalchemy import Connection

from ledger.bookkeeping import book_received
from ledger.database import Database
from ledger.feed import changes
from ledger.member_rows import member_rows
from ledger.push import push
from ledger.receiving import chained, receive
from protocol.feed import ChangesRequest, MemberRow, Vector
from protocol.ids import bucket_of
from protocol.push import PushAnswer
from tests.ledger.shop import Shop, Till

DEADLINE_S = 20


class Reader:
    """A till that polls: how far it is, and what it knows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.vector = Vector()
        self.rows: dict[str, MemberRow] = {}

    def poll(self, limit: int = 1_000) -> list[str]:
        """Read until nothing more is said to come; the members that came."""
        came: list[str] = []
        is_more = True
        while is_more:
            answer = changes(self._database, ChangesRequest(numbers=self.vector.numbers, limit=limit))
            self.rows |= {row.member: row for row in answer.rows}
            came += [row.member for row in answer.rows]
            self.vector, is_more = self.vector.moved_to(answer.read), answer.more
        return came

    def assert_nothing_was_skipped(self) -> None:
        """Every row that stands where the reader has read to, or before, is known to him as it is."""
        with self._database.read() as connection:
            keys = [(bucket_of(member), member) for member in self.rows]
            for row in member_rows(connection, keys):
                if row.position <= self.vector.numbers[bucket_of(row.member)]:
                    assert self.rows[row.member] == row


@pytest.fixture
def reader(shop: Shop) -> Iterator[Reader]:
    """A till that knows all members there are; its connections are its own, as those of another process."""
    with another_process(shop) as database:
        yield Reader(database)


def test_a_booking_held_open_hides_nothing(shop: Shop, reader: Reader) -> None:
    """While one till's booking is open, another till books in the same bucket and in another one, and a reader polls."""
    mine, beside, elsewhere = shop.join("1000000001"), shop.join(neighbour("1000000001")), shop.join("1000000002")
    assert bucket_of(mine) == bucket_of(beside) != bucket_of(elsewhere)
    slow, quick, third = shop.till("T1"), shop.till("T2"), shop.till("T3")
    reader.poll()
    slow.append(slow.sale(mine, award=5))
    quick.append(quick.sale(elsewhere, award=6))
    third.append(third.sale(beside, award=7))
    with ThreadPoolExecutor(2) as pool:
        with held_open(slow):
            in_another_bucket = pool.submit(quick.push)
            # SQLite has one writer for the whole file; PostgreSQL lets the other bucket pass.
            came = [] if shop.database.is_sqlite else [_answered(in_another_bucket, elsewhere)]
            assert reader.poll() == came
            in_the_same_bucket = pool.submit(third.push)
            if not shop.database.is_sqlite:
                wait_until_somebody_waits(shop.database)
            assert reader.poll() == []
            assert not in_the_same_bucket.done()
            reader.assert_nothing_was_skipped()
        for future in (in_another_bucket, in_the_same_bucket):
            future.result(DEADLINE_S)
    reader.poll()
    reader.assert_nothing_was_skipped()
    points = {member: row.balances["points"].available for member, row in reader.rows.items()}
    assert points == {mine: 5, beside: 7, elsewhere: 6}
    shop.assert_well()


@pytest.mark.parametrize("limit", [1, 1_000])
def test_a_reader_among_writers_ends_with_everything(shop: Shop, reader: Reader, limit: int) -> None:
    """Four tills book in three buckets at once, a reader polls meanwhile: what he passed is what he knows."""
    members = [shop.join(member) for member in ("1000000001", neighbour("1000000001"), "1000000002", "1000000003")]
    tills = [shop.till(f"T{number}") for number in range(4)]
    for number, till in enumerate(tills):
        for turn in range(12):
            till.append(till.sale(members[(number + turn) % len(members)], award=1))
    polls = 0
    with ThreadPoolExecutor(len(tills)) as pool:
        pushing = [pool.submit(_push_one_by_one, till) for till in tills]
        while not all(future.done() for future in pushing):
            reader.poll(limit)
            polls += 1
            reader.assert_nothing_was_skipped()
        for future in pushing:
            future.result(DEADLINE_S)
    reader.poll(limit)
    reader.assert_nothing_was_skipped()
    assert polls > 1
    assert {row.balances["points"].available for row in reader.rows.values()} == {12}
    shop.assert_well()


@contextmanager
def held_open(till: Till) -> Iterator[None]:
    """The transaction in which a till's journal is booked, open while the block runs, then committed."""
    batch = till.batch()
    links = chained(batch)

    def keep(connection: Connection) -> None:
        receive(connection, batch, links, till.shop.tick())

    with another_process(till.shop) as database:
        database.transact(keep)
        with database.write() as connection:
            book_received(connection, database, till.terminal, 1_000)
            yield


@contextmanager
def another_process(shop: Shop) -> Iterator[Database]:
    """The books, opened once more: no lock of this program stands between the two, only the database's own."""
    with closing(Database(shop.database.url.render_as_string(hide_password=False))) as database:
        yield database


def neighbour(member: str) -> str:
    """Another number of the same bucket."""
    return next(str(n) for n in count(int(member) + 1) if bucket_of(str(n)) == bucket_of(member))


def wait_until_somebody_waits(database: Database) -> None:
    """Until PostgreSQL itself says that a transaction waits for a lock."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    woken = threading.Event()
    for _ in range(DEADLINE_S * 100):
        with database.read() as connection:
            if connection.exec_driver_sql(blocked).scalar_one():
                return
        woken.wait(0.01)
    pytest.fail("nobody waits for the bucket's lock")


def _push_one_by_one(till: Till) -> None:
    with another_process(till.shop) as database:
        for seq in range(1, len(till.payloads) + 1):
            push(database, till.batch(seq, seq), till.shop.tick())


def _answered(pushed: Future[PushAnswer], member: str) -> str:
    assert [outcome.status for outcome in pushed.result(DEADLINE_S).outcomes] == ["booked"]
    return member

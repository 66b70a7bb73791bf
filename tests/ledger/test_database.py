"""Transactions: one writer, the urgent first, collisions tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ledger import rows, schema
from ledger.database import Database
from ledger.gate import WriterGate
from tests.postgres import engines

DEADLINE_S = 20


def test_block_that_raises_leaves_nothing(database: Database) -> None:
    """A transaction is kept whole or not at all."""

    def fail_after_writing(connection: Connection) -> None:
        rows.execute(connection, "UPDATE bucket SET number = 7 WHERE bucket = 3")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.transact(fail_after_writing)
    with database.read() as connection:
        assert rows.fetch(connection, "SELECT max(number) FROM bucket") == [(0,)]


def test_reader_sees_one_state(database: Database) -> None:
    """What is written while it reads does not appear in its transaction."""
    with database.read() as reader:
        assert rows.fetch(reader, "SELECT sum(number) FROM bucket") == [(0,)]
        with database.write() as writer:
            rows.execute(writer, "UPDATE bucket SET number = 1")
        assert rows.fetch(reader, "SELECT sum(number) FROM bucket") == [(0,)]


def test_reader_cannot_write(database: Database) -> None:
    """Both engines refuse a write in a transaction that was begun to read; the next writer on the connection may."""
    with pytest.raises(DBAPIError, match="read"), database.read() as connection:
        connection.exec_driver_sql("UPDATE bucket SET number = 1")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE bucket SET number = 1")


def test_urgent_writer_goes_first() -> None:
    """Whoever waits for a verdict passes the gate before whoever came earlier with a journal."""
    gate, order = WriterGate(), list[str]()
    queued = threading.Barrier(2)

    def pass_through(name: str, *, urgent: bool) -> None:
        queued.wait(DEADLINE_S)
        with gate.passing(urgent=urgent):
            order.append(name)

    with ThreadPoolExecutor(2) as pool:
        with gate.passing(urgent=False):
            patient = pool.submit(pass_through, "journal", urgent=False)
            queued.wait(DEADLINE_S)
            hurried = pool.submit(pass_through, "counter", urgent=True)
            queued.wait(DEADLINE_S)
            _until(lambda: gate.is_urgent)
        hurried.result(DEADLINE_S)
        patient.result(DEADLINE_S)
    assert order == ["counter", "journal"]


@pytest.mark.parametrize("engine", engines()[1:])
def test_deadlock_is_tried_again(engine: str, books_url: str) -> None:
    """Two transactions that lock two buckets in opposite order both end, each having done its work once."""
    assert engine == "postgresql"
    database, met = Database(books_url), threading.Barrier(2)
    first_try = threading.local()

    def move(order: tuple[int, int]) -> None:
        def work(connection: Connection) -> None:
            rows.execute(connection, "UPDATE bucket SET number = number + 1 WHERE bucket = ?", order[0])
            if not hasattr(first_try, "done"):
                first_try.done = True
                met.wait(DEADLINE_S)
            rows.execute(connection, "UPDATE bucket SET number = number + 1 WHERE bucket = ?", order[1])

        database.transact(work, urgent=True)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(move, (1, 2)), pool.submit(move, (2, 1))]:
            future.result(DEADLINE_S)
    with database.read() as connection:
        found = rows.find(connection, schema.Bucket, ("bucket",), [(1,), (2,)])
    assert sorted(found) == [(1, 2), (2, 2)]
    database.close()


def _until(is_so: Callable[[], bool]) -> None:
    woken = threading.Event()
    for _ in range(DEADLINE_S * 1_000):
        if is_so():
            return
        woken.wait(0.001)
    pytest.fail("it never came to that")

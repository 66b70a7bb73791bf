"""A till empties its journal: received first, then booked, then told what became of each entry.

Sent again, an entry gets its first outcome again, byte for byte, and nothing is written. An entry that parts from the
chain that the ledger has (a fork) is answered `quarantined`, reason `same-id`: it is a second one for its seq.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.bookkeeping import book_received
from ledger.database import Database
from ledger.receiving import Link, Told, chained, check_head, compare, find_till, receive
from ledger.transfers import BucketsNeededError
from protocol.push import MAX_BATCH, Outcome, PushAnswer, PushBatch

_SMALL_BATCH = 200
"""Entries booked at once while counters ask for verdicts."""

_read_outcome = msgspec.json.Decoder(Outcome).decode


def push(database: Database, batch: PushBatch, now_us: int) -> PushAnswer:
    """Receive a batch, book what is new in it, and answer an outcome for every entry.

    Raises `UnknownTerminalError`, and `BatchError` for what cannot be received: nothing of it is kept then.
    """
    links = chained(batch)
    if answer := _known_already(database, batch, links):
        return answer
    told = database.transact(lambda connection: receive(connection, batch, links, now_us))
    _book_all(database, batch.terminal)
    with database.read() as connection:
        return _answer(connection, batch, links, told)


def sweep(database: Database) -> int:
    """Book what was received and not booked (a crash came between); the number of terminals that had some."""
    with database.read() as connection:
        behind = rows.fetch(connection, "SELECT terminal FROM terminal WHERE booked_seq < head_seq ORDER BY terminal")
    for (terminal,) in behind:
        _book_all(database, terminal)
    return len(behind)


def _book_all(database: Database, terminal: str) -> None:
    also: frozenset[int] = frozenset()

    def book_some(connection: Connection) -> bool:
        limit = _SMALL_BATCH if database.gate.is_urgent else MAX_BATCH
        return book_received(connection, database, terminal, limit, also)

    is_more = True
    while is_more:
        try:
            is_more = database.transact(book_some)
        except BucketsNeededError as error:
            also |= error.buckets


def _known_already(database: Database, batch: PushBatch, links: list[Link]) -> PushAnswer | None:
    """The answer to a batch of which every entry has its outcome."""
    with database.read() as connection:
        till = find_till(connection, batch.terminal)
        check_head(till, batch)
        if links[-1].seq > till.booked_seq:
            return None
        told = compare(connection, till, batch, links)
        return None if told.is_fork else _answer(connection, batch, links, told)


def _answer(connection: Connection, batch: PushBatch, links: list[Link], told: Told) -> PushAnswer:
    till = find_till(connection, batch.terminal)
    last = links[told.known - 1].seq if told.is_fork else links[-1].seq
    known = rows.fetch(
        connection,
        "SELECT outcome FROM outcome WHERE terminal = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        batch.terminal,
        batch.first_seq,
        last if told.known or not told.is_fork else 0,
    )
    outcomes = [_read_outcome(outcome) for (outcome,) in known]
    outcomes += [_of_branch(link) for link in links[len(outcomes) :]]
    return PushAnswer(outcomes=tuple(outcomes), again=told.known, acknowledged=till.head_seq, head=till.head.hex())


def _of_branch(link: Link) -> Outcome:
    detail = f"fork: entry {link.seq} was received before with another hash"
    return Outcome(seq=link.seq, status="quarantined", reason="same-id", detail=detail)

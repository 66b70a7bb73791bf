"""What the journal adds to the disk's own work: an append against the same bytes in a bare insert.

Both sides are one transaction with one fsync (WAL, `synchronous=FULL`), one after the other in the same folder. The bare side
gets payload, receipt, hashes and signature as one row, ready made; ours checks, chains, signs and keeps its indexes.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.figures import Figure, at_most, ms, percentile, ratios
from bench.shop.coalitions import member_no
from bench.shop.desks import copy_of, open_desk, sell
from bench.workshop import Workshop
from local_db.journal import Draft
from protocol.ids import bucket_of, new_id
from till.desk import Desk

_ROUNDS = 9
_COMMITS = 400
_SMALL = 10_000


def measure(workshop: Workshop) -> Iterator[Figure]:
    """p50 and p99 of a commit."""
    folder = copy_of(workshop.shop(min(_SMALL, workshop.members)).till, workshop.folder())
    ours: list[list[float]] = []
    bare: list[list[float]] = []
    with open_desk(folder) as (desk, session):
        sell(desk, session, member_no(1))
        row = desk.journal.last()
        assert row is not None
        receipt = desk.journal.receipt(row.seq) or b""
        with closing(_bare(folder / "bare.db")) as connection:
            for _ in range(_ROUNDS):
                mine, theirs = [], []
                for _ in range(_COMMITS):
                    mine.append(_append(desk, row.payload, receipt))
                    theirs.append(_insert(connection, row.payload + receipt + bytes(16 + 32 + 32 + 64)))
                ours.append(mine)
                bare.append(theirs)
    for percent, name in ((50.0, "p50"), (99.0, "p99")):
        mine = [percentile(times, percent) for times in ours]
        theirs = [percentile(times, percent) for times in bare]
        note = f"{len(row.payload)} bytes of entry, {len(receipt)} of receipt" if name == "p50" else ""
        yield Figure("journal", f"commit {name}", ratios(mine, theirs), "x", at_most(1.5), ms(mine), ms(theirs), note)


def _append(desk: Desk, payload: bytes, receipt: bytes) -> float:
    member, now_us = member_no(1), time.time_ns() // 1_000
    entry_id = new_id(now_us // 1_000, bucket_of(member), time.perf_counter_ns())
    draft = Draft(entry_id, "sale", member, "shift-1", now_us, payload, receipt, reference=str(entry_id))
    started = time.perf_counter()
    desk.append(draft)
    return time.perf_counter() - started


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
    return connection


def _insert(connection: sqlite3.Connection, data: bytes) -> float:
    started = time.perf_counter()
    connection.execute("INSERT INTO entry (bytes) VALUES (?)", (data,))
    return time.perf_counter() - started

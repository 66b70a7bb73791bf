"""A new till of a large coalition: a snapshot of all members into a cache, against copying the same bytes.

Copying is what a disk can do with the finished cache file: read, write, fsync. Beside it, for the cause of a miss: the rows
alone, inserted bare into the same tables.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.figures import Figure, Spread, at_most, ratios
from bench.shop.shops import fill_cache, pair
from bench.workshop import Workshop
from local_db.cache import SCHEMA
from local_db.connections import open_reading, open_writing
from local_db.journal import JournalReader
from sync.cache_files import FACT

_ROUNDS = 3


def measure(workshop: Workshop) -> Iterator[Figure]:
    """The first round is the one in which the shared shop was made."""
    shop = workshop.shop(workshop.members)
    times, copies, bare = [shop.bootstrap_s], [], []
    cache = _cache_of(shop.till)
    for number in range(_ROUNDS):
        copies.append(_copy(cache, workshop.folder() / "copy.db"))
        bare.append(_insert(cache, workshop.folder() / "bare.db"))
        if number + 1 < _ROUNDS:
            till = workshop.folder() / "till"
            pair(shop.ledger, shop.url, till)
            times.append(fill_cache(till))
            shutil.rmtree(till)
    megabytes = cache.stat().st_size / 2**20
    yield Figure(
        "bootstrap", f"{shop.members:,} members", ratios(times, copies), "x", at_most(3),
        f"{Spread.of(times).median:.1f} s", f"{Spread.of(copies).median:.2f} s", f"a cache of {megabytes:.0f} MB",
    )  # fmt: skip
    yield Figure(
        "bootstrap", "against the bare insert of its rows", ratios(times, bare), "x", None,
        f"{Spread.of(times).median:.1f} s", f"{Spread.of(bare).median:.1f} s",
    )  # fmt: skip


def _cache_of(till: Path) -> Path:
    with closing(JournalReader.open(till)) as journal:
        return till / (journal.fact(FACT) or "")


def _copy(source: Path, target: Path) -> float:
    started = time.perf_counter()
    shutil.copyfile(source, target)
    descriptor = os.open(target, os.O_RDWR)
    os.fsync(descriptor)
    os.close(descriptor)
    seconds = time.perf_counter() - started
    target.unlink()
    return seconds


def _insert(source: Path, target: Path) -> float:
    with closing(open_reading(source)) as connection:
        rows = connection.execute("SELECT member, position, phone_key, last4, row FROM member").fetchall()
    with closing(open_writing(target, "NORMAL", SCHEMA)) as connection:
        started = time.perf_counter()
        _put(connection, rows)
        seconds = time.perf_counter() - started
    target.unlink()
    return seconds


def _put(connection: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO member VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

"""Push and book: what a ledger books in a second, against the bare set-wise insert of the same rows into the same engine.

Three ways in turn, batch by batch of 1,000 sales: *pushed* by a till's own pusher over HTTP to a ledger process (journal read,
packed, signed, verified, booked, answered, outcomes marked); *booked* by `ledger.push.push` alone, in this process; *inserted*
bare: the rows that this booking left behind, into a second database of the same engine and with the same tables, one
transaction with `executemany` or COPY. Then a batch is sent again: that must be quicker, and write nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from bench.figures import Figure, Unit, at_least, per_s, ratios
from bench.shop.chains import batches, fill_journal
from bench.shop.seeding import seed_members
from bench.shop.shops import fill_cache, open_ledger, pair
from bench.workshop import Workshop
from ledger import rows, schema, schema_received
from ledger.database import Database
from ledger.push import push
from ledger.serving import spare_garbage_collection
from ledger.settings import load_settings
from local_db.connections import till_lock
from local_db.journal import Journal
from protocol.push import PushBatch
from sync.client import LedgerClient
from sync.identity import load_identity, load_key
from sync.push import Pusher
from tests.postgres import binaries, running_cluster

BATCH = 1_000
_ROUNDS = 8
_MEMBERS = 20_000
_SALES = BATCH * _ROUNDS

_BY_SEQ: tuple[type[Any], ...] = (
    schema_received.Received,
    schema_received.EntryOutcome,
    schema_received.ReferenceClaim,
)
_BESIDE_ENTRIES: tuple[type[Any], ...] = (schema.Posting, schema.Lot, schema.LotUse)


def measure(workshop: Workshop) -> Iterator[Figure]:
    """On both engines, where PostgreSQL is installed; with its own fsync, as SQLite has one."""
    spare_garbage_collection()
    yield from _on("SQLite", workshop, "", "")
    if binaries() is None:
        return
    with running_cluster(is_durable=True) as cluster, cluster.database() as books, cluster.database() as bare:
        yield from _on("PostgreSQL", workshop, books, bare)


def _on(engine: str, workshop: Workshop, books_url: str, bare_url: str) -> Iterator[Figure]:
    pushed: list[float] = []
    booked: list[float] = []
    inserted: list[float] = []
    row_count = 0
    with (
        shop_that_pushes(workshop.folder(), books_url) as (pushing, client, books, sent),
        closing(_bare(workshop, bare_url)) as bare,
    ):
        for batch in sent:
            pushed.append(timed(pushing.push_once))
            booked.append(timed(push, books, batch, _now_us()))
            with books.read() as connection:
                written = _rows_of(connection, batch)
            inserted.append(timed(_insert, bare, written))
            row_count += sum(map(len, written.values()))
        before = _written(books)
        again = [timed(push, books, batch, _now_us()) for batch in sent]
        note = "no write to the books" if _written(books) == before else "THE BOOKS WERE WRITTEN TO"
        client.close()
    unit: Unit = "x"
    bare_s = per_s(BATCH, inserted)
    yield Figure(
        "push", f"{engine}: till to ledger and back", ratios(inserted, pushed), unit, at_least(0.5),
        per_s(BATCH, pushed), bare_s,
        f"{row_count / _SALES:.1f} rows an entry, batches of {BATCH:,}",
    )  # fmt: skip
    yield Figure(
        "push", f"{engine}: booking alone", ratios(inserted, booked), unit, None, per_s(BATCH, booked), bare_s
    )
    yield Figure(
        "push", f"{engine}: sent again", ratios(booked, again), unit, at_least(3), per_s(BATCH, again),
        per_s(BATCH, booked), note,
    )  # fmt: skip


@contextmanager
def shop_that_pushes(folder: Path, url: str) -> Iterator[tuple[Pusher, LedgerClient, Database, list[PushBatch]]]:
    """A ledger process with two tills full of sales: one that pushes, one whose batches are booked here."""
    with ExitStack() as opened:
        ledger, address = opened.enter_context(
            open_ledger(folder / "ledger", members=_MEMBERS, database=url, stores=2)
        )
        tills = [folder / "pushing", folder / "booked"]
        for store, till in enumerate(tills, 1):
            pair(ledger, address, till, store)
            fill_cache(till)
            fill_journal(till, _SALES, _MEMBERS, seed=store)
        opened.enter_context(till_lock(tills[0]))
        journal = opened.enter_context(closing(Journal.open(tills[0])))
        identity = load_identity(journal)
        assert identity is not None
        client = opened.enter_context(LedgerClient(identity, load_key(tills[0])))
        books = opened.enter_context(closing(Database(load_settings(folder / "ledger").database)))
        sent = batches(tills[1], BATCH)[:_ROUNDS]
        yield Pusher(journal, client), client, books, sent


def _bare(workshop: Workshop, url: str) -> Database:
    """The same tables with the same members, and nobody who books in them."""
    database = Database(url or f"sqlite:///{workshop.folder() / 'bare.db'}")
    database.create_all()
    seed_members(database, _MEMBERS)
    return database


def _rows_of(connection: Any, batch: PushBatch) -> dict[type[Any], list[rows.Values]]:
    """What booking a batch has left behind, table by table."""
    first, last = batch.first_seq, batch.first_seq + len(batch.entries) - 1
    found: dict[type[Any], list[rows.Values]] = {
        model: _select(connection, model, "terminal = ? AND seq BETWEEN ? AND ?", batch.terminal, first, last)
        for model in _BY_SEQ
    }
    entries = _select(connection, schema.Entry, "terminal = ? AND seq BETWEEN ? AND ?", batch.terminal, first, last)
    keys = [(row[0], bytes(row[1])) for row in entries]
    found[schema.Entry] = entries
    for beside in _BESIDE_ENTRIES:
        found[beside] = [tuple(row) for row in rows.find(connection, beside, ("bucket", "entry"), keys)]
    return found


def _select(connection: Any, model: type[Any], where: str, *parameters: object) -> list[rows.Values]:
    names = ", ".join(column.name for column in model.__table__.columns)
    table = model.__table__.name
    return [tuple(row) for row in rows.fetch(connection, f"SELECT {names} FROM {table} WHERE {where}", *parameters)]


def _insert(database: Database, written: dict[type[Any], list[rows.Values]]) -> None:
    with database.write() as connection:
        for model, values in written.items():
            rows.insert(connection, model, values)


def timed(work: Any, *arguments: Any) -> float:
    """Seconds."""
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


def _written(database: Database) -> object:
    """What changes with every write to the books: SQLite's counter, PostgreSQL's newest row version of each table."""
    with database.read() as connection:
        if database.is_sqlite:
            return rows.fetch(connection, "PRAGMA data_version")
        versions = "SELECT count(*), max(xmin::text::bigint) FROM {}"
        return [rows.fetch(connection, versions.format(table)) for table in sorted(schema.Books.metadata.tables)]


def _now_us() -> int:
    return time.time_ns() // 1_000

"""The database of the books: SQLite or PostgreSQL behind two context managers.

SQLite: WAL, `synchronous=FULL`, one writer at a time. PostgreSQL: psycopg 3, buckets locked in rising order, so that writers
do not deadlock; what still collides is tried again, here and nowhere else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

import ledger.schema_cases  # noqa: F401  # its table belongs to the books too
from ledger import (  # their tables belong to the books too
    rows,
    schema_console,  # noqa: F401
    schema_fleet,  # noqa: F401
    schema_household,  # noqa: F401
    schema_joining,  # noqa: F401
    schema_outage,  # noqa: F401
    schema_page,  # noqa: F401
    schema_people,  # noqa: F401
    schema_received,  # noqa: F401
    schema_standing,  # noqa: F401
    schema_tutorial,  # noqa: F401
)
from ledger.epochs import ensure_log
from ledger.gate import WriterGate
from ledger.schema import Books, Bucket
from ledger.terms import Terms
from protocol.ids import BUCKETS

BUSY_TIMEOUT_S = 30
"""How long a writer of another process (the command line) may hold an SQLite file before one gives up."""

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    # A batch touches most buckets, so most leaves of every tree: checkpointing after each (1,000 pages) wrote them all twice.
    "wal_autocheckpoint = 8000",
    "cache_size = -65536",
)

_ATTEMPTS = 8
_COLLISIONS = ("40001", "40P01")
"""serialization_failure and deadlock_detected (PostgreSQL, appendix A): the transaction did nothing and may be repeated."""

_T = TypeVar("_T")


class Database:
    """`url` as SQLAlchemy writes it: ``sqlite:///books.db`` or ``postgresql+psycopg://…``."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine: Engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        self.gate = WriterGate()
        self.terms = Terms()
        """What is known of the published documents; `Terms.refreshed` before use."""

    def create_all(self) -> None:
        """Tables and bucket rows, where they are missing."""
        Books.metadata.create_all(self.engine)
        with self.write() as connection:
            ensure_buckets(connection)
            ensure_log(connection)

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Connection]:
        """A transaction that may write: committed at the end of the block, rolled back when it raises.

        `urgent` goes before all that is not. On SQLite everybody else waits meanwhile; on PostgreSQL only batches do.
        """
        held: AbstractContextManager[None] = nullcontext()
        if self.is_sqlite or not urgent:
            held = self.gate.passing(urgent=urgent)
        else:
            self.gate.ask()
        with held, self.engine.connect() as connection:
            connection = connection.execution_options(till_begins="to write")  # noqa: PLW2901  # told how to begin
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of everything, and writes nothing."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        if self.is_sqlite:
            options = {"till_begins": "to read"}
        with self.engine.connect() as connection:
            connection = connection.execution_options(**options)  # noqa: PLW2901  # told how to begin
            with connection.begin():
                yield connection

    def transact(self, work: Callable[[Connection], _T], *, urgent: bool = False) -> _T:
        """`work` in one transaction, again from its start where it collided with another one."""
        for attempt in range(_ATTEMPTS):
            try:
                with self.write(urgent=urgent) as connection:
                    return work(connection)
            except (DBAPIError, psycopg.Error) as error:
                if attempt == _ATTEMPTS - 1 or not _has_collided(error):
                    raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311  # jitter, not a secret
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def ensure_buckets(connection: Connection) -> None:
    """The 1,024 rows of `bucket`, where they are missing. A migration calls it once."""
    rows.insert_missing(connection, Bucket, [(bucket, 0) for bucket in range(BUCKETS)])


def _has_collided(error: DBAPIError | psycopg.Error) -> bool:
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) in _COLLISIONS


def _postgresql(url: str) -> Engine:
    return create_engine(url, pool_size=20, pool_pre_ping=True)


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, pool_use_lifo=True, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin transactions by itself, deferred
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Migrations and `create_all` begin in no particular way: they may write, and lock when they do."""
    how = connection.get_execution_options().get("till_begins", "")
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if how == 'to read' else 'OFF'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if how == "to write" else "BEGIN")

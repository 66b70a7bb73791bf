"""Backups of the books, and what begins when one is put back.

A backup is one SQLite file with every row of one moment, whatever engine the books are on, with the keys beside it. Restored
books count another epoch. Where files were merely copied back, the books do not know it: a till that has in writing more than
they know says so, and the evidence begins the epoch.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, select

from ledger import rows
from ledger.database import Database
from ledger.epochs import begin_epoch, current_epoch
from ledger.keys import CERTIFICATES_FILE, ROOT_FILE, Keys, has_keys, load_keys
from ledger.log import root_at, state
from ledger.migrating import NEWEST, make_tables, upgrade, version
from ledger.problems import RestoreRefusedError
from ledger.receiving import find_till
from ledger.schema import Books
from protocol import canonical
from protocol.checkpoints import Checkpoint, open_checkpoint
from protocol.signing import Signed

BOOKS_FILE = "books.db"
_log = logging.getLogger("ledger")
_PAGE = 5_000


def back_up(database: Database, data_dir: Path, folder: Path) -> None:
    """Write one moment of the books, and the keys, into a new folder. Safe while the service runs.

    Raises `RestoreRefusedError` where the folder exists.
    """
    if folder.exists():
        raise RestoreRefusedError(f"{folder} exists; a backup is a new folder")
    folder.mkdir(parents=True, mode=0o700)
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.url.database))) as connection:
            connection.execute("VACUUM INTO ?", (str(folder / BOOKS_FILE),))
    else:
        with closing(Database(f"sqlite:///{folder / BOOKS_FILE}")) as copy:
            _copy(database, copy)
        _settle(folder / BOOKS_FILE)
    for name in (ROOT_FILE, CERTIFICATES_FILE, *(path.name for path in data_dir.glob("working-*.key"))):
        shutil.copy2(data_dir / name, folder / name)


def restore(folder: Path, data_dir: Path, database: Database, now_us: int) -> str:
    """Put a backup into an empty database and begin an epoch; its name.

    Raises `RestoreRefusedError` where there are books already, or other keys.
    """
    if not (folder / BOOKS_FILE).exists() or not has_keys(folder):
        raise RestoreRefusedError(f"{folder} is not a backup")
    if version(database) is not None:
        raise RestoreRefusedError("there are books already; move them aside, they may be needed as evidence")
    if has_keys(data_dir) and load_keys(data_dir).fingerprint != load_keys(folder).fingerprint:
        raise RestoreRefusedError("these are the keys of another ledger")
    _bring_keys(folder, data_dir)
    with closing(Database(f"sqlite:///{folder / BOOKS_FILE}")) as kept:
        if version(kept) != NEWEST:
            raise RestoreRefusedError("the backup is of another version of the books")
        _copy(kept, database)
    _settle(folder / BOOKS_FILE)
    with database.write() as connection:
        name = begin_epoch(connection, "restored", now_us)
    upgrade(database)
    return name


def take_evidence(database: Database, keys: Keys, terminal: str, signed: Signed, now_us: int) -> bool:
    """Begin an epoch where a checkpoint shows that these books have forgotten what they knew; whether one began.

    Raises `SignatureError` for a checkpoint that this ledger did not sign.
    """
    known = open_checkpoint(signed, keys.ring)

    def begin(connection: Connection) -> bool:
        state(connection, lock=True)
        if known.epoch != current_epoch(connection) or known.terminal != terminal or not _is_lost(connection, known):
            return False
        name = begin_epoch(connection, "found-out", now_us, canonical.encode(signed))
        _log.error("these books are older than what %s has in writing: epoch %s begins", terminal, name)
        return True

    return database.transact(begin)


def _is_lost(connection: Connection, known: Checkpoint) -> bool:
    """Whether what the checkpoint says is not what is here."""
    till, log = find_till(connection, known.terminal), state(connection)
    if known.seq > till.head_seq or known.size > log.size or root_at(connection, known.size).hex() != known.root:
        return True
    found = rows.fetch(
        connection, "SELECT hash FROM received WHERE terminal = ? AND seq = ?", known.terminal, known.seq
    )
    return bool(known.seq) and found[0][0].hex() != known.head


def _bring_keys(folder: Path, data_dir: Path) -> None:
    """Those that are missing; keys that were made since the backup stay."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in folder.iterdir():
        if path.name != BOOKS_FILE and not (data_dir / path.name).exists():
            shutil.copy2(path, data_dir / path.name)


def _copy(source: Database, target: Database) -> None:
    """Every row of one moment, table by table, into empty tables."""
    make_tables(target)
    with source.read() as reading, target.write() as writing:
        for table in Books.metadata.sorted_tables:
            for page in _pages(reading, table):
                rows.insert(writing, _model(table), page)


def _pages(connection: Connection, table: Table) -> Iterator[list[rows.Values]]:
    result = connection.execution_options(yield_per=_PAGE).execute(select(table))
    for page in result.partitions(_PAGE):
        yield [tuple(row) for row in page]


def _model(table: Table) -> rows.Model:
    return next(mapper.class_ for mapper in Books._sa_registry.mappers if mapper.local_table is table)  # noqa: SLF001


def _settle(file: Path) -> None:
    """The file alone is whole, without a log beside it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")

"""Connections: one that writes per file and machine, any number that only read.

SQLite before 3.51.3 can corrupt a WAL file when two connections write or checkpoint at the same instant; here no two ever
do: who writes holds `till.lock`, and everyone else opens `mode=ro`.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from local_db.errors import AnotherTillError, NewerSchemaError, StorageFailedError, StorageFullError

CHECKPOINT_PAGES = 4_000
"""16 MB. SQLite's 1,000 made more than one commit in a hundred wait for a checkpoint: p99 1.3 ms instead of 0.5 ms."""

CHECKPOINT = "PRAGMA wal_checkpoint(RESTART)"
"""Not TRUNCATE: where only a part of what was cut off is back after a power cut, SQLite plays the head of an old log into the
newer file. A new head over the old log shuts all of that out."""

LOCK_FILE = "till.lock"
PULL_LOCK_FILE = "pull.lock"
"""Of the process that writes the cache: one that outlived its till must be gone before the next one begins."""


@contextmanager
def till_lock(folder: Path, name: str = LOCK_FILE) -> Iterator[None]:
    """Hold the folder: only its holder may open a writing connection.

    Raises `AnotherTillError` at once, `StorageFailedError` where no file can be made in it.
    """
    lock = FileLock(folder / name, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except Timeout:
        raise AnotherTillError(folder) from None
    except OSError as error:
        raise StorageFailedError(f"{folder}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def open_writing(path: Path, synchronous: Literal["FULL", "NORMAL"], schema: str) -> sqlite3.Connection:
    """The one writing connection of a file, its schema brought up to date. Transactions are opened explicitly.

    Raises what SQLite raises, and `StorageFullError`, `StorageFailedError`.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        use_wal(connection)
        # What a till left whose last fsync failed may be in the machine's memory alone, and no fsync says so again: all of it
        # is written anew, into the file, before anything is put behind it.
        connection.execute(CHECKPOINT)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        _migrate(connection, path, schema)
        sync_names(path.parent)  # SQLite does so too, and passes over an error
    except BaseException:
        connection.close()
        raise
    return connection


def use_wal(connection: sqlite3.Connection) -> None:
    """Write ahead from here on. Read to its end: SQLite answers first, and then finds out whether the disk did it."""
    answer = connection.execute("PRAGMA journal_mode = WAL").fetchall()
    if answer != [("wal",)]:
        raise StorageFailedError(f"the file does not take a write-ahead log: {answer}")


def open_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, for everyone who does not hold the lock and for other threads of who does."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=5)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def sync_file(path: Path) -> None:
    """Put a file on the disk, with its name. Raises `StorageFullError`, `StorageFailedError`."""
    with _os_errors(path), path.open("rb+") as file:
        os.fsync(file.fileno())
    sync_names(path.parent)


def sync_names(folder: Path) -> None:
    """Put on the disk which files there are, so that no deleted log comes back; Windows does that by itself.

    Raises `StorageFullError`, `StorageFailedError`.
    """
    if sys.platform != "win32":
        with _os_errors(folder):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


@contextmanager
def _os_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        failed = StorageFullError if error.errno == errno.ENOSPC else StorageFailedError
        raise failed(f"{path}: {error.strerror}") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE … COMMIT; rolled back whole when anything is raised."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _migrate(connection: sqlite3.Connection, path: Path, schema: str) -> None:
    """Run `schema/<schema>-N.sql` for each N above `user_version`, each in one transaction with its number."""
    found = check_version(connection, path, schema)
    steps = _steps(schema)
    for number, script in enumerate(steps[found:], start=found + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def check_version(connection: sqlite3.Connection, path: Path, schema: str) -> int:
    """The schema's version in a file. Raises `NewerSchemaError` for one that this software does not know."""
    found, known = int(connection.execute("PRAGMA user_version").fetchone()[0]), len(_steps(schema))
    if found > known:
        raise NewerSchemaError(path, found, known)
    return found


def _steps(schema: str) -> list[str]:
    folder = files("local_db") / "schema"
    names = sorted(step.name for step in folder.iterdir() if step.name.startswith(f"{schema}-"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]

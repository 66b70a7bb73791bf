"""What can go wrong with the files of a till.

LocalDbError
├── AnotherTillError      the folder belongs to a till that is running
├── StorageFullError      nothing more can be written: what was asked for did not happen
├── StorageFailedError    the disk did not do what it was told; nobody knows what is on it now
├── JournalDamagedError   the journal is not what was written: stop selling, export, call the technician
├── CacheDamagedError     the cache is not readable: it is rebuilt
├── NewerSchemaError      a file was written by a newer version of the software
├── NonceUsedError        a dynamic code belongs to another sale already
└── ReferenceTakenError   an external reference has earned already

Never retried here: after a failed fsync the pages count as written, and a retry would report a success that is none
(ATC'20, "Can applications recover from fsync failures?").
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LocalDbError(Exception):
    """Something is wrong with a file of this till. `code` is stable, for the screen's sentence."""

    code = "storage"


class AnotherTillError(LocalDbError):
    """A second till on the same folder."""

    code = "another-till"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another till is running on {folder}")


class StorageFullError(LocalDbError):
    """No room for one more entry; the sale has not happened."""

    code = "storage-full"


class StorageFailedError(LocalDbError):
    """The disk reported an error; the process stops and verifies at the next start."""

    code = "storage-failed"


class JournalDamagedError(LocalDbError):
    """The journal contradicts itself. `seq`: the first entry that does, 0 where the file itself is unreadable."""

    code = "journal-damaged"

    def __init__(self, why: str, seq: int = 0) -> None:
        super().__init__(why)
        self.seq = seq


class CacheDamagedError(LocalDbError):
    """The cache is unreadable; nothing in it is needed to keep the truth."""

    code = "cache-damaged"


class NewerSchemaError(LocalDbError):
    """A downgrade of the software: the file stays as it is."""

    code = "newer-schema"

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(f"{path.name} has schema {found}; this software knows {known}")


class NonceUsedError(LocalDbError):
    """The dynamic code was first scanned in another sale."""

    code = "nonce-used"


class ReferenceTakenError(LocalDbError):
    """One reference earns once in a store."""

    code = "reference-taken"

    def __init__(self, reference: str) -> None:
        super().__init__(f"reference {reference} has earned already")
        self.reference = reference


_FULL = {sqlite3.SQLITE_FULL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, 0}
"""`ERROR`: the room's statements are constants, so where SQLite calls one wrong, the schema in the file is not ours. 0: the
module's own error for a text that is not UTF-8."""
_FAILED = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
}
"""The last three: a program that is not ours holds the file."""


@contextmanager
def storage_errors(damaged: type[JournalDamagedError | CacheDamagedError]) -> Iterator[None]:
    """Translate SQLite's errors at the border. What is not about the storage passes through."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError):
        raise
    except UnicodeDecodeError as error:
        # SQLite quotes the damaged schema in its message, and Python cannot read that.
        raise damaged("the schema is not text") from error
    except sqlite3.DatabaseError as error:
        # The low byte is the primary code; SQLITE_IOERR alone has thirty extended ones.
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if primary in _FULL:
            raise StorageFullError(str(error)) from error
        if primary in _DAMAGED:
            raise damaged(str(error)) from error
        if primary in _FAILED:
            raise StorageFailedError(str(error)) from error
        raise


def is_io_error(error: LocalDbError) -> bool:
    """Whether the disk itself failed: not a lock that another program holds, nor a file that may not be opened."""
    return getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR

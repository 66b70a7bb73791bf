"""The real books in memory: made once, and copied as bytes, so that a test can have thousands of them."""

from __future__ import annotations

import sqlite3
from functools import cache

from sqlalchemy import StaticPool, create_engine, event

from ledger import database as books
from ledger.database import Database


class MemoryDatabase(Database):
    """On one connection, for one thread. `image` is what `serialize` gave."""

    def __init__(self, image: bytes = b"") -> None:
        super().__init__("sqlite:///never-opened.db")
        self._file: sqlite3.Connection
        self.load(image)

    def load(self, image: bytes) -> None:
        """Become another copy, on a new connection: statements that were prepared before crash in some SQLite."""
        self.engine.dispose()
        self._file = sqlite3.connect(":memory:", check_same_thread=False)
        if image:
            self._file.deserialize(image)
        self.engine = create_engine("sqlite://", creator=lambda: self._file, poolclass=StaticPool)
        event.listen(self.engine, "connect", books._prepare_sqlite)
        event.listen(self.engine, "begin", books._begin_sqlite)

    def serialize(self) -> bytes:
        """Every byte of the books: the same as long as nothing was written."""
        return self._file.serialize()


@cache
def empty_books() -> bytes:
    """All tables and buckets."""
    database = MemoryDatabase()
    database.create_all()
    image = database.serialize()
    database.close()
    return image

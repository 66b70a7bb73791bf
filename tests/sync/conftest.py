"""A ledger, the way to it, and a till of its store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.keys import Keys
from sync.client import LedgerClient
from tests.sync.books import AsgiTransport, Books, over_asgi
from tests.sync.tills import Till, enrolled
from till import own_entries


@pytest.fixture(autouse=True)
def everybody_is_carried_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    """As only a member with many entries is in a shop."""
    monkeypatch.setattr(own_entries, "FEW", 0)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys]:
    """The books of a ledger with one store and its keys, made once: migrations and slow hashes take a third of a second."""
    books = Books(tmp_path_factory.mktemp("founded"))
    with books.database.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    books.close()
    return books.file, books.keys


@pytest.fixture
def books(tmp_path: Path, founded: tuple[Path, Keys]) -> Iterator[Books]:
    """An empty ledger with one store."""
    file, keys = founded
    (tmp_path / "ledger").mkdir()
    books = Books.restored(Path(shutil.copy(file, tmp_path / "ledger")), keys)
    yield books
    books.close()


@pytest.fixture
def asgi(books: Books) -> Iterator[AsgiTransport]:
    """The ledger's real application."""
    with over_asgi(books) as transport:
        yield transport


@pytest.fixture
def till(books: Books, asgi: AsgiTransport, tmp_path: Path) -> Iterator[Till]:
    """A till that is enrolled with it."""
    with enrolled(books, tmp_path / "till", asgi) as till:
        yield till


@pytest.fixture
def client(till: Till, asgi: AsgiTransport) -> Iterator[LedgerClient]:
    """The till's way to the ledger."""
    with till.client(asgi) as client:
        yield client

"""A ledger, the way to it, and a till of its store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.client import LedgerClient
from tests.sync.books import AsgiTransport, Books, over_asgi
from tests.sync.tills import Till, enrolled


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """An empty ledger with one store."""
    books = Books(tmp_path / "ledger")
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

"""A ledger with one store, and tills around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.failures.places import Places
from tests.sync.books import AsgiTransport, Books
from tests.sync.conftest import asgi, books, founded

__all__ = ["asgi", "books", "founded"]


@pytest.fixture
def places(books: Books, asgi: AsgiTransport, tmp_path: Path) -> Iterator[Places]:
    """The store of `tests/sync/books.py`, with a floor; nobody has sold anything yet."""
    made = Places(books, asgi, tmp_path)
    yield made
    made.close()

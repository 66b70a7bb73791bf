"""A database on every engine that is here, and a shop in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from tests.ledger.shop import Shop
from tests.postgres import engines, postgres_cluster, postgres_url

__all__ = ["postgres_cluster", "postgres_url"]


@pytest.fixture(params=engines())
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The empty books."""
    url = f"sqlite:///{tmp_path}/books.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url)
    database.create_all()
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    """A small coalition."""
    return Shop(database)

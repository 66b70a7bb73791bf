"""A database on every engine that is here, and a shop in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ledger.database import Database
from tests.ledger.shop import Shop
from tests.postgres import Cluster, engines, postgres_cluster, postgres_url

__all__ = ["postgres_cluster", "postgres_url"]


@pytest.fixture(scope="session")
def template(postgres_cluster: Cluster) -> Iterator[str]:
    """The name of a database with empty books in it: a copy of it is there sooner than its tables are made."""
    with postgres_cluster.database() as url:
        database = Database(url)
        database.create_all()
        database.close()
        yield str(make_url(url).database)


@pytest.fixture
def books_url(postgres_cluster: Cluster, template: str) -> Iterator[str]:
    """Empty books on PostgreSQL."""
    with postgres_cluster.database(template) as url:
        yield url


@pytest.fixture(params=engines())
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The empty books."""
    is_sqlite = request.param == "sqlite"
    database = Database(f"sqlite:///{tmp_path}/books.db" if is_sqlite else request.getfixturevalue("books_url"))
    if is_sqlite:
        database.create_all()
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    """A small coalition."""
    return Shop(database)

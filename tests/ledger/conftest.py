"""A database on every engine that is here, and a shop in it."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def books_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty books on SQLite, of which a copy is there sooner too."""
    file = tmp_path_factory.mktemp("books") / "books.db"
    database = Database(f"sqlite:///{file}")
    database.create_all()
    database.close()
    return file


@pytest.fixture(params=engines())
def database(request: pytest.FixtureRequest, tmp_path: Path, books_file: Path) -> Iterator[Database]:
    """The empty books."""
    if request.param == "sqlite":
        shutil.copyfile(books_file, tmp_path / "books.db")
        database = Database(f"sqlite:///{tmp_path}/books.db")
    else:
        database = Database(request.getfixturevalue("books_url"))
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    """A small coalition."""
    return Shop(database)

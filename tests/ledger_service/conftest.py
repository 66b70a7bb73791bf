"""The service over a small coalition; `town` on every engine that is here, `sqlite_town` where the engine does not matter.

It is built once in a process, and each test has a copy: that is there sooner.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import make_url

from ledger.keys import Keys
from tests.ledger_service.town import Town, build_town, open_town
from tests.postgres import Cluster, engines, postgres_cluster, postgres_url

__all__ = ["postgres_cluster", "postgres_url"]


class Built(NamedTuple):
    """A town that nobody is in. `place`: its file, or the name of its database."""

    place: str
    keys: Keys


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built."""
    file = tmp_path_factory.mktemp("town") / "books.db"
    return _built(f"sqlite:///{file}", str(file))


@pytest.fixture(scope="session")
def on_postgresql(postgres_cluster: Cluster) -> Iterator[Built]:
    """Built."""
    with postgres_cluster.database() as url:
        yield _built(url, str(make_url(url).database))


def _built(url: str, place: str) -> Built:
    town = build_town(url)
    town.database.close()
    return Built(place, town.keys)


@pytest.fixture(params=engines())
def town(request: pytest.FixtureRequest) -> Town:
    """On each engine."""
    found: Town = request.getfixturevalue(f"{request.param}_town")
    return found


@pytest.fixture
def sqlite_town(on_sqlite: Built, tmp_path: Path) -> Iterator[Town]:
    """On SQLite alone."""
    shutil.copyfile(on_sqlite.place, tmp_path / "books.db")
    opened = open_town(f"sqlite:///{tmp_path}/books.db", on_sqlite.keys)
    yield opened
    opened.database.close()


@pytest.fixture
def postgresql_town(postgres_cluster: Cluster, on_postgresql: Built) -> Iterator[Town]:
    """On PostgreSQL alone."""
    with postgres_cluster.database(on_postgresql.place) as url:
        opened = open_town(url, on_postgresql.keys)
        yield opened
        opened.database.close()

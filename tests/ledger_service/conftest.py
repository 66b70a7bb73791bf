"""The service over a small coalition; `town` on every engine that is here, `sqlite_town` where the engine does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger_service.town import Town, build_town
from tests.postgres import engines, postgres_cluster, postgres_url

__all__ = ["postgres_cluster", "postgres_url"]


@pytest.fixture(params=engines())
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """On each engine."""
    url = f"sqlite:///{tmp_path}/books.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    built = build_town(url)
    yield built
    built.database.close()


@pytest.fixture
def sqlite_town(tmp_path: Path) -> Iterator[Town]:
    """On SQLite alone."""
    built = build_town(f"sqlite:///{tmp_path}/books.db")
    yield built
    built.database.close()

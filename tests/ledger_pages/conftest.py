"""The town of the service's tests."""

from __future__ import annotations

from tests.ledger_service.conftest import (
    on_postgresql,
    on_sqlite,
    postgres_cluster,
    postgres_url,
    postgresql_town,
    sqlite_town,
    town,
)

__all__ = [
    "on_postgresql", "on_sqlite", "postgres_cluster", "postgres_url", "postgresql_town", "sqlite_town", "town",
]  # fmt: skip

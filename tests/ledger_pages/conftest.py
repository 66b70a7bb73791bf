"""The town of the service's tests."""

from __future__ import annotations

from tests.ledger_service.conftest import postgres_cluster, postgres_url, sqlite_town, town

__all__ = ["postgres_cluster", "postgres_url", "sqlite_town", "town"]

"""The migrations make exactly the tables that `ledger.schema` declares, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from ledger.database import Database
from ledger.migrating import NEWEST, upgrade, version
from ledger.schema import Books
from tests.postgres import engines


@pytest.fixture(params=engines())
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """No tables yet."""
    url = f"sqlite:///{tmp_path}/books.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url)
    yield database
    database.close()


def checks(connection: Connection) -> dict[str, set[tuple[str, str]]]:
    """The CHECK constraints of every table, which Alembic does not compare."""
    inspector = inspect(connection)
    return {
        table: {(str(found["name"]), found["sqltext"]) for found in inspector.get_check_constraints(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_the_first_books_are_the_schema(empty: Database) -> None:
    """Nothing is missing and nothing is left over; then a second upgrade changes nothing."""
    upgrade(empty)
    upgrade(empty)
    assert version(empty) == NEWEST
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Books.metadata) == []


def test_the_last_line_of_defence_is_the_same(empty: Database) -> None:
    """Every CHECK that `ledger.schema` declares is in the migrated books, word by word; so is `WITHOUT ROWID`."""
    upgrade(empty)
    with empty.read() as connection:
        migrated = checks(connection)
        clustered = without_rowid(connection)
    with empty.write() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
        Books.metadata.drop_all(connection)
    empty.create_all()
    with empty.read() as connection:
        assert checks(connection) == migrated
        assert without_rowid(connection) == clustered


def without_rowid(connection: Connection) -> set[str]:
    """SQLite's tables that are their primary key's tree; none on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return set()
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")
    return {str(name) for (name,) in found}

"""The steps from an older form of the books to this one; `init` and `serve` take them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import column, inspect, select, table

from ledger.database import Database, ensure_buckets
from ledger.documents import make_lock
from ledger.epochs import ensure_log
from ledger.joining import make_seal
from ledger.members import make_salt

FOLDER: Final = Path(__file__).parent / "migrations"

NEWEST: Final = "0001"
"""The step that this program needs: the last one in `FOLDER`."""


def upgrade(database: Database) -> None:
    """All steps that are missing, and the rows that a ledger is born with. Does nothing where nothing is missing."""
    make_tables(database)
    with database.write() as connection:
        ensure_buckets(connection)
        make_salt(connection)
        make_seal(connection)
        make_lock(connection)
        ensure_log(connection)


def make_tables(database: Database) -> None:
    """All steps that are missing, without a row."""
    if version(database) == NEWEST:
        return
    # Importing Alembic takes longer than the work of most commands; nearly all of them only ask for the version.
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    with database.write() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def version(database: Database) -> str | None:
    """The step at which the books are; None for an empty database."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
        return found

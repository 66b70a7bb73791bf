"""The steps from an older form of the books to this one; `init` and `serve` take them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger.database import Database, ensure_buckets
from ledger.documents import make_lock
from ledger.epochs import ensure_log
from ledger.members import make_salt

FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """All steps that are missing, and the rows that a ledger is born with. Does nothing where nothing is missing."""
    make_tables(database)
    with database.write() as connection:
        ensure_buckets(connection)
        make_salt(connection)
        make_lock(connection)
        ensure_log(connection)


def make_tables(database: Database) -> None:
    """All steps that are missing, without a row."""
    if version(database) != newest_version():
        with database.write() as connection:
            settings = _config()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")


def version(database: Database) -> str | None:
    """The step at which the books are; None for an empty database."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_version() -> str | None:
    """The step that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    return settings

"""Alembic's way in. `ledger.migrating` hands over a connection in a transaction; a developer's `alembic -c` makes its own."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection

from ledger.database import Database
from ledger.schema import Books


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=Books.metadata, render_as_batch=connection.dialect.name == "sqlite"
    )
    with context.begin_transaction():
        context.run_migrations()


_handed_over = context.config.attributes.get("connection")
if _handed_over is not None:
    _run(_handed_over)
else:
    with Database(os.environ["TILL_LEDGER_DATABASE"]).write() as _connection:
        _run(_connection)

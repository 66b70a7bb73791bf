"""What distribution by bucket asks of the tables, read from the tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint, inspect

from ledger import rows
from ledger.database import Database
from ledger.schema import HOT_TABLES, Books, Lot
from protocol.ids import BUCKETS

HOT = [Books.metadata.tables[name] for name in HOT_TABLES]


@pytest.mark.parametrize("table", HOT, ids=HOT_TABLES)
def test_every_key_of_a_hot_table_contains_bucket(table: Table) -> None:
    """Primary keys, unique constraints and indexes, and foreign keys: so all that belongs together lies in one shard."""
    assert "bucket" in table.primary_key.columns
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    assert all("bucket" in constraint.columns for constraint in unique)
    assert all("bucket" in index.columns for index in table.indexes if index.unique)
    for key in table.foreign_key_constraints:
        assert isinstance(key, ForeignKeyConstraint)
        assert "bucket" in key.columns
        assert key.referred_table.name in HOT_TABLES
        assert "bucket" in {element.column.name for element in key.elements}


def test_tables_with_a_bucket_are_hot() -> None:
    """A table that carries a bucket is in the list that the other test reads."""
    assert {name for name, table in Books.metadata.tables.items() if "bucket" in table.columns} == set(HOT_TABLES)


def test_database_has_the_keys_that_the_models_say(database: Database) -> None:
    """Read back from the engine itself, every primary and unique key of a hot table begins with the bucket."""
    found = inspect(database.engine)
    for name in HOT_TABLES:
        assert found.get_pk_constraint(name)["constrained_columns"][0] == "bucket"
        assert all(key["column_names"][0] == "bucket" for key in found.get_unique_constraints(name))


def test_all_buckets_are_there_from_the_first_day(database: Database) -> None:
    """1,024 rows, also when the tables are made twice."""
    database.create_all()
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*), max(bucket) FROM bucket").one() == (BUCKETS, BUCKETS - 1)


def test_a_members_lots_are_found_by_his_index(tmp_path: Path) -> None:
    """What a member's open lots cost does not grow with what else lies in his bucket: SQLite is told which index to use."""
    database, plans = Database(f"sqlite:///{tmp_path}/books.db"), list[str]()
    database.create_all()
    with database.read() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(plans.append)
        rows.find(
            connection, Lot, ("bucket", "member"), [(1, "a"), (2, "b")], where="t.points_left > 0", index="lot_open"
        )
        driver.set_trace_callback(None)
        plan = [row[3] for row in rows.fetch(connection, f"EXPLAIN QUERY PLAN {plans[-1]}")]
    assert plan[-1] == "SEARCH t USING INDEX lot_open (bucket=? AND member=?)"
    database.close()

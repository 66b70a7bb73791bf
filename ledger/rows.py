"""Rows by the thousand: one statement for a whole set, on both engines.

The rows of a table are tuples in the order of its columns. SQLite gets `executemany` and row values, PostgreSQL COPY and
`unnest`; SQLAlchemy's own bulk insert costs 2.2 times as much processor time (5,000 rows of `received`, SQLite).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, Table
from sqlmodel import SQLModel

Values: TypeAlias = tuple[Any, ...]
Model: TypeAlias = type[SQLModel]

_KEYS_AT_ONCE = 5_000
"""Row values in one SQLite statement: five columns stay below its limit of 32,766 variables."""

_BUCKETS_AT_ONCE = 64
"""Buckets whose changes are read by one statement: a page of changes ends early, and what was sorted beyond it is lost."""


def insert(connection: Connection, model: Model, values: Sequence[Values]) -> None:
    """New rows; one that exists already is an IntegrityError."""
    if not values:
        return
    table = _table(model)
    names = _names(table)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        _cursor(connection).executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", values)
        return
    with _cursor(connection).copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(_types(table, tuple(table.columns.keys())))
        for row in values:
            copy.write_row(row)


def insert_missing(connection: Connection, model: Model, values: Sequence[Values]) -> int:
    """New rows, leaving alone what has the same primary key; how many were new."""
    return _insert_or(connection, model, values, "NOTHING")


def put(connection: Connection, model: Model, values: Sequence[Values]) -> None:
    """Rows by primary key: new ones are inserted, existing ones replaced whole."""
    _insert_or(connection, model, values, f"UPDATE SET {_all_but_the_key(_table(model))}")


def put_later(connection: Connection, model: Model, column: str, values: Sequence[Values]) -> None:
    """Rows by primary key: new ones are inserted, existing ones replaced whole where `column` rises with it."""
    table = _table(model)
    later = f"WHERE excluded.{column} > {table.name}.{column}"
    _insert_or(connection, model, values, f"UPDATE SET {_all_but_the_key(table)} {later}")


def add(connection: Connection, model: Model, column: str, values: Sequence[Values]) -> None:
    """Rows by primary key: new ones are inserted, to existing ones `column` is added."""
    table = _table(model)
    _insert_or(connection, model, values, f"UPDATE SET {column} = {table.name}.{column} + excluded.{column}")


def update(connection: Connection, model: Model, changed: Sequence[str], values: Sequence[Values]) -> None:
    """Set the columns `changed` of rows that exist. A value is the primary key followed by the new columns."""
    if not values:
        return
    table = _table(model)
    keys = [column.name for column in table.primary_key]
    if connection.dialect.name == "sqlite":
        sets = ", ".join(f"{name} = ?" for name in changed)
        where = " AND ".join(f"{name} = ?" for name in keys)
        turned = [row[len(keys) :] + row[: len(keys)] for row in values]
        _cursor(connection).executemany(f"UPDATE {table.name} SET {sets} WHERE {where}", turned)
        return
    sets = ", ".join(f"{name} = new.{name}" for name in changed)
    where = " AND ".join(f"{table.name}.{name} = new.{name}" for name in keys)
    columns = (*keys, *changed)
    source = f"unnest({_arrays(table, columns)}) AS new({', '.join(columns)})"
    _cursor(connection).execute(f"UPDATE {table.name} SET {sets} FROM {source} WHERE {where}", _turned(values))


def delete(connection: Connection, model: Model, keys: Sequence[Values]) -> None:
    """Rows by primary key."""
    table = _table(model)
    names = [column.name for column in table.primary_key]
    where = " AND ".join(f"{name} = ?" for name in names)
    for key in keys:
        execute(connection, f"DELETE FROM {table.name} WHERE {where}", *key)


def find(
    connection: Connection,
    model: Model,
    by: Sequence[str],
    keys: Iterable[Values],
    columns: str = "",
    where: str = "",
    index: str = "",
) -> list[Values]:
    """Rows whose columns `by` are one of `keys`; all columns, or those named. `where`: a further fixed condition.

    `index` is the one to use where it is not the primary key: without statistics SQLite prefers the key's first column, and
    would read a whole bucket.
    """
    table, cursor = _table(model), _cursor(connection)
    wanted = ", ".join(f"t.{name.strip()}" for name in (columns or _names(table)).split(","))
    using = f"INDEXED BY {index}" if index and connection.dialect.name == "sqlite" else ""
    on = " AND ".join([*(f"t.{name} = k.{name}" for name in by), *([where] if where else [])])
    found: list[Values] = []
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), _KEYS_AT_ONCE):
        source, parameters = _keys(connection, table, tuple(by), distinct[start : start + _KEYS_AT_ONCE])
        cursor.execute(f"{source} SELECT {wanted} FROM k CROSS JOIN {table.name} AS t {using} WHERE {on}", parameters)
        found.extend(cursor.fetchall())
    return found


def find_above(
    connection: Connection, model: Model, column: str, above: Sequence[tuple[int, int]], columns: str, limit: int
) -> list[Values]:
    """(bucket, `column`, `columns`…) of rows whose `column` is above the number given for their bucket, in that order."""
    table = _table(model)
    found: list[Values] = []
    for start in range(0, len(above), _BUCKETS_AT_ONCE):
        source, parameters = _keys(
            connection, table, ("bucket", column), list(above[start : start + _BUCKETS_AT_ONCE])
        )
        cursor = _cursor(connection)
        cursor.execute(
            f"{source} SELECT t.bucket, t.{column}, {columns} FROM k CROSS JOIN {table.name} AS t"
            f" WHERE t.bucket = k.bucket AND t.{column} > k.{column} ORDER BY 1, 2 LIMIT {limit - len(found):d}",
            parameters,
        )
        found.extend(cursor.fetchall())
        if len(found) >= limit:
            break
    return found


def fetch(connection: Connection, sql: str, *parameters: object) -> list[Values]:
    """All rows of a query with `?` for parameters."""
    if connection.dialect.name != "sqlite":
        sql = sql.replace("%", "%%").replace("?", "%s")
    cursor = _cursor(connection)
    cursor.execute(sql, parameters)
    return list(cursor.fetchall())


def execute(connection: Connection, sql: str, *parameters: object) -> None:
    """One statement with `?` for parameters."""
    if connection.dialect.name != "sqlite":
        sql = sql.replace("%", "%%").replace("?", "%s")
    _cursor(connection).execute(sql, parameters)


def _insert_or(connection: Connection, model: Model, values: Sequence[Values], conflict: str) -> int:
    if not values:
        return 0
    table, cursor = _table(model), _cursor(connection)
    names, keys = _names(table), ", ".join(column.name for column in table.primary_key)
    tail = f"ON CONFLICT ({keys}) DO {conflict}"
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks}) {tail}", values)
    else:
        source = f"SELECT * FROM unnest({_arrays(table, tuple(table.columns.keys()))})"
        cursor.execute(f"INSERT INTO {table.name} ({names}) {source} {tail}", _turned(values))
    written: int = cursor.rowcount
    return written


def _all_but_the_key(table: Table) -> str:
    """For the row that was to be inserted to take the place of the one that is there."""
    rest = [column.name for column in table.columns if not column.primary_key]
    return ", ".join(f"{name} = excluded.{name}" for name in rest)


def _keys(connection: Connection, table: Table, by: tuple[str, ...], keys: list[Values]) -> tuple[str, Sequence[Any]]:
    """A common table expression `k` of the keys. SQLite walks it from left to right because of the CROSS JOIN."""
    names = ", ".join(by)
    if connection.dialect.name == "sqlite":
        mark = "(" + ", ".join("?" * len(by)) + ")"
        return f"WITH k({names}) AS (VALUES {', '.join([mark] * len(keys))})", [part for key in keys for part in key]
    return f"WITH k({names}) AS (SELECT * FROM unnest({_arrays(table, by)}))", _turned(keys)


def _turned(values: Sequence[Values]) -> list[list[Any]]:
    """Columns instead of rows."""
    return [list(column) for column in zip(*values, strict=True)]


def _cursor(connection: Connection) -> Any:
    """The driver's own cursor, inside SQLAlchemy's transaction."""
    return connection.connection.cursor()


def _table(model: Model) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table
    return table


@lru_cache
def _names(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


@lru_cache
def _types(table: Table, columns: tuple[str, ...]) -> list[str]:
    return [_type_of(table.columns[name].type) for name in columns]


@lru_cache
def _arrays(table: Table, columns: tuple[str, ...]) -> str:
    return ", ".join(f"%b::{kind}[]" for kind in _types(table, columns))


def _type_of(kind: object) -> str:
    if isinstance(kind, LargeBinary):
        return "bytea"
    if isinstance(kind, BigInteger):
        return "int8"
    return "int4" if isinstance(kind, Integer) else "text"

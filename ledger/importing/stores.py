"""Stores of a group: each is set up as another one is that an operator has set up by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import documents, rows
from ledger.database import Database
from ledger.importing.table import Column, Report, Row, RowError, carry_out, parsed, text
from ledger.keys import Keys
from ledger.merchants import add_store
from ledger.pages.words import msg
from ledger.problems import BadRequestError
from protocol.documents import StoreSettings
from protocol.names import clean

COLUMNS: Final = (
    Column("store", ("门店编号", "编号"), msg("its id: small letters, digits and hyphens"), is_needed=True),
    Column("name", ("门店", "门店名称", "店名"), msg("as people call it"), is_needed=True),
    Column("like", ("参照门店",), msg("the store whose settings it takes; that of the command where it is empty")),
)


class _Store(NamedTuple):
    line: int
    store: str
    name: str
    like: str


def import_stores(
    database: Database, keys: Keys, table: Iterator[Row], now_us: int, *, like: str, is_rehearsal: bool = False
) -> Report:
    """New ones are published; one that is there already stays as it is."""
    report = Report()
    stores = list(parsed(table, partial(_store, like), report))
    report.add(carry_out(database, partial(_take, keys, stores, now_us), is_rehearsal=is_rehearsal))
    return report


def _store(like: str, row: Row) -> _Store:
    store, name = text(row, "store"), clean(row.cells["name"])
    if not (store and name):
        raise RowError(msg("a store has an id and a name"))
    return _Store(row.line, store, name, text(row, "like") or like)


def _take(keys: Keys, stores: Sequence[_Store], now_us: int, connection: Connection) -> Report:
    report = Report()
    known: dict[str, str] = dict(rows.fetch(connection, "SELECT store, name FROM store"))
    for one in stores:
        settings = documents.newest(connection, "store", one.like, StoreSettings)
        if one.store in known:
            if known[one.store] == one.name:
                report.same += 1
            else:
                why = msg("{cell} is there already, as {name}")
                report.refuse(one.line, RowError(why, cell=one.store, name=known[one.store]))
        elif settings is None:
            report.refuse(
                one.line, RowError(msg("there is no store {cell} whose settings it could take"), cell=one.like or "-")
            )
        else:
            try:
                add_store(connection, one.store, settings.merchant, one.name)
            except BadRequestError as error:
                report.refuse(one.line, RowError("{why}", why=str(error)))
                continue
            like_it = msgspec.structs.replace(settings, store=one.store, name=one.name)
            documents.publish_store(connection, keys, like_it, now_us)
            known[one.store] = one.name
            report.new += 1
    return report

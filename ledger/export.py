"""The books as lines of canonical JSON that prove themselves: what tills sent, what became of it, the postings, the log.

Each line carries a hash over itself and the line before it, so that the first wrong one is found; the last line is signed by
the ledger. Nobody's name is in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.epochs import current_epoch
from ledger.keys import Keys
from ledger.log import state
from protocol import canonical
from protocol.canonical import Count, Micros, Model, Name
from protocol.signing import Signed, sign

PURPOSE = "export"
FIRST = hashlib.sha256(b"till-export-1\0").digest()
_PAGE = 5_000

TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "epoch": ("number, epoch, began_at, why", ("number",)),
    "terminal": ("terminal, store, public, status, head_seq, head, head_signature, booked_seq", ("terminal",)),
    "received": ("terminal, seq, hash, payload, payload_hash, received_at", ("terminal", "seq")),
    "outcome": ("terminal, seq, status, outcome", ("terminal", "seq")),
    "branch": (
        "terminal, seq, hash, payload, payload_hash, received_at, head_seq, head, head_signature",
        ("terminal", "seq", "hash"),
    ),
    "log_run": ("first, terminal, first_seq, count", ("first",)),
    "entry": (
        (
            "bucket, id, terminal, seq, type, member, store, merchant, reference, business_day, occurred_at, recorded_at,"
            " position, shortfall, voided_by"
        ),
        ("bucket", "id"),
    ),
    "act": ("number, done_at, what, hash", ("number",)),
    "posting": ("bucket, entry, line, account, holder, kind, points", ("bucket", "entry", "line")),
}
"""Columns and order of what is written; bytes as base64. Of acts not who: whoever keeps an export has the hash of each."""


class ExportHead(Model, kw_only=True):
    """The first line: whose books, and the keys with which the last line is verified."""

    root_public: bytes
    certificates: tuple[Signed, ...]


class ExportEnd(Model, kw_only=True):
    """Signed, in the last line: how many lines came before it, `link` (hex) over all of them, and the log's size and root."""

    lines: Count
    link: str
    at: Micros
    epoch: Name
    size: Count
    root: str


class ExportLine(Model, kw_only=True):
    """A line: `head`, a `row` of a `table`, or `end`. `link` (hex): SHA-256 over the one before and the line without it."""

    link: str = ""
    table: str = ""
    row: dict[str, int | str] = {}
    head: ExportHead | None = None
    end: Signed | None = None


def linked(previous: bytes, line: ExportLine) -> bytes:
    """The link of a line, from the one before it."""
    bare = ExportLine(table=line.table, row=line.row, head=line.head, end=line.end)
    return hashlib.sha256(previous + canonical.encode(bare)).digest()


def export(database: Database, keys: Keys, file: Path, now_us: int) -> int:
    """Write one moment of the books to a new file; how many lines."""
    link, count = FIRST, 0
    with file.open("xb") as out, database.read() as connection:
        for line in _lines(connection, keys):
            link, count = linked(link, line), count + 1
            out.write(canonical.encode(ExportLine(link=link.hex(), table=line.table, row=line.row, head=line.head)))
            out.write(b"\n")
        log = state(connection)
        end = ExportEnd(
            lines=count,
            link=link.hex(),
            at=now_us,
            epoch=current_epoch(connection),
            size=log.size,
            root=log.root.hex(),
        )
        out.write(canonical.encode(ExportLine(end=sign(PURPOSE, end, keys.current(now_us).private))) + b"\n")
    return count + 1


def _lines(connection: Connection, keys: Keys) -> Iterator[ExportLine]:
    yield ExportLine(head=ExportHead(root_public=keys.root_public, certificates=keys.certificates))
    for table, (columns, order) in TABLES.items():
        names = [name.strip() for name in columns.split(",")]
        for row in _rows(connection, table, columns, order, names):
            yield ExportLine(table=table, row={name: _value(part) for name, part in zip(names, row, strict=True)})


def _rows(
    connection: Connection, table: str, columns: str, order: tuple[str, ...], names: list[str]
) -> Iterator[rows.Values]:
    """In the order of the key, a page at a time."""
    places = [names.index(name) for name in order]
    key, marks = ", ".join(order), ", ".join("?" * len(order))
    page = rows.fetch(connection, f"SELECT {columns} FROM {table} ORDER BY {key} LIMIT {_PAGE}")
    while page:
        yield from page
        after = [page[-1][place] for place in places]
        page = rows.fetch(
            connection,
            f"SELECT {columns} FROM {table} WHERE ({key}) > ({marks}) ORDER BY {key} LIMIT {_PAGE}",
            *after,
        )


def _value(part: Any) -> int | str:
    return base64.b64encode(part).decode() if isinstance(part, bytes | memoryview) else part

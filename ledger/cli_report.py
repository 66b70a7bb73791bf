"""`till-ledger report`: what a store did, over all its tills."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from ledger.approval_words import approval_tables
from ledger.approvals import approvals_of
from ledger.console import Console, command, must_be_new, padded, write_csv
from ledger.documents import newest
from ledger.pages.words import Language, msg, own_language, words_in
from ledger.problems import NotKnownError
from ledger.programmes import Programmes
from ledger.spreadsheets import lines_of
from ledger.store_day import store_day
from ledger.store_day_words import day_tables, names_in
from protocol.documents import StoreSettings
from protocol.reports import ReportTable

_LABEL, _CELL = 44, 18


@click.group("report")
def report() -> None:
    """Reports over all tills of a store."""


@report.command("day")
@click.argument("store")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Business day; default: the one that goes on."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="A new CSV file.")
@click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language; that of this machine otherwise.")
@command
def report_day(console: Console, store: str, day: datetime | None, out: Path | None, lang: Language | None) -> None:
    """日结单: sums of a store's day, beside the same weekday before; by cashier, hour, reward and authority; what is open."""
    must_be_new(out)
    words = words_in(lang or own_language())
    with console.books() as database, database.read() as connection:
        settings = newest(connection, "store", store, StoreSettings)
        if settings is None:
            raise NotKnownError("store", store)
        wanted = day.date() if day else settings.calendar.day(console.now_us)
        found = store_day(connection, store, wanted)
        tables = day_tables(found, names_in(Programmes().current(connection)), words)
    if out is not None:
        write_csv(out, lines_of(tables))
    facts: dict[str, Any] = msgspec.to_builtins(found) | {"at": console.now_us}
    facts["tills"] = [till._asdict() for till in found.tills]
    console.say("\n".join([f"{found.name}  {found.day}", *(line for one in tables for line in _lines(one))]), **facts)


def _lines(table: ReportTable) -> list[str]:
    widths = (_LABEL, *(_CELL for _column in table.columns[1:]))
    lines = ["".join(map(padded, row.cells, widths)).rstrip() for row in table.rows]
    head = "".join(map(padded, (table.title, *table.columns[1:]), (_LABEL + 2, *widths[1:]))).rstrip()
    return ["", head, *(f"  {line}" for line in lines)]


@report.command("approvals")
@click.argument("store")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Business day; default: the one that goes on."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="A new CSV file.")
@click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language; that of this machine otherwise.")
@command
def report_approvals(
    console: Console, store: str, day: datetime | None, out: Path | None, lang: Language | None
) -> None:
    """主管授权: what was allowed at a store's tills on a business day, by whom and why."""
    must_be_new(out)
    words = words_in(lang or own_language())
    with console.books() as database, database.read() as connection:
        settings = newest(connection, "store", store, StoreSettings)
        if settings is None:
            raise NotKnownError("store", store)
        wanted = day.date() if day else settings.calendar.day(console.now_us)
        found = approvals_of(connection, store, wanted)
    tables = approval_tables(found, settings.calendar, words)
    if out is not None:
        write_csv(out, lines_of(tables))
    lines = [f"{settings.name}  {wanted}  {words.say(msg('Approvals'))}: {len(found)}"]
    for table in tables:
        lines += ["", table.title, *("  " + "  ".join(one.cells) for one in table.rows)]
    facts = [msgspec.to_builtins(one._asdict()) for one in found]
    console.say("\n".join(lines), store=store, day=wanted.isoformat(), approvals=facts)

"""`till report`: what a shift has given and taken. Works while the counter is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, json_option, open_journal, pass_place, say, with_journal
from till.commands.report_store import report_store

if TYPE_CHECKING:
    from local_db.journal import JournalReader
    from till.outage.keeping import Kept
    from till.shift_report import ShiftReport
    from till.store import Store

WIDTH = 64


@click.group()
def report() -> None:
    """Reports from this till's journal, and of the store."""


report.add_command(report_store)


@report.command()
@click.option("--number", default=0, help="Of the shift; default: the newest.")
@json_option
@pass_place
@with_journal
def shift(place: Place, number: int, as_json: bool) -> None:
    """The totals of a shift: so far while it is open, as it closed otherwise."""
    from till.i18n import _
    from till.outage.keeping import kept_in
    from till.shift_report import shift_report

    reader = open_journal(place)
    opened = [row for row in reader.of_type("shift-opened", 400) if not number or row.shift.endswith(f"-{number}")]
    if not opened:
        end(Exit.REFUSED, _("There is no such shift at this till"))
    found, kept = shift_report(reader, opened[0].shift), kept_in(place.folder)
    say(asdict(found), "" if as_json else "\n".join(_lines(found, store_of(place, reader), kept)), as_json=as_json)


def _lines(found: ShiftReport, store: Store | None, kept: Kept | None) -> Iterator[str]:
    """As the screen shows it (F8)."""
    from protocol.business_days import Calendar
    from protocol.training import is_training
    from till.outage.words import report_row
    from till.report_words import Section, report_sections, report_title
    from till.text import cells

    calendar = store.settings.calendar if store else Calendar()

    def local(at: int) -> str:
        return calendar.civil(at).isoformat(sep=" ", timespec="seconds")

    row = report_row(kept.report if kept else None, local)
    last = [Section("outage", "", [row])] if not is_training(found.shift) else []
    yield report_title(found)
    for section in (*report_sections(found, store, local), *last):
        yield ""
        for row in section.rows:
            yield row.label + " " * max(1, WIDTH - cells(row.label) - cells(row.value)) + row.value


def store_of(place: Place, reader: JournalReader) -> Store | None:
    """For its time, and for what kinds of points are called and are worth; None where the cache cannot say."""
    from local_db.cache import CacheReader
    from local_db.errors import LocalDbError
    from points import PointsError
    from protocol.errors import SignatureError
    from sync.identity import load_identity
    from till.composition import CACHE_FACT
    from till.store import read_store

    identity, name = load_identity(reader), reader.fact(CACHE_FACT)
    if identity is None or not name:
        return None
    try:
        with closing(CacheReader.open(place.folder / name)) as cache:
            return read_store(cache.documents(), identity.ring(), identity.store)
    except (LocalDbError, SignatureError, PointsError):
        return None


@report.command()
@json_option
@pass_place
@with_journal
def outage(place: Place, as_json: bool) -> None:
    """Which tills of the store survive an outage, by the newest check of each; without the network, of this one."""
    import msgspec

    from protocol.outage import OutageReports
    from sync.errors import SyncError
    from till.commands.outage import local_of
    from till.i18n import _
    from till.outage.keeping import kept_in, of_store, send
    from till.outage.words import store_lines

    open_journal(place).close()
    send(place.folder)
    try:
        told = of_store(place.folder)
    except SyncError as error:
        kept = kept_in(place.folder)
        told = OutageReports(reports=(kept.report,) if kept else ())
        click.echo(_("The ledger does not answer ({why}): this till alone").format(why=error.cause), err=True)
    lines = store_lines(told, local_of(place))
    say(msgspec.to_builtins(told), "\n".join(lines) or _("never checked"), as_json=as_json)
    if told.silent or any(one.result == "fail" for one in told.reports):
        end(Exit.FOUND)


@report.command()
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Business day; default: that of the last entry."
)
@json_option
@pass_place
@with_journal
def approvals(place: Place, day: datetime | None, as_json: bool) -> None:
    """主管授权: what was allowed at this till on a business day, by whom and why; what somebody approved himself is marked."""
    from protocol.business_days import Calendar
    from protocol.journal_days import day_of
    from till.approval_words import approval_lines
    from till.approvals import approved_on

    reader = open_journal(place)
    last, store = reader.last(), store_of(place, reader)
    wanted = day.date().isoformat() if day else day_of(last.payload) if last else ""
    found = approved_on(reader, wanted)
    calendar = store.settings.calendar if store else Calendar()

    def local(at: int) -> str:
        return calendar.civil(at).isoformat(sep=" ", timespec="seconds")

    lines = approval_lines(wanted, found, store.programme if store else None, local)
    say(
        {"day": wanted, "approvals": [asdict(one) for one in found]},
        "" if as_json else "\n".join(lines),
        as_json=as_json,
    )


@report.command()
@click.option(
    "--compare",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV of the cash register.",
)
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Business day; default: that of the last sale."
)
@click.option("--receipt", default="", help="Name of the column with the receipt's number.")
@click.option("--amount", default="", help="Name of the column with what was paid with points, in yuan.")
@json_option
@pass_place
@with_journal
def tender(place: Place, file: Path, day: datetime | None, receipt: str, amount: str, as_json: bool) -> None:
    """积分抵扣 beside the cash register's, receipt by receipt; exit 1 where they differ."""
    from protocol.journal_days import day_of
    from till.i18n import _
    from till.tender import compare, taken_on
    from till.tender_file import TenderFileError, read_tender
    from till.tender_words import tender_lines

    reader = open_journal(place)
    try:
        there = read_tender(file, receipt, amount)
    except TenderFileError as error:
        end(Exit.REFUSED, str(error))
    sold = reader.of_type("sale", 1)
    wanted = day.date().isoformat() if day else day_of(sold[0].payload) if sold else ""
    if not wanted:
        end(Exit.REFUSED, _("Nothing was sold at this till yet"))
    found = compare(wanted, taken_on(reader, wanted), there)
    say(asdict(found), "\n".join(tender_lines(found)), as_json=as_json)
    if found.differences:
        end(Exit.FOUND)

"""`till report`: what a shift has given and taken. Works while the counter is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    from till.report_figures import ShiftReport
    from till.report_words import Section
    from till.store import Store

WIDTH = 64


def _files(command: Callable[..., None]) -> Callable[..., None]:
    """`--csv`, `--xlsx`, `--html`: each a file."""
    kinds = {"html": "a page to print", "xlsx": "a spreadsheet", "csv": "plain columns, UTF-8"}
    for name, what in kinds.items():
        path = click.Path(path_type=Path, dir_okay=False)
        command = click.option(f"--{name}", type=path, default=None, help=f"Write into this file: {what}.")(command)
    return command


@click.group()
def report() -> None:
    """Reports from this till's journal, and of the store."""


report.add_command(report_store)


@report.command()
@click.option("--number", default=0, help="Of the shift; default: the newest.")
@_files
@json_option
@pass_place
@with_journal
def shift(place: Place, /, number: int, as_json: bool, **files: Path | None) -> None:
    """The totals of a shift: so far while it is open, as it closed otherwise."""
    from till.i18n import _
    from till.shift_report import shift_report

    reader = open_journal(place)
    opened = [row for row in reader.of_type("shift-opened", 400) if not number or row.shift.endswith(f"-{number}")]
    if not opened:
        end(Exit.REFUSED, _("There is no such shift at this till"))
    _tell(place, reader, shift_report(reader, opened[0].shift), files, as_json=as_json)


@report.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Business day; default: the newest.")
@_files
@json_option
@pass_place
@with_journal
def day(place: Place, /, day: datetime | None, as_json: bool, **files: Path | None) -> None:
    """日结单: all shifts of a business day at this till, as they are known now."""
    from protocol.journal_days import day_of
    from till.errors import RefusedError
    from till.i18n import _
    from till.shift_report import day_report

    reader = open_journal(place)
    newest = reader.entries(reader.last_seq(), 1)
    wanted = day.date().isoformat() if day else day_of(newest[0].payload) if newest else ""
    try:
        found = day_report(reader, wanted) if wanted else None
    except RefusedError:
        found = None
    if found is None:
        end(Exit.REFUSED, _("This till has nothing of that day"))
    _tell(place, reader, found, files, as_json=as_json)


def _tell(
    place: Place, reader: JournalReader, found: ShiftReport, files: Mapping[str, Path | None], *, as_json: bool
) -> None:
    """As the screen shows it (F8): its figures and its sections; into the files that are asked for, else printed."""
    from protocol.business_days import Calendar
    from protocol.training import is_training
    from till.i18n import _
    from till.outage.keeping import kept_in
    from till.outage.words import report_row
    from till.report_sections import report_sections
    from till.report_words import Section, report_title

    store = store_of(place, reader)
    calendar = store.settings.calendar if store else Calendar()

    def local(at: int) -> str:
        return calendar.civil(at).isoformat(sep=" ", timespec="seconds")

    sections = report_sections(found, store, local)
    if not is_training(found.shift) and not found.day:
        kept = kept_in(place.folder)
        sections.append(Section("outage", _("Outage"), [report_row(kept.report if kept else None, local)]))
    try:
        is_written = _write(files, report_title(found), sections, store)
    except OSError as error:
        end(Exit.REFUSED, _("Cannot be written: {why}").format(why=error.strerror or str(error)))
    if is_written and not as_json:
        return
    document = asdict(found) | {"sections": [_for_programs(section) for section in sections]}
    say(document, "" if as_json else "\n".join(_lines(report_title(found), sections)), as_json=as_json)


def _write(
    files: Mapping[str, Path | None], title: str, sections: Sequence[Section], store: Store | None
) -> bool:  # fmt: skip
    """Whether a file was asked for. Raises `OSError`."""
    from till.report_files import csv_bytes, html_text, write_xlsx

    programme, asked = store.programme if store else None, [path for path in files.values() if path is not None]
    if path := files["csv"]:
        path.write_bytes(csv_bytes(sections, programme))
    if path := files["xlsx"]:
        write_xlsx(path, title, sections, programme)
    if path := files["html"]:
        path.write_text(html_text(store.settings.name if store else "", title, sections), encoding="utf-8")
    for path in asked:
        click.echo(str(path), err=True)
    return bool(asked)


def _for_programs(section: Section) -> dict[str, object]:
    return section._asdict() | {
        "rows": [row._asdict() | {"amounts": [one._asdict() for one in row.amounts]} for row in section.rows]
    }


def _lines(title: str, sections: list[Section]) -> Iterator[str]:
    from till.text import cells

    yield title
    for section in sections:
        yield ""
        for row in section.shown:
            yield row.drawn + " " * max(1, WIDTH - cells(row.drawn) - cells(row.value)) + row.value


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

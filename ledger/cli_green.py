"""Green reports: what a member contributed, signed for others; what a merchant's goods did, by attribute and store."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import msgspec

from ledger.clock import day_of
from ledger.console import Console, command, must_be_new, write_csv
from ledger.green import green_book, signed_file
from ledger.green_rows import MerchantRow, both, merchant_rows
from ledger.sessions import standing
from protocol.green import GreenReport

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def green() -> None:
    """What members and merchants did for the environment."""


@green.command("member")
@click.argument("number", metavar="MEMBER")
@click.option("--from", "since", type=_DAY, default=None, help="The first business day.")
@click.option("--until", type=_DAY, default=None, help="The last one.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="A new file, signed.")
@command
def green_member(
    console: Console, number: str, since: datetime | None, until: datetime | None, out: Path | None
) -> None:
    """What he earned, used and contributed; --out writes it signed, for `verify --report`."""
    must_be_new(out)
    first, last = ("" if day is None else day.date().isoformat() for day in (since, until))
    with console.books() as database, database.read() as connection:
        number, _status = standing(connection, number)
        report = green_book(connection, number).report(console.now_us, first, last)
    lines = list(report_lines(report))
    if out is not None:
        keys = console.keys()
        out.write_bytes(signed_file(keys, report))
        lines.append(f"signed in {out}, root key {keys.fingerprint}")
    console.say("\n".join(lines), report=msgspec.to_builtins(report), file=str(out) if out else "")


@green.command("merchant")
@click.argument("merchant")
@click.option("--month", type=click.DateTime(["%Y-%m"]), multiple=True, required=True, help="Again for more months.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="A new CSV file.")
@command
def green_merchant(console: Console, merchant: str, month: tuple[datetime, ...], out: Path | None) -> None:
    """What his goods save and which activities were finished, by attribute, category, store and month."""
    must_be_new(out)
    with console.books() as database, database.read() as connection:
        found = [
            row
            for first in sorted(set(month))
            for row in merchant_rows(
                connection, merchant, first.date().isoformat(),
                first.replace(day=monthrange(first.year, first.month)[1]).date().isoformat(),
            )
        ]  # fmt: skip
    lines = [*map(_row_line, found)] or ["nothing in these months"]
    if out is not None:
        write_csv(out, [MerchantRow._fields, *found])
        lines.append(f"{len(found)} rows in {out}")
    console.say(
        "\n".join(lines), merchant=merchant, rows=[row._asdict() for row in found], file=str(out) if out else ""
    )


def report_lines(report: GreenReport) -> Iterator[str]:
    """For people, in both languages."""
    period = f"{report.since or '…'} – {report.until or '…'}" if report.since or report.until else "全部 / all time"
    yield f"绿色报告 / green report  {report.member}  {period}  ({day_of(report.at)})"
    for kind in report.kinds:
        yield (
            f"  {both(kind.name)}: 获得 / earned {kind.earned:,}, 使用 / used {kind.used:,},"
            f" 到期 / ended {kind.expired:,}, 现有 / left {kind.left:,}"
        )
    for one in report.attributes:
        grade = f" {one.grade}" if one.grade else ""
        yield f"  {both(one.name)}{grade}: {one.amount:,} {both(one.unit)}{_carbon(one.co2e_mg, one.co2e_g)}"
        if one.source:
            yield f"    {both(one.source)}"
    for done in report.activities:
        yield f"  {both(done.name)}: {done.times:,} 次 / times"
    if report.merchants:
        yield "  商户 / merchants: " + ", ".join(f"{one.name} ({one.merchant})" for one in report.merchants)
    if not (report.kinds or report.attributes or report.activities):
        yield "  暂无 / nothing yet"


def _row_line(row: MerchantRow) -> str:
    goods = f"  {row.category_name}{f' ({row.group})' if row.group else ''}" if row.category else ""
    grade = f" {row.grade}" if row.grade else ""
    return (
        f"{row.month}  {row.store_name}  {row.name}{grade}{goods}: {row.amount:,} {row.unit}"
        f"{_carbon(row.co2e_mg, row.co2e_g)}"
    )


def _carbon(co2e_mg: int, co2e_g: int) -> str:
    if not co2e_mg:
        return ""
    return f" = {co2e_g // 1_000:,}.{co2e_g % 1_000:03d} kg CO2e ({co2e_mg} mg)"

"""`till scans`: the way of each scan, from its bytes to the ledger's outcome, by one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from till.commands.options import Exit, Place, end, json_option, open_journal, pass_place, say, with_journal
from till.i18n import _

if TYPE_CHECKING:
    from till.scan_words import DeviceMonth, TracedScan


@click.command()
@click.argument("number", type=int, required=False)
@click.option("--limit", default=20, show_default=True, help="So many, the newest first.")
@click.option("--counts", is_flag=True, help="What was counted of each device, month by month, instead.")
@json_option
@pass_place
@with_journal
def scans(place: Place, number: int | None, limit: int, *, counts: bool, as_json: bool) -> None:
    """What was scanned at this till and what became of it; NUMBER: every step of one scan."""
    from local_db.device_log import DeviceLogReader
    from till.scan_words import by_device, traced

    log = DeviceLogReader(place.folder)
    if counts:
        _tell_counts(by_device(log.counted()), as_json=as_json)
        return
    rows = [found] if number and (found := log.scan(number)) else [] if number else log.scans(limit)
    if number and not rows:
        end(Exit.USAGE, _("there is no scan {number}").format(number=number))
    _tell(traced(rows, open_journal(place)), is_one=number is not None, as_json=as_json)


def _tell(found: list[TracedScan], *, is_one: bool, as_json: bool) -> None:
    from till.scan_words import became, kind_text, steps

    lines = [
        "\n".join(steps(one, _time(one))) if is_one
        else f"#{one.scan.number:<8}{_time(one)}  {kind_text(one.scan)}  {became(one)}"
        for one in found
    ]  # fmt: skip
    document = {"scans": [one.scan._asdict() | {"outcome": one.outcome} for one in found]}
    say(document, "\n".join(lines) or _("Nothing was scanned yet"), as_json=as_json)


def _tell_counts(found: list[DeviceMonth], *, as_json: bool) -> None:
    from till.scan_words import counts_text

    lines = [f"{one.month}  {one.device}  {counts_text(one.counts)}" for one in found]
    document: dict[str, Any] = {"devices": [one._asdict() for one in found]}
    say(document, "\n".join(lines) or _("Nothing was counted yet"), as_json=as_json)


def _time(one: TracedScan) -> str:
    """As the coalition's clocks show it."""
    from protocol.business_days import Calendar

    return Calendar().civil(one.scan.at).isoformat(sep=" ", timespec="seconds")

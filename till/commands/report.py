"""`till report`: what a shift has given and taken. Works while the counter is open."""

from __future__ import annotations

from dataclasses import asdict

import click

from till.commands.options import Exit, Place, end, json_option, open_journal, pass_place, say, with_journal


@click.group()
def report() -> None:
    """Reports from this till's journal."""


@report.command()
@click.option("--number", default=0, help="Of the shift; default: the newest.")
@json_option
@pass_place
@with_journal
def shift(place: Place, number: int, as_json: bool) -> None:
    """The totals of a shift: so far while it is open, as it closed otherwise."""
    from points import format_fen
    from till.shifts import shift_report

    reader = open_journal(place)
    opened = [row for row in reader.of_type("shift-opened", 400) if not number or row.shift.endswith(f"-{number}")]
    if not opened:
        end(Exit.REFUSED, "no such shift")
    found = shift_report(reader, opened[0].shift)
    lines = [f"shift {found.number}  {'closed' if found.closed_at else 'open'}"]
    lines += [f"sales {found.sales}  voids {found.voids}  amount {format_fen(found.gross_fen)}"]
    lines += [f"{kind}: awarded {points:,}" for kind, points in found.awarded.items()]
    lines += [f"{kind}: redeemed {points:,}" for kind, points in found.redeemed.items()]
    lines += [f"  on {authority}: {points:,}" for authority, points in found.redeemed_by_authority.items()]
    lines += [f"taken off bills {format_fen(found.redeemed_off_bill_fen)}  due {format_fen(found.due_fen)}"]
    lines += [f"not yet confirmed: {found.unconfirmed} entries, {found.unconfirmed_points:+,} points"]
    say(asdict(found), "\n".join(lines), as_json=as_json)

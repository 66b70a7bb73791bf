"""Commands that publish programmes: one operator proposes, another one approves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ledger import proposals
from ledger.bounds_told import bounds_told
from ledger.cli_operators import by_operator, proven, time_text
from ledger.cli_suspending import REASON, go_on, stop
from ledger.clock import day_of
from ledger.console import Console, command
from ledger.documents import read_programme
from ledger.price_words import price_facts, price_lines, prices
from ledger.proposals import Proposed

NUMBER = click.argument("number", type=click.IntRange(1))


@click.group()
def programme() -> None:
    """The rules by which points are given and taken."""


@programme.command("propose")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--from", "begins", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]), default=None,
    help="Publish it then, in this machine's time; else when it is approved.",
)  # fmt: skip
@by_operator
@command
def programme_propose(console: Console, file: Path, begins: datetime | None, by: str, pin_file: Path | None) -> None:
    """Check a programme (TOML), its worked examples and what it promises, and keep it for another operator to approve."""
    from_us = int(begins.timestamp()) * 1_000_000 if begins else 0
    with console.books() as database:
        who = proven(console, database, by, pin_file)
        with database.write() as connection:
            found, parsed = proposals.propose(connection, file.read_bytes(), file.name, who, console.now_us, from_us)
            worth = prices(connection, parsed)
    text = "\n".join([_line(found), *price_lines(parsed, worth)])
    console.say(text, **found._asdict(), prices=price_facts(worth))


@programme.command("proposals")
@click.option("--all", "is_all", is_flag=True, help="Also what was published, withdrawn or failed.")
@command
def programme_proposals(console: Console, *, is_all: bool) -> None:
    """What waits for another operator, or for its time."""
    with console.books() as database, database.read() as connection:
        found = proposals.proposals(connection, is_all=is_all)
    lines = [_line(one) + (f"\n    {one.why}" if one.why else "") for one in found]
    console.say("\n".join(lines) or "no proposals", proposals=[one._asdict() for one in found])


@programme.command("show")
@NUMBER
@command
def programme_show(console: Console, number: int) -> None:
    """What was proposed, as it was written, and what it costs at today's prices: read it before you approve it."""
    with console.books() as database, database.read() as connection:
        found, text = proposals.find(connection, number), proposals.text_of(connection, number)
        parsed = read_programme(text.encode(), found.source)
        worth = prices(connection, parsed)
    lines = [text, _line(found), *price_lines(parsed, worth)]
    console.say("\n".join(lines), **found._asdict(), document=text, prices=price_facts(worth))


@programme.command("approve")
@NUMBER
@by_operator
@command
def programme_approve(console: Console, number: int, by: str, pin_file: Path | None) -> None:
    """Publish what another operator proposed: it is checked again, signed, and given to all stores of its merchant."""
    keys = console.keys()
    with console.books() as database:
        who = proven(console, database, by, pin_file)
        with database.write() as connection:
            found = proposals.approve(connection, keys, number, who, console.now_us)
    console.say(_line(found), **found._asdict())


@programme.command("withdraw")
@NUMBER
@click.option("--reason", default="", help="Why.")
@by_operator
@command
def programme_withdraw(console: Console, number: int, reason: str, by: str, pin_file: Path | None) -> None:
    """Nobody publishes this proposal any more."""
    with console.books() as database:
        who = proven(console, database, by, pin_file)
        with database.write() as connection:
            found = proposals.withdraw(connection, number, who, console.now_us, reason)
    console.say(_line(found), **found._asdict())


@programme.command("bounds")
@click.argument("id_", metavar="ID")
@command
def programme_bounds(console: Console, id_: str) -> None:
    """How far stocks and quotas are used up, and which members had a reward more often than its limit. Reads only."""
    with console.books() as database, database.read() as connection:
        found = bounds_told(connection, id_, day_of(console.now_us))
    lines = [f"{one.reward}  {one.bound}: {one.used:,} of {one.most:,}" for one in found.used]
    lines += [
        f"{one.reward}  limit: {one.member} took it {one.times} times, {one.most} are allowed ({one.period})"
        for one in found.over
    ]
    console.say(
        "\n".join(lines) or "nothing is bounded, or nobody is over a limit",
        programme=id_, used=[one._asdict() for one in found.used], over=[one._asdict() for one in found.over],
    )  # fmt: skip


@programme.command("suspend")
@click.argument("id_", metavar="ID")
@REASON
@by_operator
@command
def programme_suspend(console: Console, id_: str, reason: str, by: str, pin_file: Path | None) -> None:
    """Stop a programme: tills that go by it neither earn nor redeem, members keep their points."""
    stop(console, "programme", id_, reason, by, pin_file)


@programme.command("resume")
@click.argument("id_", metavar="ID")
@REASON
@by_operator
@command
def programme_resume(console: Console, id_: str, reason: str, by: str, pin_file: Path | None) -> None:
    """A suspended programme goes on."""
    go_on(console, "programme", id_, reason, by, pin_file)


def _line(one: Proposed) -> str:
    begins = f", from {time_text(one.in_force_from)}" if one.in_force_from else ""
    decided = f", by {one.decided_by}" if one.decided_by else ""
    return (
        f"{one.number}  {one.programme} version {one.version}  {one.state}{decided}  proposed by {one.proposed_by},"
        f" {time_text(one.proposed_at)}{begins}  sha256 {one.sha256[:16]}"
    )

"""Commands about what waits for a person: the operator's part of it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import click

from ledger.cases import Found, find_case, list_cases, stood_for
from ledger.clock import ZONE
from ledger.console import FOUND, REFUSED, Console, command, refuse
from ledger.deciding import Wanted, decide, readable, sent_entry
from points.amounts import MAX_POINTS
from protocol import canonical
from protocol.cases import Correction, Decision

_F = TypeVar("_F", bound=Callable[..., None])


class Hexadecimal(click.ParamType[bytes]):
    """Whole bytes, as the list prints them."""

    name = "hex"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        if isinstance(value, bytes):
            return value
        try:
            return bytes.fromhex(str(value))
        except ValueError:
            self.fail(f"{value!r} is not hexadecimal", param, ctx)


def _which(function: _F) -> _F:
    """The case that a command is about."""
    for option in (
        click.option(
            "--branch", type=Hexadecimal(), default=b"", help="Of a fork: how the hash of its entry begins."
        ),
        click.argument("seq", type=click.IntRange(1)),
        click.argument("terminal", metavar="TERMINAL"),
    ):
        function = option(function)
    return function


def _decides(function: _F) -> _F:
    """Who decides, and why."""
    for option in (
        click.option("--who", default=getpass.getuser, show_default="who is logged in", help="Who decides."),
        click.option("--why", required=True, help="In words, for whoever asks later."),
    ):
        function = option(function)
    return function


@click.group("case")
def case() -> None:
    """What waits for a person: list it, look at it, decide it once."""


@case.command("list")
@click.option("--store", default="", help="Of one store.")
@click.option("--merchant", default="", help="Of one merchant.")
@click.option("--open", "is_open", is_flag=True, help="Only what is not decided; exit 1 where there is some.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True)
@command
def case_list(console: Console, store: str, merchant: str, limit: int, *, is_open: bool) -> None:
    """The oldest first."""
    with console.books() as database, database.read() as connection:
        found = list_cases(connection, store, merchant, is_open=is_open, limit=limit)
    console.say("\n".join(map(_line, found)) or "nothing waits", cases=[one.facts for one in found])
    if is_open and found:
        raise SystemExit(FOUND)


@case.command("show")
@_which
@command
def case_show(console: Console, terminal: str, seq: int, branch: bytes) -> None:
    """The entry as it was received, its outcome's reason, and what was decided."""
    with console.books() as database, database.read() as connection:
        found = find_case(connection, terminal, seq, branch)
        payload, is_intact = sent_entry(connection, found)
        entry = readable(payload)
        for_other = stood_for(connection, entry.id.bytes) if entry is not None else None
    text = payload.decode("utf-8", "backslashreplace") if is_intact else payload.hex()
    also = f"\nstands for entry {for_other.seq} of {for_other.terminal}" if for_other else ""
    stands = {"terminal": for_other.terminal, "seq": for_other.seq} if for_other else None
    shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    console.say(f"{_line(found)}{also}\n{shown}", **found.facts, payload=text, is_intact=is_intact, stands_for=stands)


@case.command("accept")
@_which
@_decides
@command
def case_accept(console: Console, terminal: str, seq: int, branch: bytes, who: str, why: str) -> None:
    """Book now what waits, as it stands, at the merchant's expense."""
    _decide(console, Wanted(terminal, seq, "accepted", who, why, branch=branch))


@case.command("correct")
@_which
@click.option("--by", type=click.UUID, default=None, help="The id of a booked sale of this store that stands for it.")
@click.option("--member", default="", help="Else: whose points are corrected.")
@click.option("--kind", default="points", show_default=True)
@click.option("--give", type=click.IntRange(1, MAX_POINTS), default=None)
@click.option("--take", type=click.IntRange(1, MAX_POINTS), default=None)
@_decides
@command
def case_correct(
    console: Console, terminal: str, seq: int, branch: bytes, by: UUID | None, member: str, kind: str,
    give: int | None, take: int | None, who: str, why: str,
) -> None:  # fmt: skip
    """Another entry stands for it: a sale that was typed anew (--by), or points given or taken now (--give, --take)."""
    if (by is None) == (not member):
        raise click.UsageError("either --by, or --member with --give or --take")
    words = Correction(member=member, kind=kind, given=give or 0, taken=take or 0) if member else None
    _decide(
        console,
        Wanted(terminal, seq, "corrected", who, why, branch=branch, by=by, correction=words, most=MAX_POINTS),
    )


@case.command("write-off")
@_which
@_decides
@command
def case_write_off(console: Console, terminal: str, seq: int, branch: bytes, who: str, why: str) -> None:
    """Book nothing of it for the member; what was handed out for points is the merchant's."""
    _decide(console, Wanted(terminal, seq, "written-off", who, why, branch=branch))


def _decide(console: Console, wanted: Wanted) -> None:
    with console.books() as database:
        done = decide(database, wanted, console.now_us)
    if not done.is_new:
        refuse(f"decided before: {decided_words(done.decision)}", REFUSED)
    facts = canonical.decode(canonical.encode(done.decision), dict)
    console.say(f"entry {wanted.seq} of {wanted.terminal}: {decided_words(done.decision)}", **facts)


def decided_words(decision: Decision) -> str:
    """Who decided what, when, where and why."""
    where = f" at {decision.where}" if decision.where else ""
    by = f" by {decision.by}" if decision.by else ""
    return f"{decision.choice}{by}, {_local(decision.at)}, {decision.who}{where}: {decision.why}"


def _line(found: Found) -> str:
    branch = f" branch {found.branch.hex()[:16]}" if found.branch else ""
    what = found.reason or "shortfall"
    booked = ", what it took is booked" if found.position and found.reason else ""
    uncovered = f", {found.shortfall} points uncovered" if found.shortfall else ""
    decided = found.decided
    state = decided_words(decided) if decided else "open"
    return f"{found.terminal} {found.seq}{branch}  {_local(found.opened_at)}  {what}{booked}{uncovered}  {state}"


def _local(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).astimezone(ZONE).isoformat(" ", "minutes")[:16]

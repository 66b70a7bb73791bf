"""Commands about tills and members."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any, Literal

import click
import msgspec
from sqlalchemy import select
from sqlmodel import col

from ledger import members
from ledger.branches import branches_of, in_words
from ledger.cli_operators import by_operator, who_acts
from ledger.cli_suspending import REASON, noted
from ledger.clock import wall_clock_us
from ledger.console import FOUND, Console, command
from ledger.database import Database
from ledger.declaring import declare_lost
from ledger.drawing import half_blocks
from ledger.enrolment import end, invite, invite_instead, left_behind
from ledger.feed import member_row, snapshot
from ledger.keys import Keys
from ledger.member_pages import page_of_all
from ledger.merging import merge
from ledger.problems import BadRequestError, NotKnownError
from ledger.schema import Terminal
from ledger.sessions import make_link
from protocol.errors import ChallengeError
from protocol.feed import MemberRow
from protocol.reservations import Refused


@click.group()
def terminal() -> None:
    """Tills."""


@terminal.command("invite")
@click.argument("store")
@click.option("--url", required=True, help="Where tills reach this ledger.")
@command
def terminal_invite(console: Console, store: str, url: str) -> None:
    """A one-time code, good for 24 hours, as text and as a QR code for the technician's scanner."""
    keys = console.keys()
    with console.books() as database, database.write() as connection:
        invitation = invite(connection, keys, store, url, console.now_us)
    text = str(invitation)
    console.say(
        f"{half_blocks(text)}\n{text}", invitation=text, code=invitation.code, root=invitation.root, store=store
    )


@terminal.command("replace")
@click.argument("name", metavar="TERMINAL")
@click.option("--url", required=True, help="Where tills reach this ledger.")
@command
def terminal_replace(console: Console, name: str, url: str) -> None:
    """A one-time code for the machine that takes the place of TERMINAL, which is retired the moment it is used."""
    keys = console.keys()
    with console.books() as database, database.write() as connection:
        invitation = invite_instead(connection, keys, name, url, console.now_us)
        left = left_behind(connection, name)
    text = str(invitation)
    waits = (
        f"\n{name} said that {left} entries wait there: let it send them first, or carry its journal" if left else ""
    )
    console.say(f"{half_blocks(text)}\n{text}{waits}", invitation=text, replaces=name, left_behind=left)


@terminal.command("list")
@command
def terminal_list(console: Console) -> None:
    """All tills and how far their journals were received."""
    columns = (Terminal.terminal, Terminal.store, Terminal.name, Terminal.status, Terminal.head_seq, Terminal.seen_at)
    with console.books() as database, database.read() as connection:
        found = [
            dict(row)
            for row in connection.execute(select(*map(col, columns)).order_by(col(Terminal.terminal))).mappings()
        ]
    lines = [f"{t['terminal']}  {t['name']}  {t['status']}  {t['head_seq']} entries" for t in found]
    console.say("\n".join(lines) or "no tills", terminals=found)


@terminal.command("branches")
@click.argument("name", metavar="TERMINAL")
@command
def terminal_branches(console: Console, name: str) -> None:
    """A till that was put back from a backup or cloned: where its chains part, both signed heads, what each says."""
    with console.books() as database, database.read() as connection:
        found = branches_of(connection, name)
    console.say(in_words(found), **msgspec.to_builtins(found))
    if len(found.chains) > 1:
        raise SystemExit(FOUND)


@terminal.command("revoke")
@click.argument("name", metavar="TERMINAL")
@REASON
@by_operator
@command
def terminal_revoke(console: Console, name: str, reason: str, by: str, pin_file: Path | None) -> None:
    """A till was stolen: on contact its key and cache are wiped, what it sends from now on waits for a person."""
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        with database.write() as connection:
            end(connection, name, "revoked")
        noted(console, database, who, "terminal-revoked", name, reason)
    console.say(f"{name} is revoked", terminal=name, status="revoked")


@terminal.command("retire")
@click.argument("name", metavar="TERMINAL")
@command
def terminal_retire(console: Console, name: str) -> None:
    """A till is taken out of service; it may still bring the rest of its journal."""
    with console.books() as database, database.write() as connection:
        end(connection, name, "retired")
    console.say(f"{name} is retired", terminal=name, status="retired")


@terminal.command("declare-lost")
@click.argument("name", metavar="TERMINAL")
@command
def terminal_declare_lost(console: Console, name: str) -> None:
    """A till stays silent: its reservations go back, what it still sends is at the merchant's risk."""
    with console.books() as database:
        points = declare_lost(database, name, console.now_us)
    console.say(
        f"{name} is declared lost, {points} points are free again", terminal=name, status="lost", points=points
    )


@click.group()
def member() -> None:
    """Members."""


@member.command("join")
@click.argument("name")
@click.option("--phone", default="")
@click.option("--plate", default="")
@click.option("--tier", default="")
@click.option("--pin", default="", help="4 to 8 digits; asked for by a keypad otherwise.")
@click.option("--store", "stores", multiple=True, help="Where he joins: its merchant's tills know his name at once.")
@command
def member_join(
    console: Console, name: str, phone: str, plate: str, tier: str, pin: str, stores: tuple[str, ...]
) -> None:
    """Open an account."""
    from protocol.codes import member_code

    person = members.Person(name=name, phone=phone, plate=plate, tier=tier, pin=pin, stores=stores)
    with console.books() as database:
        number = members.join(database, person, console.now_us)
    code = member_code(number)
    console.say(f"{number}  {code}", member=number, code=code)


@member.command("list")
@command
def member_list(console: Console) -> None:
    """All members as tills are told of them; with `--json` one object, so for a demo or a chain of shops, not for a city."""
    with console.books() as database:
        rows = [
            msgspec.json.decode(line, type=MemberRow)
            for block in snapshot(database, wall_clock_us)
            if isinstance(block, bytes)
            for line in block.splitlines()
        ]
    lines = [f"{row.member}  {row.name}  {row.status}  {_points(row)}" for row in rows]
    console.say("\n".join(lines) or "no members", members=[_facts(row) for row in rows])


@member.command("show")
@click.argument("number", metavar="MEMBER")
@command
def member_show(console: Console, number: str) -> None:
    """What a till is told of a member."""
    facts = _facts(_row(console, number))
    console.say(json.dumps(facts, ensure_ascii=False, indent=2), **facts)


@member.command("code")
@click.argument("number", metavar="MEMBER")
@click.option("--qr", "is_qr", is_flag=True, help="Draw it too.")
@command
def member_code_(console: Console, number: str, *, is_qr: bool) -> None:
    """A dynamic code of this minute, as the member's phone would show it."""
    from protocol.codes import member_code
    from protocol.dynamic_codes import LIFETIME_S, make

    _row(console, number)
    now_s = console.now_us // 1_000_000
    key = console.keys().current(console.now_us)
    text = make(number, now_s, secrets.token_bytes(8), key.private)
    static = member_code(number)
    drawn = half_blocks(text) + "\n" if is_qr else ""
    console.say(f"{drawn}{text}", code=text, static=static, member=number, expires_s=now_s + LIFETIME_S)


@member.command("phones")
@command
def member_phones(console: Console) -> None:
    """Phones for who has none: a member's number per line of standard input, his code of this minute per line of output.

    Behind the number may stand what a till shows for his phone: he allows it, and the line is what the till scans then, or
    empty where the ledger refuses.
    """
    from protocol.dynamic_codes import make

    keys = console.keys()
    with console.books() as database:
        for line in sys.stdin:
            number, _blank, challenge = line.strip().partition(" ")
            _row(console, number)
            now_us = console.now_us
            if challenge:
                click.echo(_allowed(database, keys, number, challenge, now_us))
            else:
                click.echo(make(number, now_us // 1_000_000, secrets.token_bytes(8), keys.current(now_us).private))


def _allowed(database: Database, keys: Keys, number: str, challenge: str, now_us: int) -> str:
    from ledger.authorising import authorise

    try:
        given = authorise(database, keys, number, challenge, now_us)
    except ChallengeError:
        return ""
    return given if isinstance(given, str) else ""


@member.command("pin")
@click.argument("number", metavar="MEMBER")
@click.option("--pin", prompt=True, hide_input=True, confirmation_prompt=True)
@command
def member_pin(console: Console, number: str, pin: str) -> None:
    """Set a PIN; it also ends a lock after three wrong ones."""
    with console.books() as database:
        members.set_pin(database, number, pin)
    console.say(f"new PIN for {number}", member=number)


@member.command("block")
@click.argument("number", metavar="MEMBER")
@click.option("--undo", is_flag=True, help="Active again.")
@REASON
@by_operator
@command
def member_block(console: Console, number: str, reason: str, by: str, pin_file: Path | None, *, undo: bool) -> None:
    """A blocked member earns and redeems nothing, and keeps his points."""
    status: Literal["active", "blocked"] = "active" if undo else "blocked"
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        members.set_status(database, number, status)
        noted(console, database, who, f"member-{status}", number, reason)
    console.say(f"{number} is {status}", member=number, status=status)


@member.command("revoke")
@click.argument("number", metavar="MEMBER")
@REASON
@by_operator
@command
def member_revoke(console: Console, number: str, reason: str, by: str, pin_file: Path | None) -> None:
    """An account ends for good."""
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        members.set_status(database, number, "revoked")
        noted(console, database, who, "member-revoked", number, reason)
    console.say(f"{number} is revoked", member=number, status="revoked")


@member.command("link")
@click.argument("number", metavar="MEMBER")
@click.option("--page", default="", help="https://p.example.com, where the stores do not all name the same one.")
@command
def member_link(console: Console, number: str, page: str) -> None:
    """For the service desk: a link that opens the member's page on his phone, once and within ten minutes."""
    with console.books() as database:
        made = make_link(database, page or page_of_all(database), number, console.now_us)
    if isinstance(made, Refused):
        raise BadRequestError(f"{number}: {made.reason}")
    console.say(f"{half_blocks(made.address)}\n{made.address}", address=made.address, ends_at=made.ends_at)


@member.command("merge")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="INTO")
@command
def member_merge(console: Console, source: str, target: str) -> None:
    """Two numbers are one person: FROM becomes INTO, for good. His points and what he owes go along."""
    with console.books() as database:
        points = merge(database, source, target, console.now_us)
    console.say(f"{source} is {target}, {points} points went over", member=source, into=target, points=points)


@member.command("tier")
@click.argument("number", metavar="MEMBER")
@click.argument("tier")
@click.option("--reason", default="", help="Why; kept with the member.")
@command
def member_tier(console: Console, number: str, tier: str, reason: str) -> None:
    """Give a rank by hand; "" takes it back. Where he has a higher one by himself, he keeps that."""
    with console.books() as database:
        members.set_tier(database, number, tier, reason, console.now_us)
    console.say(f"{number} is {tier}", member=number, tier=tier, reason=reason)


def _facts(row: MemberRow) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(row)
    facts.pop("phone_key", None)
    return facts


def _points(row: MemberRow) -> str:
    return ", ".join(f"{balance.available} {kind}" for kind, balance in sorted(row.balances.items())) or "no points"


def _row(console: Console, number: str) -> MemberRow:
    with console.books() as database, database.read() as connection:
        row = member_row(connection, number)
    if row is None:
        raise NotKnownError("member", number)
    return row

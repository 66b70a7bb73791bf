"""What the commands that stop somebody share: a reason, an operator where there are any, and an act."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.acts import record
from ledger.cli_operators import who_acts
from ledger.console import Console
from ledger.database import Database
from ledger.suspending import What, resume, suspend

REASON = click.option("--reason", default="", help="Why; it is recorded.")


def stop(console: Console, what: What, name: str, reason: str, by: str, pin_file: Path | None) -> None:
    """Suspend it, and say so."""
    keys = console.keys()
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        with database.write() as connection:
            suspend(connection, keys, what, name, reason, who, console.now_us)
    console.say(f"{what} {name} is suspended", what=what, id=name, status="suspended")


def go_on(console: Console, what: What, name: str, reason: str, by: str, pin_file: Path | None) -> None:
    """Resume it, and say so."""
    keys = console.keys()
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        with database.write() as connection:
            resume(connection, keys, what, name, reason, who, console.now_us)
    console.say(f"{what} {name} goes on", what=what, id=name, status="active")


def noted(console: Console, database: Database, by: str, what: str, name: str, reason: str) -> None:
    """That somebody was stopped by another way than these."""
    with database.write() as connection:
        record(connection, by, what, console.now_us, name=name, **({"reason": reason} if reason else {}))

"""Commands about operators, and how one proves who he is."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from ledger import operators
from ledger.acts import acts
from ledger.console import Console, command
from ledger.database import Database

PIN_VARIABLE = "TILL_LEDGER_PIN"
"""For scripts, where there is no one to ask. Never an option: a command line is seen by everybody on the machine."""

_F = TypeVar("_F", bound=Callable[..., Any])


def by_operator(function: _F) -> _F:
    """`--by NAME` and `--pin-file FILE`, for `proven`."""
    file = click.Path(path_type=Path, exists=True, dir_okay=False)
    with_file = click.option(
        "--pin-file", type=file, help=f"Your PIN, instead of ${PIN_VARIABLE} or being asked for it."
    )
    return click.option("--by", metavar="NAME", default="", help="Which operator you are.")(with_file(function))


def proven(console: Console, database: Database, by: str, pin_file: Path | None) -> str:
    """The operator that `--by` names, after his PIN. Raises `OperatorError`."""
    if not by:
        raise click.UsageError("say which operator you are: --by NAME")
    if pin_file:
        pin = pin_file.read_text("utf-8").strip()
    else:
        pin = os.environ.get(PIN_VARIABLE) or click.prompt(f"PIN of {by}", hide_input=True, err=True)
    return operators.prove(database, by, pin, console.now_us)


def who_acts(console: Console, database: Database, by: str, pin_file: Path | None) -> str:
    """As `proven`; nobody in books that have no operators, such as a demo's."""
    with database.read() as connection:
        has_any = operators.how_many(connection) > 0
    return proven(console, database, by, pin_file) if has_any or by else ""


def time_text(at_us: int) -> str:
    """In UTC, as operators of one coalition may sit in several places."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")


@click.group()
def operator() -> None:
    """Who publishes and stops."""


@operator.command("add")
@click.argument("name")
@click.option("--new-pin-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="His PIN.")
@by_operator
@command
def operator_add(console: Console, name: str, new_pin_file: Path | None, by: str, pin_file: Path | None) -> None:
    """Add an operator; he types his PIN twice. The first two are added by nobody, every other by one of them."""
    pin = _new_pin(name, new_pin_file)
    with console.books() as database:
        with database.read() as connection:
            has_enough = operators.how_many(connection) >= operators.NEEDED
        who = proven(console, database, by, pin_file) if by or has_enough else ""
        with database.write() as connection:
            operators.add_operator(connection, name, pin, who, console.now_us)
    console.say(f"operator {name}", operator=name)


@operator.command("pin")
@click.argument("name")
@click.option("--new-pin-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The new PIN.")
@by_operator
@command
def operator_pin(console: Console, name: str, new_pin_file: Path | None, by: str, pin_file: Path | None) -> None:
    """A new PIN, of yourself or of who forgot his."""
    pin = _new_pin(name, new_pin_file)
    with console.books() as database:
        who = proven(console, database, by, pin_file)
        with database.write() as connection:
            operators.set_pin(connection, name, pin, who, console.now_us)
    console.say(f"new PIN for {name}", operator=name)


@operator.command("remove")
@click.argument("name")
@by_operator
@command
def operator_remove(console: Console, name: str, by: str, pin_file: Path | None) -> None:
    """An operator leaves. What he did stays; his name is nobody else's."""
    with console.books() as database:
        who = proven(console, database, by, pin_file)
        with database.write() as connection:
            operators.remove_operator(connection, name, who, console.now_us)
    console.say(f"{name} has left", operator=name)


@operator.command("list")
@command
def operator_list(console: Console) -> None:
    """Their names."""
    with console.books() as database, database.read() as connection:
        found = operators.names(connection)
    console.say("\n".join(found) or "no operators", operators=found)


@operator.command("acts")
@command
def operator_acts(console: Console) -> None:
    """What was done at the console, and by whom; `verify` finds out whether any of it was changed."""
    with console.books() as database, database.read() as connection:
        told = list(acts(connection))
    lines = [
        f"{deed.number}  {time_text(deed.at)}  {deed.by or 'the ledger'}  {deed.what}  "
        + "  ".join(f"{key} {value}" for key, value in deed.facts.items() if key != "sha256")
        for deed, _hash in told
    ]
    listed = [
        {"number": deed.number, "at": deed.at, "by": deed.by, "what": deed.what, "facts": deed.facts, "hash": hash_}
        for deed, hash_ in told
    ]
    console.say("\n".join(lines) or "nothing was done", acts=listed)


def _new_pin(name: str, file: Path | None) -> str:
    if file:
        return file.read_text("utf-8").strip()
    pin: str = click.prompt(f"New PIN of {name}", hide_input=True, confirmation_prompt=True, err=True)
    return pin

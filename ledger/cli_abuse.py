"""`till-ledger abuse`: patterns that a manager should look at, what was decided about them, and from when on they are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.abuse.moves import DAY_US, Thresholds
from ledger.abuse.reading import find_abuse, set_thresholds, thresholds
from ledger.abuse.standing import STATES, Case, State, cases, decide
from ledger.abuse.words import look_at, name_of, sentence_of, state_of
from ledger.acts import record
from ledger.cli_operators import by_operator, time_text, who_acts
from ledger.console import FOUND, REFUSED, Console, command, refuse
from ledger.database import Database
from ledger.pages.words import Language, Words, msg, own_language, words_in


@dataclass(frozen=True)
class _Asked:
    merchant: str
    days: int


def _asking(function: Any) -> Any:
    for option in (
        click.option("--days", type=click.IntRange(1, 366), default=31, show_default=True, help="Of so many days."),
        click.option("--merchant", default="", help="Of one merchant."),
    ):
        function = option(function)
    return function


@click.group()
def abuse() -> None:
    """Patterns of abuse: find them, look at one, decide about it."""


@abuse.command("list")
@_asking
@click.option("--all", "shows_all", is_flag=True, help="Also what was cleared.")
@click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language; that of this machine otherwise.")
@command
def abuse_list(console: Console, merchant: str, days: int, lang: Language | None, *, shows_all: bool) -> None:
    """The newest first; exit 1 where something is open."""
    words = words_in(lang or own_language())
    with console.books() as database:
        found = _found(console, database, _Asked(merchant, days))
    shown = [one for one in found if shows_all or one.state != "cleared"]
    text = "\n\n".join(_lines(one, words) for one in shown) or words.say(msg("Nothing that needs to be looked at"))
    console.say(text, cases=[_facts(one) for one in shown])
    if any(one.state == "open" for one in shown):
        raise SystemExit(FOUND)


@abuse.command("show")
@click.argument("key")
@_asking
@click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language; that of this machine otherwise.")
@command
def abuse_show(console: Console, key: str, merchant: str, days: int, lang: Language | None) -> None:
    """Its entries and what was decided. KEY as the list prints it."""
    words = words_in(lang or own_language())
    with console.books() as database:
        one = _named(console, database, _Asked(merchant, days), key)
    decided = [f"  {time_text(d.at_us)}  {state_of(d.state, words)}  {d.by}  {d.why}" for d in one.history]
    places = [f"  {place.terminal} {place.seq}" for place in one.finding.evidence]
    console.say("\n".join([_lines(one, words), *decided, *places]), case=_facts(one))


@abuse.command("decide")
@click.argument("key")
@click.argument("state", type=click.Choice(STATES))
@click.option("--why", required=True, help="In words, for whoever asks later.")
@_asking
@by_operator
@command
def abuse_decide(
    console: Console, key: str, state: State, why: str, merchant: str, days: int, by: str, pin_file: Path | None
) -> None:  # fmt: skip
    """Say what it was; it is told again where it goes on after it was cleared."""
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        one = _named(console, database, _Asked(merchant, days), key)
        with database.write() as connection:
            decide(connection, one.finding, state, why, who, console.now_us)
    console.say(f"{key} is {state}", key=key, state=state)


@abuse.command("thresholds")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@by_operator
@command
def abuse_thresholds(console: Console, file: Path | None, by: str, pin_file: Path | None) -> None:
    """From when on a pattern is told; with FILE (TOML, the same names) set anew."""
    with console.books() as database:
        if file is not None:
            try:
                bounds = msgspec.toml.decode(file.read_bytes(), type=Thresholds)
            except msgspec.DecodeError as error:
                refuse(f"{file}: {error}", REFUSED)
            who = who_acts(console, database, by, pin_file)
            with database.write() as connection:
                set_thresholds(connection, bounds)
                record(connection, who, "abuse-thresholds", console.now_us, **msgspec.to_builtins(bounds))
        with database.read() as connection:
            bounds = thresholds(connection)
    facts = msgspec.to_builtins(bounds)
    console.say("\n".join(f"{name} = {value}" for name, value in facts.items()), **facts)


def _found(console: Console, database: Database, asked: _Asked) -> list[Case]:
    since_us = console.now_us - asked.days * DAY_US
    with database.read() as connection:
        bounds = thresholds(connection)
        own = [asked.merchant] if asked.merchant else _merchants(connection)
        findings = [one for merchant in own for one in find_abuse(connection, merchant, since_us, bounds)]
        return cases(connection, findings)


def _named(console: Console, database: Database, asked: _Asked, key: str) -> Case:
    """A key names its merchant: only his entries are read."""
    _code, _, rest = key.partition(":")
    found = _found(console, database, _Asked(asked.merchant or rest.partition(":")[0], asked.days))
    one = next((one for one in found if one.finding.key == key), None)
    if one is None:
        refuse(f"{key}: nothing like it was found in {asked.days} days", REFUSED)
    return one


def _merchants(connection: Connection) -> list[str]:
    return [row[0] for row in rows.fetch(connection, "SELECT merchant FROM merchant ORDER BY merchant")]


def _lines(one: Case, words: Words) -> str:
    finding = one.finding
    head = f"{name_of(finding, words)}  [{state_of(one.state, words)}]  {finding.key}"
    return "\n".join(
        [head, f"  {sentence_of(finding, words)}", f"  {time_text(finding.first_us)} - {time_text(finding.last_us)}",
         f"  {look_at(finding, words)}"]
    )  # fmt: skip


def _facts(one: Case) -> dict[str, Any]:
    finding = one.finding
    return {
        "key": finding.key, "code": finding.code, "merchant": finding.merchant, "subject": finding.subject,
        "first_us": finding.first_us, "last_us": finding.last_us, "facts": finding.facts, "state": one.state,
        "evidence": [list(place) for place in finding.evidence], "history": [list(decided) for decided in one.history],
        "zh": sentence_of(finding, words_in("zh-CN")), "en": sentence_of(finding, words_in("en")),
    }  # fmt: skip

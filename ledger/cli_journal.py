"""Journals that are carried to the ledger: of tills that cannot send any more."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.carrying import Carried, carry_in
from ledger.cli_operators import by_operator, who_acts
from ledger.cli_suspending import noted
from ledger.console import FOUND, Console, command


@click.group()
def journal() -> None:
    """Journals of tills that cannot send any more."""


@journal.command("read")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", "looks_only", is_flag=True, help="Only look: write nothing.")
@by_operator
@command
def journal_read(console: Console, file: Path, by: str, pin_file: Path | None, *, looks_only: bool) -> None:
    """Book what an exported journal has and the books have not: each entry once, however often it is read."""
    keys = console.keys()
    with console.books() as database, file.open("rb") as lines:
        who = "" if looks_only else who_acts(console, database, by, pin_file)
        found = carry_in(database, keys, lines, console.now_us, looks_only=looks_only)
        if not looks_only:
            noted(console, database, who, "journal-read", found.terminal, f"{found.new} of {found.entries} entries")
    console.say(
        _in_words(found, looks_only=looks_only), terminal=found.terminal, entries=found.entries, new=found.new,
        outcomes=found.outcomes, findings=list(found.findings), remembered=found.is_remembered,
    )  # fmt: skip
    if found.findings or {"quarantined", "shortfall"} & found.outcomes.keys():
        raise SystemExit(FOUND)


def _in_words(found: Carried, *, looks_only: bool) -> str:
    would = "are not here yet" if looks_only else "were not here"
    lines = [f"{found.terminal}: {found.entries} entries prove themselves, {found.new} of them {would}"]
    if found.is_remembered:
        lines.append("these books had forgotten this till; a receipt of this ledger's own vouches for it")
    lines += [f"  {count} {status}" for status, count in sorted(found.outcomes.items())]
    lines += [f"not taken: {one}" for one in found.findings]
    if found.outcomes.get("quarantined"):
        lines.append("what is quarantined waits for a person: till-ledger case list --open")
    return "\n".join(lines)

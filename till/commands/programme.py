"""`till programme`: check a programme's file, and explain what it gives."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from till.commands.options import Exit, end, json_option, say

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group()
def programme() -> None:
    """Programmes: the rules of a merchant, as files."""


@programme.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Read each FILE and run the worked examples inside it; exit 1 on any difference."""
    from points import ProgrammeError, parse_programme
    from points.examples import differences

    findings = []
    for file in files:
        try:
            parsed = parse_programme(file.read_bytes(), file.name)
        except ProgrammeError as error:
            findings.append(str(error))
            continue
        findings += [f"{file.name}: {line}" for example in parsed.examples for line in differences(parsed, example)]
    say({"files": len(files), "findings": findings}, "\n".join(findings) or f"{len(files)} checked", as_json=as_json)
    if findings:
        end(Exit.FOUND)


@programme.command()
@_file
@click.argument("amount")
@click.option("--tier", default="")
@click.option("--on", "day", default="", help="ISO date; default: today.")
def explain(file: Path, amount: str, tier: str, day: str) -> None:
    """What AMOUNT (in yuan) would earn under the programme in FILE, line by line."""
    from points import (
        AmountError,
        Basket,
        MemberFacts,
        ProgrammeError,
        format_exact,
        parse_amount,
        parse_programme,
        quote,
    )

    try:
        parsed = parse_programme(file.read_bytes(), file.name)
        basket = Basket.of_amount(parse_amount(amount))
        at = datetime.fromisoformat(day) if day else datetime.now()  # noqa: DTZ005  # the store's civil time is meant
    except (ProgrammeError, AmountError, ValueError) as error:
        end(Exit.USAGE, str(error))
    quoted = quote(parsed, basket, MemberFacts(tier=tier), at)
    for line in quoted.lines:
        click.echo(f"{line.name.zh:<24}{format_exact(line.points):>12}")
    for award in quoted.awards:
        click.echo(f"{parsed.kind_by_code[award.kind].name.zh:<24}{award.points:>12,}")

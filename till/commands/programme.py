"""`till programme`: check a programme's file, and explain what it gives."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group()
def programme() -> None:
    """Programmes: the rules of a merchant, as files."""


class _Price(click.ParamType[tuple[str, Fraction]]):
    """``points=2`` or ``points=2.5``: what a foreign point of a kind is settled at, in fen."""

    name = "KIND=FEN"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Fraction]:  # click passes all three
        kind, _equals, fen = value.partition("=")
        if not kind or not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", fen):
            self.fail(f"{value} is not KIND=FEN, such as points=2 or green=0.5", param, ctx)
        return kind, Fraction(fen)


@programme.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--price", "prices", multiple=True, type=_Price(), help="The coalition's price of a point of a kind, in fen."
)
@json_option
@pass_place
def check(place: Place, files: tuple[Path, ...], prices: tuple[tuple[str, Fraction], ...], as_json: bool) -> None:
    """Read each FILE, run the worked examples in it, and say what its rewards are worth; exit 1 on any difference."""
    from points import ProgrammeError, parse_programme
    from till.i18n import _, either
    from till.programme_words import example_lines, played, reward_lines

    speak(place)
    findings, lines, examples = [], [], []
    for file in files:
        try:
            parsed = parse_programme(file.read_bytes(), file.name)
        except ProgrammeError as error:
            findings.append(str(error))
            lines.append(str(error))
            continue
        found = played(parsed)
        findings += [f"{file.name}: {one.name}: {line}" for one in found for line in one.differences]
        examples += [{"file": file.name, **asdict(one)} for one in found]
        version = _("version {n}").format(n=parsed.version)
        lines += [f"{file.name}  {either(parsed.name)}  {version}", *example_lines(found)]
        lines += [*reward_lines(parsed, dict(prices)), ""]
    lines.append(_("{n} files checked, {wrong} findings").format(n=len(files), wrong=len(findings)))
    say({"files": len(files), "examples": examples, "findings": findings}, "\n".join(lines), as_json=as_json)
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


@programme.command()
def schema() -> None:
    """The form of a programme's file as JSON Schema, for editors."""
    import json

    from points.editor_schema import editor_schema

    click.echo(json.dumps(editor_schema(), ensure_ascii=False, indent=2))

"""`till programme`: check a programme's file, and explain what it gives."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group()
def programme() -> None:
    """Programmes: the rules of a merchant, as files."""


_Pairs: TypeAlias = tuple[tuple[str, str], ...]


class _Pair(click.ParamType[tuple[str, str]]):
    """``fresh=100``: a name and what belongs to it; a name may have an equals sign too, ``energy-grade=1/fridges=2``."""

    def __init__(self, form: str) -> None:
        self.name = form

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:  # click passes all three
        name, _equals, what = value.rpartition("=")
        if not name or not what:
            self.fail(f"{value} is not {self.name}", param, ctx)
        return name, what


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
@click.option(
    "--coalition", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A coalition's file: what it forbids is refused too.",
)  # fmt: skip
@click.option(
    "--catalogue", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A price list (CSV: code,name,category): goods that hide what they are in a category are found.",
)  # fmt: skip
@json_option
@pass_place
def check(
    place: Place, files: tuple[Path, ...], prices: tuple[tuple[str, Fraction], ...], coalition: Path | None,
    catalogue: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Read each FILE, run the worked examples in it, say what may not be published and what its rewards are worth; exit 1
    where something is wrong."""
    from points import ProgrammeError, parse_programme
    from points.compliance import refusals
    from points.examples import wrong_examples
    from points.price_list import hidden_goods, read_goods
    from till.i18n import _, either, of_rules
    from till.programme_words import example_lines, forbidden_of, played, reward_lines

    speak(place)
    try:
        forbidden = forbidden_of(coalition) if coalition else ()
        goods = read_goods(catalogue.read_bytes(), catalogue.name) if catalogue else ()
    except ProgrammeError as error:
        end(Exit.USAGE, error.said.in_words(of_rules))
    findings, lines, examples = [], [], []
    for file in files:
        data = file.read_bytes()
        try:
            parsed = parse_programme(data, file.name)
        except ProgrammeError as error:
            findings.append(error.said.in_words(of_rules))
            lines.append(findings[-1])
            continue
        refused = [*refusals(parsed, data, file.name, forbidden), *wrong_examples(parsed, data, file.name)]
        refused += hidden_goods(parsed, goods, catalogue.name if catalogue else "")
        wrong = [one.said.in_words(of_rules) for one in refused]
        found = played(parsed)
        findings += wrong
        lines += wrong
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
@click.argument("amount", default="")
@click.option(
    "--line", "lines", multiple=True, type=_Pair("CATEGORY=YUAN"), help="Goods of a category; again for another one."
)
@click.option(
    "--unit",
    "units",
    multiple=True,
    type=_Pair("NAME=N"),
    help="What rules count in them: pieces/coffee=3, kwh-year/lamps=60.",
)
@click.option("--other", "others", multiple=True, type=_Pair("PAYER=YUAN"), help="What another pays of it.")
@click.option("--activity", "activities", multiple=True, help="What the member finished.")
@click.option(
    "--count", "counts", multiple=True, type=_Pair("NAME=N"), help="What is known of him: earned/points/day=90."
)
@click.option("--choose", "choices", multiple=True, type=_Pair("REWARD=POINTS"), help="A reward that is taken.")
@click.option("--tier", default="", help="The member's tier.")
@click.option("--held", multiple=True, type=_Pair("KIND=POINTS"), help="Points that the member has.")
@click.option("--at", "moment", default="", help="2026-11-21T14:32, in the store's own time; default: now.")
@json_option
@pass_place
def explain(
    place: Place, file: Path, amount: str, lines: _Pairs, units: _Pairs, others: _Pairs, activities: tuple[str, ...],
    counts: _Pairs, choices: _Pairs, tier: str, held: _Pairs, moment: str, as_json: bool,
) -> None:  # fmt: skip
    """Every step from AMOUNT (in yuan), or from goods by category, to what is paid and earned under the programme in FILE."""
    from points import (
        Basket,
        BasketLine,
        Choice,
        MemberFacts,
        PointsError,
        RedemptionError,
        parse_amount,
        parse_programme,
        quote_with,
    )
    from points.explanation import as_document
    from till.explain_words import explained
    from till.i18n import of_rules

    speak(place)
    try:
        at = datetime.fromisoformat(moment) if moment else datetime.now()  # noqa: DTZ005  # the store's civil time is meant
        parsed = parse_programme(file.read_bytes(), file.name)
        typed = [("", amount)] if amount else []
        goods = tuple(BasketLine(category, parse_amount(yuan)) for category, yuan in [*typed, *lines])
        others_fen = {payer: parse_amount(yuan) for payer, yuan in others}
        basket = Basket(goods, others_fen, activities, _numbers(units))
        member = MemberFacts(tier, _numbers(held), _numbers(held), _numbers(counts))
        wanted = [Choice(reward, int(number)) for reward, number in choices]
        quoted = quote_with(parsed.engine, parsed, basket, member, at, wanted)
    except RedemptionError as error:
        end(Exit.FOUND, error.said.in_words(of_rules))
    except PointsError as error:
        end(Exit.USAGE, error.said.in_words(of_rules))
    except ValueError as error:
        end(Exit.USAGE, str(error))
    say(as_document(quoted), "\n".join(explained(quoted, parsed)), as_json=as_json)


def _numbers(pairs: _Pairs) -> dict[str, int]:
    return {name: int(number) for name, number in pairs}


@programme.command()
def schema() -> None:
    """The form of a programme's file as JSON Schema, for editors."""
    import json

    from points.editor_schema import editor_schema

    click.echo(json.dumps(editor_schema(), ensure_ascii=False, indent=2))

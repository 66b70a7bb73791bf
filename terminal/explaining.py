"""The explanation of a quote as a cashier reads it: one line a chain of factors, with the exact figure at its end.

Categories that earn by the same rule and the same factors are added up: a basket of thirty products reads like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from points import ExplainedLine, Programme, Quote, format_exact, format_fen
from terminal.i18n import _, either
from terminal.text import harmless
from till.counting import amount_of

TWICE = ("双倍", "加倍", "double", "twice")


class Step(NamedTuple):
    """`left` says how, `right` how much."""

    left: str
    right: str


class _Chain(NamedTuple):
    base: str
    factors: tuple[str, ...]
    kind: str


def steps_of(quote: Quote, programme: Programme) -> list[Step]:
    """Discounts and what is redeemed, a chain per earning rule, what earns nothing, what is issued for a later visit."""
    money = [_money_step(line, programme) for line in quote.lines if line.rule in ("discount", "redemption")]
    nothing = [_nothing_step(line, programme) for line in quote.lines if line.rule == "excluded"]
    issued = [_issued_step(line, programme) for line in quote.lines if line.rule == "issued"]
    return [*money, *_chains(quote.lines, programme), *nothing, *issued]


def _money_step(line: ExplainedLine, programme: Programme) -> Step:
    off = format_fen(int(line.amount_fen))
    named = programme.category_by_code.get(line.category)
    where = f" ({either(named.name)})" if named and line.rule == "redemption" else ""
    return Step(f"{harmless(either(line.name))}{where}", off)


def _issued_step(line: ExplainedLine, programme: Programme) -> Step:
    return Step(harmless(either(line.name)), amount_of(programme, line.kind, int(line.points)))


def _nothing_step(line: ExplainedLine, programme: Programme) -> Step:
    named = programme.category_by_code.get(line.category)
    category = either(named.name) if named else harmless(line.category)
    return Step(f"{category} {format_fen(int(line.amount_fen))}  {harmless(either(line.name))}", "0")


def _chains(lines: Iterable[ExplainedLine], programme: Programme) -> list[Step]:
    by_part: dict[tuple[str, str], list[ExplainedLine]] = {}
    for line in lines:
        if line.rule in ("earn", "tier", "campaign"):
            by_part.setdefault((line.kind, line.category), []).append(line)
    amounts: dict[_Chain, Fraction] = {}
    points: dict[_Chain, Fraction] = {}
    for (kind, _category), part in by_part.items():
        chain = _Chain(either(part[0].name), tuple(_factor(line) for line in part[1:]), kind)
        amounts[chain] = amounts.get(chain, Fraction(0)) + part[0].amount_fen
        points[chain] = points.get(chain, Fraction(0)) + sum((line.points for line in part), Fraction(0))
    many = len({chain.kind for chain in amounts}) > 1
    return [_chain_step(chain, amounts, points[chain], programme if many else None) for chain in amounts]


def _chain_step(
    chain: _Chain, amounts: Mapping[_Chain, Fraction], points: Fraction, programme: Programme | None
) -> Step:
    unit = f" {either(programme.kind_by_code[chain.kind].name)}" if programme else ""
    left = "  x ".join([f"{chain.base}  {format_fen(int(amounts[chain]))}", *chain.factors])
    return Step(harmless(left), f"{format_exact(points)}{harmless(unit)}")


def _factor(line: ExplainedLine) -> str:
    return with_factor(either(line.name), format_exact(line.factor) if line.factor is not None else "")


def with_factor(name: str, times: str) -> str:
    """`春节活动 3倍`; a name that says its factor already (金卡 1.2倍, 店庆双倍) needs no second one."""
    is_said = times in name or (times == "2" and any(word in name for word in TWICE))
    return name if is_said else _("{name} {n}x").format(name=name, n=times)

"""The explanation of a quote as a cashier reads it: one line a chain of factors, with the exact figure at its end.

Categories that earn by the same rule and the same factors are added up: a basket of thirty products reads like one.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from points import ExplainedLine, Programme, Quote, Text, format_exact, format_fen
from points.explain import BASES
from terminal.i18n import either
from terminal.text import harmless
from till.counting import amount_of, units_text
from till.receipt_words import with_factor


class Step(NamedTuple):
    """`left` says how, `right` how much."""

    left: str
    right: str


class _Chain(NamedTuple):
    """Goods that earn alike: by one rule of the form `by`, with the same factors. `unit` is that of what is counted."""

    base: str
    factors: tuple[str, ...]
    kind: str
    by: str
    unit: Text | None


class _Sum(NamedTuple):
    """Of a chain: exact fen, units and points."""

    fen: Fraction = Fraction(0)
    units: int = 0
    points: Fraction = Fraction(0)


def steps_of(quote: Quote, programme: Programme) -> list[Step]:
    """What others pay, discounts and what is redeemed, a chain per earning rule and what a cap takes, what earns nothing,
    what is issued for a later visit."""
    money = [_money_step(line, programme) for line in quote.lines if line.rule in ("payer", "discount", "redemption")]
    nothing = [_nothing_step(line, programme) for line in quote.lines if line.rule == "excluded"]
    issued = [_issued_step(line, programme) for line in quote.lines if line.rule == "issued"]
    return [*money, *_earning_steps(quote.lines, programme), *nothing, *issued]


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
    goods = f"{category} {format_fen(int(line.amount_fen))}".lstrip()
    return Step(f"{goods}  {harmless(either(line.name))}", "0")


def _earning_steps(lines: Iterable[ExplainedLine], programme: Programme) -> list[Step]:
    """A chain is a base and the factors behind it. Kinds are named where there are several."""
    earning = [line for line in lines if line.rule in BASES | {"tier", "campaign", "cap"}]
    named = programme if len({line.kind for line in earning}) > 1 else None
    sums: dict[_Chain, _Sum] = {}
    caps: list[ExplainedLine] = []
    for part in _parts(earning):
        if part[0].rule == "cap":
            caps += part
            continue
        base, factors = part[0], tuple(_factor(line) for line in part[1:])
        chain = _Chain(either(base.name), factors, base.kind, base.rule, base.unit)
        before, more = sums.get(chain, _Sum()), sum((line.points for line in part), Fraction(0))
        sums[chain] = _Sum(before.fen + base.amount_fen, before.units + base.count, before.points + more)
    return [
        *(_chain_step(chain, found, named) for chain, found in sums.items()),
        *(Step(harmless(either(line.name)), _points(line.points, line.kind, named)) for line in caps),
    ]


def _parts(lines: Iterable[ExplainedLine]) -> list[list[ExplainedLine]]:
    parts: list[list[ExplainedLine]] = []
    for line in lines:
        if line.rule in ("tier", "campaign"):
            parts[-1].append(line)
        else:
            parts.append([line])
    return parts


def _chain_step(chain: _Chain, found: _Sum, named: Programme | None) -> Step:
    of_what = {"earn": f"  {format_fen(int(found.fen))}", "visit": "", "activity": ""}
    counted = of_what.get(chain.by, f"  {units_text(found.units, chain.unit)}")
    left = "  x ".join([f"{harmless(chain.base)}{counted}", *map(harmless, chain.factors)])
    return Step(left, _points(found.points, chain.kind, named))


def _points(points: Fraction, kind: str, named: Programme | None) -> str:
    """The exact figure; in a sale of several kinds with the kind's name."""
    unit = f" {either(named.kind_by_code[kind].name)}" if named else ""
    return f"{format_exact(points)}{harmless(unit)}"


def _factor(line: ExplainedLine) -> str:
    return with_factor(either(line.name), format_exact(line.factor) if line.factor is not None else "")

"""What a basket is measured by beside its sums per category, and the names under which an entry carries it: `Sale.units`.

A measure is taken only where a rule of the programme names it, as a sum over the lines: products themselves stay at the till.

``pieces/coffee``              pieces of a category; ``pieces+latte/coffee`` those that are of a product group
``kwh-year/lamps``             an attribute, times the pieces; ``kwh-year+led/lamps``
``energy-grade=1/fridges``     pieces of a grade
``fen+led/lamps``              what a group's products came to, of the sum of their category
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from points.earn_rules import AttributeRule, QuantityRule

if TYPE_CHECKING:
    from points.basket import BasketLine
    from points.programme import Programme

PIECES = "pieces"
FEN = "fen"


class Part(NamedTuple):
    """`amount` of a measure in goods of a category, and of a group where that is not empty."""

    measure: str
    category: str
    group: str
    amount: int

    @property
    def key(self) -> str:
        """As an entry names it."""
        return f"{self.measure}+{self.group}/{self.category}" if self.group else f"{self.measure}/{self.category}"


def measure(programme: Programme, lines: Iterable[BasketLine]) -> dict[str, int]:
    """The units of a basket, sorted by name. A typed amount has no pieces, and what costs nothing is not bought."""
    sums: dict[str, int] = {}
    if programme.measures_goods:
        for line in lines:
            if line.category and line.amount_fen > 0:
                for part in dict.fromkeys(_parts(programme, line)):
                    sums[part.key] = sums.get(part.key, 0) + part.amount
    return dict(sorted(sums.items()))


def _parts(programme: Programme, line: BasketLine) -> Iterator[Part]:
    group = programme.group_of.get(line.product, "")
    for rule in programme.counting_rules:
        if rule.covers(line.category, group):
            yield from _of_rule(rule, line, group)
    if group in programme.groups_of_campaigns:
        yield Part(FEN, line.category, group, line.amount_fen)


def _of_rule(rule: QuantityRule | AttributeRule, line: BasketLine, group: str) -> Iterator[Part]:
    if isinstance(rule, QuantityRule):
        yield Part(PIECES, line.category, group, line.quantity)
    elif (value := line.attributes.get(rule.attribute)) is None:
        return
    elif not rule.grades:
        yield Part(rule.attribute, line.category, group, value * line.quantity)
    elif str(value) in rule.grades:
        yield Part(graded(rule.attribute, str(value)), line.category, group, line.quantity)


def graded(attribute: str, grade: str) -> str:
    """The measure of pieces of a grade."""
    return f"{attribute}={grade}"


def parts_of(units: Mapping[str, int]) -> dict[str, list[Part]]:
    """By measure, each in the order of the units."""
    found: dict[str, list[Part]] = {}
    for key, amount in units.items():
        named, _, category = key.partition("/")
        name, _, group = named.partition("+")
        found.setdefault(name, []).append(Part(name, category, group, amount))
    return found

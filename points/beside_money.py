"""What earns beside money: pieces, attributes, visits, activities, each rule with lines of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from points.basket import MemberFacts
from points.counts import done
from points.earn_rules import ActivityRule, AttributeRule, CountedRule, QuantityRule, VisitRule
from points.explain import ExplainedLine
from points.measures import PIECES, Part, graded

Parts: TypeAlias = Mapping[str, Sequence[Part]]


class Base(NamedTuple):
    """The base line of a part, and the product group by which campaigns know it."""

    line: ExplainedLine
    group: str = ""


def bases(
    rule: CountedRule, paid: Mapping[str, Fraction], parts: Parts, activities: Sequence[str], member: MemberFacts
) -> Iterator[Base]:
    """What a rule gives in a sale in which so much (fen, by category, more than zero) was paid for what earns."""
    match rule:
        case QuantityRule():
            yield from _goods(rule, PIECES, Fraction(rule.points, rule.per), paid, parts)
        case AttributeRule() if rule.grades:
            for grade, points in rule.grades.items():
                yield from _goods(rule, graded(rule.attribute, grade), Fraction(points), paid, parts)
        case AttributeRule():
            yield from _goods(rule, rule.attribute, Fraction(rule.points or 0, rule.per or 1), paid, parts)
        case VisitRule():
            meant = [fen for category, fen in paid.items() if rule.covers(category)]
            if meant and sum(meant) >= rule.minimum_fen:
                yield Base(_once(rule))
        case ActivityRule():
            if rule.activity in activities and not member.counts.get(done(rule.activity)):
                yield Base(_once(rule))


def _goods(
    rule: QuantityRule | AttributeRule, measure: str, rate: Fraction, paid: Mapping[str, Fraction], parts: Parts
) -> Iterator[Base]:
    for part in parts.get(measure, ()):
        if part.amount and part.category in paid and rule.covers(part.category, part.group):
            points = part.amount * rate
            line = ExplainedLine(
                rule.by, rule.name, rate, part.category, rule.kind, points=points, count=part.amount, unit=rule.unit
            )
            yield Base(line, part.group)


def _once(rule: VisitRule | ActivityRule) -> ExplainedLine:
    return ExplainedLine(rule.by, rule.name, kind=rule.kind, points=Fraction(rule.points), count=1)

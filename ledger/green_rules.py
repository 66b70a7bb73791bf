"""What green reports go by: of every published version of a programme its attributes, activities and green kinds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.terms import Key, parsed, programme_text
from points.earn_rules import AttributeRule
from points.errors import ProgrammeError
from points.fields import Text
from points.impact import green_kinds
from points.measures import graded
from points.programme import Programme

_PIECES: Final = Text(zh="件", en="pieces")


class What(NamedTuple):
    """What is measured, by one factor: an attribute in units, or one that has a `grade` in pieces. `co2e_mg` 0: no factor."""

    attribute: str
    grade: str
    name: Text
    unit: Text
    co2e_mg: int
    source: Text | None

    def grams(self, amount: Fraction) -> int:
        """CO2 equivalent of an amount, rounded once, downwards."""
        return int(amount * self.co2e_mg / 1_000)


class GreenRules(NamedTuple):
    """Of one version of a programme. `measures`: by the names of `points.measures`; the rest by code, with names."""

    measures: dict[str, What]
    activities: dict[str, Text]
    kinds: dict[str, Text]
    categories: dict[str, Text]

    @property
    def are_some(self) -> bool:
        """Whether a sale by them can be in a report."""
        return bool(self.measures or self.activities)


def published(connection: Connection) -> dict[Key, GreenRules]:
    """Of those versions that have some, in the order in which they were published."""
    texts = rows.fetch(connection, "SELECT signed FROM document WHERE kind = 'programme' ORDER BY number")
    found = {}
    for (signed,) in texts:
        key, rules = _rules_in(signed)
        if rules.are_some:
            found[key] = rules
    return found


@lru_cache(512)
def _rules_in(signed: str) -> tuple[Key, GreenRules]:
    """Of a document: reading one takes milliseconds, and a page needs them all. One that loads no more has no rules."""
    text = programme_text(signed)
    key = text.programme, text.version, text.engine
    try:
        programme = parsed(text)
    except ProgrammeError:
        return key, GreenRules({}, {}, {}, {})
    return key, GreenRules(
        dict(_measures(programme)),
        {rule.activity: rule.name for rule in programme.activity_rules},
        green_kinds([programme]),
        {category.code: category.name for category in programme.categories},
    )


def _measures(programme: Programme) -> Iterator[tuple[str, What]]:
    """An attribute that no ``[[impact]]`` explains is told by its code."""
    for rule in programme.earn:
        if not isinstance(rule, AttributeRule):
            continue
        impact = programme.impact_by_attribute.get(rule.attribute)
        name = impact.name if impact else Text(zh=rule.attribute, en=rule.attribute)
        if rule.grades:
            for grade in rule.grades:
                unit = impact.unit if impact else _PIECES
                yield graded(rule.attribute, grade), What(rule.attribute, grade, name, unit, 0, None)
        else:
            unit = impact.unit if impact else rule.unit or Text.computed(zh="", en="")
            factor, source = (impact.co2e_mg or 0, impact.source) if impact else (0, None)
            yield rule.attribute, What(rule.attribute, "", name, unit, factor, source)

"""What an attribute of products means for all of us, as an ``[[impact]]`` table says it: name, unit, carbon factor (A5).

A factor is a claim about the world: it stands with its source, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from points.earn_rules import ActivityRule, AmountRule, Attribute, AttributeRule
from points.fields import Document, Text
from points.sentences import Sentence, Wrong

if TYPE_CHECKING:
    from points.programme import Programme

MAX_CO2E_MG: Final = 1_000_000_000_000
"""A thousand tonnes a unit: more is a slip of the pen."""

CarbonFactor = Annotated[int, Field(strict=True, gt=0, le=MAX_CO2E_MG)]


class Impact(Document):
    """What a green report says of an attribute that earns. ``co2e_mg``: mg of CO2 equivalent that one unit saves, with its
    ``source``; where nobody has published a factor it is left out, and the report gives the amount alone."""

    attribute: Attribute
    name: Text
    unit: Text
    co2e_mg: CarbonFactor | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _factor_has_a_source(self) -> Self:
        if self.co2e_mg is not None and self.source is None:
            raise Wrong("co2e_mg is a factor without its source: say who published it, in which year")
        return self


def wrong_impacts(programme: Programme) -> Iterator[tuple[str, Sentence]]:
    """Key path and sentence of each that no rule measures, or that cannot have a factor."""
    rules = [rule for rule in programme.earn if isinstance(rule, AttributeRule)]
    measured = {rule.attribute for rule in rules}
    graded = {rule.attribute for rule in rules if rule.grades}
    for place, impact in enumerate(programme.impacts):
        if impact.attribute not in measured:
            nothing = Sentence(
                "no [[earn]] measures {attribute}: nothing could be reported", attribute=impact.attribute
            )
            yield f"impact[{place}].attribute", nothing
        elif impact.co2e_mg is not None and impact.attribute in graded:
            graded_only = Sentence(
                "{attribute} is counted by grades, which have no common factor", attribute=impact.attribute
            )
            yield f"impact[{place}].co2e_mg", graded_only


def green_kinds(programmes: Iterable[Programme]) -> dict[str, Text]:
    """The kinds of points that attributes of products give, and those that activities give and money does not; with names."""
    found: dict[str, Text] = {}
    for programme in programmes:
        attributes = {rule.kind for rule in programme.earn if isinstance(rule, AttributeRule)}
        activities = {rule.kind for rule in programme.earn if isinstance(rule, ActivityRule)}
        money = {rule.kind for rule in programme.earn if isinstance(rule, AmountRule)}
        for kind in programme.kinds:
            if kind.code in attributes | (activities - money):
                found[kind.code] = kind.name
    return found

"""What a sale earns: base rate × tier × the best campaign, exact through all factors, rounded down once per kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import floor

from points.basket import MemberFacts
from points.expiry import expires_on
from points.explain import ROUNDING, ExplainedLine
from points.programme import Programme
from points.rules import Campaign, EarnRule, PointsKind, Tier


@dataclass(frozen=True, slots=True)
class Award:
    """At least one point. `exact` is the sum before rounding; `expires_on` the last day on which they can be spent."""

    kind: str
    points: int
    exact: Fraction
    expires_on: date | None


def earn(
    programme: Programme, paid: Mapping[str, Fraction], member: MemberFacts, at: datetime
) -> tuple[tuple[Award, ...], list[ExplainedLine]]:
    """Awards for what was paid per category (fen, exact), and the lines that explain them.

    A tier that this programme does not know multiplies by nothing: members of a coalition carry tiers of other merchants.
    """
    awards: list[Award] = []
    lines = list(_excluded(programme, paid))
    tier = programme.tier_by_code.get(member.tier)
    campaigns = [campaign for campaign in programme.campaigns if campaign.earn and campaign.is_on(at)]
    for kind in programme.kinds:
        steps = list(_steps(programme, kind, paid, tier, campaigns))
        exact = sum((step.points for step in steps), Fraction(0))
        points = floor(exact)
        if points != exact:
            steps.append(ExplainedLine("rounding", ROUNDING, kind=kind.code, points=points - exact))
        if points:
            awards.append(Award(kind.code, points, exact, expires_on(kind.validity, at.date())))
        lines += steps
    return tuple(awards), lines


def _excluded(programme: Programme, paid: Mapping[str, Fraction]) -> Iterator[ExplainedLine]:
    for category, fen in paid.items():
        if fen > 0 and (exclusion := programme.no_earning.get(category)):
            yield ExplainedLine("excluded", exclusion.reason, category=category, amount_fen=fen)


def _steps(
    programme: Programme,
    kind: PointsKind,
    paid: Mapping[str, Fraction],
    tier: Tier | None,
    campaigns: Sequence[Campaign],
) -> Iterator[ExplainedLine]:
    for category, fen in paid.items():
        if fen <= 0 or category in programme.no_earning:
            continue
        if rule := programme.earn_rule(kind.code, category):
            best = _best(campaigns, kind.code, category)
            yield from _factors(rule, category, fen, tier, best)


def _best(campaigns: Sequence[Campaign], kind: str, category: str) -> Campaign | None:
    """The largest multiplier alone; of equal ones the first in the file."""
    meant = (campaign for campaign in campaigns if campaign.multiplies(kind, category))
    return max(meant, key=lambda campaign: campaign.earn or 0, default=None)


def _factors(
    rule: EarnRule, category: str, fen: Fraction, tier: Tier | None, campaign: Campaign | None
) -> Iterator[ExplainedLine]:
    """The base, then what each multiplier adds to what stands before it."""
    rate = Fraction(rule.points, rule.per_fen)
    points = fen * rate
    yield ExplainedLine("earn", rule.name, rate, category, rule.kind, fen, points)
    if tier is not None and tier.multiplier != 1:
        before, points = points, points * tier.multiplier
        yield ExplainedLine("tier", tier.name, tier.multiplier, category, rule.kind, fen, points - before)
    if campaign is not None and campaign.earn is not None:
        added = points * (campaign.earn - 1)
        yield ExplainedLine("campaign", campaign.name, campaign.earn, category, rule.kind, fen, added)

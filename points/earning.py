"""What a sale earns: base × tier × the best campaign, exact through all factors, rounded down once per kind.

Money earns by the rate of its category; pieces, attributes, visits and activities add what their rules give. Goods of a
category for which nothing is paid any more earn nothing, however they are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from math import floor
from typing import NamedTuple

from points.amounts import MAX_POINTS
from points.basket import MemberFacts
from points.beside_money import Base, bases
from points.bounded_campaigns import gained_by, over_the_bound
from points.campaigns import CampaignsOfADay
from points.counts import STAFF
from points.earn_rules import AmountRule
from points.expiry import expires_on
from points.explain import MOST_OF_A_SALE, ROUNDING, STAFF_EARN_NOTHING, ExplainedLine
from points.measures import FEN, Part, parts_of
from points.programme import Programme
from points.rules import Campaign, PointsKind
from points.tiers import Tier


@dataclass(frozen=True, slots=True)
class Award:
    """At least one point. `exact` is the sum before rounding, after a cap; `expires_on` the last day to spend them.

    `gained`: of the points, those that a campaign added whose gain is bounded, by its id.
    """

    kind: str
    points: int
    exact: Fraction
    expires_on: date | None
    gained: Mapping[str, int] = field(default_factory=dict)


class _Sale(NamedTuple):
    """What all kinds of points are earned from. `paid`: fen by category, of what earns."""

    programme: Programme
    paid: Mapping[str, Fraction]
    gross: Mapping[str, int]
    parts: Mapping[str, Sequence[Part]]
    activities: Sequence[str]
    member: MemberFacts
    tier: Tier | None
    campaigns: CampaignsOfADay
    at: datetime

    def best(self, kind: str, category: str, group: str) -> Campaign | None:
        """The one campaign that multiplies a part."""
        return self.campaigns.best(kind, category, group, self.member, self.at)


def earn(
    programme: Programme,
    paid: Mapping[str, Fraction],
    gross: Mapping[str, int],
    units: Mapping[str, int],
    activities: Sequence[str],
    member: MemberFacts,
    at: datetime,
) -> tuple[tuple[Award, ...], list[ExplainedLine]]:
    """Awards for what was paid per category (fen, exact) of what it came to before, and the lines that explain them.

    `units` are what the programme measures (`points.measures`), `activities` what the member finished. A tier that this
    programme does not know multiplies by nothing: members of a coalition carry tiers of other merchants. Who works in the store
    earns nothing where the programme says so.
    """
    if not programme.staff_earn and member.counts.get(STAFF):
        return (), list(_of_staff(paid))
    awards: list[Award] = []
    lines = list(_excluded(programme, paid))
    earning = {category: fen for category, fen in paid.items() if fen > 0 and category not in programme.no_earning}
    sale = _Sale(
        programme, earning, gross, parts_of(units), activities, member, programme.tier_by_code.get(member.tier),
        programme.earn_campaigns.on(at.date()), at,
    )  # fmt: skip
    for kind in programme.kinds:
        steps = list(_steps(sale, kind))
        bounded = programme.bounded_campaigns.get(kind.code, ())
        if bounded:
            steps += over_the_bound(bounded, kind, tuple(steps), member.counts)
        before_cap = len(steps)
        exact = sum((step.points for step in steps), Fraction(0))
        if capped := _capped(programme, kind, exact, member):
            steps.append(capped)
            exact += capped.points
        points = floor(exact)
        if points != exact:
            steps.append(ExplainedLine("rounding", ROUNDING, kind=kind.code, points=points - exact))
        if points:
            gained = gained_by(bounded, steps[:before_cap], points) if bounded else {}
            awards.append(Award(kind.code, points, exact, expires_on(kind.validity, at.date()), gained))
        lines += steps
    return tuple(awards), lines


def _of_staff(paid: Mapping[str, Fraction]) -> Iterator[ExplainedLine]:
    """One line for all that he pays."""
    if fen := sum(paid.values(), Fraction(0)):
        yield ExplainedLine("excluded", STAFF_EARN_NOTHING, amount_fen=fen)


def _excluded(programme: Programme, paid: Mapping[str, Fraction]) -> Iterator[ExplainedLine]:
    for category, fen in paid.items():
        if fen > 0 and (exclusion := programme.no_earning.get(category)):
            yield ExplainedLine("excluded", exclusion.reason, category=category, amount_fen=fen)


def _capped(programme: Programme, kind: PointsKind, exact: Fraction, member: MemberFacts) -> ExplainedLine | None:
    """What the tightest cap takes, down to whole points; no sale brings more than any account holds."""
    caps = programme.caps_by_kind.get(kind.code, ())
    tightest = min(caps, key=lambda cap: cap.room(member.counts), default=None)
    room, name = (tightest.room(member.counts), tightest.name) if tightest else (MAX_POINTS, MOST_OF_A_SALE)
    return ExplainedLine("cap", name, kind=kind.code, points=room - exact) if floor(exact) > room else None


def _steps(sale: _Sale, kind: PointsKind) -> Iterator[ExplainedLine]:
    for category, fen in sale.paid.items():
        if rule := sale.programme.earn_rule(kind.code, category):
            yield from _of_money(sale, rule, category, fen)
    for other in sale.programme.counted_rules(kind.code):
        yield from _of_counted(
            sale, other.multiplied, bases(other, sale.paid, sale.parts, sale.activities, sale.member)
        )


def _of_money(sale: _Sale, rule: AmountRule, category: str, fen: Fraction) -> Iterator[ExplainedLine]:
    """The base, then what each multiplier adds to what stands before it."""
    rate = Fraction(rule.points, rule.per_fen)
    if not rule.multiplied:
        yield ExplainedLine("earn", rule.name, rate, category, rule.kind, fen, fen * rate)
        return
    for campaign, share in _shares(sale, rule.kind, category, fen):
        base = ExplainedLine("earn", rule.name, rate, category, rule.kind, share, share * rate)
        yield from _multiplied(base, sale.tier, campaign)


def _shares(sale: _Sale, kind: str, category: str, fen: Fraction) -> Iterable[tuple[Campaign | None, Fraction]]:
    """What was paid for a category, by the campaign that multiplies it: what points paid is spread over all goods alike."""
    left = fen
    shares: dict[str, tuple[Campaign | None, Fraction]] = {}
    rest = sale.best(kind, category, "")
    for part in sale.parts.get(FEN, ()):
        if part.category != category or not sale.gross.get(category):
            continue  # an entry may say of goods that were not in it that they were of a group
        if (campaign := sale.best(kind, category, part.group)) is rest:
            continue
        share = min(left, fen * part.amount / sale.gross[category])
        _, before = shares.get(campaign.id if campaign else "", (campaign, Fraction(0)))
        shares[campaign.id if campaign else ""] = campaign, before + share
        left -= share
    return ([(rest, left)] if left else []) + list(shares.values())


def _of_counted(sale: _Sale, is_multiplied: bool, found: Iterable[Base]) -> Iterator[ExplainedLine]:
    for one in found:
        line = one.line
        if is_multiplied:
            yield from _multiplied(line, sale.tier, sale.best(line.kind, line.category, one.group))
        else:
            yield line


def _multiplied(base: ExplainedLine, tier: Tier | None, campaign: Campaign | None) -> Iterator[ExplainedLine]:
    yield base
    points = base.points
    if tier is not None and tier.multiplier != 1:
        before, points = points, points * tier.multiplier
        yield ExplainedLine(
            "tier", tier.name, tier.multiplier, base.category, base.kind, base.amount_fen, points - before
        )
    if campaign is not None and campaign.earn is not None:
        added = points * (campaign.earn - 1)
        yield ExplainedLine(
            "campaign", campaign.name, campaign.earn, base.category, base.kind, base.amount_fen, added,
            campaign=campaign.id,
        )  # fmt: skip

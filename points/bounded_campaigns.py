"""Campaigns that add to a member's points up to a bound: what is over it, and how many points each added to an award."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor

from points.counting import counted
from points.counts import gained
from points.explain import ExplainedLine
from points.fields import Text
from points.rules import Campaign, PointsKind


def over_the_bound(
    campaigns: Iterable[Campaign], kind: PointsKind, steps: Sequence[ExplainedLine], counts: Mapping[str, int]
) -> Iterator[ExplainedLine]:
    """For each campaign that adds more than the member may still gain by it, what is too much; with his `points.counts`."""
    for campaign in campaigns:
        room = max(0, (campaign.most_points or 0) - counts.get(gained(campaign.id), 0))
        if (added := _added(steps, campaign)) > room:
            yield ExplainedLine(
                "cap", _name(campaign, kind), kind=kind.code, points=room - added, campaign=campaign.id
            )


def gained_by(campaigns: Iterable[Campaign], steps: Sequence[ExplainedLine], points: int) -> dict[str, int]:
    """Of an award of `points`, how many would be missing without each campaign. `steps` are those before the kind's own cap
    and before rounding; where several add to it they count in the order of the programme."""
    added = {campaign.id: more for campaign in campaigns if (more := _added(steps, campaign))}
    exact = sum((step.points for step in steps), Fraction(0)) - sum(added.values())
    reached, found = min(points, floor(exact)), dict[str, int]()
    for identity, more in added.items():
        exact += more
        before, reached = reached, min(points, floor(exact))
        if reached > before:
            found[identity] = reached - before
    return found


def _added(steps: Iterable[ExplainedLine], campaign: Campaign) -> Fraction:
    return sum((step.points for step in steps if step.campaign == campaign.id), Fraction(0))


def _name(campaign: Campaign, kind: PointsKind) -> Text:
    most = counted(kind, campaign.most_points or 0)
    return Text.computed(
        zh=f"{campaign.name.zh}：每人最多多得 {most.zh}",
        en=f"{campaign.name.en}: at most {most.en} more for each member",
    )

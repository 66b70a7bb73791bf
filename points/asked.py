"""Which counts the rules of a programme ask for, by the names of `points.counts`: nothing else is counted at its merchant."""

from __future__ import annotations

from collections.abc import Iterator

from points.counts import SPENT, VISITS, done, earned, gained, given, others, taken
from points.earn_rules import ActivityRule
from points.programme import Programme


def asked(programme: Programme) -> frozenset[str]:
    """All that are of one member; what is offered in person is not counted, and not among them."""
    return frozenset(_asked(programme))


def asked_of_all(programme: Programme) -> frozenset[str]:
    """Those that are sums over all members: of rewards with a stock or a quota."""
    stocked = (given(reward.id) for reward in programme.rewards if reward.stock is not None)
    shared = (others(reward.id) for reward in programme.rewards if reward.others_per_month is not None)
    return frozenset((*stocked, *shared))


def _asked(programme: Programme) -> Iterator[str]:
    for rule in programme.earn:
        if isinstance(rule, ActivityRule):
            yield done(rule.activity)
    for cap in programme.caps:
        if cap.per != "sale":
            yield earned(cap.kind, cap.per)
    for campaign in programme.campaigns:
        if campaign.most_points is not None:
            yield gained(campaign.id)
    if any(tier.is_reckoned for tier in programme.tiers):
        yield from (SPENT, VISITS)
    for reward in programme.rewards:
        if reward.limit is not None:
            yield taken(reward.id, reward.limit.period)

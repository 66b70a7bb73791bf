"""Where a programme names what another of its tables must define."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from points.earn_rules import ActivityRule, AmountRule, AttributeRule, EarnRule, QuantityRule
from points.forms import IssueBase, Item, Reward
from points.rules import Campaign

if TYPE_CHECKING:
    from points.programme import Programme

What: TypeAlias = Literal["kind", "category", "group", "tier", "reward"]
Reference: TypeAlias = tuple[str, What, Sequence[str]]


def references(programme: Programme) -> Iterator[Reference]:
    """Key path, what is meant, and the codes that stand there."""
    yield "default_category", "category", (programme.default_category,)
    for place, payer in enumerate(programme.payers):
        yield f"payer[{place}].categories", "category", payer.categories
    for place, rule in enumerate(programme.earn):
        yield from _of_rule(f"earn[{place}]", rule)
    for place, cap in enumerate(programme.caps):
        yield f"cap[{place}].kind", "kind", (cap.kind,)
    for place, reward in enumerate(programme.rewards):
        yield from _of_reward(f"reward[{place}]", reward)
    for place, campaign in enumerate(programme.campaigns):
        yield from _of_campaign(f"campaign[{place}]", campaign)
    for place, discount in enumerate(programme.holding_discounts):
        yield f"holding_discount[{place}].kind", "kind", (discount.kind,)
        yield f"holding_discount[{place}].category", "category", (discount.category,)
    for place, compensation in enumerate(programme.compensations):
        yield f"compensation[{place}].kind", "kind", (compensation.kind,)
    for place, exclusion in enumerate(programme.exclusions):
        yield f"exclusion[{place}].categories", "category", exclusion.categories


def _of_rule(path: str, rule: EarnRule) -> Iterator[Reference]:
    yield f"{path}.kind", "kind", (rule.kind,)
    if not isinstance(rule, ActivityRule):
        yield f"{path}.categories", "category", rule.categories
    if isinstance(rule, AmountRule):
        yield f"{path}.except_categories", "category", rule.except_categories
    if isinstance(rule, QuantityRule | AttributeRule):
        yield f"{path}.groups", "group", rule.groups


def _of_reward(path: str, reward: Reward) -> Iterator[Reference]:
    yield f"{path}.kinds", "kind", reward.kinds
    yield f"{path}.categories", "category", reward.categories
    yield f"{path}.tiers", "tier", reward.tiers
    if isinstance(reward, Item) and reward.cash_category:
        yield f"{path}.cash_category", "category", (reward.cash_category,)
    if isinstance(reward, IssueBase):
        yield f"{path}.gives", "kind", (reward.gives,)


def _of_campaign(path: str, campaign: Campaign) -> Iterator[Reference]:
    yield f"{path}.kinds", "kind", campaign.kinds
    yield f"{path}.categories", "category", campaign.categories
    yield f"{path}.groups", "group", campaign.groups
    yield f"{path}.tiers", "tier", campaign.tiers
    yield f"{path}.reward", "reward", [change.reward for change in campaign.rewards]

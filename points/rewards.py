"""The counter's list of rewards: what each costs now, whether this member can have it in this sale, and what is missing.

An offer is tried with the code that redeems, so what the counter shows as possible succeeds if nothing changes between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Final, Literal

from points.amounts import format_fen
from points.basket import Basket, Choice, MemberFacts
from points.billing import bill_of
from points.counting import counted
from points.counts import Period
from points.errors import (
    LimitReachedError,
    NotCivilTimeError,
    NotOfThisTierError,
    ProgrammeNotInForceError,
    RedemptionError,
    RewardNotNowError,
)
from points.fields import Text
from points.forms import Coupon, IssueBase, LadderBase, Offset, Reward
from points.programme import Programme
from points.redeeming import Bill, is_listed, payable, redeem
from points.rules import PointsKind
from points.terms import Terms, cash_fen, least_points, off_bill_fen, terms_on, units_given


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the member is shown before he agrees (A1). The cost is put into words here, never typed.

    `limits` say who may have it and how often, where not everybody may always.
    """

    name: Text
    cost: Text
    conditions: Text
    validity: Text
    refund: Text
    limits: Text | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One reward for one member and basket.

    `points` is the least it costs now and `value_fen` what that is worth; `most_points` what could be spent on it in this
    sale (zero if it cannot be had). `missing_points` counts alone: a member who has enough may still meet an `obstacle`.
    """

    reward_id: str
    form: Literal["voucher", "offset", "item", "coupon", "issue", "issue-ladder"]
    kind: str
    points: int
    value_fen: int
    most_points: int
    step_points: int
    missing_points: int
    terms: Terms
    disclosure: Disclosure
    floor_allowed: bool
    own_points: bool = False
    """Only points that this merchant gave are taken, and the ledger alone knows which those are."""
    takes_voucher: bool = False
    """It is paid with what another reward issued."""
    obstacle: RedemptionError | None = field(compare=False, default=None)

    @property
    def is_possible(self) -> bool:
        return self.obstacle is None

    @property
    def campaign_name(self) -> Text | None:
        return self.terms.campaign.name if self.terms.campaign else None

    @property
    def fewer_points(self) -> Fraction:
        """For "16.7 % fewer points" (`points.amounts.percent`); zero without a campaign."""
        return self.terms.fewer_points

    @property
    def more_value(self) -> Fraction:
        """For "20 % more value"; zero without a campaign."""
        return self.terms.more_value


def offers(programme: Programme, basket: Basket, member: MemberFacts, at: datetime) -> tuple[Offer, ...]:
    """The rewards in the order of the programme, at the store's civil time `at`, whose date is the business day.

    Personal ones are there for the members alone to whom they were offered, and what a voucher buys for those who have one.
    """
    if at.tzinfo is not None:
        raise NotCivilTimeError(at.isoformat())
    bill = bill_of(programme, basket, member).left
    return tuple(
        _offer(programme, reward, bill, member, at)
        for reward in programme.rewards
        if is_listed(reward, member)
        and (not programme.issued_kinds.issuperset(reward.kinds) or _has_some(reward, member))
    )


def _has_some(reward: Reward, member: MemberFacts) -> bool:
    return any(member.spendable.get(kind, 0) > 0 or member.held.get(kind, 0) > 0 for kind in reward.kinds)


def next_within_reach(listed: Iterable[Offer]) -> Offer | None:
    """The reward of which the fewest points are missing: 再积 950 可兑 …; None if nothing is out of reach.

    One that is paid with a voucher is none: nobody earns vouchers.
    """
    closed = (RewardNotNowError, ProgrammeNotInForceError, NotOfThisTierError, LimitReachedError)
    missing = [
        offer
        for offer in listed
        if offer.missing_points and not offer.takes_voucher and not isinstance(offer.obstacle, closed)
    ]
    return min(missing, key=lambda offer: offer.missing_points, default=None)


def disclosure(programme: Programme, reward: Reward, terms: Terms, kind: str) -> Disclosure:
    """The key rules of a reward, complete, in the words that the member sees."""
    cost = _cost(programme, programme.kind_by_code[kind], reward, terms)
    limits = _limits(programme, reward)
    return Disclosure(reward.name, cost, reward.conditions, reward.validity, reward.refund, limits)


def _offer(programme: Programme, reward: Reward, bill: Bill, member: MemberFacts, at: datetime) -> Offer:
    terms = terms_on(programme, reward, at)
    kind = max(reward.kinds, key=lambda code: member.spendable.get(code, 0))
    points = least_points(reward, terms)
    obstacle = _obstacle(programme, bill, member, at, Choice(reward.id, points, kind))
    spendable = member.spendable.get(kind, 0)
    return Offer(
        reward_id=reward.id,
        form=reward.form,
        kind=kind,
        points=points,
        value_fen=terms.value_of(points),
        most_points=0 if obstacle else _most(programme, reward, terms, bill, spendable),
        step_points=reward.step_points if isinstance(reward, LadderBase) else points,
        missing_points=max(0, points - spendable),
        terms=terms,
        disclosure=disclosure(programme, reward, terms, kind),
        floor_allowed=reward.floor_allowed,
        own_points=reward.accepts == "own",
        takes_voucher=kind in programme.issued_kinds,
        obstacle=obstacle,
    )


def _obstacle(
    programme: Programme, bill: Bill, member: MemberFacts, at: datetime, choice: Choice
) -> RedemptionError | None:
    try:
        redeem(programme, bill, member, at, (choice,))
    except RedemptionError as error:
        return error
    return None


def _most(programme: Programme, reward: Reward, terms: Terms, bill: Bill, spendable: int) -> int:
    """The most steps that the member's points, the goods and the programme's own bounds allow."""
    if not isinstance(reward, LadderBase):
        return terms.points
    most = min(spendable, reward.maximum_points or spendable, terms.most_points)
    if off_bill_fen(reward, terms.value_fen):
        payable_fen = int(sum(payable(programme, reward, bill).values()))
        if isinstance(reward, Offset):
            payable_fen = payable_fen * reward.most_percent // 100
        most = min(most, payable_fen * terms.points // terms.value_fen)
    return most - most % reward.step_points


def _cost(programme: Programme, kind: PointsKind, reward: Reward, terms: Terms) -> Text:
    points = counted(kind, terms.points)
    zh, en = points.zh, points.en
    yuan = format_fen(terms.value_fen)
    if isinstance(reward, Coupon):
        over = format_fen(reward.min_spend_fen)
        return Text.computed(zh=f"{zh}，满 {over} 元减 {yuan} 元", en=f"{en}: {yuan} yuan off a bill of {over}")
    if isinstance(reward, IssueBase):
        given = counted(programme.kind_by_code[reward.gives], units_given(reward, terms.value_fen))
        return Text.computed(zh=f"{zh} 换 {given.zh}，价值 {yuan} 元", en=f"{en} for {given.en}, worth {yuan} yuan")
    if off_bill_fen(reward, terms.value_fen):
        return Text.computed(zh=f"{zh} 抵 {yuan} 元", en=f"{en} = {yuan} yuan off")
    if cash := cash_fen(reward):
        zh, en = f"{zh} + {format_fen(cash)} 元", f"{en} + {format_fen(cash)} yuan"
    return Text.computed(zh=f"{zh}，价值 {yuan} 元", en=f"{en}, worth {yuan} yuan")


_PERIODS: Final[Mapping[Period, Text]] = {
    "day": Text(zh="每人每天限{n}次", en="{n} a day for each member"),
    "month": Text(zh="每人每月限{n}次", en="{n} a month for each member"),
    "ever": Text(zh="每人限{n}次", en="{n} for each member"),
}


def _limits(programme: Programme, reward: Reward) -> Text | None:
    """Who may have it and how often; None where everybody may always."""
    zh, en = list[str](), list[str]()
    if reward.personal:
        zh, en = ["仅限受邀会员"], ["for invited members only"]
    if reward.tiers:
        tiers = [programme.tier_by_code[code].name for code in reward.tiers]
        zh.append(f"限{'、'.join(tier.zh for tier in tiers)}")
        en.append(f"for {', '.join(tier.en for tier in tiers)}")
    if reward.accepts == "own":
        zh.append("限本店发放的积分")
        en.append("for points that this shop gave")
    if reward.others_per_month is not None:
        zh.append(f"每月最多收其他商户发放的积分 {reward.others_per_month:,}，所有会员合计")
        en.append(f"at most {reward.others_per_month:,} points of other shops a month, from all members together")
    if reward.stock is not None:
        zh.append(f"共 {reward.stock:,} 份，兑完为止")
        en.append(f"{reward.stock:,} in all, while they last")
    if reward.limit is not None:
        words, n = _PERIODS[reward.limit.period], reward.limit.per_member
        zh.append(words.zh.format(n=f"{n:,}"))
        en.append(words.en.format(n=f"{n:,}"))
    return Text.computed(zh="；".join(zh), en="; ".join(en)) if zh else None

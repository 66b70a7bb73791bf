"""Choices become redemptions: each checked against the day, the points and the bill, then spread over the goods exactly.

Thresholds and shares are measured on the bill after discounts and before any redemption, so the order of choices decides
nothing. Value is taken from the narrowest choice first: a voucher for everything must not use up the goods that another one
is limited to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TypeAlias

from points import counts
from points.basket import Choice, MemberFacts
from points.counts import offered
from points.errors import (
    AboveMaximumError,
    AboveShareError,
    BelowMinimumError,
    BelowMinSpendError,
    KindNotAcceptedError,
    LimitReachedError,
    NotAStepError,
    NotEnoughPointsError,
    NotOfferedError,
    NotOfThisTierError,
    NotThePriceError,
    OneCouponError,
    ProgrammeNotInForceError,
    RewardNotNowError,
    UnknownRewardError,
    ValueAboveBillError,
)
from points.forms import Coupon, IssueBase, Item, LadderBase, Offset, Reward
from points.programme import Programme
from points.terms import Terms, cash_fen, off_bill_fen, terms_on, units_given

Bill: TypeAlias = Mapping[str, Fraction]
"""Fen still to be paid, by category."""


@dataclass(frozen=True, slots=True)
class RedemptionQuote:
    """One reward taken. `value_fen` is what it is worth, `off_bill_fen` what leaves the bill (nothing for an item).

    `left_after` are the spendable points of that kind after this choice and those before it. `cash_fen` is paid beside the
    points, for goods of `cash_category`; `units` of the kind `gives` are what is issued for a later visit.
    """

    reward_id: str
    kind: str
    points: int
    value_fen: int
    left_after: int
    off_bill_fen: int
    campaign_id: str = ""
    cash_fen: int = 0
    cash_category: str = ""
    gives: str = ""
    units: int = 0
    own_points: bool = False
    """Points that this merchant gave are taken first, or alone."""


def redeem(
    programme: Programme, bill: Bill, member: MemberFacts, at: datetime, choices: Sequence[Choice]
) -> tuple[tuple[RedemptionQuote, ...], Bill]:
    """The redemptions in the order chosen, and what is left to pay. Raises a `RedemptionError`."""
    if not choices:
        return (), bill
    if not programme.valid_from <= at.date() <= programme.valid_until:
        raise ProgrammeNotInForceError(programme.valid_from, programme.valid_until)
    left = dict(member.spendable)
    taken = [_take(programme, choice, member, at, left) for choice in choices]
    _check_limits(taken, member)
    _check_points(taken, member)
    _check_bill(programme, taken, bill)
    return tuple(quote for _, quote in taken), _with_cash(taken, _pay(programme, taken, bill))


_Taken: TypeAlias = tuple[Reward, RedemptionQuote]


def _take(programme: Programme, choice: Choice, member: MemberFacts, at: datetime, left: dict[str, int]) -> _Taken:
    reward = programme.reward_by_id.get(choice.reward_id)
    if reward is None:
        raise UnknownRewardError(choice.reward_id)
    kind = choice.kind or reward.kinds[0]
    if kind not in reward.kinds:
        raise KindNotAcceptedError(reward.id, kind)
    if not reward.is_on(at.date()):
        raise RewardNotNowError(reward.id, reward.valid_from, reward.valid_until)
    if not is_listed(reward, member):
        raise NotOfferedError(reward.id)
    if reward.tiers and member.tier not in reward.tiers:
        raise NotOfThisTierError(reward.id, reward.tiers)
    terms = terms_on(programme, reward, at)
    _check_price(reward, terms, choice.points)
    left[kind] = left.get(kind, 0) - choice.points
    value_fen = terms.value_of(choice.points)
    campaign_id = terms.campaign.id if terms.campaign else ""
    cash_category = (reward.cash_category if isinstance(reward, Item) else None) or ""
    gives = reward.gives if isinstance(reward, IssueBase) else ""
    return reward, RedemptionQuote(
        reward.id, kind, choice.points, value_fen, left[kind], off_bill_fen(reward, value_fen), campaign_id,
        cash_fen(reward), cash_category, gives, units_given(reward, value_fen), bool(reward.accepts or reward.others_per_month),
    )  # fmt: skip


def is_listed(reward: Reward, member: MemberFacts) -> bool:
    """Whether the member is shown it at all: a personal reward is for those alone to whom it was offered (P7)."""
    return not reward.personal or member.counts.get(offered(reward.id), 0) > 0


def _check_price(reward: Reward, terms: Terms, points: int) -> None:
    if not isinstance(reward, LadderBase):
        if points != terms.points:
            raise NotThePriceError(reward.id, terms.points, points)
    elif points < reward.minimum_points:
        raise BelowMinimumError(reward.id, reward.minimum_points, points)
    elif points > (most := min(reward.maximum_points or points, terms.most_points)):
        raise AboveMaximumError(reward.id, most, points)
    elif points % reward.step_points:
        raise NotAStepError(reward.id, reward.step_points, points)


def _check_limits(taken: Sequence[_Taken], member: MemberFacts) -> None:
    times = Counter(reward.id for reward, _ in taken)
    for reward, _ in taken:
        if reward.limit is None:
            continue
        before = member.counts.get(counts.taken(reward.id, reward.limit.period), 0)
        if before + times[reward.id] > reward.limit.per_member:
            raise LimitReachedError(reward.id, reward.limit.per_member, reward.limit.period, before)


def _check_points(taken: Sequence[_Taken], member: MemberFacts) -> None:
    needed: dict[str, int] = {}
    for _, quote in taken:
        needed[quote.kind] = needed.get(quote.kind, 0) + quote.points
    for kind, points in needed.items():
        spendable = member.spendable.get(kind, 0)
        if points > spendable:
            raise NotEnoughPointsError(kind, points, spendable)


def _check_bill(programme: Programme, taken: Sequence[_Taken], bill: Bill) -> None:
    """Thresholds and shares, on the bill as it was before any redemption."""
    coupons = 0
    shares: dict[str, int] = {}
    for reward, quote in taken:
        payable_fen = int(sum(payable(programme, reward, bill).values()))
        if isinstance(reward, Coupon):
            coupons += 1
            if coupons > 1:
                raise OneCouponError(reward.id)
            if payable_fen < reward.min_spend_fen:
                raise BelowMinSpendError(reward.id, reward.min_spend_fen, payable_fen)
        elif isinstance(reward, Offset):
            most_fen = payable_fen * reward.most_percent // 100
            shares[reward.id] = shares.get(reward.id, 0) + quote.value_fen
            if reward.most_percent < 100 and shares[reward.id] > most_fen:
                raise AboveShareError(reward.id, reward.most_percent, most_fen)


def _pay(programme: Programme, taken: Sequence[_Taken], bill: Bill) -> Bill:
    """What is left of each category. Goods shrink only by what points paid, so money in is money out."""
    offs = [(reward, quote.off_bill_fen) for reward, quote in taken if quote.off_bill_fen]
    offs.sort(key=lambda off: (sum(payable(programme, off[0], bill).values()), off[0].id))
    left = dict(bill)
    for reward, off_fen in offs:
        goods = payable(programme, reward, left)
        in_reach = sum(goods.values())
        if off_fen > in_reach:
            raise ValueAboveBillError(reward.id, off_fen, int(in_reach))
        for category, share in spread(off_fen, goods).items():
            left[category] -= share
    return left


def _with_cash(taken: Sequence[_Taken], left: Bill) -> Bill:
    """What is paid beside points is money of its category, and earns what that earns. No points pay for it."""
    paid = dict(left)
    for _, quote in taken:
        if quote.cash_fen:
            paid[quote.cash_category] = paid.get(quote.cash_category, Fraction(0)) + quote.cash_fen
    return dict(sorted(paid.items()))


def payable(programme: Programme, reward: Reward, bill: Bill) -> Bill:
    """The part of a bill that a reward may pay for."""
    return {
        category: fen
        for category, fen in bill.items()
        if fen > 0
        and (not reward.categories or category in reward.categories)
        and category not in programme.no_redeeming
    }


def spread(fen: int, parts: Bill) -> dict[str, Fraction]:
    """`fen` over the parts, exactly in proportion: the shares add up to `fen`, none is larger than its part."""
    whole = sum(parts.values())
    return {category: part * fen / whole for category, part in parts.items()}

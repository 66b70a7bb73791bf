"""What points can be spent on: six forms of reward, told apart by ``form``.

A *ladder* (voucher, offset, issue-ladder) turns any step of points into what they are worth, pro rata above its minimum. A
*fixed* reward (item, coupon, issue) has one price. What is *issued* (issue, issue-ladder) is no money off this sale but units
of another kind of points, which the member uses on a later visit: a voucher is in the books what points are. Texts for
conditions, validity and refund are mandatory, the cost is a number and its words are computed: a reward that does not disclose
all of them does not load (A1).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from points.counts import Period
from points.fields import Code, Day, Document, Fen, FenOrZero, Flag, Percent, Points, Text
from points.sentences import Wrong


class Limit(Document):
    """How often one member may take a reward: in a business day, in a calendar month, or at all (``ever``)."""

    per_member: Points
    period: Period


class RewardBase(Document):
    """What every reward says. ``categories`` are the goods that it may pay for, none named means all.

    ``tiers`` are the ranks that may have it, none named means everybody; one that is ``personal`` is shown only to members to
    whom the ledger offered it. One that ``accepts`` only "own" points takes those alone that this merchant gave; with
    ``others_per_month`` it takes at most so many points of other merchants in a calendar month, from all members together, and
    of each the points that this merchant gave first (P14). ``stock`` is how many of it there are, in all stores of the merchant
    and for all time: a version that says a higher number brings more. Nothing else ever keeps a member from a reward.
    """

    id: Code
    name: Text
    kinds: Annotated[tuple[Code, ...], Field(min_length=1)]
    points: Points
    conditions: Text
    validity: Text
    refund: Text
    valid_from: Day | None = None
    valid_until: Day | None = None
    floor_allowed: Flag = False
    categories: tuple[Code, ...] = ()
    tiers: tuple[Code, ...] = ()
    personal: Flag = False
    accepts: Literal["own"] | None = None
    others_per_month: Points | None = None
    stock: Points | None = None
    limit: Limit | None = None
    funder: Text | None = None
    legal_basis: Text | None = None

    def is_on(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_until or day)

    @property
    def is_bounded(self) -> bool:
        """Whether more than a member's points bounds it: the ledger looks at it when it reserves."""
        return bool(self.limit or self.stock or self.others_per_month)

    @property
    def is_online_only(self) -> bool:
        """Whether the ledger alone can say yes: it knows whose points they are, and what was given elsewhere."""
        return bool(self.accepts or self.stock or self.others_per_month)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise Wrong("valid_until is before valid_from")
        if self.accepts and self.floor_allowed:
            raise Wrong(
                "whose points they are the ledger alone knows: own points and floor_allowed exclude each other"
            )
        if self.accepts and self.others_per_month:
            raise Wrong("it takes no points of others at all: own points and others_per_month exclude each other")
        if self.floor_allowed and (self.stock or self.others_per_month):
            raise Wrong("what is left of it the ledger alone knows: stock or others_per_month exclude floor_allowed")
        if (self.funder is None) != (self.legal_basis is None):
            raise Wrong("who funds it and on what legal basis are named together")
        return self


class LadderBase(RewardBase):
    """``points`` are worth ``value_fen``; any multiple of ``step_points`` from ``minimum_points`` on, at that rate."""

    value_fen: Fen
    minimum_points: Points
    step_points: Points
    maximum_points: Points | None = None

    @model_validator(mode="after")
    def _whole_steps(self) -> Self:
        if self.stock:
            raise Wrong("stock counts how often a reward is given: it needs one of a fixed price")
        if self.step_points * self.value_fen % self.points:
            raise Wrong("a step of step_points must be worth whole fen")
        if self.minimum_points % self.step_points or (self.maximum_points or 0) % self.step_points:
            raise Wrong("minimum_points and maximum_points must be multiples of step_points")
        if self.maximum_points is not None and self.maximum_points < self.minimum_points:
            raise Wrong("maximum_points is below minimum_points")
        return self


class Voucher(LadderBase):
    """Money off this sale: 1,000 points = 20 yuan, 1,200 = 24 (P1)."""

    form: Literal["voucher"]


class Offset(LadderBase):
    """Points against a part of the bill: 100 points = 10 yuan, at most ``most_percent`` of the goods it may pay for (P4)."""

    form: Literal["offset"]
    most_percent: Percent = 100


class Item(RewardBase):
    """A named thing or service for a fixed number of points, beside the bill; ``value_fen`` is what it costs bought (A4).

    ``cash_fen`` is paid beside the points (5,000 points + 99 yuan). It is money of ``cash_category``, which says what it earns,
    and no points pay for it.
    """

    form: Literal["item"]
    value_fen: Fen
    cash_fen: FenOrZero = 0
    cash_category: Code | None = None

    @model_validator(mode="after")
    def _points_and_cash(self) -> Self:
        if bool(self.cash_fen) != (self.cash_category is not None):
            raise Wrong("cash_fen and cash_category are named together")
        if self.cash_fen >= self.value_fen:
            raise Wrong("cash_fen is no less than value_fen: the points would buy nothing")
        return self


class Coupon(RewardBase):
    """``off_fen`` off once the goods it may pay for come to ``min_spend_fen``: 满200减50 (P3). One a sale."""

    form: Literal["coupon"]
    min_spend_fen: FenOrZero
    off_fen: Fen

    @property
    def value_fen(self) -> int:
        return self.off_fen

    @model_validator(mode="after")
    def _within_the_threshold(self) -> Self:
        if self.min_spend_fen < self.off_fen:
            raise Wrong("off_fen is more than min_spend_fen")
        return self


class IssueBase(RewardBase):
    """``points`` give ``units`` of the kind ``gives`` (vouchers, tickets), which together are worth ``value_fen``.

    How long they can be used is the validity of that kind, and what they buy is a reward that takes it.
    """

    gives: Code
    units: Points
    value_fen: Fen

    @property
    def unit_fen(self) -> int:
        """What one unit is worth."""
        return self.value_fen // self.units

    @model_validator(mode="after")
    def _whole_units(self) -> Self:
        if self.value_fen % self.units:
            raise Wrong("a unit must be worth whole fen: value_fen is no multiple of units")
        if self.gives in self.kinds:
            raise Wrong("it gives the kind that it takes")
        if self.categories:
            raise Wrong("what is issued pays for nothing in this sale: name the categories where it is used")
        return self


class Issue(IssueBase):
    """A voucher for a later visit, at one price: 800 points = 1 voucher for a car wash.

    With an ``appointment`` it is written down with whom and when; the service is done when the voucher is used, which the
    member confirms by his code or PIN (P6, P7).
    """

    form: Literal["issue"]
    appointment: Flag = False


class IssueLadder(IssueBase, LadderBase):
    """Vouchers for a later visit, pro rata: 1,000 points = 20 units of one yuan, 1,200 = 24 (P1, 下次购物)."""

    form: Literal["issue-ladder"]

    @model_validator(mode="after")
    def _whole_units_a_step(self) -> Self:
        if self.step_points * self.units % self.points:
            raise Wrong("a step of step_points must give whole units")
        return self


Reward: TypeAlias = Annotated[Voucher | Offset | Item | Coupon | Issue | IssueLadder, Field(discriminator="form")]

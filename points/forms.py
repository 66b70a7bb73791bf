"""What points can be spent on: four forms of reward, told apart by ``form``.

A *ladder* (voucher, offset) turns any step of points into money off the bill, pro rata above its minimum. A *fixed* reward
(item, coupon) has one price. Texts for conditions, validity and refund are mandatory, the cost is a number and its words are
computed: a reward that does not disclose all of them does not load (A1).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from points.fields import Code, Day, Document, Fen, FenOrZero, Flag, Percent, Points, Text


class RewardBase(Document):
    """What every reward says. ``categories`` are the goods that it may pay for, none named means all."""

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
    funder: Text | None = None
    legal_basis: Text | None = None

    def is_on(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_until or day)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        if (self.funder is None) != (self.legal_basis is None):
            raise ValueError("who funds it and on what legal basis are named together")
        return self


class LadderBase(RewardBase):
    """``points`` are worth ``value_fen``; any multiple of ``step_points`` from ``minimum_points`` on, at that rate."""

    value_fen: Fen
    minimum_points: Points
    step_points: Points
    maximum_points: Points | None = None

    @model_validator(mode="after")
    def _whole_steps(self) -> Self:
        if self.step_points * self.value_fen % self.points:
            raise ValueError("a step of step_points must be worth whole fen")
        if self.minimum_points % self.step_points or (self.maximum_points or 0) % self.step_points:
            raise ValueError("minimum_points and maximum_points must be multiples of step_points")
        if self.maximum_points is not None and self.maximum_points < self.minimum_points:
            raise ValueError("maximum_points is below minimum_points")
        return self


class Voucher(LadderBase):
    """Money off this sale: 1,000 points = 20 yuan, 1,200 = 24 (P1)."""

    form: Literal["voucher"]


class Offset(LadderBase):
    """Points against a part of the bill: 100 points = 10 yuan, at most ``most_percent`` of the goods it may pay for (P4)."""

    form: Literal["offset"]
    most_percent: Percent = 100


class Item(RewardBase):
    """A named thing or service for a fixed number of points, beside the bill; ``value_fen`` is what it costs bought (A4)."""

    form: Literal["item"]
    value_fen: Fen


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
            raise ValueError("off_fen is more than min_spend_fen")
        return self


Reward: TypeAlias = Annotated[Voucher | Offset | Item | Coupon, Field(discriminator="form")]

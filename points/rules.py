"""The parts of a programme that decide what is earned, each as it stands in the document."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from points.expiry import Validity
from points.fields import Code, Day, Document, Factor, Fen, Points, Text


class PointsKind(Document):
    """A currency of the coalition (消费积分, 绿色消费积分) with the validity that this merchant's awards have."""

    code: Code
    name: Text
    validity: Validity


class Category(Document):
    """A class of goods or services. What a programme does not name earns only by a rule for everything."""

    code: Code
    name: Text


class EarnRule(Document):
    """``points`` for every ``per_fen`` paid for these categories; none named means everything that no other rule names."""

    kind: Code
    name: Text
    per_fen: Fen
    points: Points
    categories: tuple[Code, ...] = ()
    except_categories: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.categories and self.except_categories:
            raise ValueError("name the categories that earn or those that do not, not both")
        return self


class Tier(Document):
    """A rank of members, with what it multiplies every award by."""

    code: Code
    name: Text
    multiplier: Factor


class HoldingDiscount(Document):
    """Members who hold ``held`` points when they are identified pay ``percent_off`` less for a category (P1: fresh, 9折)."""

    id: Code
    name: Text
    kind: Code
    held: Points
    category: Code
    percent_off: Annotated[int, Field(strict=True, ge=1, le=99)]
    conditions: Text


class Exclusion(Document):
    """Categories that earn nothing, are never paid with points, or both; the reason is shown."""

    categories: Annotated[tuple[Code, ...], Field(min_length=1)]
    applies_to: Literal["earning", "redeeming", "both"]
    reason: Text


class RewardChange(Document):
    """Another price while a campaign runs: fewer points for a fixed reward, more fen for one that is pro rata."""

    reward: Code
    points: Points | None = None
    value_fen: Fen | None = None

    @model_validator(mode="after")
    def _changes_one(self) -> Self:
        if (self.points is None) == (self.value_fen is None):
            raise ValueError("a campaign gives a reward either other points or another value_fen")
        return self


class Campaign(Document):
    """A time, both days included, in which more is earned or rewards are better.

    Two campaigns that meet on the same reward or the same awards must both say ``overlap = "best"``: the member gets the
    better one. They never multiply each other.
    """

    id: Code
    name: Text
    starts_on: Day = Field(alias="from")
    ends_on: Day = Field(alias="until")
    earn: Factor | None = None
    kinds: tuple[Code, ...] = ()
    categories: tuple[Code, ...] = ()
    rewards: tuple[RewardChange, ...] = Field(default=(), alias="reward")
    overlap: Literal["best"] | None = None
    conditions: Text

    def is_on(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def multiplies(self, kind: str, category: str) -> bool:
        """Whether it multiplies what this category earns in this kind; an empty list means all."""
        return (
            self.earn is not None
            and (not self.kinds or kind in self.kinds)
            and (not self.categories or category in self.categories)
        )

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("the campaign ends before it begins")
        if self.earn is None and not self.rewards:
            raise ValueError("the campaign changes nothing: give it earn or a reward")
        if self.earn is None and (self.kinds or self.categories):
            raise ValueError("kinds and categories say what earn multiplies, and there is no earn")
        return self

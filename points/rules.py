"""The parts of a programme that decide what is earned, each as it stands in the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self, TypeAlias, get_args

from pydantic import Field, model_validator

from points.counts import earned, offered
from points.expiry import Validity
from points.festivals import FIRST_YEAR, LAST_YEAR, Festival, times_of
from points.fields import Code, Day, Document, Factor, Fen, Flag, OfTheDay, Points, ProductCode, Text
from points.natures import Nature
from points.sentences import Wrong


class PointsKind(Document):
    """A currency of the coalition (消费积分, 绿色消费积分) with the validity that this merchant's awards have.

    One with a ``unit`` is counted in pieces: vouchers, tickets, the stamps of a card (洗车券 1张).
    """

    code: Code
    name: Text
    validity: Validity
    unit: Text | None = None


class Category(Document):
    """A class of goods or services. What a programme does not name earns only by a rule for everything.

    ``nature``: what it is before the law, where the law or the coalition has something to say (`points.natures`).
    """

    code: Code
    name: Text
    nature: Nature | None = None


class ProductGroup(Document):
    """Products of the price list, by their codes, that rules and campaigns mean together. A product is in one group at most."""

    code: Code
    name: Text
    products: Annotated[tuple[ProductCode, ...], Field(min_length=1)]


class Payer(Document):
    """Who pays a part of bills instead of the member: an insurer, a warranty, a delivery platform. That part earns nothing and
    is not paid with points. ``categories`` are the goods that he pays for, none named means all."""

    code: Code
    name: Text
    categories: tuple[Code, ...] = ()

    def pays_for(self, category: str) -> bool:
        """Whether his part may be of such goods."""
        return not self.categories or category in self.categories


class Cap(Document):
    """The most ``points`` of a kind that a member earns at this merchant in a sale, a business day or a calendar month."""

    kind: Code
    per: Literal["sale", "day", "month"]
    points: Points
    name: Text
    conditions: Text

    def room(self, counts: Mapping[str, int]) -> int:
        """What he may still earn, with his `points.counts`."""
        before = 0 if self.per == "sale" else counts.get(earned(self.kind, self.per), 0)
        return max(0, self.points - before)


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
            raise Wrong("a campaign gives a reward either other points or another value_fen")
        return self


Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEK: Final[tuple[Weekday, ...]] = get_args(Weekday)


DaysAround: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=30)]


class Campaign(Document):
    """A time, both days included, in which more is earned or rewards are better; on some days of the week and hours alone
    where it names them. ``every_year``: the same days each year, from that first time on (an anniversary's month). Instead of
    dates it may name ``festivals``: it runs each year on their days, from ``days_before`` to ``days_after`` them.

    Days and hours are those of the business day: past midnight it is still the evening's campaign. Two campaigns that meet on
    the same reward or the same awards must both say ``overlap = "best"``: the member gets the better one. They never multiply
    each other.

    ``kinds`` say which points ``earn`` multiplies, ``categories`` and ``groups`` of which goods, ``tiers`` for which members;
    none named means all. ``offer``: only for members to whom it was offered in person. ``most_points``: the most that it adds
    to one member's points of a kind, from its first day to its last.
    """

    id: Code
    name: Text
    starts_on: Day | None = Field(default=None, alias="from")
    ends_on: Day | None = Field(default=None, alias="until")
    every_year: Flag = False
    festivals: tuple[Festival, ...] = ()
    days_before: DaysAround = 0
    days_after: DaysAround = 0
    weekdays: tuple[Weekday, ...] = ()
    hours: OfTheDay | None = None
    earn: Factor | None = None
    kinds: tuple[Code, ...] = ()
    categories: tuple[Code, ...] = ()
    groups: tuple[Code, ...] = ()
    tiers: tuple[Code, ...] = ()
    offer: Flag = False
    most_points: Points | None = None
    rewards: tuple[RewardChange, ...] = Field(default=(), alias="reward")
    overlap: Literal["best"] | None = None
    conditions: Text

    def is_on(self, at: datetime) -> bool:
        """At a civil time whose date is the business day."""
        return self.is_at(at.time()) and self.runs_on(at.date())

    def runs_on(self, day: date) -> bool:
        """At some time of a business day."""
        if self.weekdays and _WEEK[day.weekday()] not in self.weekdays:
            return False
        return any(begin <= day <= end for begin, end in self.periods(day.year))

    def is_at(self, at: time) -> bool:
        """At a time of the days on which it runs."""
        return self.hours is None or self.hours.has(at)

    def is_for(self, tier: str, counts: Mapping[str, int]) -> bool:
        """For a member of a tier, with his `points.counts`."""
        return (not self.tiers or tier in self.tiers) and (not self.offer or counts.get(offered(self.id), 0) > 0)

    @property
    def first_day(self) -> date:
        """Before it does not run; of festivals, of the years that are known."""
        return self.starts_on or date(FIRST_YEAR, 1, 1)

    @property
    def last_day(self) -> date | None:
        """After it does not run; None for one that comes every year."""
        if self.festivals:
            return date(LAST_YEAR, 12, 31) + timedelta(days=self.days_after)
        return None if self.every_year else self.ends_on

    def periods(self, year: int) -> Iterator[tuple[date, date]]:
        """First and last day of each time that it runs, as far as a year is touched."""
        if self.starts_on is None or self.ends_on is None:
            yield from times_of(self.festivals, self.days_before, self.days_after, year)
            return
        if not self.every_year:
            yield self.starts_on, self.ends_on
            return
        lasts = self.ends_on.year - self.starts_on.year
        for begins in (year - 1, year):
            if begins >= self.starts_on.year:
                yield _in_year(self.starts_on, begins), _in_year(self.ends_on, begins + lasts)

    def multiplies(self, kind: str, category: str, group: str = "") -> bool:
        """Whether it multiplies what goods earn in this kind; a visit is of no category, and no campaign for goods means it."""
        return (
            self.earn is not None
            and (not self.kinds or kind in self.kinds)
            and (category in self.categories or group in self.groups or not (self.categories or self.groups))
        )

    @model_validator(mode="after")
    def _runs_sometime(self) -> Self:
        if self.festivals:
            if self.starts_on or self.ends_on or self.every_year:
                raise Wrong("a campaign has festivals, which come every year, or from and until; not both")
            return self
        if self.starts_on is None or self.ends_on is None:
            raise Wrong("say when the campaign runs: from and until, or festivals")
        if self.days_before or self.days_after:
            raise Wrong("days_before and days_after are those around festivals, and there are none")
        if self.ends_on < self.starts_on:
            raise Wrong("the campaign ends before it begins")
        if self.every_year and self.ends_on >= _in_year(self.starts_on, self.starts_on.year + 1):
            raise Wrong("a campaign of every year is shorter than a year")
        return self

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.earn is None and not self.rewards:
            raise Wrong("the campaign changes nothing: give it earn or a reward")
        if self.earn is None and (self.kinds or self.categories or self.groups):
            raise Wrong("kinds, categories and groups say what earn multiplies, and there is no earn")
        if self.most_points is not None:
            self._is_bounded()
        if self.rewards and (self.tiers or self.offer):
            raise Wrong("tiers and offer are about earn: give a reward tiers of its own, or make it personal")
        return self

    def _is_bounded(self) -> None:
        """What a member gained is one number, counted for ever, of one campaign."""
        if self.earn is None or len(self.kinds) != 1:
            raise Wrong("most_points bounds what earn adds to points of one kind: name it in kinds")
        if self.every_year or self.festivals:
            raise Wrong("most_points counts from one first day to one last: write a campaign for each year")
        if self.overlap:
            raise Wrong("which of two campaigns is better hangs on what the member had: most_points excludes overlap")


def _in_year(day: date, year: int) -> date:
    """The same day of another year; 29 February is 28 where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


class Compensation(Document):
    """Points given beside a refund for what the merchant owes an apology for: a fixed number for a named ``reason`` (P11)."""

    id: Code
    reason: Text
    kind: Code
    points: Points

"""What a reward costs at a time, with and without the campaign that runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from points.amounts import MAX_AMOUNT_FEN
from points.forms import IssueBase, Item, LadderBase, Reward

if TYPE_CHECKING:
    from points.programme import Programme
    from points.rules import Campaign


@dataclass(frozen=True, slots=True)
class Terms:
    """`points` are worth `value_fen` now; `regular_…` is the same without `campaign`."""

    points: int
    value_fen: int
    regular_points: int
    regular_value_fen: int
    campaign: Campaign | None = None

    def value_of(self, points: int) -> int:
        """Fen that `points` are worth. Whole fen: the programme's steps are checked when it loads."""
        return points * self.value_fen // self.points

    @property
    def most_points(self) -> int:
        """What is worth the largest amount that there is: nothing is taken for more at once."""
        return MAX_AMOUNT_FEN * self.points // self.value_fen

    @property
    def fewer_points(self) -> Fraction:
        """How much less the same value costs now: 5,000 for 6,000 is 1/6 (A1)."""
        return 1 - Fraction(self.points * self.regular_value_fen, self.value_fen * self.regular_points)

    @property
    def more_value(self) -> Fraction:
        """How much more the same points are worth now: 5,000 for 6,000 is 1/5 (A1)."""
        return Fraction(self.value_fen * self.regular_points, self.points * self.regular_value_fen) - 1


def terms_on(programme: Programme, reward: Reward, at: datetime) -> Terms:
    """The best terms at that time for the member."""
    regular = Terms(reward.points, reward.value_fen, reward.points, reward.value_fen)
    return max(_terms(programme, reward, at), key=lambda terms: terms.more_value, default=regular)


def _terms(programme: Programme, reward: Reward, at: datetime) -> Iterator[Terms]:
    for campaign, change in programme.changes_of.get(reward.id, ()):
        if campaign.is_on(at):
            points, value_fen = change.points or reward.points, change.value_fen or reward.value_fen
            yield Terms(points, value_fen, reward.points, reward.value_fen, campaign)


USUAL_FEN = 2
"""What a point is worth where no voucher of the programme says so: the price in the seeds of the coalition."""


def in_points(programme: Programme, reward: Reward, points: int) -> int:
    """What a redemption counts where a merchant set a bound in points: pieces count what they are worth, rounded up.

    A voucher for a wash of 30 yuan is one piece, and to whoever bears the loss it is 1,500 points.
    """
    if all(kind.unit is None for kind in programme.kinds if kind.code in reward.kinds):
        return points
    worth_fen = Fraction((reward.value_fen - cash_fen(reward)) * points, reward.points)
    return ceil(worth_fen / (own_rate(programme) or USUAL_FEN))


def own_rate(programme: Programme) -> Fraction | None:
    """Fen that a point of the programme's first kind takes off a bill, by its first ladder; None where it has none."""
    main = programme.kinds[0].code
    ladders = (one for one in programme.rewards if isinstance(one, LadderBase) and not isinstance(one, IssueBase))
    return next((Fraction(one.value_fen, one.points) for one in ladders if main in one.kinds), None)


def least_points(reward: Reward, terms: Terms) -> int:
    """The fewest points that buy it: a ladder's minimum, else its price."""
    return reward.minimum_points if isinstance(reward, LadderBase) else terms.points


def off_bill_fen(reward: Reward, value_fen: int) -> int:
    """What a reward of that value takes off the bill: an item is handed over beside it, a voucher is used another time."""
    return 0 if isinstance(reward, Item | IssueBase) else value_fen


def cash_fen(reward: Reward) -> int:
    """What is paid beside the points; the bill rises by it."""
    return reward.cash_fen if isinstance(reward, Item) else 0


def units_given(reward: Reward, value_fen: int) -> int:
    """How many units of another kind a reward of that value gives; none where it gives no vouchers."""
    return value_fen // reward.unit_fen if isinstance(reward, IssueBase) else 0

"""What a reward brings and costs the merchant who gives it for points that another one issued (P14).

The coalition has one settlement price per point of a kind. Whoever accepts a foreign point is paid that price by its issuer,
whatever his own reward values a point at; the difference he bears, or keeps. This must be seen before a programme is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from points.programme import Programme
from points.terms import cash_fen


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One reward for one kind of points, at its price without a campaign; `paid_fen` is exact, nothing is rounded here.

    `value_fen` is what its points pay for: a part paid in cash is not in it.

    `borne_fen` below zero: the coalition pays more for the points than the reward is worth.
    """

    reward_id: str
    kind: str
    points: int
    value_fen: int
    paid_fen: Fraction

    @property
    def fen_per_point(self) -> Fraction:
        """What a point is worth in this reward."""
        return Fraction(self.value_fen, self.points)

    @property
    def borne_fen(self) -> Fraction:
        """What its merchant bears of the reward's value."""
        return self.value_fen - self.paid_fen


def acceptances(programme: Programme, price_fen: Mapping[str, Fraction]) -> Iterator[Acceptance]:
    """Every reward that takes others' points, for every kind that has a price: `price_fen`, fen per point by kind."""
    for reward in programme.rewards:
        if reward.accepts == "own":
            continue
        for kind in reward.kinds:
            if kind in price_fen:
                value_fen = reward.value_fen - cash_fen(reward)
                yield Acceptance(reward.id, kind, reward.points, value_fen, reward.points * price_fen[kind])

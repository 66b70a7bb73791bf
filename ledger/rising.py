"""Members who grow fast at a merchant, so that somebody can look after them early (A6, P9). Only of who agreed to it.

Of a member and a month: *growth* is the lesser of visits against the mean of the three months before, and of what he paid
against the mean of those. He rises from `RISES_AT` times on, if he came at least twice, and in one of the three before. The
month that is going on counts as it stands: who is listed in the middle of it has grown already.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.standing import first_month, spent_and_visits
from points.amounts import format_exact, format_fen

RISES_AT: Final = Fraction(3, 2)
BEFORE_MONTHS: Final = 3
LEAST_VISITS: Final = 2


class Rising(NamedTuple):
    """`mean_…` of the three months before; `growth`: how many times as much."""

    member: str
    visits: int
    spent_fen: int
    mean_visits: Fraction
    mean_spent_fen: Fraction
    growth: Fraction

    @property
    def sentence(self) -> str:
        """Why he is listed."""
        return (
            f"came {self.visits} times and paid {format_fen(self.spent_fen)} yuan this month; "
            f"{_one(self.mean_visits)} times and {format_fen(round(self.mean_spent_fen))} yuan a month in the three before: "
            f"at least {_one(self.growth)} times as much"
        )


def rising(connection: Connection, merchant: str, month: str) -> list[Rising]:
    """Who grows, fastest first, in `month` (YYYY-MM). Nobody where no tier of the merchant comes by itself: no visits are
    counted then."""
    agreed = rows.fetch(connection, "SELECT bucket, member FROM consent WHERE purpose = 'personal' AND is_given = 1")
    members = [(bucket, member) for bucket, member in agreed]
    if not members:
        return []
    first = first_month(month, BEFORE_MONTHS + 1)
    of_member: dict[tuple[int, str], dict[str, list[int]]] = defaultdict(dict)
    for (key, when), sums in spent_and_visits(connection, members, merchant, first, month).items():
        of_member[key][when] = sums
    listed = []
    for key, months in of_member.items():
        spent_fen, visits = months.pop(month, [0, 0])
        mean_fen, mean_visits = (Fraction(sum(sums[at] for sums in months.values()), BEFORE_MONTHS) for at in (0, 1))
        if visits < LEAST_VISITS or not mean_fen or not mean_visits:
            continue
        growth = min(visits / mean_visits, spent_fen / mean_fen)
        if growth >= RISES_AT:
            listed.append(Rising(key[1], visits, spent_fen, mean_visits, mean_fen, growth))
    return sorted(listed, key=lambda one: (-one.growth, one.member))


def _one(number: Fraction) -> str:
    """With one decimal, downwards."""
    return format_exact(Fraction(int(number * 10), 10))

"""What a sale adds to the counts of its member, by the names that rules ask for (`points.counts`) with the period written out.

`taken/wash/day` of a sale on 2026-11-22 is counted under `taken/wash/2026-11-22`. So a count says by itself which day or month
it is of: one that a till was told yesterday is not mistaken for today's, and nobody has to reset anything at midnight. The till
and the ledger count by this one function, a void with the amounts turned round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, get_args

import msgspec

from points import counts
from points.amounts import MAX_AMOUNT_FEN
from protocol.entries import Award, ManualPoints, Sale
from protocol.feed import MemberRow

_DATELESS: Final = ("done", "offered")


class Counted(NamedTuple):
    """`period`: 2026-11-22, 2026-11 or ever; empty where a name has none."""

    name: str
    period: str = ""

    def __str__(self) -> str:
        return f"{self.name}/{self.period}" if self.period else self.name


def counted(asked: str, day: str) -> Counted:
    """A name as rules ask for it, on a business day (YYYY-MM-DD)."""
    name, _slash, period = asked.rpartition("/")
    if name in _DATELESS:
        return Counted(asked)
    return Counted(name, {"day": day, "month": day[:7]}.get(period, period))


def counts_of(sale: Sale, asked: Collection[str]) -> Iterator[tuple[Counted, int]]:
    """What the sale adds to each count that is asked for; points by hand are no visit, and no rule gave them."""
    if isinstance(sale, ManualPoints):
        return
    for name, amount in _amounts(sale):
        for period in get_args(counts.Period):
            if f"{name}/{period}" in asked:
                yield counted(f"{name}/{period}", sale.business_day), amount
    for activity in sale.activities:
        if (name := counts.done(activity)) in asked:
            yield Counted(name), 1


def counts_on(row: MemberRow, asked: Collection[str], day: str, own: Mapping[str, int]) -> dict[str, int]:
    """What rules are told of a member on a business day, by the names they ask for: what his row says, and what his entries add
    that it does not contain (`own`, with periods). A row of yesterday says nothing of today; an offer ends with its day.
    """
    found = {name: str(counted(name, day)) for name in asked}
    sums = {name: row.counts.get(key, 0) + own.get(key, 0) for name, key in found.items()}
    offers = {counts.offered(one): 1 for one, until in row.offers.items() if until >= day}
    return {name: amount for name, amount in sums.items() if amount > 0} | offers


def without_awards(sale: Sale) -> Sale:
    """Of a sale what is booked while what it gives waits for a person."""
    return msgspec.structs.replace(sale, awards=())


def as_given(sale: Sale, given: Mapping[str, int]) -> Sale:
    """Of a sale what is booked where no more points than these were given, by kind."""
    wanted: dict[str, int] = {}
    for award in sale.awards:
        wanted[award.kind] = wanted.get(award.kind, 0) + award.points
    less = {kind: points - given.get(kind, 0) for kind, points in wanted.items()}
    return msgspec.structs.replace(sale, awards=fewer(sale.awards, less))


def fewer(awards: Iterable[Award], less: Mapping[str, int]) -> tuple[Award, ...]:
    """Without so many points by kind; an award of which none are left is none."""
    left, gone = [], dict(less)
    for award in awards:
        points = min(award.points, max(0, gone.get(award.kind, 0)))
        gone[award.kind] = gone.get(award.kind, 0) - points
        if points < award.points:
            left.append(_less(award, award.points - points))
    return tuple(left)


def awards_alone(sale: Sale) -> Sale:
    """The rest, which was accepted later."""
    return msgspec.structs.replace(sale, redemptions=(), activities=(), due_fen=0)


def left_after(
    sale: Sale, money_fen: int, given_back: Mapping[str, int], taken_back: Mapping[str, int]
) -> Sale:  # fmt: skip
    """A sale without what refunds of it have done: what he earned and paid is less; rewards whose points of a kind he has all
    again were not taken, and what came back whole was no visit and no activity: it can earn again, as after a void."""
    taken: dict[str, int] = {}
    for line in sale.redemptions:
        taken[line.kind] = taken.get(line.kind, 0) + line.points
    awards = fewer(sale.awards, taken_back)
    kept = tuple(line for line in sale.redemptions if given_back.get(line.kind, 0) < taken[line.kind])
    due_fen = max(0, sale.due_fen - money_fen)
    activities = sale.activities if due_fen or awards or kept else ()
    return msgspec.structs.replace(
        sale, due_fen=due_fen, awards=awards, redemptions=kept, activities=activities
    )  # fmt: skip


def _less(award: Award, points: int) -> Award:
    """What is left of it. A campaign gained its share of that, rounded down: what came back can be gained again."""
    shares = {campaign: gained * points // award.points for campaign, gained in award.gained.items()}
    gained = {campaign: share for campaign, share in shares.items() if share}
    return msgspec.structs.replace(award, points=points, gained=gained)


def _amounts(sale: Sale) -> Iterator[tuple[str, int]]:
    """Of money no more than a bill can come to: a thousand of the largest integers would be more than a sum can hold."""
    for award in sale.awards:
        yield f"earned/{award.kind}", award.points
        for campaign, points in award.gained.items():
            yield f"gained/{campaign}", min(points, award.points)
    for line in sale.redemptions:
        yield f"taken/{line.reward}", 1
        yield f"given/{line.reward}", 1
        yield f"others/{line.reward}", min(line.others, line.points)
    if sale.due_fen:
        yield "spent", min(sale.due_fen, MAX_AMOUNT_FEN)
        yield "visits", 1

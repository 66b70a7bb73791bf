"""A sale as its entry has it, in the words of the rules: what a quote of it is asked about, at the ledger and at any till."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from points import Basket, Choice, MemberFacts, Quote
from points.refunding import Redeemed, SoldGoods, shares_of
from protocol.entries import Refund, Sale


def basket_of(sale: Sale) -> Basket:
    """The goods, as far as the rules depend on them."""
    return Basket.of_categories(sale.sums_fen, sale.units, sale.others_fen, sale.activities)


def facts_of(sale: Sale) -> MemberFacts:
    """The member as he was. That the points were there is what the books say, not the rules."""
    spendable = dict(sale.held)
    for kind, points in redeemed_by(sale).items():
        spendable[kind] = max(points, spendable.get(kind, 0))
    return MemberFacts(sale.tier, sale.held, spendable, sale.counts)


def choices_of(sale: Sale) -> list[Choice]:
    """The rewards that he took."""
    return [Choice(line.reward, line.points, line.kind) for line in sale.redemptions]


def goods_of(sale: Sale, awarded: Mapping[str, int], made: Quote | None = None) -> SoldGoods:
    """What can come back of it, with the shares of its quote, where that was `made` once more. `awarded`: points by kind."""
    taken = tuple(
        Redeemed(line.kind, line.points, line.off_bill_fen, line.cash_fen, line.gives, line.units)
        for line in sale.redemptions
    )
    sold = SoldGoods(sale.sums_fen, sale.due_fen, awarded_by(sale), taken)
    return replace(shares_of(made, sold) if made is not None else sold, awarded=awarded)


def redeemed_by(sale: Sale) -> dict[str, int]:
    """Points taken, by kind."""
    points: dict[str, int] = {}
    for line in sale.redemptions:
        points[line.kind] = points.get(line.kind, 0) + line.points
    return points


def awarded_by(sale: Sale | Refund) -> dict[str, int]:
    """Points given, by kind."""
    points: dict[str, int] = {}
    for award in sale.awards:
        points[award.kind] = points.get(award.kind, 0) + award.points
    return points

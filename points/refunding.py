"""What comes back when goods come back: money, points that were redeemed, points that were earned. Pure, and exact in sum.

The rule: everything is shared over the goods as the sale shared it, and what has come back after any number of refunds is the
share of all goods returned so far, rounded down *once*. A refund does what that says less what the refunds before it did: the
sum of floor(S(k)) - floor(S(k-1)) telescopes, so that nothing is lost or made however often a whole is cut (points kept after
a refund, or given twice, are how the frauds of other programmes began). When all goods are back all money, all redeemed and
all earned points are, whatever the order and the size of the steps: exactly what a void does.

A reward that took nothing off the bill, a thing beside it or vouchers for a later visit, comes back with the last of the goods,
and so does what was paid or issued for it: until then he keeps it.
Returning goods below a coupon's threshold does not take the coupon away, its value was shared over them (按比例分摊).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor
from typing import TypeAlias

from points.amounts import check_amount
from points.earning import Award
from points.errors import MoreThanBoughtError, NothingReturnedError, UnknownCompensationError
from points.expiry import expires_on
from points.explain import ExplainedLine
from points.programme import Programme
from points.quote import Quote

Shares: TypeAlias = Mapping[str, Fraction]
"""Weights by category; only their proportions matter."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Points of a kind that a sale took for a reward; `off_bill_fen`: nothing for a thing beside the bill.

    `cash_fen` was paid beside the points; `units` of the kind `gives` were issued, and are among what the sale gave.
    """

    kind: str
    points: int
    off_bill_fen: int = 0
    cash_fen: int = 0
    gives: str = ""
    units: int = 0


@dataclass(frozen=True, slots=True)
class SoldGoods:
    """A sale as its entry has it: fen per category before discounts, what was paid, what it gave and took.

    The shares say how the sale spread these over its categories; empty ones, where nobody knows any more, by what they cost
    (`shares_of` finds them in a quote). They decide nothing once all goods are back.
    """

    sums_fen: Mapping[str, int]
    due_fen: int
    awarded: Mapping[str, int] = field(default_factory=dict)
    redeemed: Sequence[Redeemed] = ()
    paid: Shares = field(default_factory=dict)
    earned: Mapping[str, Shares] = field(default_factory=dict)
    off_bill: Shares = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refunded:
    """What comes back, or came back before: fen per category before discounts, money in fen, points by kind.

    `given_back` are redeemed points that the member gets, `taken_back` earned ones that go.
    """

    sums_fen: Mapping[str, int] = field(default_factory=dict)
    money_fen: int = 0
    given_back: Mapping[str, int] = field(default_factory=dict)
    taken_back: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Refunded) -> Refunded:
        return Refunded(
            _sum(self.sums_fen, other.sums_fen),
            self.money_fen + other.money_fen,
            _sum(self.given_back, other.given_back),
            _sum(self.taken_back, other.taken_back),
        )


def refund(sold: SoldGoods, before: Refunded, returned_fen: Mapping[str, int]) -> Refunded:
    """What goes with the goods that come back now, `returned_fen` by category before discounts.

    Raises `MoreThanBoughtError`, `NothingReturnedError` where nothing comes back of a sale that has something left, and
    `AmountError` for a sum that is none.
    """
    now = {category: check_amount(fen) for category, fen in returned_fen.items() if fen}
    back = _sum(before.sums_fen, now)
    for category, fen in back.items():
        bought = sold.sums_fen.get(category, 0)
        if fen > bought:
            raise MoreThanBoughtError(category, bought - before.sums_fen.get(category, 0), now.get(category, 0))
    if not now and (_left(sold.sums_fen, before.sums_fen) or _is_done(sold, before)):
        raise NothingReturnedError
    whole = so_far(sold, back)
    return Refunded(
        now,
        max(0, whole.money_fen - before.money_fen),
        _less(whole.given_back, before.given_back),
        _less(whole.taken_back, before.taken_back),
    )


def left_of(sold: SoldGoods, before: Refunded) -> dict[str, int]:
    """Fen per category that can still come back."""
    return _left(sold.sums_fen, before.sums_fen)


def shares_of(quote: Quote, sold: SoldGoods) -> SoldGoods:
    """The sale with the shares of its quote, made anew by the rules of then; as it was where that quote is another."""
    gross = dict(sold.sums_fen)
    awarded = {award.kind: award.points for award in quote.awards}
    paid = dict(quote.paid)
    for redemption in quote.redemptions:
        if redemption.cash_fen:
            paid[redemption.cash_category] -= redemption.cash_fen
    paid = {category: fen for category, fen in paid.items() if fen or category in gross}
    if (quote.due_fen, awarded) != (sold.due_fen, dict(sold.awarded)) or not set(paid) <= set(gross):
        return sold
    bill = {category: fen - quote.others.get(category, Fraction(0)) for category, fen in gross.items()}
    for discount in quote.discounts:
        bill[discount.category] -= discount.off_fen
    earned: dict[str, dict[str, Fraction]] = {}
    for line in quote.lines:
        if line.kind and line.category and line.points:
            of_kind = earned.setdefault(line.kind, {})
            of_kind[line.category] = of_kind.get(line.category, Fraction(0)) + line.points
    off_bill = {category: fen - paid.get(category, Fraction(0)) for category, fen in bill.items()}
    return SoldGoods(gross, sold.due_fen, sold.awarded, sold.redeemed, paid, earned, off_bill)


def so_far(sold: SoldGoods, back: Mapping[str, int]) -> Refunded:
    """All that has come back once the goods in `back` have, fen per category before discounts."""
    is_whole = not _left(sold.sums_fen, back)
    given: dict[str, int] = {}
    issued: dict[str, int] = {}
    for taken in sold.redeemed:
        if taken.off_bill_fen:
            points = _share(taken.points, sold.off_bill, sold.sums_fen, back)
        else:
            points = taken.points if is_whole else 0
        given[taken.kind] = given.get(taken.kind, 0) + points
        if taken.units:
            issued[taken.gives] = issued.get(taken.gives, 0) + taken.units
    taken_back = {}
    for kind, points in sold.awarded.items():
        beside = min(points, issued.get(kind, 0))
        earned = _share(points - beside, sold.earned.get(kind, {}), sold.sums_fen, back)
        taken_back[kind] = earned + beside if is_whole else earned
    cash_fen = min(sold.due_fen, sum(taken.cash_fen for taken in sold.redeemed))
    money_fen = _share(sold.due_fen - cash_fen, sold.paid, sold.sums_fen, back)
    return Refunded(back, money_fen + cash_fen if is_whole else money_fen, given, taken_back)


def _share(whole: int, shares: Shares, sums_fen: Mapping[str, int], back: Mapping[str, int]) -> int:
    """The part of `whole` that goes with the goods that are back, rounded down."""
    if not _left(sums_fen, back):
        return whole
    weights = {
        category: max(Fraction(0), shares.get(category, Fraction(0))) for category, fen in sums_fen.items() if fen
    }
    if not any(weights.values()):
        weights = {category: Fraction(fen) for category, fen in sums_fen.items()}
    gone = sum(weights[category] * fen / sums_fen[category] for category, fen in back.items() if fen)
    return floor(whole * gone / sum(weights.values()))


def _left(sums_fen: Mapping[str, int], back: Mapping[str, int]) -> dict[str, int]:
    left = {category: fen - back.get(category, 0) for category, fen in sums_fen.items()}
    return {category: fen for category, fen in left.items() if fen}


def _is_done(sold: SoldGoods, before: Refunded) -> bool:
    """Whether nothing of a sale is left to come back, points included."""
    whole = so_far(sold, sold.sums_fen)
    return before.money_fen >= whole.money_fen and not (
        _less(whole.given_back, before.given_back) or _less(whole.taken_back, before.taken_back)
    )


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in _keys(one, other)}


def _less(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Of each what is left, where something is."""
    left = {key: points - other.get(key, 0) for key, points in one.items()}
    return {key: points for key, points in left.items() if points > 0}


def _keys(*sums: Mapping[str, int]) -> Iterable[str]:
    return dict.fromkeys(key for one in sums for key in one)


def compensate(programme: Programme, compensation_id: str, on: date) -> tuple[Award, ExplainedLine]:
    """What is given beside a refund on a business day, and the line that explains it. Raises `UnknownCompensationError`."""
    rule = programme.compensation_by_id.get(compensation_id)
    if rule is None:
        raise UnknownCompensationError(compensation_id)
    points = Fraction(rule.points)
    award = Award(rule.kind, rule.points, points, expires_on(programme.kind_by_code[rule.kind].validity, on))
    return award, ExplainedLine("compensation", rule.reason, kind=rule.kind, points=points)

"""`quote()`: from a basket to what is due and what it earns, explained line by line. Engine 1.

The order is fixed: what others pay, discounts for holding points, redemptions, then awards on what is actually paid. A quote
is a pure function of its arguments and depends on the basket only through its sums per category, the units that the programme
measures and what others pay, so the ledger computes the same quote from a journal entry (DESIGN 6). Lines come sorted by
category, never in the order of the basket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Final

from points.basket import Basket, BasketLine, Choice, MemberFacts
from points.billing import bill_of, payer_lines, sums_of
from points.earning import Award, earn
from points.errors import NotCivilTimeError
from points.explain import ExplainedLine
from points.holding import DiscountQuote
from points.issuing import issued_lines, with_issued
from points.measures import measure
from points.programme import Programme
from points.redeeming import RedemptionQuote, redeem

__all__ = [
    "QUOTE_ENGINE", "Award", "Basket", "BasketLine", "Choice", "DiscountQuote", "ExplainedLine", "MemberFacts", "Quote",
    "RedemptionQuote", "quote", "sums_of", "units_of",
]  # fmt: skip

QUOTE_ENGINE: Final = 1


@dataclass(frozen=True, slots=True)
class Quote:
    """What a sale would do. gross − others − discounts = due before redemption; that − what redemptions take off + cash = due.

    `awards` are what it earns and what its redemptions issue.

    `paid` is the due amount by category, exact: a voucher over several categories leaves fractions of a fen in each, and they
    add up to `due_fen`. `others` is what other payers bear of the gross, by category and as exact.
    """

    engine: int
    gross_fen: int
    discounts: tuple[DiscountQuote, ...]
    due_before_redemption_fen: int
    redemptions: tuple[RedemptionQuote, ...]
    due_fen: int
    paid: Mapping[str, Fraction]
    awards: tuple[Award, ...]
    lines: tuple[ExplainedLine, ...]
    others: Mapping[str, Fraction] = field(default_factory=dict)

    def awarded(self, kind: str) -> int:
        """Points of one kind that the sale earns."""
        return next((award.points for award in self.awards if award.kind == kind), 0)

    def redeemed(self, kind: str) -> int:
        """Points of one kind that the sale spends."""
        return sum(redemption.points for redemption in self.redemptions if redemption.kind == kind)


def quote(
    programme: Programme, basket: Basket, member: MemberFacts, at: datetime, choices: Sequence[Choice] = ()
) -> Quote:
    """The quote of a sale at the store's civil time `at` (naive); its date is the business day, also past midnight.

    Raises a `RedemptionError` if a choice cannot be had, `PayerError`, and `NotCivilTimeError`.
    """
    if at.tzinfo is not None:
        raise NotCivilTimeError(at.isoformat())
    bill = bill_of(programme, basket, member)
    redemptions, paid = redeem(programme, bill.left, member, at, choices)
    awards, earned = earn(programme, paid, bill.gross, units_of(programme, basket), basket.activities, member, at)
    gross_fen = sum(bill.gross.values())
    cash_fen = sum(redemption.cash_fen for redemption in redemptions)
    due_before_fen = int(sum(bill.left.values()))
    due_fen = due_before_fen - sum(redemption.off_bill_fen for redemption in redemptions) + cash_fen
    issued = issued_lines(programme, redemptions)
    awards = with_issued(programme, awards, redemptions, at.date())
    lines = (
        *payer_lines(programme, basket),
        *_discount_lines(bill.discounts),
        *_redemption_lines(programme, redemptions),
        *earned,
        *issued,
    )
    return Quote(
        QUOTE_ENGINE,
        gross_fen,
        bill.discounts,
        due_before_fen,
        redemptions,
        due_fen,
        paid,
        awards,
        lines,
        bill.others,
    )


def units_of(programme: Programme, basket: Basket) -> Mapping[str, int]:
    """What the programme measures beside money: what an entry carries, else what the lines come to."""
    if basket.units is None:
        return measure(programme, basket.lines)
    return dict(sorted(basket.units.items()))


def _discount_lines(discounts: Sequence[DiscountQuote]) -> Iterator[ExplainedLine]:
    for discount in discounts:
        factor = Fraction(100 - discount.percent_off, 100)
        yield ExplainedLine(
            "discount", discount.name, factor, discount.category, amount_fen=Fraction(-discount.off_fen)
        )


def _redemption_lines(programme: Programme, redemptions: Sequence[RedemptionQuote]) -> Iterator[ExplainedLine]:
    for redemption in redemptions:
        name = programme.reward_by_id[redemption.reward_id].name
        off_fen = redemption.cash_fen - redemption.off_bill_fen
        yield ExplainedLine("redemption", name, kind=redemption.kind, amount_fen=Fraction(off_fen))

"""What is to be paid for a basket, and by whom, before the member redeems anything.

A part that an insurer, a warranty or a delivery platform pays is spread over the goods that this payer may pay for, exactly in
proportion. It earns nothing, no points pay for it and no discount of the member's is taken off it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from points.basket import Basket, MemberFacts
from points.errors import PayerError
from points.explain import ExplainedLine
from points.holding import DiscountQuote, holding_discounts
from points.programme import Programme
from points.redeeming import spread
from points.rules import Payer


@dataclass(frozen=True, slots=True)
class BillQuote:
    """`gross`: fen by category. `others`: what other payers bear of it, exact, and `left` what discounts leave the member."""

    gross: Mapping[str, int]
    others: Mapping[str, Fraction]
    discounts: tuple[DiscountQuote, ...]
    left: Mapping[str, Fraction]


def bill_of(programme: Programme, basket: Basket, member: MemberFacts) -> BillQuote:
    """Raises `PayerError`."""
    gross = sums_of(programme, basket)
    left = {category: Fraction(fen) for category, fen in gross.items()}
    others: dict[str, Fraction] = {}
    for payer, fen in _narrowest_first(programme, basket, gross):
        for category, share in spread(fen, _payable(payer, left, fen)).items():
            others[category] = others.get(category, Fraction(0)) + share
            left[category] -= share
    own = {category: floor(fen) for category, fen in left.items()} if others else gross
    discounts = holding_discounts(programme, own, member)
    for discount in discounts:
        left[discount.category] -= discount.off_fen
    return BillQuote(gross, others, discounts, left)


def sums_of(programme: Programme, basket: Basket) -> dict[str, int]:
    """Fen per category; an amount typed without a product counts as the programme's default category."""
    sums = basket.by_category()
    typed_fen = sums.pop("", None)
    if typed_fen is None:
        return sums
    sums[programme.default_category] = sums.get(programme.default_category, 0) + typed_fen
    return dict(sorted(sums.items()))


def payer_lines(programme: Programme, basket: Basket) -> Iterator[ExplainedLine]:
    """One line for each who pays a part, in the order of the programme."""
    for payer in programme.payers:
        if fen := basket.others_fen.get(payer.code):
            yield ExplainedLine("payer", payer.name, amount_fen=Fraction(-fen))


def _narrowest_first(programme: Programme, basket: Basket, gross: Mapping[str, int]) -> list[tuple[Payer, int]]:
    """Who may pay for few goods only is not to find them paid by one who may pay for all."""
    parts = []
    for code, fen in basket.others_fen.items():
        if (payer := programme.payer_by_code.get(code)) is None:
            raise PayerError("payer-unknown", code)
        if fen:
            parts.append((payer, fen))
    return sorted(parts, key=lambda part: (sum(fen for c, fen in gross.items() if part[0].pays_for(c)), part[0].code))


def _payable(payer: Payer, left: Mapping[str, Fraction], fen: int) -> dict[str, Fraction]:
    goods = {category: rest for category, rest in left.items() if rest > 0 and payer.pays_for(category)}
    in_reach = sum(goods.values())
    if fen > in_reach:
        raise PayerError("payer-above-bill", payer.code, fen, floor(in_reach))
    return goods

"""Discounts for holding points (P1: 5,000 held, fresh at 10 % off), and how far a member is from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from points.basket import MemberFacts
from points.fields import Text
from points.programme import Programme
from points.rules import HoldingDiscount


@dataclass(frozen=True, slots=True)
class DiscountQuote:
    """`off_fen` leaves the `base_fen` that this category came to; rounded down once per category, not per line."""

    discount_id: str
    name: Text
    category: str
    percent_off: int
    base_fen: int
    off_fen: int


@dataclass(frozen=True, slots=True)
class HoldingGap:
    """生鲜9折：积分满 5,000 自动享受，还差 3,950. `missing` is zero for a member who has the discount."""

    name: Text
    kind: str
    category: str
    percent_off: int
    held: int
    missing: int


def holding_discounts(
    programme: Programme, gross: Mapping[str, int], member: MemberFacts
) -> tuple[DiscountQuote, ...]:
    """What the member's holdings take off each category; of several for one category the largest alone counts."""
    best: dict[str, HoldingDiscount] = {}
    for discount in programme.holding_discounts:
        known = best.get(discount.category)
        if _has(member, discount) and (known is None or discount.percent_off > known.percent_off):
            best[discount.category] = discount
    quotes = (_quote(discount, gross.get(category, 0)) for category, discount in sorted(best.items()))
    return tuple(quote for quote in quotes if quote.off_fen)


def holding_gaps(programme: Programme, member: MemberFacts) -> tuple[HoldingGap, ...]:
    """Every holding discount of the programme as this member stands to it."""
    return tuple(
        HoldingGap(
            discount.name,
            discount.kind,
            discount.category,
            discount.percent_off,
            discount.held,
            max(0, discount.held - member.held.get(discount.kind, 0)),
        )
        for discount in programme.holding_discounts
    )


def _has(member: MemberFacts, discount: HoldingDiscount) -> bool:
    return member.held.get(discount.kind, 0) >= discount.held


def _quote(discount: HoldingDiscount, base_fen: int) -> DiscountQuote:
    off_fen = base_fen * discount.percent_off // 100
    return DiscountQuote(discount.id, discount.name, discount.category, discount.percent_off, base_fen, off_fen)

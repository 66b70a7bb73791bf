"""No programme gives or takes more in one sale than the books hold, whatever its author wrote."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from config import data
from points import MAX_AMOUNT_FEN, MAX_POINTS, Basket, BasketLine, Choice, MemberFacts, offers, parse_programme, quote
from points.errors import AboveMaximumError
from points.explain import MOST_OF_A_SALE

NOON = datetime(2026, 9, 15, 12, 0)  # noqa: DTZ001  # the store's civil time
SHOP = (data("programmes") / "supermarket.toml").read_text("utf-8")
LATER = (Path(__file__).parents[1] / "later.toml").read_text("utf-8")


@pytest.mark.parametrize("tier", ["", "gold"])
def test_an_award_ends_at_what_an_account_holds(tier: str) -> None:
    """Far too much a yuan: one line says what was cut, and the lines still add up to the award."""
    generous = parse_programme(
        SHOP.replace("per_fen = 1_00\npoints = 1\n", "per_fen = 1\npoints = 1_000_000\n"), "x.toml"
    )
    quoted = quote(generous, Basket.of_amount(MAX_AMOUNT_FEN), MemberFacts(tier=tier), NOON)
    assert quoted.awarded("points") == MAX_POINTS
    steps = [line for line in quoted.lines if line.kind == "points"]
    assert sum((line.points for line in steps), Fraction(0)) == MAX_POINTS
    assert [line.name for line in steps if line.rule == "cap"] == [MOST_OF_A_SALE]


def test_pieces_and_attributes_end_there_too() -> None:
    """However many there are of them."""
    green = parse_programme((data("programmes") / "green-home.toml").read_bytes(), "green.toml")
    rule = next(rule for rule in green.earn if rule.by == "attribute" and not rule.grades)
    category = rule.categories[0] if rule.categories else green.categories[0].code
    line = BasketLine(category, 100, "", "", MAX_POINTS, {rule.attribute: MAX_POINTS})
    assert quote(green, Basket((line,)), MemberFacts(), NOON).awarded(rule.kind) == MAX_POINTS


def test_nothing_is_issued_for_more_than_the_largest_amount() -> None:
    """Vouchers have no bill that bounds them; what is offered is what can be had."""
    later = parse_programme(LATER, "later.toml")
    member = MemberFacts(spendable={"points": MAX_POINTS})
    offer = next(one for one in offers(later, Basket(), member, NOON) if one.reward_id == "money-issue")
    assert offer.most_points == MAX_AMOUNT_FEN // 2
    quoted = quote(later, Basket(), member, NOON, [Choice("money-issue", offer.most_points)])
    assert quoted.awarded("money-voucher") == MAX_AMOUNT_FEN // 100
    with pytest.raises(AboveMaximumError):
        quote(later, Basket(), member, NOON, [Choice("money-issue", offer.most_points + 50)])

"""Refunds: shares of a sale, rounded once over all of them, so that many small ones do what a void does."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config import data
from points import Basket, BasketLine, Choice, MemberFacts, parse_programme, quote
from points.errors import (
    AmountError,
    MoreThanBoughtError,
    NothingReturnedError,
    ProgrammeError,
    UnknownCompensationError,
)
from points.refunding import Redeemed, Refunded, SoldGoods, compensate, left_of, refund, shares_of

MARKET = parse_programme((data("programmes") / "supermarket.toml").read_bytes(), "supermarket.toml")
AT = datetime.fromisoformat("2026-06-05T18:20:00")
CATEGORIES = ("fresh", "general", "drinks")


FORMS = ((20_00, 0, 0), (0, 0, 0), (0, 99_00, 0), (0, 0, 20))
"""Of rewards: fen off the bill, fen beside the points, units issued of the kind `green`."""


def _redeemed(kind: str, points: int, form: tuple[int, int, int]) -> Redeemed:
    off_bill_fen, cash_fen, units = form
    return Redeemed(kind, points, off_bill_fen, cash_fen, "green" if units else "", units)


@st.composite
def sales(draw: st.DrawFn) -> SoldGoods:
    """What entries carry, with shares of a quote and without."""
    sums = draw(st.dictionaries(st.sampled_from(CATEGORIES), st.integers(0, 100_00), max_size=3))
    amounts = st.integers(0, 5_000)
    weights = st.dictionaries(st.sampled_from(CATEGORIES), st.fractions(0, 50, max_denominator=7), max_size=3)
    return SoldGoods(
        sums,
        draw(st.integers(0, sum(sums.values()))),
        draw(st.dictionaries(st.sampled_from(("points", "green")), amounts)),
        draw(
            st.lists(
                st.builds(_redeemed, st.sampled_from(("points", "green")), amounts, st.sampled_from(FORMS)),
                max_size=3,
            )
        ),
        draw(weights),
        draw(st.dictionaries(st.sampled_from(("points", "green")), weights)),
        draw(weights),
    )


def parts_of(draw: st.DrawFn, sold: SoldGoods) -> list[dict[str, int]]:
    """All goods, cut into steps."""
    left, parts = left_of(sold, Refunded()), list[dict[str, int]]()
    while left:
        part = {category: draw(st.integers(0, fen)) for category, fen in left.items()}
        if not any(part.values()) or len(parts) == 6:
            part = dict(left)
        parts.append(part)
        left = {
            category: fen - part.get(category, 0) for category, fen in left.items() if fen > part.get(category, 0)
        }
    return parts or [{}]


@st.composite
def returned(draw: st.DrawFn) -> tuple[SoldGoods, list[dict[str, int]]]:
    sold = draw(sales())
    return sold, parts_of(draw, sold)


@given(returned())
def test_however_a_whole_is_cut_it_does_what_a_void_does(case: tuple[SoldGoods, list[dict[str, int]]]) -> None:
    """All money, all redeemed and all earned points, no more at any time, nothing negative, and nothing ever goes back."""
    sold, parts = case
    taken = {kind: sum(one.points for one in sold.redeemed if one.kind == kind) for kind in ("points", "green")}
    has_anything = sold.due_fen or any(taken.values()) or any(sold.awarded.values())
    assume(has_anything or parts != [{}])
    done = Refunded()
    for part in parts:
        step = refund(sold, done, part)
        assert step.money_fen >= 0
        assert all(points > 0 for points in (*step.given_back.values(), *step.taken_back.values()))
        done = done + step
        assert done.money_fen <= sold.due_fen
        assert all(points <= taken[kind] for kind, points in done.given_back.items())
        assert all(points <= sold.awarded[kind] for kind, points in done.taken_back.items())
    assert done.money_fen == sold.due_fen
    assert {kind: points for kind, points in done.taken_back.items() if points} == {
        kind: points for kind, points in sold.awarded.items() if points
    }
    assert {kind: points for kind, points in done.given_back.items() if points} == {
        kind: points for kind, points in taken.items() if points
    }
    with pytest.raises((NothingReturnedError, MoreThanBoughtError)):
        refund(sold, done, parts[-1])


@given(returned())
def test_more_goods_bring_no_less(case: tuple[SoldGoods, list[dict[str, int]]]) -> None:
    """Of money and of points, in both directions."""
    sold, parts = case
    assume(any(parts[0].values()))
    less, all_goods = refund(sold, Refunded(), parts[0]), refund(sold, Refunded(), left_of(sold, Refunded()))
    assert less.money_fen <= all_goods.money_fen
    for some, more in ((less.given_back, all_goods.given_back), (less.taken_back, all_goods.taken_back)):
        assert all(points <= more[kind] for kind, points in some.items())


@given(returned(), st.integers(0, 5_000), st.integers(0, 5_000))
def test_what_was_refunded_by_other_shares_is_made_up_for(
    case: tuple[SoldGoods, list[dict[str, int]]], money_fen: int, points: int
) -> None:
    """Two tills may know the shares differently: nobody pays twice, and the last refund makes the whole."""
    sold, parts = case
    taken = {kind: sum(one.points for one in sold.redeemed if one.kind == kind) for kind in ("points", "green")}
    assume(len(parts) > 1)
    odd = Refunded(
        parts[0],
        min(money_fen, sold.due_fen),
        {kind: min(points, most) for kind, most in taken.items()},
        {kind: min(points, most) for kind, most in sold.awarded.items()},
    )
    done = odd
    for part in parts[1:]:
        done = done + refund(sold, done, part)
    assert done.money_fen == sold.due_fen
    assert {kind: done.given_back.get(kind, 0) for kind in taken} == taken
    assert {kind: done.taken_back.get(kind, 0) for kind in sold.awarded} == dict(sold.awarded)


def test_a_third_at_a_time_loses_no_point() -> None:
    """100 points over three equal parts: 33, 33, 34."""
    sold = SoldGoods({"general": 300}, 100, {"points": 100}, (Redeemed("points", 1_000, 200),))
    done, steps = Refunded(), []
    for _part in range(3):
        step = refund(sold, done, {"general": 100})
        done = done + step
        steps.append((step.money_fen, step.given_back["points"], step.taken_back["points"]))
    assert steps == [(33, 333, 33), (33, 333, 33), (34, 334, 34)]


def test_goods_take_along_what_they_earned_and_what_was_paid_for_them() -> None:
    """Fresh goods at 9折 bring nine tenths of their price, and what earned nothing takes no points away."""
    basket = Basket((BasketLine("fresh", 100_00), BasketLine("general", 100_00)))
    made = quote(MARKET, basket, MemberFacts(held={"points": 5_000}), AT)
    plain = SoldGoods(basket.by_category(), made.due_fen, {"points": made.awarded("points")})
    sold = shares_of(made, plain)
    fresh = refund(sold, Refunded(), {"fresh": 100_00})
    assert (fresh.money_fen, fresh.taken_back) == (90_00, {"points": 90})
    assert refund(plain, Refunded(), {"fresh": 100_00}).money_fen == 95_00, "where nobody knows the rules of then"


def test_a_voucher_comes_back_by_the_goods_that_it_paid_for() -> None:
    """1,200 points paid 24 of 120 yuan: half of the goods bring half of them."""
    facts = MemberFacts(held={"points": 2_000}, spendable={"points": 2_000})
    made = quote(MARKET, Basket.of_amount(120_00), facts, AT, [Choice("voucher", 1_200)])
    sold = shares_of(made, SoldGoods({"general": 120_00}, 96_00, {"points": 96}, (Redeemed("points", 1_200, 24_00),)))
    half = refund(sold, Refunded(), {"general": 60_00})
    assert half == Refunded({"general": 60_00}, 48_00, {"points": 600}, {"points": 48})


def test_a_thing_beside_the_bill_comes_back_with_the_last_goods() -> None:
    """A free set meal is kept while anything is kept, and a reward that was fetched alone comes back alone."""
    beside = Redeemed("points", 200)
    sold = SoldGoods({"general": 200}, 200, {}, (beside,))
    first = refund(sold, Refunded(), {"general": 199})
    assert first.given_back == {}
    assert refund(sold, first, {"general": 1}).given_back == {"points": 200}
    assert refund(SoldGoods({}, 0, {}, (beside,)), Refunded(), {}).given_back == {"points": 200}


def test_no_more_comes_back_than_was_bought() -> None:
    """At once, or after what came back before; nothing at all is no refund."""
    sold = SoldGoods({"general": 100_00}, 100_00, {"points": 100})
    with pytest.raises(MoreThanBoughtError) as refused:
        refund(sold, Refunded({"general": 60_00}, 60_00, {}, {"points": 60}), {"general": 50_00})
    assert refused.value.facts == {"category": "general", "left_fen": 40_00, "asked_fen": 50_00}
    for wrong, error in (
        ({"drinks": 1}, MoreThanBoughtError),
        ({"general": -1}, AmountError),
        ({}, NothingReturnedError),
        ({"general": 0}, NothingReturnedError),
    ):
        with pytest.raises(error):
            refund(sold, Refunded(), wrong)


def test_a_quote_that_is_not_the_sales_shares_nothing() -> None:
    """Other rules, other facts: then goods share by what they cost."""
    made = quote(MARKET, Basket.of_amount(100_00), MemberFacts(), AT)
    for due_fen, points in ((99_00, 100), (100_00, 99)):
        sold = SoldGoods({"general": 100_00}, due_fen, {"points": points})
        assert shares_of(made, sold) is sold
    assert shares_of(made, SoldGoods({"general": 100_00}, 100_00, {"points": 100})).paid == {"general": 100_00}


REASON = 'reason = { zh = "航班取消补偿", en = "for a flight that was cancelled" }'
COMPENSATION = f"""
[[compensation]]
id = "cancelled"
{REASON}
kind = "points"
points = 500
"""


def test_a_refund_may_add_points_for_a_named_reason() -> None:
    """A cancelled flight returns the miles and adds some (P11): with the validity that awards of that day have, explained."""
    text = (data("programmes") / "supermarket.toml").read_text("utf-8") + COMPENSATION
    programme = parse_programme(text, "flights.toml")
    award, line = compensate(programme, "cancelled", date(2026, 6, 5))
    assert (award.kind, award.points, award.expires_on) == ("points", 500, date(2028, 6, 5))
    assert (line.rule, line.name.en, line.kind) == ("compensation", "for a flight that was cancelled", "points")
    assert line.points == 500
    with pytest.raises(UnknownCompensationError):
        compensate(programme, "late", date(2026, 6, 5))
    assert programme.from_document(programme.to_document()) == programme


@pytest.mark.parametrize(
    ("old", "new", "key_path", "reason"),
    [
        ('kind = "points"', 'kind = "miles"', "compensation[0].kind", "there is no kind miles"),
        ("points = 500", "points = 0", "compensation[0].points", "greater than 0"),
        (REASON, "", "compensation[0].reason", "Field required"),
        (COMPENSATION, COMPENSATION + COMPENSATION, "compensation", "cancelled is there 2 times"),
    ],
)  # fmt: skip
def test_a_compensation_that_is_none_is_refused(old: str, new: str, key_path: str, reason: str) -> None:
    """With file, key and sentence."""
    text = (data("programmes") / "supermarket.toml").read_text("utf-8") + COMPENSATION.replace(old, new)
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(text, "flights.toml")
    assert refused.value.key_path == key_path
    assert reason in str(refused.value.why)


LATER = parse_programme((Path(__file__).parents[1] / "later.toml").read_bytes(), "later.toml")


@pytest.mark.parametrize(
    ("choice", "kind", "points", "money_fen", "whole"),
    [
        (Choice("wash-issue", 800), "wash-voucher", 800, 120_00, {"points": 120, "stamps": 2, "wash-voucher": 1}),
        (
            Choice("money-issue", 1_000),
            "money-voucher",
            1_000,
            120_00,
            {"points": 120, "stamps": 2, "money-voucher": 20},
        ),
        (Choice("view-room", 5_000), "", 5_000, 219_00, {"points": 219, "stamps": 2}),
    ],
)
def test_vouchers_and_cash_beside_points_come_back_with_the_last_of_the_goods(
    choice: Choice, kind: str, points: int, money_fen: int, whole: dict[str, int]
) -> None:
    """As the points for them do: who brings half of his goods back keeps what he had issued, and what he paid beside."""
    sums = {"goods": 120_00}
    has = {"points": 6_000}
    made = quote(LATER, Basket.of_categories(sums), MemberFacts("standard", has, has), AT, (choice,))
    taken = tuple(
        Redeemed(one.kind, one.points, one.off_bill_fen, one.cash_fen, one.gives, one.units)
        for one in made.redemptions
    )
    bare = SoldGoods(sums, made.due_fen, {award.kind: award.points for award in made.awards}, taken)
    for sold in (bare, shares_of(made, bare)):
        half = refund(sold, Refunded(), {"goods": 60_00})
        assert (half.money_fen, half.given_back) == (60_00, {})
        assert kind not in half.taken_back
        rest = refund(sold, half, {"goods": 60_00})
        both = half + rest
        assert (both.money_fen, both.given_back, both.taken_back) == (money_fen, {"points": points}, whole)
    assert shares_of(made, bare).paid == {"goods": Fraction(120_00)}

"""What holds for every basket in a shop where all forms of earning meet: money, pieces, attributes, grades, visits, activities,
product groups, ranks, personal offers, caps and other payers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from points import Basket, BasketLine, Choice, MemberFacts, PayerError, Programme, Quote, RedemptionError, quote
from points.billing import sums_of
from points.quote import units_of
from tests.points.shops import VOUCHER, campaign, rule, shop, words

LINEAR = (
    rule("quantity", 'points = 1\nper = 3\ncategories = ["coffee"]\ngroups = ["led"]\nmultiplied = true'),
    rule("attribute", 'attribute = "kwh-year"\npoints = 3\nper = 7\nmultiplied = true', "green"),
    rule("attribute", 'attribute = "grade"\ngrades = { "1" = 5, "2" = 2 }\ncategories = ["lamps"]', "green"),
    campaign("led", 'earn = "2.5"\ngroups = ["led"]'),
    campaign("coffee", 'earn = "2"\ncategories = ["coffee", "general"]\nkinds = ["points", "stamps"]'),
    campaign("gold", 'earn = "1.7"\ntiers = ["gold"]'),
    campaign("yours", 'earn = "3"\noffer = true\nkinds = ["green"]'),
)
CAP = '\n[[cap]]\nkind = "{}"\nper = "{}"\npoints = {}\nname = {words}\nconditions = {words}\n'
CAPS = "".join(
    CAP.format(kind, per, most, words=words("cap"))
    for kind, per, most in (("points", "day", 300), ("points", "month", 500), ("stamps", "day", 4))
)
ONCE = rule("visit", "points = 1\nminimum_fen = 5_00") + rule("activity", 'activity = "quiz"\npoints = 20', "green")
OF_A_SALE = CAP.format("green", "sale", 60, words=words("cap"))
PAYERS = f"""
[[payer]]
code = "platform"
name = {words("platform")}

[[payer]]
code = "insurer"
name = {words("insurer")}
categories = ["lamps"]

[[holding_discount]]
id = "coffee-90"
name = {words("coffee")}
kind = "points"
held = 300
category = "coffee"
percent_off = 10
conditions = {words("coffee")}
"""

line = st.builds(
    BasketLine,
    st.sampled_from(("", "general", "coffee", "lamps", "gift-card", "unheard-of")),
    st.integers(0, 9_999),
    st.sampled_from(("", "6901", "6902")),
    st.just(""),
    st.integers(1, 4),
    st.dictionaries(st.sampled_from(("kwh-year", "grade", "litres")), st.integers(0, 9), max_size=2),
)
baskets = st.builds(
    Basket,
    st.lists(line, max_size=7).map(tuple),
    st.dictionaries(st.sampled_from(("platform", "insurer")), st.integers(0, 4_000), max_size=2),
    st.lists(st.sampled_from(("quiz", "raffle")), unique=True).map(tuple),
)
members = st.builds(
    MemberFacts,
    st.sampled_from(("", "plain", "gold", "platinum")),
    st.fixed_dictionaries({"points": st.integers(0, 600)}),
    st.fixed_dictionaries({"points": st.integers(-50, 600)}),
    st.dictionaries(
        st.sampled_from(
            ("earned/points/day", "earned/points/month", "earned/stamps/day", "done/quiz", "offered/yours")
        ),
        st.integers(0, 350),
    ),
)
moments = st.datetimes(datetime.fromisoformat("2026-05-28"), datetime.fromisoformat("2026-07-03"))
choices = st.one_of(st.just(()), st.builds(lambda steps: (Choice("voucher", steps * 100),), st.integers(1, 5)))


@pytest.fixture(scope="module")
def everything() -> Programme:
    return shop(*LINEAR, CAPS, ONCE, OF_A_SALE, PAYERS, VOUCHER)


@pytest.fixture(scope="module")
def linear() -> Programme:
    """Without what counts a sale or a member once: visits, activities, caps of a sale; without other payers."""
    return shop(*LINEAR, CAPS)


def possible(
    rules: Programme, basket: Basket, member: MemberFacts, at: datetime, chosen: tuple[Choice, ...]
) -> Quote:
    try:
        return quote(rules, basket, member, at, chosen)
    except (RedemptionError, PayerError):
        assume(False)
        raise


@given(baskets, members, moments, choices)
def test_what_the_lines_of_a_kind_add_up_to_is_its_award(
    everything: Programme, basket: Basket, member: MemberFacts, at: datetime, chosen: tuple[Choice, ...]
) -> None:
    """Exactly, rounded once, downwards by less than a point; no award is below one, none above what its caps leave."""
    sale = possible(everything, basket, member, at, chosen)
    for kind in everything.kinds:
        steps = [step for step in sale.lines if step.kind == kind.code and step.rule != "redemption"]
        assert sum((step.points for step in steps), Fraction(0)) == sale.awarded(kind.code)
        assert all(-1 < step.points < 0 for step in steps if step.rule == "rounding")
        assert all(step.points >= 0 for step in steps if step.rule not in ("rounding", "cap"))
        room = [cap.room(member.counts) for cap in everything.caps_by_kind.get(kind.code, ())]
        assert sale.awarded(kind.code) <= min(room, default=10**9)
    assert all(award.points > 0 and 0 <= award.exact - award.points < 1 for award in sale.awards)


@given(baskets, members, moments, choices)
def test_money_in_is_money_out(
    everything: Programme, basket: Basket, member: MemberFacts, at: datetime, chosen: tuple[Choice, ...]
) -> None:
    """Gross = due + what others pay + discounts + what points pay, and no category is below zero."""
    sale = possible(everything, basket, member, at, chosen)
    others_fen = sum(basket.others_fen.values())
    off_fen = sum(discount.off_fen for discount in sale.discounts)
    redeemed_fen = sum(redemption.off_bill_fen for redemption in sale.redemptions)
    assert sale.gross_fen == sale.due_fen + others_fen + off_fen + redeemed_fen
    assert sum(sale.others.values()) == others_fen
    assert sum(sale.paid.values()) == sale.due_fen
    assert all(fen >= 0 for fen in sale.paid.values())


@given(baskets, members, moments, choices, st.randoms(use_true_random=False))
def test_neither_order_nor_form_of_the_basket_matters(
    everything: Programme,
    basket: Basket,
    member: MemberFacts,
    at: datetime,
    chosen: tuple[Choice, ...],
    shuffler: Random,
) -> None:
    """The whole quote is equal, explanation included: for lines in another order, and for what an entry carries of them."""
    sale = possible(everything, basket, member, at, chosen)
    lines = list(basket.lines)
    shuffler.shuffle(lines)
    turned = replace(
        basket, lines=tuple(lines), others_fen=dict(reversed(list(basket.others_fen.items()))),
        activities=basket.activities[::-1],
    )  # fmt: skip
    assert quote(everything, turned, member, at, chosen) == sale
    units = _shuffled(units_of(everything, basket), shuffler)
    sums = _shuffled(sums_of(everything, basket), shuffler)
    reduced = Basket.of_categories(sums, units, basket.others_fen, basket.activities)
    assert quote(everything, reduced, member, at, chosen) == sale


@given(st.lists(line, max_size=7), st.data(), members, moments)
def test_splitting_a_basket_never_earns_more(
    linear: Programme, lines: list[BasketLine], data: st.DataObject, member: MemberFacts, at: datetime
) -> None:
    """By money, pieces, attributes and grades, multiplied or not, capped a day and a month: several receipts instead of one
    bring as many points or fewer, and without a cap less than a point a receipt is lost."""
    count = data.draw(st.integers(1, 4))
    receipts = data.draw(st.lists(st.integers(0, count - 1), min_size=len(lines), max_size=len(lines)))
    whole = quote(linear, Basket(tuple(lines)), member, at)
    given_so_far = {kind.code: 0 for kind in linear.kinds}
    now = member
    for receipt in range(count):
        part = Basket(tuple(one for one, where in zip(lines, receipts, strict=True) if where == receipt))
        sale = quote(linear, part, now, at)
        for kind in linear.kinds:
            given_so_far[kind.code] += sale.awarded(kind.code)
        now = replace(now, counts=_with_awards(now.counts, sale))
    for kind in linear.kinds:
        lost = whole.awarded(kind.code) - given_so_far[kind.code]
        is_capped = any(step.rule == "cap" and step.kind == kind.code for step in whole.lines)
        assert lost >= 0
        assert is_capped or lost < count


@given(st.lists(line, min_size=1, max_size=7), st.integers(0, 7), members, moments)
def test_a_visit_is_what_a_second_receipt_brings_at_most(
    lines: list[BasketLine], cut: int, member: MemberFacts, at: datetime
) -> None:
    """Where visits earn, two receipts bring at most one visit more than one: its points, and nothing beside them."""
    rules = shop(rule("visit", "points = 3\nminimum_fen = 5_00"), LINEAR[0])
    whole = quote(rules, Basket(tuple(lines)), member, at).awarded("stamps")
    parts = (Basket(tuple(lines[:cut])), Basket(tuple(lines[cut:])))
    assert sum(quote(rules, part, member, at).awarded("stamps") for part in parts) <= whole + 3


@given(baskets, members, moments, moments)
def test_a_quote_remembers_nothing(
    everything: Programme, basket: Basket, member: MemberFacts, at: datetime, other: datetime
) -> None:
    """A programme that has quoted other days and baskets says what one says that was read just now."""
    sale = possible(everything, basket, member, at, ())
    quote(everything, Basket(basket.lines), MemberFacts("gold"), other)
    fresh = Programme.from_document(everything.to_document())
    assert quote(fresh, basket, member, at) == quote(everything, basket, member, at) == sale


def _shuffled(sums: Mapping[str, int], shuffler: Random) -> dict[str, int]:
    items = list(sums.items())
    shuffler.shuffle(items)
    return dict(items)


def _with_awards(counts: Mapping[str, int], sale: Quote) -> dict[str, int]:
    """As the ledger counts them."""
    now = dict(counts)
    for award in sale.awards:
        for period in ("day", "month"):
            name = f"earned/{award.kind}/{period}"
            now[name] = now.get(name, 0) + award.points
    return now

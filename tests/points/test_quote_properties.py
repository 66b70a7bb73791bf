"""What holds for every basket, member and choice."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from points import Basket, BasketLine, Choice, MemberFacts, Programme, Quote, RedemptionError, offers, quote
from points.redeeming import spread

CATEGORIES = ("", "general", "fresh", "grocery", "drinks", "tobacco", "gift-card", "unheard-of")
line = st.builds(BasketLine, st.sampled_from(CATEGORIES), st.integers(0, 50_000))
baskets = st.lists(line, max_size=8).map(lambda lines: Basket(tuple(lines)))
members = st.builds(
    lambda tier, held, gap: MemberFacts(tier, {"points": held}, {"points": held - gap}),
    st.sampled_from(("", "standard", "silver", "gold", "platinum-of-another-merchant")),
    st.integers(0, 12_000),
    st.integers(0, 500),
)
moments = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-31"))
choices = st.lists(
    st.one_of(
        st.builds(Choice, st.just("voucher"), st.integers(20, 60).map(lambda steps: steps * 50)),
        st.just(Choice("tote-bag", 300)),
    ),
    max_size=2,
)


def possible(programme: Programme, basket: Basket, member: MemberFacts, at: datetime, chosen: list[Choice]) -> Quote:
    try:
        return quote(programme, basket, member, at, chosen)
    except RedemptionError:
        assume(False)
        raise


@given(baskets, members, moments, choices)
def test_never_more_points_than_the_exact_sum(
    supermarket: Programme, basket: Basket, member: MemberFacts, at: datetime, chosen: list[Choice]
) -> None:
    """One rounding a kind, downwards, by less than a point; the explained lines add up to the award."""
    sale = possible(supermarket, basket, member, at, chosen)
    for award in sale.awards:
        assert 0 <= award.exact - award.points < 1
    assert sum((step.points for step in sale.lines), Fraction(0)) == sale.awarded("points")
    exact = sum((step.points for step in sale.lines if step.rule != "rounding"), Fraction(0))
    assert sale.awarded("points") == exact.__floor__()


@given(baskets, members, moments, choices)
def test_money_in_is_money_out(
    supermarket: Programme, basket: Basket, member: MemberFacts, at: datetime, chosen: list[Choice]
) -> None:
    """Gross = due + discounts + what points pay; each category's exact rest adds up to what is due, none below zero."""
    sale = possible(supermarket, basket, member, at, chosen)
    off_fen = sum(discount.off_fen for discount in sale.discounts)
    redeemed_fen = sum(redemption.off_bill_fen for redemption in sale.redemptions)
    assert sale.gross_fen == basket.gross_fen == sale.due_fen + off_fen + redeemed_fen
    assert 0 <= redeemed_fen <= sale.due_before_redemption_fen
    assert sum(sale.paid.values()) == sale.due_fen
    assert all(fen >= 0 for fen in sale.paid.values())
    assert sale.redeemed("points") <= max(0, member.spendable["points"])


@given(baskets, members, moments, choices, st.randoms(use_true_random=False))
def test_the_order_of_lines_never_matters(
    supermarket: Programme,
    basket: Basket,
    member: MemberFacts,
    at: datetime,
    chosen: list[Choice],
    shuffler: Random,
) -> None:
    """The whole quote is equal, explanation included, and so is that of the sums that an entry carries."""
    sale = possible(supermarket, basket, member, at, chosen)
    lines = list(basket.lines)
    shuffler.shuffle(lines)
    assert quote(supermarket, Basket(tuple(lines)), member, at, chosen) == sale
    assert quote(supermarket, Basket.of_categories(basket.by_category()), member, at, chosen) == sale


@given(baskets, members, moments)
def test_splitting_a_basket_never_earns_more(
    supermarket: Programme, basket: Basket, member: MemberFacts, at: datetime
) -> None:
    """Rounding is downwards, so two receipts instead of one lose points or none."""
    holder_of_nothing = MemberFacts(member.tier, {}, {})
    whole = quote(supermarket, basket, holder_of_nothing, at).awarded("points")
    parts = (Basket(basket.lines[:3]), Basket(basket.lines[3:]))
    assert sum(quote(supermarket, part, holder_of_nothing, at).awarded("points") for part in parts) <= whole


@given(st.integers(0, 10**8), st.dictionaries(st.text(max_size=3), st.fractions(Fraction(1, 7), 10**6), min_size=1))
def test_a_spread_adds_up_to_the_voucher(fen: int, parts: dict[str, Fraction]) -> None:
    """Exactly, in proportion, and no part gets more than it has as long as the whole suffices."""
    shares = spread(fen, parts)
    assert sum(shares.values()) == fen
    if fen <= sum(parts.values()):
        assert all(share <= parts[category] for category, share in shares.items())


@given(baskets, members, moments)
def test_what_the_counter_shows_as_possible_succeeds(
    supermarket: Programme, basket: Basket, member: MemberFacts, at: datetime
) -> None:
    """At the least and at the most points of an offer; one step beyond the most is refused."""
    for offer in offers(supermarket, basket, member, at):
        if not offer.is_possible:
            assert offer.most_points == 0
            continue
        for points in (offer.points, offer.most_points):
            sale = quote(supermarket, basket, member, at, (Choice(offer.reward_id, points),))
            assert sale.redeemed("points") == points
        try:
            quote(supermarket, basket, member, at, (Choice(offer.reward_id, offer.most_points + offer.step_points),))
        except RedemptionError:
            continue
        raise AssertionError("more could be had than the offer says")

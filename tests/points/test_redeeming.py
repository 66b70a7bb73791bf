"""Why a redemption is refused, and what several of them do to one bill."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from points import (
    Basket,
    BasketLine,
    Choice,
    MemberFacts,
    NotCivilTimeError,
    Programme,
    RedemptionError,
    parse_programme,
    quote,
)

NOON = datetime.fromisoformat("2026-06-05T12:00")
SAMPLES = Path(__file__).parents[2] / "config" / "programmes"


def member(points: int) -> MemberFacts:
    return MemberFacts(spendable={"points": points})


def refused(
    programme: Programme, basket: Basket, points: int, *choices: Choice, at: datetime = NOON
) -> RedemptionError:
    with pytest.raises(RedemptionError) as caught:
        quote(programme, basket, member(points), at, choices)
    return caught.value


def test_each_refusal_has_its_code_and_its_facts(supermarket: Programme) -> None:
    """What the screen needs to say what would help stands in `facts`."""
    hundred = Basket.of_amount(100_00)
    found = [
        refused(supermarket, hundred, 9_999, Choice("nothing", 1)),
        refused(supermarket, hundred, 9_999, Choice("voucher", 1_000, "green")),
        refused(supermarket, hundred, 9_999, Choice("voucher", 950)),
        refused(supermarket, hundred, 9_999, Choice("voucher", 1_001)),
        refused(supermarket, hundred, 1_150, Choice("voucher", 1_200)),
        refused(supermarket, Basket.of_amount(19_99), 9_999, Choice("voucher", 1_000)),
        refused(supermarket, hundred, 9_999, Choice("care-set", 1_000)),
        refused(supermarket, hundred, 9_999, Choice("voucher", 1_000), at=datetime.fromisoformat("2036-01-01T00:00")),
    ]
    assert [error.code for error in found] == [
        "unknown-reward",
        "kind-not-accepted",
        "below-minimum",
        "not-a-step",
        "not-enough-points",
        "value-above-bill",
        "not-the-price",
        "programme-not-in-force",
    ]
    assert found[4].facts == {"kind": "points", "needed": 1_200, "spendable": 1_150, "missing": 50}
    assert str(found[6]) == "care-set costs 2000 points now, not 1000"


def test_a_ladder_ends_at_its_maximum(workshop: Programme) -> None:
    """One policy, one thousand yuan: twice the points are refused."""
    policy = Basket((BasketLine("insurance", 5_000_00),))
    assert refused(workshop, policy, 40_000, Choice("insurance", 40_000)).code == "above-maximum"


def test_past_its_end_a_programme_earns_and_does_not_redeem(supermarket: Programme) -> None:
    """DESIGN 12: `valid_until` stops redemptions alone."""
    sale = quote(supermarket, Basket.of_amount(100_00), member(9_999), datetime.fromisoformat("2036-01-01T00:00"))
    assert sale.awarded("points") == 100


def test_a_reward_outside_its_dates_is_refused(supermarket: Programme) -> None:
    """Both days of its window are included."""
    text = (SAMPLES / "supermarket.toml").read_text("utf-8")
    window = 'id = "tote-bag"\nvalid_from = 2026-06-05\nvalid_until = 2026-06-05'
    programme = parse_programme(text.replace('id = "tote-bag"', window), "window.toml")
    choice = Choice("tote-bag", 300)
    assert quote(programme, Basket(), member(300), NOON, (choice,)).redemptions[0].left_after == 0
    for day in ("2026-06-04T23:59", "2026-06-06T00:00"):
        assert refused(programme, Basket(), 300, choice, at=datetime.fromisoformat(day)).code == "reward-not-now"


def test_all_choices_of_a_sale_share_the_points(supermarket: Programme) -> None:
    """Two rewards that are affordable alone are refused together."""
    choices = (Choice("voucher", 1_000), Choice("tote-bag", 300))
    error = refused(supermarket, Basket.of_amount(100_00), 1_299, *choices)
    assert error.facts["missing"] == 1


def test_one_coupon_a_sale(restaurant: Programme) -> None:
    """A second one over the same threshold would count the same spend twice."""
    coupons = (Choice("coupon-200-50", 1_000),) * 2
    assert refused(restaurant, Basket.of_amount(400_00), 9_999, *coupons).code == "one-coupon-per-sale"


def test_excluded_goods_are_not_paid_with_points(supermarket: Programme) -> None:
    """A bill of tobacco leaves nothing for a voucher; its fact says so."""
    tobacco = Basket((BasketLine("tobacco", 100_00),))
    error = refused(supermarket, tobacco, 9_999, Choice("voucher", 1_000))
    assert (error.code, error.facts["bill_fen"]) == ("value-above-bill", 0)


def test_an_offset_pays_its_share_and_no_more(workshop: Programme) -> None:
    """Half of the repair, also when it is asked for in two pieces."""
    repair = Basket((BasketLine("repair", 400_00), BasketLine("insurance", 900_00)))
    assert quote(workshop, repair, member(2_000), NOON, (Choice("bill-offset", 2_000),)).due_fen == 1_100_00
    pieces = (Choice("bill-offset", 1_000), Choice("bill-offset", 1_100))
    error = refused(workshop, repair, 2_100, *pieces)
    assert (error.code, error.facts["most_fen"]) == ("above-share", 200_00)


def test_a_narrow_reward_is_paid_first(workshop: Programme) -> None:
    """A voucher for everything leaves the goods that a limited one needs, whatever the order of the choices."""
    text = (SAMPLES / "supermarket.toml").read_text("utf-8")
    voucher = text[text.index('[[reward]]\nform = "voucher"') : text.index('[[reward]]\nform = "item"')]
    narrow = voucher.replace('id = "voucher"', 'id = "fresh-voucher"\ncategories = ["fresh"]')
    programme = parse_programme(text + "\n" + narrow, "narrow.toml")
    basket = Basket((BasketLine("fresh", 20_00), BasketLine("drinks", 20_00)))
    choices = (Choice("voucher", 1_000), Choice("fresh-voucher", 1_000))
    for order in (choices, choices[::-1]):
        assert quote(programme, basket, member(2_000), NOON, order).due_fen == 0


def test_a_member_who_owes_points_gets_nothing_for_them(supermarket: Programme) -> None:
    """A negative balance refuses, and the sale still earns."""
    assert refused(supermarket, Basket.of_amount(100_00), -5, Choice("tote-bag", 300)).facts["missing"] == 305
    assert quote(supermarket, Basket.of_amount(100_00), member(-5), NOON).awarded("points") == 100


def test_an_instant_is_not_a_civil_time(supermarket: Programme) -> None:
    """An offset would make the day depend on who computes it."""
    with pytest.raises(NotCivilTimeError):
        quote(supermarket, Basket(), MemberFacts(), datetime.fromisoformat("2026-06-05T12:00+08:00"))

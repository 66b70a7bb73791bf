"""The counter's list of rewards."""

from __future__ import annotations

from datetime import datetime

from points import Basket, BasketLine, MemberFacts, Programme, holding_gaps, next_within_reach, offers, percent

NOON = datetime.fromisoformat("2026-11-21T14:32")


def holder(points: int) -> MemberFacts:
    return MemberFacts("gold", {"points": points}, {"points": points})


def test_the_counter_sketch(supermarket: Programme) -> None:
    """With 1,050 points the voucher can be had, and 950 more bring the care set."""
    listed = offers(supermarket, Basket.of_amount(128_50), holder(1_050), NOON)
    assert [(offer.reward_id, offer.is_possible, offer.most_points) for offer in listed] == [
        ("voucher", True, 1_050),
        ("care-set", False, 0),
        ("tote-bag", True, 300),
        ("voucher-later", True, 1_000),
    ]
    reach = next_within_reach(listed)
    assert reach is not None
    assert (reach.disclosure.name.zh, reach.missing_points) == ("洗护礼盒", 950)


def test_what_a_voucher_buys_is_listed_for_those_who_have_one(supermarket: Programme) -> None:
    """Nobody is told that he misses a voucher: they are not earned."""
    without, with_some = (
        offers(supermarket, Basket.of_amount(128_50), MemberFacts("gold", points, points), NOON)
        for points in ({"points": 10}, {"points": 10, "next-visit": 24})
    )
    assert "use-vouchers" not in [offer.reward_id for offer in without]
    assert ("use-vouchers", True, 24) in [(one.reward_id, one.is_possible, one.most_points) for one in with_some]
    assert [getattr(next_within_reach(listed), "reward_id", "") for listed in (without, with_some)] == [
        "tote-bag"
    ] * 2


def test_a_campaign_price_is_noted_and_its_percentages_computed(supermarket: Programme) -> None:
    """Before and after stand side by side: ¥30 for ¥20 is 50 % more value, or 33.3 % fewer points."""
    at = datetime.fromisoformat("2027-02-06T10:00")
    voucher = offers(supermarket, Basket.of_amount(100_00), holder(1_000), at)[0]
    assert (voucher.terms.regular_value_fen, voucher.value_fen) == (20_00, 30_00)
    assert (percent(voucher.more_value), percent(voucher.fewer_points)) == ("50", "33.3")
    assert voucher.campaign_name is not None
    assert voucher.campaign_name.zh == "春节购物券"
    assert voucher.disclosure.cost.zh == "1,000 消费积分 抵 30.00 元"


def test_an_obstacle_is_told_apart_from_missing_points(supermarket: Programme) -> None:
    """Enough points and an empty basket: nothing is missing, the bill is too small."""
    voucher = offers(supermarket, Basket(), holder(5_000), NOON)[0]
    assert (voucher.missing_points, voucher.is_possible) == (0, False)
    assert voucher.obstacle is not None
    assert voucher.obstacle.code == "value-above-bill"
    assert next_within_reach(offers(supermarket, Basket(), holder(5_000), NOON)) is None


def test_an_offer_counts_the_bill_after_the_holding_discount(supermarket: Programme) -> None:
    """Fresh for ¥100 leaves ¥90 for vouchers, so 4,500 points are the most."""
    voucher = offers(supermarket, Basket((BasketLine("fresh", 100_00),)), holder(6_000), NOON)[0]
    assert voucher.most_points == 4_500


def test_after_the_programme_nothing_is_within_reach(supermarket: Programme) -> None:
    """A till that may not redeem promises no reward."""
    listed = offers(supermarket, Basket(), holder(0), datetime.fromisoformat("2036-01-01T00:00"))
    assert {offer.obstacle.code for offer in listed if offer.obstacle} == {"programme-not-in-force"}
    assert next_within_reach(listed) is None


def test_the_gap_to_the_holding_discount(supermarket: Programme) -> None:
    """生鲜9折：积分满 5,000 自动享受，还差 3,950."""
    (gap,) = holding_gaps(supermarket, holder(1_050))
    assert (gap.name.zh, gap.held, gap.missing) == ("生鲜9折", 5_000, 3_950)
    assert holding_gaps(supermarket, holder(5_000))[0].missing == 0


def test_costs_are_put_into_words(restaurant: Programme, workshop: Programme) -> None:
    """Each form has its sentence, in both languages."""
    listed = offers(restaurant, Basket(), holder(0), NOON) + offers(workshop, Basket(), holder(0), NOON)
    costs = {offer.reward_id: (offer.disclosure.cost.zh, offer.disclosure.cost.en) for offer in listed}
    assert costs["coupon-200-50"] == (
        "1,000 消费积分，满 200.00 元减 50.00 元",
        "1,000 points: 50.00 yuan off a bill of 200.00",
    )
    assert costs["set-meal"] == ("200 消费积分，价值 25.00 元", "200 points, worth 25.00 yuan")
    assert costs["bill-offset"] == ("100 消费积分 抵 10.00 元", "100 points = 10.00 yuan off")


def test_an_offset_is_offered_up_to_its_share(workshop: Programme) -> None:
    """Half of a repair of ¥450 is ¥225, in whole steps 2,200 points; the insurance on the same bill does not count."""
    bill = Basket((BasketLine("repair", 450_00), BasketLine("insurance", 900_00)))
    (offset,) = (offer for offer in offers(workshop, bill, holder(9_000), NOON) if offer.form == "offset")
    assert (offset.points, offset.most_points) == (100, 2_200)

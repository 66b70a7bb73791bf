"""The worked numbers of the mission's table, one by one, named after their row."""

from __future__ import annotations

from datetime import date, datetime

from points import Basket, BasketLine, Choice, MemberFacts, Programme, offers, percent, quote

NOON = datetime.fromisoformat("2026-06-05T12:00")


def with_points(points: int, tier: str = "") -> MemberFacts:
    return MemberFacts(tier, {"points": points}, {"points": points})


def earned(programme: Programme, fen: int, at: datetime = NOON) -> int:
    return quote(programme, Basket.of_amount(fen), MemberFacts(), at).awarded("points")


def test_p1_four_weeks_of_300_yuan_are_a_voucher_of_24(supermarket: Programme) -> None:
    """¥300 a week, 4 weeks: 1,200 pt, pro rata above the 1,000 minimum a ¥24 voucher."""
    points = sum(earned(supermarket, 300_00) for _ in range(4))
    assert points == 1_200
    sale = quote(supermarket, Basket.of_amount(300_00), with_points(points), NOON, (Choice("voucher", points),))
    assert sale.redemptions[0].value_fen == 24_00
    assert (sale.due_fen, sale.awarded("points"), sale.redemptions[0].left_after) == (276_00, 276, 0)


def test_p1_spring_festival_makes_1000_points_30_yuan(supermarket: Programme) -> None:
    """1,000 pt = ¥20 the day before, ¥30 on the first and last day, ¥20 the day after."""
    values = [
        quote(
            supermarket,
            Basket.of_amount(100_00),
            with_points(1_000),
            datetime.fromisoformat(day),
            (Choice("voucher", 1_000),),
        )
        .redemptions[0]
        .value_fen
        for day in ("2027-01-29T23:59", "2027-01-30T00:00", "2027-02-20T23:59", "2027-02-21T00:00")
    ]
    assert values == [20_00, 30_00, 30_00, 20_00]


def test_p1_fresh_100_pays_90_then_the_voucher_comes_off(supermarket: Programme) -> None:
    """The 9折 of a member who holds 5,000 is not taken away by the voucher of the same sale."""
    fresh = Basket((BasketLine("fresh", 100_00),))
    sale = quote(supermarket, fresh, with_points(5_000), NOON, (Choice("voucher", 1_000),))
    assert sale.due_before_redemption_fen == 90_00
    assert (sale.due_fen, sale.awarded("points"), sale.redemptions[0].left_after) == (70_00, 70, 4_000)


def test_p1_the_voucher_of_24_is_issued_and_used_on_a_later_visit(supermarket: Programme) -> None:
    """下次购物: 1,200 pt become vouchers of ¥24 in all, which pay ¥24 of the next ¥300."""
    issued = quote(supermarket, Basket.of_amount(300_00), with_points(1_200), NOON, (Choice("voucher-later", 1_200),))
    assert (issued.due_fen, issued.awarded("next-visit"), issued.redemptions[0].left_after) == (300_00, 24, 0)
    holder = MemberFacts(spendable={"next-visit": 24})
    used = quote(supermarket, Basket.of_amount(300_00), holder, NOON, (Choice("use-vouchers", 24),))
    assert (used.due_fen, used.redemptions[0].left_after) == (276_00, 0)


def test_p1_a_member_with_4999_pays_fresh_in_full(supermarket: Programme) -> None:
    """The threshold is what is held when the member is identified, not what is spendable."""
    member = MemberFacts("", {"points": 4_999}, {"points": 9_000})
    assert quote(supermarket, Basket((BasketLine("fresh", 100_00),)), member, NOON).due_fen == 100_00


def test_p1_the_counter_sketch_earns_308_and_260_after_the_voucher(supermarket: Programme) -> None:
    """128.50 × gold 1.2 × anniversary 2 = 308.4, and 108.50 after a voucher of 20: rounded once, downwards."""
    at = datetime.fromisoformat("2026-11-21T14:32")
    basket = Basket.of_amount(128_50)
    member = with_points(1_050, "gold")
    plain = quote(supermarket, basket, member, at)
    assert (plain.awarded("points"), str(plain.awards[0].exact)) == (308, "1542/5")
    assert plain.awards[0].expires_on == date(2028, 11, 21)
    assert [line.rule for line in plain.lines] == ["earn", "tier", "campaign", "rounding"]
    assert quote(supermarket, basket, member, at, (Choice("voucher", 1_000),)).awarded("points") == 260


def test_p2_eight_visits_of_30_yuan_are_a_meal_and_40_left(restaurant: Programme) -> None:
    """¥30 twice a week, 4 weeks: 240 pt = one free meal worth ¥25, nothing to pay."""
    points = sum(earned(restaurant, 30_00) for _ in range(8))
    assert points == 240
    sale = quote(restaurant, Basket(), with_points(points), NOON, (Choice("set-meal", 200),))
    assert (sale.redemptions[0].value_fen, sale.redemptions[0].left_after) == (25_00, 40)
    assert (sale.due_fen, sale.awards) == (0, ())


def test_p2_anniversary_and_holidays_earn_double(restaurant: Programme) -> None:
    """¥1 = 2 pt in the anniversary week and on the National Day holidays, ¥1 = 1 pt the day after."""
    days = ("2026-11-18T12:00", "2026-11-24T22:00", "2026-11-25T12:00", "2026-10-01T12:00", "2026-10-08T12:00")
    assert [earned(restaurant, 30_00, datetime.fromisoformat(day)) for day in days] == [60, 60, 30, 60, 30]


def test_p3_a_bill_of_200_pays_150_and_earns_150(restaurant: Programme) -> None:
    """1,000 pt = 满200减50, and points come on what is actually paid."""
    sale = quote(restaurant, Basket.of_amount(200_00), with_points(1_000), NOON, (Choice("coupon-200-50", 1_000),))
    assert (sale.due_fen, sale.awarded("points"), sale.redemptions[0].left_after) == (150_00, 150, 0)


def test_p4_free_maintenance_after_five_months(workshop: Programme) -> None:
    """¥1,000 a month: 5,000 pt after five months, a basic maintenance worth ¥500."""
    points = sum(earned(workshop, 1_000_00) for _ in range(5))
    assert points == 5_000
    sale = quote(workshop, Basket(), with_points(points), NOON, (Choice("maintenance", 5_000),))
    assert (sale.redemptions[0].value_fen, sale.redemptions[0].left_after) == (500_00, 0)


def test_p4_a_year_brings_two_maintenances_and_200_yuan(workshop: Programme) -> None:
    """12,000 pt = two maintenances (¥1,000) and ¥200 of a repair bill: ¥1,200."""
    points = sum(earned(workshop, 1_000_00) for _ in range(12))
    choices = (Choice("maintenance", 5_000), Choice("maintenance", 5_000), Choice("bill-offset", 2_000))
    sale = quote(workshop, Basket((BasketLine("repair", 680_00),)), with_points(points), NOON, choices)
    assert sum(redemption.value_fen for redemption in sale.redemptions) == 1_200_00
    assert [redemption.left_after for redemption in sale.redemptions] == [7_000, 2_000, 0]
    assert sale.due_fen == 480_00


def test_p4_a_tyre_is_10000_points_worth_1000_yuan(workshop: Programme) -> None:
    """The dearest item of the ladder, beside the bill."""
    sale = quote(workshop, Basket.of_amount(50_00), with_points(10_000), NOON, (Choice("tyre", 10_000),))
    assert (sale.redemptions[0].value_fen, sale.due_fen, sale.awarded("points")) == (1_000_00, 50_00, 50)


def test_p4_air_conditioning_in_the_anniversary_month(workshop: Programme) -> None:
    """5,000 instead of 6,000 is 16.7 % fewer points and 20 % more value; in December it is 6,000 again."""
    prices = []
    for day in ("2026-11-01T00:00", "2026-12-01T00:00"):
        listed = offers(workshop, Basket(), with_points(6_000), datetime.fromisoformat(day))
        (offer,) = (offer for offer in listed if offer.reward_id == "air-conditioning")
        prices.append((offer.points, percent(offer.fewer_points), percent(offer.more_value)))
    assert prices == [(5_000, "16.7", "20"), (6_000, "0", "0")]


def test_p4_insurance_of_5000_pays_4000_with_its_funder_named(workshop: Programme) -> None:
    """20,000 pt = ¥1,000 off, no points on the premium; funder and legal basis stand in the programme."""
    policy = Basket((BasketLine("insurance", 5_000_00),))
    sale = quote(workshop, policy, with_points(20_000), NOON, (Choice("insurance", 20_000),))
    assert (sale.due_fen, sale.awards) == (4_000_00, ())
    reward = workshop.reward_by_id["insurance"]
    assert reward.funder is not None
    assert reward.legal_basis is not None

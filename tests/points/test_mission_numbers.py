"""The worked numbers of the mission's table, one by one, named after their row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from typing import TypeAlias

import pytest

from points import Basket, BasketLine, Choice, MemberFacts, Programme, offers, parse_programme, percent, quote
from points.acceptance import acceptances
from points.compliance import refusals
from points.errors import NotEnoughPointsError
from tests.points.conftest import PROGRAMMES

NOON = datetime.fromisoformat("2026-06-05T12:00")
Sample: TypeAlias = Callable[[str], Programme]


def refused_by(text: str) -> list[str]:
    """Why it may not be published."""
    return [str(error) for error in refusals(parse_programme(text, "changed.toml"), text, "changed.toml")]


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


def test_p4_what_an_insurer_pays_earns_nothing(workshop: Programme) -> None:
    """A repair of ¥2,800, of which the insurer bears ¥2,000: ¥800 is due and earns 800 pt, not 2,800."""
    repair = Basket((BasketLine("repair", 2_800_00),), {"insurer": 2_000_00})
    sale = quote(workshop, repair, MemberFacts(), NOON)
    assert (sale.due_fen, sale.awarded("points")) == (800_00, 800)


def test_p5_each_service_voucher_is_redeemed_once(sample: Sample) -> None:
    """1,200 pt = one car-wash voucher, which buys one wash; there is no second one, and points alone buy no wash."""
    services = sample("services")
    issued = quote(services, Basket(), with_points(1_500), NOON, (Choice("car-wash-issue", 1_200),))
    assert (issued.awarded("car-wash-voucher"), issued.redemptions[0].left_after) == (1, 300)
    one = MemberFacts(spendable={"car-wash-voucher": 1, "points": 9_000})
    assert quote(services, Basket(), one, NOON, (Choice("car-wash", 1),)).redemptions[0].left_after == 0
    with pytest.raises(NotEnoughPointsError):
        quote(services, Basket(), one, NOON, (Choice("car-wash", 1), Choice("car-wash", 1)))
    kinds = {kind for reward in services.rewards if reward.form == "item" for kind in reward.kinds}
    assert kinds == {f"{service}-voucher" for service in ("car-wash", "beauty", "yoga", "appliance", "phone-film")}


def test_p6_a_stay_earns_beside_what_is_paid_and_never_ends(sample: Sample) -> None:
    """200 pt a stay and 1 a yuan, however many lines the bill has; the promise is for the long term."""
    hotel = sample("hotel")
    stay = quote(hotel, Basket((BasketLine("room", 480_00), BasketLine("room", 480_00))), MemberFacts(), NOON)
    assert (stay.awarded("points"), stay.awards[0].expires_on) == (960 + 200, None)
    rewards = {reward.id for reward in hotel.rewards}
    assert rewards >= {
        "free-night",
        "airport-transfer",
        "travel-plan",
        "late-check-out",
        "view-room",
        "afternoon-tea",
    }


def test_p7_a_personal_reward_is_shown_to_one_member_only(sample: Sample) -> None:
    """The consultation stands in the list of him to whom it was offered, and of nobody else."""
    jeweller = sample("jewellery")
    facts = with_points(20_000)
    invited = MemberFacts("", facts.held, facts.spendable, {"offered/design-consultation": 1})
    listed = [[offer.reward_id for offer in offers(jeweller, Basket(), one, NOON)] for one in (facts, invited)]
    assert listed == [["cleaning", "styling"], ["cleaning", "styling", "design-consultation"]]
    assert earned(jeweller, 5_200_00) == 10_400


def test_p8_a_tier_multiplies_and_opens_services(sample: Sample) -> None:
    """¥600 earn 600, 720 and 900 pt; parking is for silver and gold, the small sums off a bill for everybody."""
    store = sample("department-store")
    awarded = [
        quote(store, Basket.of_amount(600_00), MemberFacts(tier), NOON).awarded("points")
        for tier in ("standard", "silver", "gold")
    ]
    assert awarded == [600, 720, 900]
    possible = [
        {offer.reward_id for offer in offers(store, Basket.of_amount(600_00), with_points(9_000, tier), NOON)
         if offer.is_possible}
        for tier in ("standard", "silver", "gold")
    ]  # fmt: skip
    assert [sorted(now - possible[0]) for now in possible] == [[], ["parking"], ["parking", "personal-shopper"]]
    assert "bill-offset" in possible[0]


def test_p9_dresses_earn_double_for_whoever_likes_them(sample: Sample) -> None:
    """¥399 of dresses: 798 pt for the member to whom it was offered, 399 for others; points pay for denim alone."""
    apparel = sample("apparel")
    dress = Basket((BasketLine("dresses", 399_00),))
    invited = MemberFacts(counts={"offered/dresses-double": 1})
    assert [quote(apparel, dress, one, NOON).awarded("points") for one in (invited, MemberFacts())] == [798, 399]
    jeans = Basket((BasketLine("denim", 299_00), BasketLine("other", 99_00)))
    sale = quote(apparel, jeans, with_points(1_000), NOON, (Choice("denim-offset", 1_000),))
    assert [sale.due_fen, sale.paid["other"]] == [348_00, Fraction(99_00)]


def test_p10_a_redeemed_ticket_has_the_hours_of_a_bought_one(sample: Sample) -> None:
    """A programme that says otherwise is refused with its rule."""
    text = (PROGRAMMES / "scenic.toml").read_text(encoding="utf-8")
    assert refused_by(text) == []
    assert "P10" in refused_by(text.replace("成人票一张，入园时段与购票相同", "成人票一张，仅限14点后入园"))[0]
    sale = quote(sample("scenic"), Basket(), with_points(3_600), NOON, (Choice("ticket", 3_600),))
    assert sale.redemptions[0].value_fen == 90_00


def test_p11_ratio_validity_and_limits_are_stated(sample: Sample) -> None:
    """¥300 of each fare class: 150, 300 and 450 miles, for 36 months; taxes earn none."""
    airline = sample("airline")
    classes = ("economy-light", "economy", "business", "taxes")
    miles = [
        quote(airline, Basket((BasketLine(fare, 300_00),)), MemberFacts(), NOON).awarded("miles") for fare in classes
    ]
    assert miles == [150, 300, 450, 0]
    sale = quote(airline, Basket((BasketLine("economy", 300_00),)), MemberFacts(), NOON)
    assert sale.awards[0].expires_on == date(2029, 6, 5)


def test_p12_points_come_from_spending_alone(sample: Sample) -> None:
    """¥1,280 by card = 64 pt; cash is no purchase; a rule for opening a card is refused."""
    bank = sample("bank")
    paid = [Basket((BasketLine(category, 1_280_00),)) for category in ("purchase", "cash-advance")]
    assert [quote(bank, basket, MemberFacts(), NOON).awarded("points") for basket in paid] == [64, 0]
    text = (PROGRAMMES / "bank.toml").read_text(encoding="utf-8")
    assert refused_by(text) == []
    bonus = refused_by(text.replace('name = { zh = "消费20元积1分"', 'name = { zh = "办卡即送500分，20元积1分"'))
    assert "P12" in bonus[0]


def test_p13_green_points_go_by_what_a_product_saves(sample: Sample) -> None:
    """Two lamps that save 30 kWh each: 60, doubled in the week of Environment Day; a questionnaire counts once."""
    home = sample("green-home")
    lamps = Basket((BasketLine("lighting", 59_80, quantity=2, attributes={"kwh-year": 30}),))
    june = datetime.fromisoformat("2027-06-05T12:00")
    may = datetime.fromisoformat("2027-05-05T12:00")
    assert [quote(home, lamps, MemberFacts(), day).awarded("green") for day in (may, june)] == [60, 120]
    asked = Basket(activities=("green-questionnaire",))
    again = MemberFacts(counts={"done/green-questionnaire": 1})
    assert [quote(home, asked, one, may).awarded("green") for one in (MemberFacts(), again)] == [50, 0]
    ends = {award.kind: award.expires_on for award in quote(home, lamps, MemberFacts(), may).awards}
    assert ends == {"points": date(2029, 5, 5), "green": date(2030, 3, 31)}


def test_p14_5000_supermarket_points_for_the_maintenance(workshop: Programme) -> None:
    """At 2 fen the supermarket pays ¥100 and the workshop bears ¥400: seen before publishing."""
    seen = {one.reward_id: one for one in acceptances(workshop, {"points": Fraction(2)})}
    assert [seen["maintenance"].paid_fen, seen["maintenance"].borne_fen] == [Fraction(100_00), Fraction(400_00)]


def test_p14_points_of_one_merchant_pay_at_another(sample: Sample) -> None:
    """450 pt earned anywhere take ¥9 off at the corner shop."""
    sale = quote(sample("corner-shop"), Basket.of_amount(36_80), with_points(450), NOON, (Choice("voucher", 450),))
    assert (sale.due_fen, sale.redemptions[0].off_bill_fen) == (27_80, 9_00)

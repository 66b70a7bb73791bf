"""Caps per sale, day and month; campaigns for product groups, ranks and members who were offered something in person."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest

from points import Basket, BasketLine, Choice, MemberFacts, ProgrammeError, Quote, quote
from points.asked import asked
from tests.points.shops import VOUCHER, campaign, rule, shop, words

JUNE = datetime.fromisoformat("2026-06-05T12:00")
LED = BasketLine("lamps", 60_00, "6901", "LED", 2)
BULB = BasketLine("lamps", 40_00, "6902", "", 1)
CAP = '\n[[cap]]\nkind = "{kind}"\nper = "{per}"\npoints = {points}\nname = {words}\nconditions = {words}\n'


def cap(per: str, points: int, kind: str = "points") -> str:
    return CAP.format(kind=kind, per=per, points=points, words=words(f"per {per}"))


def steps(sale: Quote, kind: str = "points") -> list[tuple[str, Fraction]]:
    return [(line.rule, line.points) for line in sale.lines if line.kind == kind]


def whole(sale: Quote) -> list[tuple[str, int]]:
    return [(name, int(points)) for name, points in steps(sale)]


def test_a_cap_of_a_sale_is_a_line_of_its_own() -> None:
    """¥120.50 are 120.5 points, 50 of them count; what is capped is not rounded too."""
    sale = quote(shop(cap("sale", 50)), Basket.of_amount(120_50), MemberFacts(), JUNE)
    assert steps(sale) == [("earn", Fraction(241, 2)), ("cap", Fraction(-141, 2))]
    assert sale.awarded("points") == sale.awards[0].exact == 50


def test_a_cap_takes_nothing_of_what_is_below_it() -> None:
    """50.99 are rounded to 50 as always."""
    sale = quote(shop(cap("sale", 50)), Basket.of_amount(50_99), MemberFacts(), JUNE)
    assert steps(sale) == [("earn", Fraction(5099, 100)), ("rounding", Fraction(-99, 100))]


@pytest.mark.parametrize(("before", "points"), [(0, 100), (70, 30), (99, 1), (100, 0), (130, 0)])
def test_a_cap_of_a_day_knows_what_the_day_brought(before: int, points: int) -> None:
    """Per member at this merchant: what `counts` say."""
    rules = shop(cap("day", 100), cap("month", 1_000), cap("sale", 500))
    assert asked(rules) == {"earned/points/day", "earned/points/month"}
    member = MemberFacts(
        "gold", counts={"earned/points/day": before, "earned/stamps/day": 9, "earned/points/month": 200}
    )
    sale = quote(rules, Basket.of_amount(200_00), member, JUNE)
    assert sale.awarded("points") == points
    assert sum(step for _, step in steps(sale)) == points


def test_the_tightest_cap_is_named() -> None:
    """The month has 20 left, the day 60: the month's line."""
    counts = {"earned/points/day": 40, "earned/points/month": 980}
    sale = quote(
        shop(cap("day", 100), cap("month", 1_000)), Basket.of_amount(200_00), MemberFacts(counts=counts), JUNE
    )
    assert [line.name.en for line in sale.lines if line.rule == "cap"] == ["per month"]
    assert sale.awarded("points") == 20


def test_a_cap_is_of_one_kind() -> None:
    """One stamp a day, as many points as he likes."""
    rules = shop(rule("visit", "points = 1"), cap("day", 1, "stamps"))
    for before, stamps in ((0, 1), (1, 0)):
        sale = quote(rules, Basket.of_amount(500_00), MemberFacts(counts={"earned/stamps/day": before}), JUNE)
        assert (sale.awarded("points"), sale.awarded("stamps")) == (500, stamps)


def test_a_campaign_for_products_multiplies_them_alone() -> None:
    """LED lamps double: 60 of ¥100 in one category. Points pay ¥50 of it, spread over all lamps: 2 x 30 + 20."""
    rules = shop(VOUCHER, campaign("led", 'earn = "2"\ngroups = ["led"]'))
    sale = quote(rules, Basket((LED, BULB)), MemberFacts(), JUNE)
    assert whole(sale) == [("earn", 40), ("earn", 60), ("campaign", 60)]
    member = MemberFacts(spendable={"points": 500})
    assert quote(rules, Basket((BULB, LED)), member, JUNE, (Choice("voucher", 500),)).awarded("points") == 80


def test_the_share_of_a_product_group_is_exact() -> None:
    """A cent that another pays is spread over all lamps: 59.994 of 99.99 yuan are LED's, in points and not in whole fen."""
    payer = f'\n[[payer]]\ncode = "platform"\nname = {words("platform")}\n'
    rules = shop(payer, campaign("led", 'earn = "2"\ngroups = ["led"]'))
    sale = quote(rules, Basket((LED, BULB), {"platform": 1}), MemberFacts(), JUNE)
    assert sale.awards[0].exact == Fraction("99.99") + Fraction("59.994")


def test_the_best_of_several_counts_for_each_part() -> None:
    """Lamps x2, LED x3, everything x1.5 for gold: each part gets its best, and they never multiply each other."""
    rules = shop(
        campaign("lamps", 'earn = "2"\ncategories = ["lamps"]'), campaign("led", 'earn = "3"\ngroups = ["led"]'),
        campaign("gold", 'earn = "2.5"\ntiers = ["gold"]'),
    )  # fmt: skip
    coffee = BasketLine("coffee", 10_00)
    for tier, points in (("plain", 40 * 2 + 60 * 3 + 10), ("gold", (40 * 5 // 2 + 60 * 3 + 25) * 3 // 2)):
        assert quote(rules, Basket((coffee, LED, BULB)), MemberFacts(tier), JUNE).awarded("points") == points


def test_equal_multipliers_are_one_line() -> None:
    """The group's campaign is no better than the category's: nothing is told apart."""
    rules = shop(
        campaign("lamps", 'earn = "2"\ncategories = ["lamps"]'), campaign("led", 'earn = "2"\ngroups = ["led"]')
    )
    assert whole(quote(rules, Basket((LED, BULB)), MemberFacts(), JUNE)) == [("earn", 100), ("campaign", 100)]


def test_a_personal_offer_is_for_whom_it_was_offered() -> None:
    """By the ledger's word in the counts."""
    rules = shop(campaign("for-you", 'earn = "3"\noffer = true'))
    assert quote(rules, Basket((BULB,)), MemberFacts(), JUNE).awarded("points") == 40
    member = MemberFacts(counts={"offered/for-you": 1})
    assert quote(rules, Basket((BULB,)), member, JUNE).awarded("points") == 120


def test_campaigns_that_cannot_meet_need_not_agree() -> None:
    """Of ranks, categories or groups that exclude each other; a group's products may lie in any category, so those meet."""

    def both(one: str, two: str) -> str:
        silent = [campaign(name, f'earn = "2"\n{keys}') for name, keys in (("a", one), ("b", two))]
        return "".join(silent).replace('overlap = "best"\n', "")

    assert len(shop(both('tiers = ["gold"]', 'tiers = ["plain"]')).campaigns) == 2
    assert len(shop(both('categories = ["lamps"]', 'categories = ["coffee"]')).campaigns) == 2
    for one, two in (('groups = ["led"]', 'categories = ["coffee"]'), ('tiers = ["gold"]', "offer = true")):
        with pytest.raises(ProgrammeError, match="meets a on 2026-06-01"):
            shop(both(one, two))


@pytest.mark.parametrize(
    ("table", "key_path", "reason"),
    [
        (cap("day", 1) * 2, "cap", "points per day is there 2 times"),
        (cap("week", 1), "cap[0].per", "'sale', 'day' or 'month'"),
        (cap("day", 1, "miles"), "cap[0].kind", "there is no kind miles"),
        (campaign("a", 'earn = "2"\ntiers = ["silver"]'), "campaign[0].tiers", "there is no tier silver"),
        (campaign("a", 'earn = "2"\ngroups = ["tea"]'), "campaign[0].groups", "there is no group tea"),
        (VOUCHER + campaign("a", 'offer = true\n[[campaign.reward]]\nreward = "voucher"\nvalue_fen = 20_00'), "campaign[0]",
         "tiers and offer are about earn"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_key_and_reason(table: str, key_path: str, reason: str) -> None:
    """As everywhere in a programme."""
    with pytest.raises(ProgrammeError) as caught:
        shop(table)
    assert (caught.value.key_path, reason in str(caught.value)) == (key_path, True), str(caught.value)

"""What earns otherwise than by money: pieces, attributes, visits and activities, each by a worked example."""

from __future__ import annotations

from datetime import datetime

import pytest

from points import Basket, BasketLine, Choice, MemberFacts, ProgrammeError, Quote, parse_programme, quote
from points.billing import sums_of
from points.quote import units_of
from tests.points.shops import HEAD, VOUCHER, campaign, rule, shop

JUNE = datetime.fromisoformat("2026-06-05T12:00")
MAY = datetime.fromisoformat("2026-05-05T12:00")
CUPS = rule("quantity", 'points = 1\ncategories = ["coffee"]\nunit = { zh = "杯", en = "cups" }')


def coffee(cups: int, fen: int = 20_00, category: str = "coffee") -> BasketLine:
    return BasketLine(category, cups * fen, "7001", "拿铁", cups)


def lamp(pieces: int = 1, product: str = "6901", **attributes: int) -> BasketLine:
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return BasketLine("lamps", pieces * 30_00, product, "灯", pieces, named)


def said(sale: Quote, kind: str) -> list[tuple[str, str, int]]:
    """Rule, exact points and count of each line of a kind."""
    return [(line.rule, str(line.points), line.count) for line in sale.lines if line.kind == kind]


def test_every_cup_is_a_stamp_whatever_the_tier() -> None:
    """每杯一枚印花: three cups are three stamps beside the 90 points that the gold card makes of ¥60."""
    sale = quote(shop(CUPS), Basket((coffee(3),)), MemberFacts("gold"), MAY)
    assert (sale.awarded("stamps"), sale.awarded("points")) == (3, 90)
    assert said(sale, "stamps") == [("quantity", "3", 3)]
    assert next(line.unit.zh for line in sale.lines if line.unit) == "杯"


def test_pieces_of_several_make_one_point_exactly() -> None:
    """One stamp for two cups: five cups are 2.5, rounded once, with what another rule of the kind gives: 0.5 more is 3."""
    half = rule("quantity", 'points = 1\nper = 2\ncategories = ["coffee"]')
    assert quote(shop(half), Basket((coffee(5),)), MemberFacts(), MAY).awarded("stamps") == 2
    lamps = rule("quantity", 'points = 1\nper = 2\ngroups = ["led"]')
    sale = quote(shop(half, lamps), Basket((coffee(5), lamp(), lamp(1, "6902"))), MemberFacts(), MAY)
    assert sale.awarded("stamps") == 3


def test_a_rule_that_says_so_is_multiplied() -> None:
    """Gold 1.5 and the double campaign: 3 cups are 9 stamps; a campaign for lamps means no cup."""
    rules = shop(
        CUPS + "multiplied = true\n",
        campaign("double", 'earn = "2"'),
        campaign("lamps", 'earn = "5"\ncategories = ["lamps"]'),
    )
    sale = quote(rules, Basket((coffee(3),)), MemberFacts("gold"), JUNE)
    assert said(sale, "stamps") == [("quantity", "3", 3), ("tier", "3/2", 0), ("campaign", "9/2", 0)]
    assert sale.awarded("stamps") == 9


def test_what_is_given_typed_excluded_or_paid_with_points_is_no_piece() -> None:
    """A free cup, an amount without a product, a gift card; and cups for which nothing is paid any more."""
    gift = rule("quantity", 'points = 1\ncategories = ["gift-card"]', "green")
    rules = shop(CUPS, gift, VOUCHER)
    basket = Basket((coffee(1, 0), BasketLine("", 20_00), coffee(1, category="gift-card")))
    assert quote(rules, basket, MemberFacts(), MAY).awards[0].kind == "points"
    assert len(quote(rules, basket, MemberFacts(), MAY).awards) == 1
    member = MemberFacts(spendable={"points": 1_000})
    for points, stamps in ((100, 2), (400, 0)):
        sale = quote(rules, Basket((coffee(2),)), member, MAY, (Choice("voucher", points),))
        assert sale.awarded("stamps") == stamps


def test_an_attribute_earns_by_its_amount() -> None:
    """P13: not a fixed number but the product's attribute; 2 lamps of 30 and one of 25 kWh a year are 85: 8.5, so 8."""
    rules = shop(rule("attribute", 'attribute = "kwh-year"\npoints = 1\nper = 10', "green"))
    basket = Basket((lamp(2, kwh_year=30), lamp(1, "6902", kwh_year=25), lamp(4, "6903"), coffee(1)))
    sale = quote(rules, basket, MemberFacts(), MAY)
    assert sale.awarded("green") == 8
    assert units_of(rules, basket) == {"kwh-year/lamps": 25 + 60}
    assert sum(line.count for line in sale.lines if line.rule == "attribute") == 85


def test_a_grade_earns_by_the_piece() -> None:
    """Grade 1: 50 each, grade 2: 20 each, grade 3 nothing."""
    rules = shop(rule("attribute", 'attribute = "energy-grade"\ngrades = { "1" = 50, "2" = 20 }', "green"))
    basket = Basket((lamp(2, energy_grade=1), lamp(1, "6902", energy_grade=2), lamp(9, "6903", energy_grade=3)))
    assert quote(rules, basket, MemberFacts(), MAY).awarded("green") == 120
    assert units_of(rules, basket) == {"energy-grade=1/lamps": 2, "energy-grade=2/lamps": 1}


def test_a_visit_earns_once_from_what_is_paid() -> None:
    """¥30 of what earns: not with a gift card, not with ¥29.99, once with ¥300."""
    rules = shop(rule("visit", "points = 1\nminimum_fen = 30_00"))
    for basket, stamps in (
        (Basket.of_amount(30_00), 1), (Basket.of_amount(29_99), 0), (Basket.of_amount(300_00), 1), (Basket(), 0),
        (Basket((coffee(1), BasketLine("gift-card", 500_00))), 0), (Basket((coffee(1), lamp())), 1),
    ):  # fmt: skip
        assert quote(rules, basket, MemberFacts("gold"), MAY).awarded("stamps") == stamps
    only = shop(rule("visit", 'points = 1\ncategories = ["coffee"]'))
    assert quote(only, Basket((lamp(),)), MemberFacts(), MAY).awarded("stamps") == 0
    assert quote(only, Basket((lamp(), coffee(1))), MemberFacts(), MAY).awarded("stamps") == 1


def test_an_activity_earns_once_each_member() -> None:
    """With nothing bought; not a second time, and not what no rule knows."""
    rules = shop(rule("activity", 'activity = "quiz"\npoints = 50', "green"))
    quiz = Basket(activities=("quiz", "raffle"))
    assert quote(rules, quiz, MemberFacts(), MAY).awarded("green") == 50
    assert quote(rules, quiz, MemberFacts(counts={"done/quiz": 1}), MAY).awards == ()
    assert quote(rules, Basket(), MemberFacts(), MAY).awards == ()


def test_the_entry_says_no_more_than_a_rule_asks() -> None:
    """Sums of what rules name: no product, and nothing at all for a programme of money alone."""
    basket = Basket((coffee(3), lamp(2, kwh_year=30)))
    assert units_of(shop(), basket) == {}
    assert units_of(shop(CUPS), basket) == {"pieces/coffee": 3}
    assert units_of(shop(campaign("led", 'earn = "2"\ngroups = ["led"]')), basket) == {"fen+led/lamps": 60_00}
    again = Basket.of_categories(sums_of(shop(CUPS), basket), units_of(shop(CUPS), basket))
    assert quote(shop(CUPS), again, MemberFacts(), MAY) == quote(shop(CUPS), basket, MemberFacts(), MAY)


def test_what_earns_by_any_rule_is_known_to_earn() -> None:
    """A lottery ticket must not earn by the piece either: who checks a programme asks for a category."""
    by = {"quantity": 'points = 1\ncategories = ["coffee"]', "visit": 'points = 1\ncategories = ["coffee"]'}
    for table in (*(rule(name, keys) for name, keys in by.items()), ""):
        rules = parse_programme(HEAD.split("[[earn]]")[0] + table, "corner.toml")
        assert [rules.earns(category) for category in ("coffee", "lamps")] == [bool(table), False]
    for table in (rule("visit", "points = 1"), rule("attribute", 'attribute = "kwh"\npoints = 1\nper = 1')):
        assert parse_programme(HEAD.split("[[earn]]")[0] + table, "corner.toml").earns("lamps")


@pytest.mark.parametrize(
    ("table", "key_path", "reason"),
    [
        (rule("lottery", "points = 1"), "earn[1]", 'by is "amount", "quantity"'),
        (rule("quantity", "points = 1"), "earn[1]", "name the categories or groups"),
        (rule("quantity", 'points = 1\ncategories = ["tea"]'), "earn[1].categories", "there is no category tea"),
        (rule("quantity", 'points = 1\ngroups = ["tea"]'), "earn[1].groups", "there is no group tea"),
        (rule("quantity", 'points = 1\nper = 0\ngroups = ["led"]'), "earn[1].per", "greater than 0"),
        (rule("quantity", 'points = 1\nper_fen = 1\ngroups = ["led"]'), "earn[1].per_fen", "Extra inputs"),
        (rule("attribute", 'attribute = "kwh-year"'), "earn[1]", "either points and per, or grades"),
        (rule("attribute", 'attribute = "kwh-year"\nper = 10'), "earn[1]", "either points and per, or grades"),
        (rule("attribute", 'attribute = "pieces"\nper = 1\npoints = 1'), "earn[1].attribute", "the name of a measure"),
        (rule("attribute", 'attribute = "grade"\ngrades = { "A" = 1 }'), "earn[1].grades.A", "should match"),
        (rule("visit", 'points = 1\ncategories = ["tea"]'), "earn[1].categories", "there is no category tea"),
        (rule("activity", 'activity = "quiz"\npoints = 1') * 2, "earn[2]", "quiz already earns stamps by earn[1]"),
        ('\n[[group]]\ncode = "led"\nname = {zh="二",en="two"}\nproducts = ["6902"]', "", "Cannot mutate"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_key_and_reason(table: str, key_path: str, reason: str) -> None:
    """As everywhere in a programme."""
    with pytest.raises(ProgrammeError) as caught:
        shop(table)
    assert (caught.value.key_path, reason in str(caught.value)) == (key_path, True), str(caught.value)


@pytest.mark.parametrize("sums", [{"general": 500_00}, {"general": 500_00, "lamps": 0}])
def test_units_of_goods_that_were_not_bought_are_none(sums: dict[str, int]) -> None:
    """What is paid beside points is money of its category, without goods: whatever an entry says of them, there is a quote."""
    fitting = VOUCHER.replace('"voucher"', '"item"').replace("minimum_points = 100\nstep_points = 100\n", "")
    fitting += 'cash_fen = 9_00\ncash_category = "lamps"\n'
    cafe = shop(campaign("led", 'earn = "2"\ngroups = ["led"]'), fitting)
    rich = MemberFacts(spendable={"points": 100})
    sale = quote(cafe, Basket.of_categories(sums, {"fen+led/lamps": 5}), rich, JUNE, [Choice("item", 100)])
    assert (sale.due_fen, sale.awarded("points")) == (509_00, 509)

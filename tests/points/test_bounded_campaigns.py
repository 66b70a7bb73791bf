"""Campaigns of which one member gains so many points and no more: what they still add, what is counted, what is refused."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points import Basket, BasketLine, MemberFacts, Programme, ProgrammeError, Quote, quote
from points.asked import asked
from tests.points.shops import campaign as agreeing
from tests.points.shops import shop
from tests.points.test_caps_and_offers import JUNE, cap, whole

DOUBLE = 'earn = "2"\nkinds = ["points"]\n'


def campaign(name: str, keys: str) -> str:
    """Of June 2026, and of no other's."""
    return agreeing(name, keys).replace('overlap = "best"\n', "", 1)


BOUNDED = campaign("double", DOUBLE + "most_points = 500")


def gained(sale: Quote) -> dict[str, int]:
    """By campaign."""
    return {name: points for award in sale.awards for name, points in award.gained.items()}


def before(**points: int) -> MemberFacts:
    """A member whom campaigns gave so much before."""
    return MemberFacts(counts={f"gained/{name}/ever": count for name, count in points.items()})


@pytest.mark.parametrize(("had", "adds"), [(0, 200), (300, 200), (301, 199), (499, 1), (500, 0), (700, 0)])
def test_it_adds_what_is_left_of_the_bound(had: int, adds: int) -> None:
    """200 yuan are 200 points, and 200 more as far as he may gain them; what is too much is a line with the bound."""
    sale = quote(shop(BOUNDED), Basket.of_amount(200_00), before(double=had), JUNE)
    assert (sale.awarded("points"), gained(sale)) == (200 + adds, {"double": adds} if adds else {})
    over = [("cap", adds - 200)] if adds < 200 else []
    assert whole(sale) == [("earn", 200), ("campaign", 200), *over]
    assert sum(line.points for line in sale.lines) == sale.awarded("points")


def test_the_line_says_how_many() -> None:
    """In both languages, in the words of the kind: what was cut and why is on every receipt."""
    sale = quote(shop(BOUNDED), Basket.of_amount(200_00), before(double=500), JUNE)
    (line,) = [line for line in sale.lines if line.rule == "cap"]
    assert line.name.zh.endswith("：每人最多多得 500 消费积分")
    assert line.name.en.endswith(": at most 500 points more for each member")


def test_what_it_gains_is_what_would_be_missing() -> None:
    """0.75 and 0.75 are one point; without the campaign there is none."""
    sale = quote(shop(BOUNDED), Basket.of_amount(75), MemberFacts(), JUNE)
    assert (sale.awarded("points"), gained(sale)) == (1, {"double": 1})


def test_a_cap_of_the_day_is_not_gained() -> None:
    """With 150 a day the campaign brings 50 of its 100: these are counted."""
    sale = quote(shop(BOUNDED, cap("day", 150)), Basket.of_amount(100_00), MemberFacts(), JUNE)
    assert (sale.awarded("points"), gained(sale)) == (150, {"double": 50})


def test_each_campaign_has_its_own_bound() -> None:
    """Coffee and lamps are multiplied by two of them; the second one's is used up."""
    goods = [BasketLine("coffee", 30_00), BasketLine("lamps", 50_00)]
    rules = shop(
        campaign("cups", DOUBLE + 'categories = ["coffee"]\nmost_points = 20'),
        campaign("light", DOUBLE + 'categories = ["lamps"]\nmost_points = 40'),
    )
    sale = quote(rules, Basket(tuple(goods)), before(light=40), JUNE)
    assert (sale.awarded("points"), gained(sale)) == (100, {"cups": 20})


def test_it_is_asked_of_the_member() -> None:
    """And of nobody where no campaign has a bound."""
    assert asked(shop(BOUNDED)) == {"gained/double/ever"}
    assert asked(shop(campaign("double", DOUBLE))) == frozenset()
    unbounded = quote(shop(campaign("double", DOUBLE)), Basket.of_amount(200_00), before(double=500), JUNE)
    assert (unbounded.awarded("points"), gained(unbounded)) == (400, {})


RULES: Programme = shop(
    campaign("cups", 'earn = "2.5"\nkinds = ["points"]\ncategories = ["coffee"]\nmost_points = 30'),
    campaign("light", 'earn = "1.3"\nkinds = ["points"]\ncategories = ["lamps"]\nmost_points = 7'),
    cap("day", 90),
)
PLAIN: Programme = shop(cap("day", 90))


@given(
    st.integers(0, 80_00), st.integers(0, 80_00), st.integers(0, 40), st.integers(0, 9), st.integers(0, 100),
    st.sampled_from(["", "gold"]),
)  # fmt: skip
def test_no_member_gains_more_and_nobody_gets_less_than_without(
    coffee: int, lamps: int, cups: int, light: int, today: int, tier: str
) -> None:
    """Whatever he buys and had: each gain fits into its bound, and together they are exactly what the campaigns brought."""
    goods = Basket((BasketLine("coffee", coffee), BasketLine("lamps", lamps)))
    counts = {**before(cups=cups, light=light).counts, "earned/points/day": today}
    member = MemberFacts(tier, counts=counts)
    sale, plain = (quote(rules, goods, member, JUNE) for rules in (RULES, PLAIN))
    found = gained(sale)
    assert found.get("cups", 0) <= max(0, 30 - cups)
    assert found.get("light", 0) <= max(0, 7 - light)
    assert sale.awarded("points") - plain.awarded("points") == sum(found.values())
    assert sum((line.points for line in sale.lines if line.kind == "points"), Fraction(0)) == sale.awarded("points")


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ('earn = "2"\nmost_points = 500', "name it in kinds"),
        ('earn = "2"\nkinds = ["points", "stamps"]\nmost_points = 500', "name it in kinds"),
        (DOUBLE + "every_year = true\nmost_points = 500", "a campaign for each year"),
        (DOUBLE + 'festivals = ["春节"]\nmost_points = 500', "a campaign for each year"),
        (DOUBLE + "most_points = 500\n" + 'overlap = "best"', "excludes overlap"),
        (DOUBLE + "most_points = 0", "greater than 0"),
    ],
)
def test_what_cannot_be_counted_is_refused(keys: str, why: str) -> None:
    """With file, key path and reason."""
    table = campaign("double", keys)
    if "festivals" in keys:
        table = table.replace("from = 2026-06-01\nuntil = 2026-06-30\n", "")
    with pytest.raises(ProgrammeError) as refused:
        shop(table)
    assert refused.value.key_path in ("campaign[0]", "campaign[0].most_points")
    assert why in str(refused.value)


def test_it_meets_no_other_campaign() -> None:
    """Which one is better would hang on what the member had: two that meet are refused, as always without overlap."""
    with pytest.raises(ProgrammeError, match="meets double"):
        shop(BOUNDED, agreeing("more", 'earn = "3"'))


def test_midsummer_is_a_day_like_others() -> None:
    """Before its first day it adds nothing, and nothing is counted."""
    sale = quote(shop(BOUNDED), Basket.of_amount(200_00), MemberFacts(), datetime.fromisoformat("2025-01-05T12:00"))
    assert (sale.awarded("points"), gained(sale)) == (200, {})

"""What a member did for the environment: exact through voids, refunds, decisions and merges, by the version each sale names."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.deciding import Wanted, decide
from ledger.expiring import expire
from ledger.green import Done, Measured, green_book, merchant_facts, signed_file
from ledger.keys import new_keys
from ledger.merging import merge
from ledger.problems import NotKnownError
from protocol.entries import Award, Redemption, Sale
from protocol.green import GreenAttribute, GreenKind, GreenReport, read_report
from tests.ledger.memory import MemoryDatabase, empty_books
from tests.ledger.shop import DAY, NOW_US, Shop, Till

MEMBER, OTHER = "1000000001", "1000000002"

RULES = """
kind = [
    { code = "points", name = { zh = "积分", en = "points" }, validity = "never" },
    { code = "green", name = { zh = "绿分", en = "green" }, validity = "never" },
]
category = [
    { code = "food", name = { zh = "食品", en = "food" } },
    { code = "lamps", name = { zh = "灯", en = "lamps" } },
]
[[earn]]
kind = "points"
name = { zh = "消费", en = "shopping" }
per_fen = 1_00
points = 1
[[earn]]
by = "attribute"
kind = "green"
name = { zh = "节电", en = "saving" }
attribute = "kwh-year"
points = 1
per = 1
[[earn]]
by = "attribute"
kind = "green"
name = { zh = "能效", en = "label" }
attribute = "grade"
grades = { "1" = 50, "2" = 20 }
[[earn]]
by = "activity"
kind = "green"
name = { zh = "问卷", en = "quiz" }
activity = "quiz"
points = 5
"""
IMPACT = """
[[impact]]
attribute = "kwh-year"
name = {{ zh = "节约用电", en = "electricity saved" }}
unit = {{ zh = "千瓦时", en = "kWh" }}
co2e_mg = {factor}
source = {{ zh = "公告", en = "announcement of {factor}" }}
"""


@pytest.fixture
def green(shop: Shop) -> Shop:
    """Version 1 has no green points; versions 2 and 3 have, by two factors."""
    return greened(shop)


def greened(shop: Shop) -> Shop:
    for version, factor in ((2, 530_600), (3, 500_000)):
        shop.publish_whole(RULES + IMPACT.format(factor=factor), version)
    return shop


def bought(till: Till, member: str = MEMBER, award: int = 0, use: int = 0, **changes: Any) -> Sale:
    """A sale of lamps for 100 yuan by version 2, with green points."""
    taken = Redemption(
        reward="r", kind="green", points=max(use, 1), off_bill_fen=0, authority="floor", proof="static"
    )
    facts: dict[str, Any] = {
        "sums_fen": {"lamps": 100_00}, "programme_version": 2, "redemptions": (taken,) if use else (),
        "awards": (Award(kind="green", points=award),) if award else (), "expires_on": "",
    }  # fmt: skip
    return till.sale(member, **(facts | changes))


def sent(till: Till, entry: Any, status: str = "booked") -> Any:
    """Booked; the entry."""
    outcome = till.send(entry)
    assert outcome.status == status, outcome
    return entry


def reported(shop: Shop, member: str = MEMBER, **period: str) -> GreenReport:
    with shop.database.read() as connection:
        return green_book(connection, member).report(NOW_US, **period)


def amounts(report: GreenReport) -> dict[tuple[str, str, int], tuple[int, int]]:
    """(attribute, grade, factor) → amount and grams."""
    return {(one.attribute, one.grade, one.co2e_mg): (one.amount, one.co2e_g) for one in report.attributes}


def points(report: GreenReport) -> tuple[int, int, int, int]:
    """Earned, used, expired, left."""
    one: GreenKind = next(kind for kind in report.kinds if kind.kind == "green")
    return one.earned, one.used, one.expired, one.left


def kwh(amount: int, category: str = "lamps") -> dict[str, int]:
    return {f"kwh-year/{category}": amount}


def test_a_report_says_what_was_earned_used_and_saved(green: Shop) -> None:
    """By factor and source, by grade in pieces, with names in both languages; other points and other members are not in it."""
    green.join(MEMBER)
    green.join(OTHER)
    here, there = green.till(), green.till("T3", "S2")
    sent(here, bought(here, award=65, units=kwh(60) | {"grade=1/lamps": 2, "pieces/lamps": 3}, activities=("quiz",)))
    sent(here, bought(here, programme_version=3, units=kwh(7), award=7))
    sent(there, bought(there, use=12))
    sent(here, bought(here, OTHER, award=5, units=kwh(5)))
    sent(here, here.sale(MEMBER, award=100))
    report = reported(green)
    assert (report.member, report.at, points(report)) == (MEMBER, NOW_US, (72, 12, 0, 60))
    assert [kind.kind for kind in report.kinds] == ["green"]
    assert amounts(report) == {
        ("grade", "1", 0): (2, 0), ("kwh-year", "", 500_000): (7, 3_500), ("kwh-year", "", 530_600): (60, 31_836),
    }  # fmt: skip
    told: GreenAttribute = report.attributes[-1]
    assert told.source is not None
    assert (told.name.zh, told.unit.en, told.source.en) == ("节约用电", "kWh", "announcement of 530600")
    assert [(one.activity, one.name.en, one.times) for one in report.activities] == [("quiz", "quiz", 1)]
    assert [one.merchant for one in report.merchants] == ["M1", "M2"], "where he used them too"
    green.assert_well()


def test_without_a_green_programme_there_is_nothing(shop: Shop) -> None:
    """Nor for a version that has no such rules."""
    shop.join(MEMBER)
    till = shop.till()
    sent(till, till.sale(MEMBER, award=10, units=kwh(10)))
    assert reported(shop) == GreenReport(member=MEMBER, at=NOW_US)
    greened(shop)
    assert amounts(reported(shop)) == {}


def test_a_voided_sale_is_out(green: Shop) -> None:
    """Its goods, its activities, its points in both directions."""
    green.join(MEMBER)
    till = green.till()
    sent(till, bought(till, award=30, units=kwh(30)))
    sale = sent(till, bought(till, award=65, use=8, units=kwh(60), activities=("quiz",)))
    sent(till, till.void(sale))
    report = reported(green)
    assert (points(report), amounts(report)) == ((30, 0, 0, 30), {("kwh-year", "", 530_600): (30, 15_918)})
    assert report.activities == ()


def test_of_goods_that_came_back_the_rest_is_left(green: Shop) -> None:
    """In proportion per category, exact over several sales, rounded once: a third of 10 and a third of 11 are 7."""
    green.join(MEMBER)
    till = green.till()
    two_thirds: dict[str, Any] = {"sums_fen": {"lamps": 20_00}, "money_fen": 20_00}
    sent(till, bought(till, award=10))
    for amount in (10, 11):
        units = kwh(amount) | kwh(100, "food")
        whole: dict[str, Any] = {"sums_fen": {"lamps": 30_00, "food": 70_00}}
        sale = sent(till, bought(till, award=30, use=3, units=units, **whole))
        sent(till, till.refund(sale, 2, 20, kind="green", business_day="2027-01-02", **two_thirds))
    exact = Fraction(10 + 11, 3) + 200
    assert amounts(reported(green)) == {("kwh-year", "", 530_600): (int(exact), int(exact * 530_600 / 1000))}
    assert points(reported(green)) == (30, 2, 0, 28)
    assert points(reported(green, until="2026-12-31")) == (30, 2, 0, 28), "a refund belongs to the day of its sale"
    assert points(reported(green, since="2027-01-01")) == (0, 0, 0, 28)


def test_what_came_back_whole_is_gone(green: Shop) -> None:
    """Not a line of 0."""
    green.join(MEMBER)
    till = green.till()
    sale = sent(till, bought(till, award=30, units=kwh(30) | {"grade=1/lamps": 1}))
    sent(till, till.refund(sale, 0, 30, kind="green", sums_fen={"lamps": 100_00}, money_fen=100_00))
    assert (reported(green).attributes, points(reported(green))) == ((), (0, 0, 0, 0))


def test_a_period_has_its_business_days(green: Shop) -> None:
    """Both included; the balance is that of now; what ended is there too."""
    green.join(MEMBER)
    till = green.till()
    for day, amount in (("2025-12-31", 1), ("2026-01-01", 2), ("2026-12-31", 4), ("2027-01-01", 8)):
        ends = (Award(kind="green", points=amount, expires_on="2026-06-30" if amount == 1 else ""),)
        sent(till, bought(till, business_day=day, units=kwh(amount), awards=ends))
    expire(green.database, "2026-07-01", NOW_US)
    year = reported(green, since="2026-01-01", until="2026-12-31")
    assert amounts(year) == {("kwh-year", "", 530_600): (6, 3_183)}
    assert points(year) == (6, 0, 1, 14)
    assert (year.since, year.until) == ("2026-01-01", "2026-12-31")
    assert points(reported(green)) == (15, 0, 1, 14)


def test_a_number_that_was_merged_is_in_the_new_ones(green: Shop) -> None:
    """Sales and points of both, and nothing twice."""
    green.join(MEMBER)
    green.join(OTHER)
    till = green.till()
    sent(till, bought(till, OTHER, award=20, use=5, units=kwh(20)), "shortfall")
    sent(till, bought(till, MEMBER, award=10, units=kwh(10)))
    merge(green.database, OTHER, MEMBER, green.tick())
    report = reported(green)
    assert amounts(report) == {("kwh-year", "", 530_600): (30, 15_918)}
    earned, used, expired, left = points(report)
    assert (earned, left) == (30, earned - used - expired)
    green.assert_well()


def test_a_sale_whose_points_wait_counts_when_a_person_accepts_them(green: Shop) -> None:
    """The same receipt twice is not twice the saving, until somebody says so."""
    green.join(MEMBER)
    till = green.till()
    sent(till, bought(till, award=30, units=kwh(30), reference="R1"))
    sent(till, bought(till, award=30, use=4, units=kwh(30), reference="R1"), "quarantined")
    assert amounts(reported(green)) == {("kwh-year", "", 530_600): (30, 15_918)}
    decide(green.database, Wanted("T1", 2, "accepted", "1001", "two customers"), green.tick())
    assert amounts(reported(green)) == {("kwh-year", "", 530_600): (60, 31_836)}
    assert points(reported(green)) == (60, 4, 0, 56)


def test_a_signed_file_is_the_report(green: Shop) -> None:
    """For whoever knows the fingerprint; also where a till sent units that no JSON reader keeps."""
    green.join(MEMBER)
    till, keys = green.till(), new_keys(NOW_US)
    sent(till, bought(till, award=30, units=kwh(2**53 - 1)))
    report = reported(green)
    assert report.attributes[0].amount == 2**53 - 1
    assert read_report(signed_file(keys, report), keys.fingerprint) == report


def test_a_merchants_facts_are_by_category_store_and_day(green: Shop) -> None:
    """Of his own sales alone, in the days that are asked for, without what was voided."""
    green.join(MEMBER)
    green.join(OTHER)
    here, there = green.till(), green.till("T3", "S2")
    sent(here, bought(here, units={"kwh-year/lamps": 30, "kwh-year+led/lamps": 5, "kwh-year/food": 1}))
    sent(here, bought(here, OTHER, units=kwh(8), activities=("quiz",), business_day="2026-12-01"))
    sent(here, here.void(sent(here, bought(here, units=kwh(100)))))
    sent(there, bought(there, units=kwh(50)))
    with green.database.read() as connection:
        found = list(merchant_facts(connection, "M1", "2026-11-01", "2026-12-31"))
        november = list(merchant_facts(connection, "M1", "2026-11-01", "2026-11-30"))
        with pytest.raises(NotKnownError):
            list(merchant_facts(connection, "M9", "2026-11-01", "2026-11-30"))
    assert sorted(
        (one.place.store, one.place.day, one.category, one.group, int(one.amount))
        for one in found
        if isinstance(one, Measured)
    ) == [
        ("S1", DAY, "food", "", 1), ("S1", DAY, "lamps", "", 30), ("S1", DAY, "lamps", "led", 5),
        ("S1", "2026-12-01", "lamps", "", 8),
    ]  # fmt: skip
    assert [one.activity for one in found if isinstance(one, Done)] == ["quiz"]
    assert len(november) == 3


_SALES = st.tuples(
    st.sampled_from(["2025-12-31", "2026-01-01", DAY]), st.integers(0, 99), st.integers(1, 50), st.integers(0, 9)
)
_STEPS = st.lists(
    st.one_of(_SALES, st.tuples(st.sampled_from(["void", "refund"]), st.integers(0, 9), st.integers(1, 30_00))),
    max_size=12,
)


@given(steps=_STEPS)
@settings(max_examples=40, deadline=None)
def test_a_report_is_that_of_plain_dicts(steps: list[Any]) -> None:
    """After any sales, voids and refunds, also such that the ledger refuses: they change nothing."""
    shop = greened(Shop(MemoryDatabase(empty_books())))
    shop.join(MEMBER)
    till = shop.till()
    sales: list[Sale] = []
    book: dict[Any, dict[str, Any]] = {}
    for step in steps:
        if len(step) == 4:
            day, saved, award, use = step
            sale = bought(till, award=award, use=use, units=kwh(saved), sums_fen={"lamps": 70_00}, business_day=day)
            before = shop.balance(MEMBER, "green")[0]
            till.send(sale)
            sales.append(sale)
            book[sale.id] = {"day": day, "kwh": saved, "fen": 70_00, "earned": award, "used": min(use, before)}
        elif sales:
            what, which, fen = step
            sale = sales[which % len(sales)]
            of_sale = book.get(sale.id)
            entry = till.void(sale) if what == "void" else till.refund(sale, sums_fen={"lamps": fen}, money_fen=0)
            if till.send(entry).status == "booked" and of_sale:
                if what == "void":
                    del book[sale.id]
                else:
                    of_sale["fen"] -= fen
    for since, until in (("", ""), ("2026-01-01", "2026-12-31")):
        kept = [one for one in book.values() if since <= one["day"] and (not until or one["day"] <= until)]
        exact = sum((Fraction(one["kwh"] * one["fen"], 70_00) for one in kept), Fraction(0))
        report = reported(shop, since=since, until=until)
        expected = {("kwh-year", "", 530_600): (int(exact), int(exact * 530_600 / 1000))} if exact else {}
        assert amounts(report) == expected
        if report.kinds:
            earned, used, _expired, _left = points(report)
            assert (earned, used) == (sum(one["earned"] for one in kept), sum(one["used"] for one in kept))
    if reported(shop).kinds:
        earned, used, expired, left = points(reported(shop))
        assert earned - used - expired == left

"""A store's day from all its tills: the sums, what is late, what is open, and the week before beside it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.problems import NotKnownError
from ledger.sent import sent_on
from ledger.store_day import store_day
from protocol.entries import Redemption
from tests.ledger.shop import DAY, KIND, Shop, Till

TODAY = date.fromisoformat(DAY)
NEXT = (TODAY + timedelta(days=1)).isoformat()


@pytest.fixture
def tills(shop: Shop) -> tuple[Till, Till]:
    """Two of one store."""
    shop.settle("S1")
    return shop.till("T1"), shop.till("T2")


def taking(points: int, fen: int, authority: str = "online") -> Redemption:
    return Redemption(reward="voucher", kind=KIND, points=points, off_bill_fen=fen, authority=authority, proof="pin")  # type: ignore[arg-type]


def test_all_tills_of_a_store_together(shop: Shop, tills: tuple[Till, Till]) -> None:
    """By cashier and hour, by authority and reward; another store's are not in it."""
    member = shop.join("1000000001")
    first, second = tills
    first.send(first.sale(member, award=500, by="1001"))
    second.send(
        second.sale(
            member, award=100, by="1002", redemptions=(taking(200, 2_00), taking(100, 1_00, "floor")), due_fen=97_00
        )
    )
    other = shop.till("T9", "S2")
    other.send(other.sale(member, award=1))
    with shop.database.read() as connection:
        day = store_day(connection, "S1", TODAY)
    assert (day.whole.sales, day.whole.gross_fen, day.whole.due_fen, day.whole.off_bill_fen) == (
        2,
        200_00,
        197_00,
        3_00,
    )
    assert (day.whole.awarded[KIND], day.whole.redeemed[KIND]) == (600, 300)
    assert {name: sums.sales for name, sums in day.by_staff.items()} == {"1001": 1, "1002": 1}
    assert sum(sums.sales for sums in day.by_hour.values()) == 2
    assert (day.by_authority["online"], day.by_authority["floor"]) == (200, 100)
    assert dict(day.by_reward["voucher"]) == {"times": 2, "points": 300, "fen": 3_00}
    assert [(till.terminal, till.entries) for till in day.tills] == [("T1", 1), ("T2", 1)]


def test_what_was_voided_is_not_in_it_and_what_came_back_is_told(shop: Shop, tills: tuple[Till, Till]) -> None:
    """The sale that goods came back of stays counted as it was."""
    member, till = shop.join("1000000001"), tills[0]
    sales = [till.sale(member, award=100) for _ in range(3)]
    for sale in sales:
        till.send(sale)
    till.send(till.void(sales[0]))
    till.send(till.refund(sales[1], taken_back=40, money_fen=40_00))
    with shop.database.read() as connection:
        day = store_day(connection, "S1", TODAY)
    assert (day.whole.sales, day.voids, day.voided_fen) == (2, 1, 100_00)
    assert (day.refunds, day.refunded_fen, day.taken_back[KIND]) == (1, 40_00, 40)


def test_what_waits_and_what_was_not_covered_is_told(shop: Shop, tills: tuple[Till, Till]) -> None:
    """An entry that a person decides about, and a redemption on the floor without points behind it."""
    member, till = shop.join("1000000001"), tills[0]
    till.send(till.sale(member, redeem=50))
    till.send(till.sale(member, award=5, programme_version=99))
    with shop.database.read() as connection:
        day = store_day(connection, "S1", TODAY)
    assert (day.waiting, day.shortfalls, day.shortfall_points) == (1, 1, 50)


def test_a_late_entry_is_on_the_day_when_it_happened(shop: Shop, tills: tuple[Till, Till]) -> None:
    """Days of a long journal are found whole, and the same weekday before is beside them."""
    member, till = shop.join("1000000001"), tills[0]
    days = [(TODAY + timedelta(days=day)).isoformat() for day in range(9)]
    for day in days:
        for _ in range(3):
            till.append(till.sale(member, award=10, business_day=day))
    till.push()
    with shop.database.read() as connection:
        for day in days:
            assert [one.entry.business_day for one in sent_on(connection, "T1", day)] == [day] * 3
        assert list(sent_on(connection, "T1", "2020-01-01")) == [] == list(sent_on(connection, "T1", "2099-01-01"))
        late = store_day(connection, "S1", TODAY + timedelta(days=8))
    assert (late.whole.sales, late.before.sales, late.before.awarded[KIND]) == (3, 3, 30)


def test_nobody_asks_for_a_store_that_is_none(shop: Shop) -> None:
    """By name."""
    with shop.database.read() as connection, pytest.raises(NotKnownError):
        store_day(connection, "S9", TODAY)

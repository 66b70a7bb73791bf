"""Points past their last day become breakage, unless they are reserved."""

from __future__ import annotations

from datetime import date

from ledger import rows
from ledger.expiring import day_that_goes_on, expire
from protocol.business_days import Calendar
from tests.ledger.shop import KIND, Shop

HOUR_US = 3_600_000_000


def test_points_end_after_their_last_day(shop: Shop) -> None:
    """On its last day a lot can be used; a day later it is the breakage of the merchant who issued it."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=10, expires_on="2026-11-30"))
    till.send(till.sale(member, award=5, expires_on=""))
    assert expire(shop.database, "2026-11-30", shop.tick()) == 0
    assert expire(shop.database, "2026-12-01", shop.tick()) == 10
    assert shop.balance(member) == (5, 0, 0)
    with shop.database.read() as connection:
        breakage = rows.fetch(connection, "SELECT holder, kind, points FROM posting WHERE account = 'breakage'")
    assert breakage == [("M1", KIND, 10)]
    shop.assert_well()


def test_points_end_when_their_last_day_is_over_in_every_store(shop: Shop) -> None:
    """Past midnight, and a restaurant that ends its day at five goes on with yesterday."""
    midnight_us = Calendar().began_us(date(2026, 12, 1))
    assert day_that_goes_on(shop.database, midnight_us) == "2026-12-01"
    shop.settle("S1", day_ends="05:00")
    shop.settle("S2")
    assert day_that_goes_on(shop.database, midnight_us + 5 * HOUR_US - 1) == "2026-11-30"
    assert day_that_goes_on(shop.database, midnight_us + 5 * HOUR_US) == "2026-12-01"
    shop.settle("S1")
    assert day_that_goes_on(shop.database, midnight_us) == "2026-12-01", "what is published last counts"


def test_each_lot_ends_by_its_own_validity(shop: Shop) -> None:
    """Two merchants give the same kind for different times, and kinds differ: each is its issuer's breakage on its own day."""
    (first, second), member = (shop.till(), shop.till("T2", "S2")), shop.join("1000000001")
    first.send(first.sale(member, award=10, expires_on="2026-12-31"))
    second.send(second.sale(member, award=20, expires_on="2027-03-31"))
    first.send(first.sale(member, award=30, kind="gold", expires_on="2027-01-15"))
    second.send(second.sale(member, award=40, kind="gold", expires_on=""))
    swept = [
        (day, expire(shop.database, day, shop.tick()), shop.balance(member)[0], shop.balance(member, "gold")[0])
        for day in ("2026-12-31", "2027-01-01", "2027-01-16", "2027-03-31", "2027-04-01", "2099-01-01")
    ]
    assert swept == [
        ("2026-12-31", 0, 30, 70), ("2027-01-01", 10, 20, 70), ("2027-01-16", 30, 20, 40), ("2027-03-31", 0, 20, 40),
        ("2027-04-01", 20, 0, 40), ("2099-01-01", 0, 0, 40),
    ]  # fmt: skip
    with shop.database.read() as connection:
        breakage = rows.fetch(connection, "SELECT holder, kind, sum(points) FROM posting WHERE account = 'breakage'"
                              " GROUP BY holder, kind ORDER BY holder, kind")  # fmt: skip
    assert breakage == [("M1", "gold", 30), ("M1", KIND, 10), ("M2", KIND, 20)]
    shop.assert_well()


def test_expiring_twice_takes_nothing_more(shop: Shop) -> None:
    """The second run of a day finds nothing, and writes nothing."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=10, expires_on="2026-11-30"))
    expire(shop.database, "2026-12-01", shop.tick())
    before = shop.everything()
    assert expire(shop.database, "2026-12-01", shop.tick()) == 0
    assert shop.everything() == before


def test_reserved_points_end_when_they_come_back(shop: Shop) -> None:
    """A reservation holds what expires first; returned, it ends with the next run."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=10, expires_on="2026-11-30"))
    till.send(till.sale(member, award=10, expires_on="2027-11-30"))
    sale = till.sale(member)
    till.reserve(sale, 8)
    assert expire(shop.database, "2026-12-01", shop.tick()) == 2
    assert shop.balance(member) == (10, 8, 0)
    till.send(till.returned(member, sale.id))
    assert expire(shop.database, "2026-12-01", shop.tick()) == 8
    assert shop.balance(member) == (10, 0, 0)
    shop.assert_well()


def test_first_expiring_points_are_spent_first(shop: Shop) -> None:
    """A redemption takes the lot that ends soonest, whenever it was earned; one without an end comes last."""
    till, member = shop.till(), shop.join("1000000001")
    for points, day in ((10, ""), (20, "2027-05-31"), (30, "2026-12-31")):
        till.send(till.sale(member, award=points, expires_on=day))
    till.send(till.sale(member, redeem=45))
    with shop.database.read() as connection:
        left = rows.fetch(connection, "SELECT points, points_left FROM lot ORDER BY points")
    assert left == [(10, 10), (20, 5), (30, 0)]

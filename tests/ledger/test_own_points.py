"""Rewards for points of the merchant's own issue (P14): what is reserved for them, and which lots pay."""

from __future__ import annotations

import msgspec

from protocol.entries import Sale
from protocol.reservations import Granted, Refused
from tests.ledger.shop import Shop, Till


def own_sale(till: Till, member: str, points: int) -> Sale:
    """A sale that takes a reward for own points alone."""
    sale = till.sale(member, redeem=points)
    return msgspec.structs.replace(sale, redemptions=(msgspec.structs.replace(sale.redemptions[0], own=True),))


def two_issuers(shop: Shop) -> tuple[Till, str]:
    """A member with 60 points of M2, which end first, and 100 of M1, at whose till he stands."""
    till, other, member = shop.till("T1", "S1"), shop.till("T2", "S2"), shop.join("1000000001")
    other.send(other.sale(member, award=60, expires_on="2027-01-01"))
    till.send(till.sale(member, award=100, expires_on="2028-01-01"))
    return till, member


def left(shop: Shop) -> dict[str, int]:
    """Points left by issuer."""
    with shop.database.read() as connection:
        found = connection.exec_driver_sql("SELECT issuer, sum(points_left) FROM lot GROUP BY issuer").fetchall()
    return {issuer: int(points) for issuer, points in found}


def test_other_merchants_points_do_not_count(shop: Shop) -> None:
    """He has 160, and 100 of them are this merchant's: 101 are refused with what could be spent, and nothing changes."""
    till, member = two_issuers(shop)
    before = shop.everything()
    refused = till.reserve(own_sale(till, member, 101), 101, own=True)
    assert refused == Refused(reason="not-enough-own-points", spendable=100)
    assert shop.everything() == before
    assert isinstance(till.reserve(own_sale(till, member, 100), 100, own=True), Granted)
    assert isinstance(till.reserve(own_sale(till, member, 60), 60), Granted)


def test_his_own_lots_pay_though_others_end_first(shop: Shop) -> None:
    """And an ordinary reward takes what ends first, as always."""
    till, member = two_issuers(shop)
    sale = own_sale(till, member, 70)
    till.reserve(sale, 70, own=True)
    assert till.send(sale).status == "booked"
    assert left(shop) == {"M1": 30, "M2": 60}
    assert till.send(till.sale(member, redeem=10)).status == "booked"
    assert left(shop) == {"M1": 30, "M2": 50}
    shop.assert_well()


def test_what_lies_reserved_may_be_his_own(shop: Shop) -> None:
    """Never more than is certain: 100 own points, 40 of any issue reserved elsewhere, so 60 are granted at most."""
    till, member = two_issuers(shop)
    till.reserve(till.sale(member), 40)
    assert till.reserve(own_sale(till, member, 61), 61, own=True) == Refused(
        reason="not-enough-own-points", spendable=60
    )
    assert isinstance(till.reserve(own_sale(till, member, 60), 60, own=True), Granted)


def test_a_void_gives_back_the_lots_that_paid(shop: Shop) -> None:
    """Each point to where it came from."""
    till, member = two_issuers(shop)
    sale = own_sale(till, member, 70)
    till.reserve(sale, 70, own=True)
    till.send(sale)
    assert till.send(till.void(sale)).status == "booked"
    assert left(shop) == {"M1": 100, "M2": 60}
    shop.assert_well()


def test_who_has_none_is_told_so(shop: Shop) -> None:
    """A member without any points."""
    till, member = shop.till(), shop.join("1000000002")
    assert till.reserve(own_sale(till, member, 1), 1, own=True) == Refused(
        reason="not-enough-own-points", spendable=0
    )

"""A sale is taken back whole, once, with its points in both directions."""

from __future__ import annotations

from ledger import rows
from protocol.reservations import Granted
from tests.ledger.shop import DAY, KIND, Shop


def test_void_takes_the_award_and_gives_the_redemption_back(shop: Shop) -> None:
    """After the void the member has what he had before the sale, and the lots too."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=100))
    sale = till.sale(member, award=30, redeem=60)
    till.send(sale)
    assert shop.balance(member) == (70, 0, 0)
    assert till.send(till.void(sale)).status == "booked"
    assert shop.balance(member) == (100, 0, 0)
    assert sorted(_lots(shop)) == [(30, 0), (100, 100)]
    shop.assert_well()


def test_sale_is_voided_once(shop: Shop) -> None:
    """A second void of one sale waits in quarantine and moves nothing, in the same batch and later."""
    till, member = shop.till(), shop.join("1000000001")
    sale = till.sale(member, award=30)
    for entry in (sale, till.void(sale), till.void(sale)):
        till.append(entry)
    assert [outcome.reason for outcome in till.push().outcomes] == ["", "", "already-voided"]
    before = shop.everything()["posting"]
    assert till.send(till.void(sale)).reason == "already-voided"
    assert shop.everything()["posting"] == before
    shop.assert_well()


def test_points_spent_meanwhile_become_owed(shop: Shop) -> None:
    """What is no more there to be taken back is owed, and the next awards pay it first."""
    till, member = shop.till(), shop.join("1000000001")
    sale = till.sale(member, award=100)
    for entry in (sale, till.sale(member, redeem=80), till.void(sale)):
        till.send(entry)
    assert shop.balance(member) == (0, 0, 80)
    till.send(till.sale(member, award=50))
    assert shop.balance(member) == (0, 0, 30)
    till.send(till.sale(member, award=50))
    assert shop.balance(member) == (20, 0, 0)
    shop.assert_well()


def test_void_leaves_reservations_alone(shop: Shop) -> None:
    """Reserved points are promised to a till: the void takes the unreserved ones, the rest is owed."""
    till, member = shop.till(), shop.join("1000000001")
    sale = till.sale(member, award=100)
    till.send(sale)
    redeeming = till.sale(member, redeem=70)
    assert isinstance(till.reserve(redeeming, 70), Granted)
    till.send(till.void(sale))
    assert shop.balance(member) == (0, 70, 70)
    assert till.send(redeeming).status == "booked"
    assert shop.balance(member) == (0, 0, 70)
    shop.assert_well()


def test_void_credits_available_never_the_reservation(shop: Shop) -> None:
    """Points that came out of a reservation go back to `available`; the reservation stays ended."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=100))
    sale = till.sale(member, redeem=40)
    till.reserve(sale, 50)
    till.send(sale)
    assert shop.balance(member) == (60, 0, 0)
    till.send(till.void(sale))
    assert shop.balance(member) == (100, 0, 0)
    shop.assert_well()


def test_shortfall_is_undone_with_its_sale(shop: Shop) -> None:
    """What the merchant bore comes back to the merchant, what the member paid to the member."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=10))
    sale = till.sale(member, redeem=25)
    till.send(sale)
    till.send(till.void(sale))
    assert shop.balance(member) == (10, 0, 0)
    with shop.database.read() as connection:
        assert rows.fetch(connection, "SELECT sum(points) FROM posting WHERE account = 'shortfall'") == [(0,)]
    shop.assert_well()


def test_points_given_back_keep_their_end(shop: Shop) -> None:
    """A lot gets its points back with its end unchanged; one that has ended meanwhile gets 30 days."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=10, expires_on="2026-11-22"))
    sale = till.sale(member, redeem=10)
    till.send(sale)
    till.send(till.void(sale, business_day="2026-11-22"))
    assert _ends(shop) == ["2026-11-22"]
    sale = till.sale(member, redeem=10)
    till.send(sale)
    till.send(till.void(sale, business_day="2026-11-23"))
    assert _ends(shop) == ["2026-12-23"]
    shop.assert_well()


def test_void_of_what_is_no_sale_of_this_member_waits(shop: Shop) -> None:
    """A void of a void, of another store's sale or of another member's sale names no sale that it may take back."""
    till, elsewhere, member = shop.till(), shop.till("T2", "S2"), shop.join("1000000001")
    sale = till.sale(member, award=10)
    void = till.void(sale)
    till.send(sale)
    assert elsewhere.send(elsewhere.void(sale)).reason == "unknown-entry"
    till.send(void)
    assert till.send(till.void(sale, voids=void.id)).reason == "unknown-entry"
    other = shop.join("1000000002")
    assert till.send(till.void(till.sale(other), voids=sale.id)).reason == "unknown-entry"
    assert (shop.balance(member), DAY, KIND) == ((0, 0, 0), "2026-11-21", "points")


def _lots(shop: Shop) -> list[rows.Values]:
    with shop.database.read() as connection:
        return rows.fetch(connection, "SELECT points, points_left FROM lot")


def _ends(shop: Shop) -> list[str]:
    with shop.database.read() as connection:
        return [day for (day,) in rows.fetch(connection, "SELECT expires_on FROM lot")]

"""A till empties its journal: received, booked, answered."""

from __future__ import annotations

from tests.ledger.shop import Shop


def test_award_is_booked(shop: Shop) -> None:
    """A sale's award becomes available points of the member, in a lot, at a position of his bucket's feed."""
    till, member = shop.till(), shop.join("1000000001")
    outcome = till.send(till.sale(member, award=120))
    assert (outcome.status, outcome.position) == ("booked", 2)
    assert shop.balance(member) == (120, 0, 0)
    shop.assert_well()

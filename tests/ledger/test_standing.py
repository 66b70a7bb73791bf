"""What a member's standing changes for his points: nothing in what has happened, everything in what is asked for."""

from __future__ import annotations

import pytest

from protocol.reservations import Refused
from tests.ledger.shop import Shop


@pytest.mark.parametrize("status", ["blocked", "revoked", "left"])
def test_what_happened_is_booked_whatever_his_standing(shop: Shop, status: str) -> None:
    """The goods have left and the points were promised: sales of a blocked member are booked; he reserves nothing."""
    till, member = shop.till(), shop.join("1000000001", status=status)
    assert till.send(till.sale(member, award=10)).status == "booked"
    assert till.send(till.sale(member, redeem=4)).status == "booked"
    assert till.reserve(till.sale(member), 1) == Refused(reason="member-blocked", spendable=6)
    assert shop.balance(member) == (6, 0, 0)
    shop.assert_well()


def test_what_arrives_for_a_merged_number_is_swept(shop: Shop) -> None:
    """A merge is a tombstone: what still arrives for the old number is booked at the old account, and goes on from there."""
    till, kept = shop.till(), shop.join("1000000002")
    member = shop.join("1000000001", status="merged", merged_into=kept)
    assert till.send(till.sale(member, award=10)).status == "booked"
    assert (shop.balance(member), shop.balance(kept)) == ((0, 0, 0), (10, 0, 0))
    shop.assert_well()

"""What a member brings along pays what he owes first, as any other points do."""

from __future__ import annotations

import pytest

from ledger.opening import Opening, book_openings
from tests.ledger.shop import KIND, NOW_US, Shop


@pytest.mark.parametrize(("brought", "left"), [(30, (0, 0, 40)), (70, (0, 0, 0)), (100, (30, 0, 0))])
def test_it_pays_debts_first(shop: Shop, brought: int, left: tuple[int, int, int]) -> None:
    """An import gives points also to who is there already."""
    till, member = shop.till(), shop.join("1000000001")
    sale = till.sale(member, award=70)
    till.send(sale)
    till.send(till.sale(member, redeem=70))
    till.send(till.void(sale))
    assert shop.balance(member) == (0, 0, 70)
    with shop.database.write() as connection:
        book_openings(connection, {member: [Opening(KIND, brought, "M1")]}, NOW_US)
    assert shop.balance(member) == left
    shop.assert_well()

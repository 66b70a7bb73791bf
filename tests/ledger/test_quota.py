"""A month's quota of other merchants' points for one reward (P14)."""

from __future__ import annotations

from ledger import rows
from ledger.price_words import price_lines
from ledger.verify import verify
from protocol.reservations import Refused
from tests.ledger.bounded import PRICE, VERSION, ask, bounded, reason, rich, sums, take, taking
from tests.ledger.shop import PROGRAMME, Shop
from tests.ledger.test_counting import MEMBER, OTHER

__all__ = ["bounded"]


def test_others_points_are_taken_up_to_the_quota(bounded: Shop) -> None:
    """25 of others a month, from all members together; their own of this merchant pay first and are not counted."""
    till, elsewhere = bounded.till("T1", "S1"), bounded.till("T3", "S2")
    rich(bounded, elsewhere, MEMBER, OTHER)
    till.send(till.sale(MEMBER, award=4))
    assert take(till, MEMBER, "dinner").redemptions[0].others == PRICE - 4
    assert take(till, OTHER, "dinner").redemptions[0].others == PRICE
    assert sums(bounded) == {"others/dinner/2026-11": 16}
    refused = ask(till, taking(till, OTHER, "dinner"))
    assert refused == Refused(reason="quota-used-up", spendable=9)
    assert reason(till, OTHER, "dinner", "2026-12-01") == ""
    assert left_by_issuer(bounded, MEMBER) == {"M2": 994}
    assert verify(bounded.database) == []


def test_own_points_need_no_quota(bounded: Shop) -> None:
    """Who pays with this merchant's own gets it also when the quota is used up."""
    till, elsewhere = bounded.till("T1", "S1"), bounded.till("T3", "S2")
    rich(bounded, elsewhere, OTHER)
    rich(bounded, till, MEMBER)
    for _ in range(2):
        take(till, OTHER, "dinner")
    assert reason(till, OTHER, "dinner") == "quota-used-up"
    assert take(till, MEMBER, "dinner").redemptions[0].others == 0


def test_a_void_gives_the_quota_back(bounded: Shop) -> None:
    """And so does a reservation that is returned."""
    till, elsewhere = bounded.till("T1", "S1"), bounded.till("T3", "S2")
    rich(bounded, elsewhere, OTHER)
    first = take(till, OTHER, "dinner")
    waiting = taking(till, OTHER, "dinner")
    ask(till, waiting)
    assert sums(bounded) == {"others/dinner/2026-11": 20, "held": 1}
    till.send(till.void(first))
    till.send(till.returned(OTHER, waiting.id))
    assert sums(bounded) == {}
    assert verify(bounded.database) == []


def left_by_issuer(shop: Shop, member: str) -> dict[str, int]:
    """Points left of a member, without zeros."""
    with shop.database.read() as connection:
        found = rows.fetch(
            connection, "SELECT issuer, sum(points_left) FROM lot WHERE member = ? GROUP BY issuer", member
        )
    return {issuer: int(points) for issuer, points in found if points}


def test_who_approves_a_programme_reads_the_quota(bounded: Shop) -> None:
    """Beside what others' points bring and cost, in the words of the reward."""
    with bounded.database.read() as connection:
        programme = bounded.database.terms.refreshed(connection).programme(connection, (PROGRAMME, VERSION, 1))
    assert programme is not None
    assert list(price_lines(programme, [])) == ["    词 / words: at most 25 of others' points a month"] * 2

"""Points leave `available` before the goods leave."""

from __future__ import annotations

from ledger.reserving import reserve
from protocol.reservations import Granted, Refused, ReserveRequest
from tests.ledger.shop import KIND, Shop, Till


def test_reservation_moves_points_and_the_feed(shop: Shop) -> None:
    """Granted points lie with the terminal, and whoever pulls hears of it."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member, redeem=60)
    verdict = till.reserve(sale, 60)
    assert isinstance(verdict, Granted)
    assert (verdict.reservation.points, verdict.reservation.terminal, verdict.reservation.id) == (60, "T1", sale.id)
    assert verdict.reservation.position == 3
    assert shop.balance(member) == (40, 60, 0)
    shop.assert_well()


def test_asking_again_gets_the_same_reservation(shop: Shop) -> None:
    """A lost answer is asked for again with the same id: the same words, and nothing moves twice."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member, redeem=60)
    first = till.reserve(sale, 60)
    before = shop.everything()
    assert till.reserve(sale, 60) == first
    assert shop.everything() == before


def test_too_few_points_are_refused(shop: Shop) -> None:
    """No, with what could be spent; nothing changes."""
    till, member = _with_points(shop, 100)
    before = shop.everything()
    assert till.reserve(till.sale(member), 101) == Refused(reason="not-enough-points", spendable=100)
    assert shop.everything() == before


def test_sale_uses_its_reservation_and_frees_the_rest(shop: Shop) -> None:
    """A sale pays out of the reservation with its id first; what it leaves is available again, and the id is done."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member, redeem=45)
    till.reserve(sale, 60)
    assert till.send(sale).status == "booked"
    assert shop.balance(member) == (55, 0, 0)
    assert till.reserve(sale, 60) == Refused(reason="already-ended", spendable=55)
    shop.assert_well()


def test_sale_takes_more_than_reserved_from_available(shop: Shop) -> None:
    """Reservation, then available, then shortfall."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member, redeem=130)
    till.reserve(sale, 60)
    outcome = till.send(sale)
    assert (outcome.status, outcome.shortfall) == ("shortfall", 30)
    assert shop.balance(member) == (0, 0, 0)
    shop.assert_well()


def test_another_till_cannot_spend_what_is_reserved(shop: Shop) -> None:
    """Points that lie with one till are out of reach of the others: theirs is the shortfall."""
    till, member = _with_points(shop, 100)
    mine = till.sale(member, redeem=80)
    till.reserve(mine, 80)
    other = shop.till("T2", "S2")
    assert other.send(other.sale(member, redeem=100)).shortfall == 80
    assert till.send(mine).status == "booked"
    shop.assert_well()


def test_returned_frees_and_ends(shop: Shop) -> None:
    """What is left goes back to available; the id reserves nothing ever again; a second return moves nothing."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member)
    till.reserve(sale, 60)
    assert till.send(till.returned(member, sale.id)).status == "booked"
    assert shop.balance(member) == (100, 0, 0)
    assert till.send(till.returned(member, sale.id)).status == "booked"
    assert till.reserve(sale, 60) == Refused(reason="already-ended", spendable=100)
    shop.assert_well()


def test_request_that_comes_after_its_return_reserves_nothing(shop: Shop) -> None:
    """The till gave up and returned an id that the ledger never saw: the late request finds it ended."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member)
    assert till.send(till.returned(member, sale.id)).status == "booked"
    assert till.reserve(sale, 60) == Refused(reason="already-ended", spendable=100)
    shop.assert_well()


def test_only_its_own_terminal_ends_a_reservation(shop: Shop) -> None:
    """Another till can neither return it nor get it by asking for the same id."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member, redeem=60)
    till.reserve(sale, 60)
    other = shop.till("T2", "S2")
    assert other.send(other.returned(member, sale.id)).reason == "unknown-entry"
    assert other.reserve(sale, 60) == Refused(reason="already-ended", spendable=40)
    assert shop.balance(member) == (40, 60, 0)


def test_quarantined_redemption_keeps_its_points_reserved(shop: Shop) -> None:
    """Until a person decides, the points stay where they are."""
    till, member = _with_points(shop, 100)
    sale = till.sale(member, redeem=60, kind="stars")
    till.reserve(sale, 60)
    assert till.send(sale).status == "quarantined"
    assert shop.balance(member) == (40, 60, 0)
    shop.assert_well()


def test_reasons_to_refuse(shop: Shop) -> None:
    """Each reason has its word, and a refusal by the caller is passed on."""
    till, member = _with_points(shop, 100)
    blocked = shop.join("1000000002", status="blocked")
    reasons = [
        till.reserve(till.sale("1000000009"), 1),
        till.reserve(till.sale(blocked), 1),
        till.reserve(till.sale(member), 1, kind="stars"),
        till.reserve(till.sale(member), 1, kind="po\0ints"),
        till.reserve(till.sale(blocked), 1, member=member),
    ]
    assert [v.reason for v in reasons if isinstance(v, Refused)] == [
        "unknown-member", "member-blocked", "unknown-kind", "unknown-member", "unknown-member",
    ]  # fmt: skip
    request = ReserveRequest(id=till.sale(member).id, member=member, kind=KIND, points=1, proof="pin")
    assert reserve(
        shop.database, "T1", request, shop.tick(), lambda _: Refused(reason="pin-wrong", tries_left=2)
    ) == Refused(reason="pin-wrong", spendable=100, tries_left=2)


def _with_points(shop: Shop, points: int) -> tuple[Till, str]:
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=points))
    return till, member

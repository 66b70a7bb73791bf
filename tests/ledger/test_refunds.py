"""Goods come back, some or all, later and in another store: lot by lot, never more than the sale."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from ledger import rows
from ledger.deciding import Wanted, decide
from ledger.expiring import expire
from ledger.known_sales import sales_for
from ledger.refunds import gone_back
from ledger.verify import verify
from protocol.entries import Award, Sale, decode_entry
from protocol.ids import bucket_of
from protocol.sales import SaleKey, SalesRequest
from tests.ledger.shop import KIND, PROGRAMME, Shop, Till

MEMBER = "1000000001"


def sold(till: Till, award: int = 0, redeem: int = 0, **changes: Any) -> Sale:
    """A sale of general goods for 100 yuan."""
    sale = till.sale(MEMBER, award=award, redeem=redeem, sums_fen={"general": 100_00}, **changes)
    assert till.send(sale).status in ("booked", "shortfall")
    return sale


def half(till: Till, sale: Sale, given_back: int = 0, taken_back: int = 0, **changes: Any) -> str:
    """A refund of 50 yuan; its status, or why it waits."""
    outcome = till.send(
        till.refund(sale, given_back, taken_back, sums_fen={"general": 50_00}, money_fen=50_00, **changes)
    )
    return outcome.reason or outcome.status


def test_many_refunds_leave_the_books_as_one_void_does(shop: Shop) -> None:
    """Balance, lots and what merchants have: the same, after what is half in points and in goods twice."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=40, expires_on="2027-01-31"))
    till.send(till.sale(member, award=60))
    before = _state(shop)
    sale = sold(till, award=31, redeem=70)
    assert half(till, sale, 35, 15) == "booked"
    assert shop.balance(member) == (100 - 70 + 31 + 35 - 15, 0, 0)
    assert half(till, sale, 35, 16) == "booked"
    assert shop.balance(member) == (100, 0, 0)
    assert _state(shop) == before
    shop.assert_well()


def test_the_lot_that_was_taken_last_gets_its_points_first(shop: Shop) -> None:
    """The youngest lot, then the older ones; what nobody had covered goes back to the merchant before all of them."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=40, expires_on="2027-01-31"))
    till.send(till.sale(member, award=30))
    sale = sold(till, redeem=80)
    assert half(till, sale, 15) == "booked"
    assert (_left(shop), shop.balance(member)) == ([0, 5], (5, 0, 0)), "10 were nobody's"
    assert half(till, sale, 35) == "booked"
    assert (_left(shop), shop.balance(member)) == ([10, 30], (40, 0, 0))
    assert till.send(till.refund(sale, 30)).status == "booked"
    assert _left(shop) == [40, 30]
    with shop.database.read() as connection:
        assert rows.fetch(connection, "SELECT sum(points) FROM posting WHERE account = 'shortfall'") == [(0,)]
    shop.assert_well()


def test_points_earned_go_from_their_own_lot_first_and_the_rest_is_owed(shop: Shop) -> None:
    """What was spent meanwhile is taken from other lots, then owed."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, expires_on="2027-12-31")
    till.send(till.sale(member, award=20, expires_on="2026-12-01"))
    till.send(till.sale(member, redeem=90))
    assert half(till, sale, 0, 25) == "booked"
    assert (shop.balance(member), _left(shop)) == ((5, 0, 0), [5, 0])
    assert half(till, sale, 0, 75) == "booked"
    assert shop.balance(member) == (0, 0, 70)
    shop.assert_well()


def test_no_more_comes_back_than_the_sale_had(shop: Shop) -> None:
    """Goods, money, points of either direction, at once or together; a second whole refund; nothing at all."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=100))
    sale = sold(till, award=10, redeem=20)
    beyond: dict[str, Any]
    for beyond in (
        {"sums_fen": {"general": 100_01}}, {"sums_fen": {"drinks": 1}}, {"money_fen": 100_01}, {"given_back": 21},
        {"taken_back": 11}, {"taken_back": 1, "kind": "gold"}, {},
    ):  # fmt: skip
        outcome = till.send(till.refund(sale, **beyond))
        assert (outcome.status, outcome.reason) == ("quarantined", "beyond-sale"), beyond
        assert outcome.detail
    assert half(till, sale, 20, 10) == "booked"
    assert half(till, sale, 0, 1) == "beyond-sale"
    assert half(till, sale) == "booked"
    assert half(till, sale) == "beyond-sale"
    assert shop.balance(member) == (100, 0, 0)
    shop.assert_well()


def test_refunds_of_one_batch_see_each_other(shop: Shop) -> None:
    """A sale, its two halves and one half too many, received at once."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = till.sale(member, award=10, sums_fen={"general": 100_00})
    part: dict[str, Any] = {"sums_fen": {"general": 50_00}, "money_fen": 50_00}
    till.append(sale)
    for _half in range(3):
        till.append(till.refund(sale, 0, 5, **part))
    till.append(till.void(sale))
    reasons = [outcome.reason for outcome in till.push().outcomes]
    assert reasons == ["", "", "", "beyond-sale", "already-refunded"]
    assert shop.balance(member) == (0, 0, 0)
    shop.assert_well()


def test_a_void_and_a_refund_exclude_each_other(shop: Shop) -> None:
    """Whichever came first stands."""
    till, member = shop.till(), shop.join(MEMBER)
    first, second = sold(till, award=10), sold(till, award=10)
    assert half(till, first, 0, 5) == "booked"
    assert till.send(till.void(first)).reason == "already-refunded"
    assert till.send(till.void(second)).status == "booked"
    assert half(till, second, 0, 5) == "already-voided"
    assert shop.balance(member) == (5, 0, 0)
    shop.assert_well()


def test_any_store_of_the_merchant_takes_goods_back(shop: Shop) -> None:
    """Another merchant's does not, nor is another member's sale taken back, nor what is no sale."""
    till, elsewhere, member = shop.till(), shop.till("T2", "S2"), shop.join(MEMBER)
    with shop.database.write() as connection:
        connection.execute(text("INSERT INTO store (store, merchant, name) VALUES ('S3', 'M1', 'S3')"))
    sister, sale = shop.till("T3", "S3"), sold(till, award=10)
    assert half(elsewhere, sale, 0, 5) == "unknown-entry"
    assert half(sister, sale, 0, 5) == "booked"
    other = shop.join("1000000002")
    assert half(till, till.sale(other), refunds=sale.id) == "unknown-entry"
    assert half(till, till.sale(member)) == "unknown-entry"
    assert shop.balance(member) == (5, 0, 0)
    shop.assert_well()


def test_a_lot_that_has_ended_comes_back_for_30_days_once(shop: Shop) -> None:
    """The second time it is over: what comes back to it then ends with the next run."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=30, expires_on="2026-11-22"))
    sale = sold(till, redeem=30)
    assert half(till, sale, 10, business_day="2026-11-22") == "booked"
    assert _ends(shop) == ["2026-11-22"]
    assert half(till, sale, 10, business_day="2026-12-01") == "booked"
    assert _ends(shop) == ["2026-12-31"]
    assert till.send(till.refund(sale, 10, business_day="2027-02-01")).status == "booked"
    assert _ends(shop) == ["2026-12-31"]
    assert shop.balance(member) == (30, 0, 0)
    assert expire(shop.database, "2027-02-02", shop.tick()) == 30
    shop.assert_well()


def test_a_void_too_puts_an_end_off_once(shop: Shop) -> None:
    """Taking and voiding again and again keeps no points alive."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=10, expires_on="2026-11-20"))
    for day, end in (("2026-11-21", "2026-12-21"), ("2026-12-22", "2026-12-21")):
        sale = till.sale(member, redeem=10)
        till.send(sale)
        till.send(till.void(sale, business_day=day))
        assert _ends(shop) == [end]
    shop.assert_well()


def test_points_for_a_reason_come_beside_a_refund_once(shop: Shop) -> None:
    """Issued by the merchant, by rules that were published; a debt is paid with them first."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100)
    till.send(till.sale(member, redeem=100))
    rules: dict[str, Any] = {"programme": PROGRAMME, "programme_version": 1, "engine": 1, "compensation": "cancelled"}
    added = {**rules, "awards": (Award(kind=KIND, points=30, expires_on="2028-11-21"),)}
    assert half(till, sale, 0, 20, **{**added, "programme_version": 9}) == "unknown-programme"
    assert half(till, sale, 0, 20, **added) == "booked"
    assert shop.balance(member) == (10, 0, 0)
    assert half(till, sale, 0, 20, **added) == "beyond-sale"
    assert till.send(till.refund(till.sale(member), **added)).reason == "unknown-entry"
    assert half(till, sale, 0, 20) == "booked"
    shop.assert_well()


def test_points_for_a_reason_need_something_that_comes_back(shop: Shop) -> None:
    """Alone they would be a gift by nobody's rule."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till)
    award = (Award(kind=KIND, points=30, expires_on="2028-11-21"),)
    rules: dict[str, Any] = {"programme": PROGRAMME, "programme_version": 1, "engine": 1, "compensation": "cancelled"}
    assert till.send(till.refund(sale, awards=award, **rules)).reason == "beyond-sale"
    nothing: dict[str, Any] = {"sums_fen": {"general": 0}}
    assert till.send(till.refund(sale, awards=award, **nothing, **rules)).reason == "beyond-sale"
    assert shop.balance(member) == (0, 0, 0)


@pytest.mark.parametrize("change", ["amount = amount + 1", "what = 'added'"])
def test_verify_finds_a_refund_that_is_not_its_postings(shop: Shop, change: str) -> None:
    """Or one beyond its sale."""
    till, _member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(MEMBER, award=100))
    sale = sold(till, redeem=10)
    assert half(till, sale, 10) == "booked"
    with shop.database.write() as connection:
        connection.execute(text(f"UPDATE refund SET {change} WHERE what = 'given'"))
    assert verify(shop.database)


def test_what_came_back_is_known_by_sale(shop: Shop) -> None:
    """Of all its refunds together."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=100))
    sale = sold(till, award=10, redeem=20)
    half(till, sale, 12, 5)
    half(till, sale, 8, 5)
    key = bucket_of(member), sale.id.bytes
    with shop.database.read() as connection:
        assert gone_back(connection, [key]) == {key: ({"general": 100_00}, 100_00, {KIND: 20}, {KIND: 10}, False, {})}


def _left(shop: Shop) -> list[int]:
    """What is left in the lots, the oldest first."""
    with shop.database.read() as connection:
        found = rows.fetch(connection, "SELECT points_left FROM lot WHERE issuer = 'M1' ORDER BY entry, line")
    return [left for (left,) in found]


def _ends(shop: Shop) -> list[str]:
    with shop.database.read() as connection:
        return [day for (day,) in rows.fetch(connection, "SELECT expires_on FROM lot")]


def _state(shop: Shop) -> Any:
    with shop.database.read() as connection:
        lots = rows.fetch(connection, "SELECT points_left, expires_on FROM lot WHERE points_left > 0 ORDER BY entry")
        accounts = rows.fetch(connection, "SELECT account, holder, kind, sum(points) FROM posting"
                              " GROUP BY account, holder, kind HAVING sum(points) <> 0 ORDER BY 1, 2, 3")  # fmt: skip
    return lots, accounts


def test_a_till_is_told_of_sales_of_its_merchant(shop: Shop) -> None:
    """By reference, by member and by id, with what came back; none that was voided, and none of another merchant."""
    till, elsewhere, member = shop.till(), shop.till("T2", "S2"), shop.join(MEMBER)
    first = sold(till, award=10, reference="A-1")
    second = sold(till, award=10, reference="A-2")
    foreign = sold(elsewhere, award=10, reference="A-1")
    voided = sold(till, award=10)
    till.send(till.void(voided))
    assert half(till, first, 0, 5) == "booked"

    def ids(merchant: str, by: SaleKey, value: str) -> list[bytes]:
        with shop.database.read() as connection:
            told = sales_for(connection, merchant, SalesRequest(by=by, value=value)).sales
        entries = [decode_entry(one.payload.encode()) for one in told]
        return [entry.id.bytes for entry in entries]

    assert ids("M1", "reference", "A-1") == [first.id.bytes]
    assert ids("M2", "reference", "A-1") == [foreign.id.bytes]
    assert ids("M1", "member", member) == [second.id.bytes, first.id.bytes]
    assert ids("M1", "sale", str(second.id)) == [second.id.bytes]
    for nobody in (("M1", "sale", str(foreign.id)), ("M1", "sale", "x"), ("M1", "sale", str(voided.id)),
                   ("M1", "reference", "A-3"), ("M1", "member", "1")):  # fmt: skip
        assert ids(*nobody) == []
    with shop.database.read() as connection:
        (known,) = sales_for(connection, "M1", SalesRequest(by="sale", value=str(first.id))).sales
    assert (known.terminal, known.seq, known.sums_fen, known.money_fen) == ("T1", 1, {"general": 50_00}, 50_00)
    assert (known.given_back, known.taken_back, known.is_compensated) == ({}, {KIND: 5}, False)
    refund = decode_entry(till.payloads[-1])
    assert (refund.id, known.refunds) == (known.refunds[0], (refund.id,))


def test_a_sale_that_was_accepted_under_another_id_is_told_under_that(shop: Shop) -> None:
    """Else what comes back of it would be booked on the sale that had its id first."""
    till, member = shop.till(), shop.join(MEMBER)
    first = till.sale(member, award=10, sums_fen={"general": 100_00})
    second = msgspec.structs.replace(first, awards=(Award(kind=KIND, points=70, expires_on="2028-11-21"),))
    till.append(first)
    till.append(second)
    till.push()
    decide(shop.database, Wanted("T1", 2, "accepted", "1001", "both happened"), shop.tick())
    with shop.database.read() as connection:
        told = sales_for(connection, "M1", SalesRequest(by="member", value=member)).sales
    known = {one.seq: decode_entry(one.payload.encode()) for one in told}
    assert known[1] == first
    assert isinstance(known[2], Sale)
    assert known[2].id != first.id
    assert till.send(till.refund(known[2], 0, 70, sums_fen={"general": 100_00})).status == "booked"
    assert shop.balance(member) == (10, 0, 0)
    shop.assert_well()

"""What comes back and meets a debt, or meets points that have ended meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ledger import rows
from ledger.deciding import Wanted, decide
from ledger.declaring import declare_lost
from ledger.expiring import expire
from ledger.known_sales import sales_for
from ledger.merging import merge
from ledger.problems import CaseError
from ledger.verify import verify
from protocol.entries import Sale
from protocol.reservations import Granted
from protocol.sales import KnownSale, SalesRequest
from tests.ledger.shop import KIND, Shop
from tests.ledger.test_refunds import MEMBER, half, sold


def test_what_ended_unused_is_not_taken_a_second_time(shop: Shop) -> None:
    """The sale's own points end, then its goods come back: from breakage, nothing of the member's others, and nothing owed."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, expires_on="2026-11-25")
    till.send(till.sale(member, award=50))
    assert expire(shop.database, "2026-11-26", shop.tick()) == 100
    assert half(till, sale, 0, 50) == "booked"
    assert (shop.balance(member), _breakage(shop)) == ((50, 0, 0), 50)
    assert half(till, sale, 0, 50) == "booked"
    assert (shop.balance(member), _breakage(shop)) == ((50, 0, 0), 0)
    assert half(till, sale, 0, 1) == "beyond-sale"
    shop.assert_well()


def test_what_was_spent_before_the_rest_ended_is_taken_back(shop: Shop) -> None:
    """Of 100 points 60 were used and 40 ended: the 40 come out of breakage first, the 60 are taken as ever."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, expires_on="2026-11-25")
    till.send(till.sale(member, redeem=60))
    till.send(till.sale(member, award=20))
    assert expire(shop.database, "2026-11-26", shop.tick()) == 40
    assert half(till, sale, 0, 50) == "booked"
    assert (shop.balance(member), _breakage(shop)) == ((10, 0, 0), 0)
    assert half(till, sale, 0, 50) == "booked"
    assert (shop.balance(member), _breakage(shop)) == ((0, 0, 40), 0)
    shop.assert_well()


def test_a_part_that_was_taken_back_before_the_end_leaves_the_rest(shop: Shop) -> None:
    """Half came back in time, the other half ended: nothing is taken of other points."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, expires_on="2026-11-25")
    till.send(till.sale(member, award=30))
    assert half(till, sale, 0, 50) == "booked"
    assert expire(shop.database, "2026-11-26", shop.tick()) == 50
    assert half(till, sale, 0, 50) == "booked"
    assert (shop.balance(member), _breakage(shop)) == ((30, 0, 0), 0)
    shop.assert_well()


def test_refunds_of_one_batch_take_no_more_out_of_breakage_than_ended(shop: Shop) -> None:
    """The second one sees the first: 40 of 100 ended, and each brings back 50."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, expires_on="2026-11-25")
    till.send(till.sale(member, redeem=60))
    expire(shop.database, "2026-11-26", shop.tick())
    seqs = [till.append(till.refund(sale, 0, 50, sums_fen={"general": 50_00})) for _half in range(2)]
    assert [one.status for one in till.push(seqs[0]).outcomes] == ["booked", "booked"]
    assert (shop.balance(member), _breakage(shop)) == ((0, 0, 60), 0)
    shop.assert_well()


def test_a_late_void_takes_out_of_breakage_too(shop: Shop) -> None:
    """The till was offline while the points ended."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, redeem=20, expires_on="2026-11-25")
    expire(shop.database, "2026-11-26", shop.tick())
    assert till.send(till.void(sale)).status == "booked"
    assert (shop.balance(member), _breakage(shop)) == ((0, 0, 0), 0)
    shop.assert_well()


def test_points_that_were_accepted_later_and_ended_are_out_of_breakage(shop: Shop) -> None:
    """They lie under an entry of the ledger's own, and are the sale's all the same."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=100))
    sale = till.sale(member, award=40, redeem=10, programme_version=9, expires_on="2026-11-25")
    till.send(sale)
    shop.publish(9)
    decide(shop.database, Wanted("T1", 2, "accepted", "1001", "x"), shop.tick())
    assert expire(shop.database, "2026-11-26", shop.tick()) == 40
    assert till.send(till.refund(sale, 10, 40)).status == "booked"
    assert (shop.balance(member), _breakage(shop)) == ((100, 0, 0), 0)
    shop.assert_well()


def test_points_that_ended_on_another_account_are_still_the_sales(shop: Shop) -> None:
    """The member's number was merged; what still arrives under the old one finds what became of its lots."""
    till, member, new = shop.till(), shop.join(MEMBER), shop.join("1000000002")
    sale = sold(till, award=100, expires_on="2026-11-25")
    till.send(till.sale(new, award=30))
    merge(shop.database, member, new, shop.tick())
    assert expire(shop.database, "2026-11-26", shop.tick()) == 100
    assert half(till, sale, 0, 100) == "booked"
    assert (shop.balance(new), _breakage(shop)) == ((30, 0, 0), 0)
    shop.assert_well()


def test_what_the_till_promised_not_to_take_is_the_merchants_where_another_was_quicker(shop: Shop) -> None:
    """Two counters were told that 40 had ended, each takes half of the goods back: the second paper holds as the first does."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, expires_on="2026-11-25")
    till.send(till.sale(member, redeem=60))
    till.send(till.sale(member, award=30))
    expire(shop.database, "2026-11-26", shop.tick())
    assert half(till, sale, 0, 50, ended={KIND: 40}) == "booked"
    outcome = till.send(till.refund(sale, 0, 50, sums_fen={"general": 50_00}, ended={KIND: 40}))
    assert (outcome.status, outcome.shortfall) == ("shortfall", 40)
    assert (shop.balance(member), _breakage(shop)) == ((10, 0, 0), 0)
    shop.assert_well()


def test_verify_finds_what_came_out_of_breakage_and_had_not_ended(shop: Shop) -> None:
    """A refund that says so and did not, and more than ever ended."""
    till, _member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100, expires_on="2026-11-25")
    expire(shop.database, "2026-11-26", shop.tick())
    half(till, sale, 0, 50)
    with shop.database.write() as connection:
        connection.execute(text("UPDATE refund SET amount = amount + 1 WHERE what = 'ended'"))
    assert [one for one in verify(shop.database) if "ended before" in one]
    with shop.database.write() as connection:
        connection.execute(text("UPDATE posting SET points = points - 60 WHERE account = 'breakage'"))
    assert [one for one in verify(shop.database) if "out of breakage" in one]


def test_what_comes_back_pays_what_is_owed_first(shop: Shop) -> None:
    """As an award does: of a refund, of a void, and of a reservation that nobody used."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=90, expires_on="2027-01-31"))
    first, second = sold(till, redeem=40), sold(till, redeem=30)
    asked = till.sale(member)
    assert isinstance(till.reserve(asked, 20), Granted)
    debt = sold(till, award=60)
    till.send(till.sale(member, redeem=60))
    assert till.send(till.void(debt)).status == "booked"
    assert shop.balance(member) == (0, 20, 60)
    assert half(till, first, 20) == "booked"
    assert shop.balance(member) == (0, 20, 40)
    assert till.send(till.void(second)).status == "booked"
    assert shop.balance(member) == (0, 20, 10)
    assert till.send(till.returned(member, asked.id)).status == "booked"
    assert shop.balance(member) == (10, 0, 0)
    shop.assert_well()


def test_verify_finds_who_owes_what_he_could_pay(shop: Shop) -> None:
    """Whatever comes to a member pays first."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=50))
    with shop.database.write() as connection:
        connection.execute(text("UPDATE balance SET owed = 5"))
    assert [one for one in verify(shop.database) if "did not pay it" in one]


def test_a_till_that_is_declared_lost_pays_what_is_owed(shop: Shop) -> None:
    """Its reservations come back too."""
    till, member = shop.till(), shop.join(MEMBER)
    sale = sold(till, award=100)
    assert isinstance(till.reserve(till.sale(member), 70), Granted)
    till.send(till.void(sale))
    assert shop.balance(member) == (0, 70, 70)
    declare_lost(shop.database, "T1", shop.tick())
    assert shop.balance(member) == (0, 0, 0)
    shop.assert_well()


def test_a_lot_that_ended_pays_before_its_end_is_put_off(shop: Shop) -> None:
    """The 30 days are for points that the member gets."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=30, expires_on="2026-11-22"))
    sale = sold(till, redeem=30)
    debt = sold(till, award=20)
    till.send(till.sale(member, redeem=20))
    till.send(till.void(debt))
    assert half(till, sale, 20, business_day="2026-12-01") == "booked"
    assert (shop.balance(member), min(_ends(shop))) == ((0, 0, 0), "2026-11-22")
    assert till.send(till.refund(sale, 10, business_day="2026-12-01")).status == "booked"
    assert (shop.balance(member), min(_ends(shop))) == ((10, 0, 0), "2026-12-31")
    shop.assert_well()


def _breakage(shop: Shop) -> int:
    with shop.database.read() as connection:
        found = rows.fetch(connection, "SELECT coalesce(sum(points), 0) FROM posting WHERE account = 'breakage'")
    return int(found[0][0])


def _ends(shop: Shop) -> list[str]:
    with shop.database.read() as connection:
        return [day for (day,) in rows.fetch(connection, "SELECT expires_on FROM lot")]


def test_accepted_late_a_sale_gives_what_its_goods_have_left(shop: Shop) -> None:
    """Half of the goods are back: half of the points. What comes back after that is never more than was given."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=100))
    sale = till.sale(member, award=41, redeem=10, programme_version=9, sums_fen={"general": 100_00})
    till.send(sale)
    assert half(till, sale, 5) == "booked"
    shop.publish(9)
    decide(shop.database, Wanted("T1", 2, "accepted", "1001", "x"), shop.tick())
    assert shop.balance(member) == (100 - 10 + 5 + 21, 0, 0)
    assert _told(shop, sale).taken_back == {KIND: 20}
    assert half(till, sale, 5, 22) == "beyond-sale"
    assert half(till, sale, 5, 21) == "booked"
    assert shop.balance(member) == (100, 0, 0)
    shop.assert_well()


def test_accepted_late_a_sale_whose_goods_are_back_gives_nothing(shop: Shop) -> None:
    """There is nothing left to accept, and a person is told so."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=100))
    sale = till.sale(member, award=40, redeem=10, programme_version=9, sums_fen={"general": 100_00})
    till.send(sale)
    assert till.send(till.refund(sale, 10, sums_fen={"general": 100_00}, money_fen=100_00)).status == "booked"
    shop.publish(9)
    with pytest.raises(CaseError) as refused:
        decide(shop.database, Wanted("T1", 2, "accepted", "1001", "x"), shop.tick())
    assert refused.value.code == "case-still-already-refunded"
    assert shop.balance(member) == (100, 0, 0)
    shop.assert_well()


def test_a_till_is_told_what_nobody_covered_what_ended_and_what_waits(shop: Shop) -> None:
    """Of a sale that it did not make; what came back of it leaves less of either."""
    till, member = shop.till(), shop.join(MEMBER)
    till.send(till.sale(member, award=10))
    sale = sold(till, award=100, redeem=30, expires_on="2026-11-25")
    expire(shop.database, "2026-11-26", shop.tick())
    told = _told(shop, sale)
    assert (told.awards, told.uncovered, told.ended) == ("given", {KIND: 20}, {KIND: 100})
    assert half(till, sale, 15, 50) == "booked"
    told = _told(shop, sale)
    assert (told.given_back, told.uncovered, told.ended) == ({KIND: 15}, {KIND: 20}, {KIND: 50})
    waiting = till.sale(member, award=40, redeem=10, programme_version=9)
    till.send(waiting)
    assert _told(shop, waiting).awards == "waiting"
    decide(shop.database, Wanted("T1", 4, "written-off", "1001", "x"), shop.tick())
    assert _told(shop, waiting).awards == "refused"
    assert _told(shop, sold(till)).awards == "given", "a sale that gives nothing gave all of it"


def _told(shop: Shop, sale: Sale) -> KnownSale:
    with shop.database.read() as connection:
        (known,) = sales_for(connection, "M1", SalesRequest(by="sale", value=str(sale.id))).sales
    return known

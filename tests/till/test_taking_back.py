"""Goods come back at the till, and what comes or goes with them meets a debt, an end, or what nobody had covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from protocol.cases import Decision
from protocol.entries import Refund
from protocol.feed import Balance, MemberRow
from protocol.push import Outcome
from protocol.sales import KnownSale, SalesAnswer
from tests.desks import MEMBER, NOON_US, TestDesk, member_row
from tests.till.test_redeeming import FLOOR
from tests.till.test_refunding import refused, sell, spendable, take_back, written
from tests.till.test_selling import identified
from tests.till.test_shown_balance import sold_on_the_floor
from till.own_entries import Reckoning, own_effect
from till.receipt_words import receipt_rows
from till.receipts import Receipt
from till.refundable import Refundable, find, look_up_sales
from till.refunding import commit_refund, reckon
from till.scanning import identify
from till.selling import commit_sale
from till.voiding import void_sale

Make = Callable[..., TestDesk]
GOODS = {"general": 100_00}


def of_another_till(here: TestDesk, there: TestDesk, points: int = 0, **told: Any) -> Refundable:
    """A sale that `there` made, as the ledger tells `here` of it; the voucher was taken for 1,000 points."""
    sell(there, points=points)
    payload = there.desk.journal.of_type("sale", 1)[0].payload.decode()
    known = KnownSale(terminal="zhongshan-01", seq=2, payload=payload, **told)
    here.ledger.known_sales = lambda _request: SalesAnswer(sales=(known,))
    (found,) = look_up_sales(here.desk, MEMBER)
    return found


def owes(test: TestDesk) -> int:
    return next(one.owes for one in identify(test.desk, MEMBER, "code").balances if one.kind == "points")


def said(test: TestDesk, receipt: Receipt) -> list[str]:
    """What stands on the paper, beside labels and sums."""
    rows = receipt_rows(receipt, test.desk.store, lambda at_us: str(at_us)).points
    return [row.label.strip() for row in rows if row.label.startswith("  ")]


def back_of(receipt: Receipt) -> Any:
    assert receipt.refund is not None
    return receipt.refund


def test_what_had_ended_is_said_and_not_taken_again(desk_with: Make) -> None:
    """120 were given, the ledger tells that 100 ended unused: the member loses the 20 that he had used."""
    here, there = desk_with(members=[member_row()]), desk_with(members=[member_row()])
    found = of_another_till(here, there, ended={"points": 100})
    reckoned = reckon(here.desk, found, {"general": 50_00})
    assert (reckoned.back.taken_back, reckoned.ended, reckoned.may_have_ended) == ({"points": 60}, {"points": 60}, ())
    first = commit_refund(here.desk, here.manager, found, {"general": 50_00})
    assert (written(here).taken_back, written(here).ended, back_of(first).ended) == (
        {"points": 60}, {"points": 60}, {"points": 60},
    )  # fmt: skip
    assert spendable(here) == 1_250
    (again,) = look_up_sales(here.desk, MEMBER)
    second = commit_refund(here.desk, here.manager, again, {"general": 50_00})
    assert back_of(second).ended == {"points": 40}
    assert said(here, second) == ["40 of them had expired: not taken again"]
    assert spendable(here) == 1_250 - 20


def test_without_the_ledgers_word_the_paper_names_no_number(desk_with: Make) -> None:
    """The day of the end has passed, but what was used before it is gone: the sum on the screen is the one without it."""
    test = desk_with(members=[member_row()])
    sale = sell(test)
    found = find(test.desk, sale.id)
    ended = tuple(msgspec.structs.replace(award, expires_on="2026-01-01") for award in found.sale.awards)
    found = replace(found, sale=msgspec.structs.replace(found.sale, awards=ended))
    receipt = commit_refund(test.desk, test.manager, found, GOODS)
    assert (back_of(receipt).ended, back_of(receipt).may_have_ended, written(test).ended) == ({}, ("points",), {})
    assert said(test, receipt) == ["What of them had expired is not taken again"]
    assert spendable(test) == 1_250
    told = replace(found, is_told=True, own_refunds=1)
    assert reckon(test.desk, replace(told, before=type(told.before)()), GOODS).may_have_ended == ()


def test_what_nobody_had_covered_goes_to_the_shop(desk_with: Make) -> None:
    """Of 1,000 points 700 were uncovered at another till; half of the goods come back: nothing for the member, then 300."""
    here, there = desk_with(members=[member_row()]), desk_with(members=[member_row()])
    found = of_another_till(here, there, points=1_000, uncovered={"points": 700})
    first = commit_refund(here.desk, here.manager, found, {"general": 50_00})
    assert (written(here).given_back, written(here).uncovered) == ({"points": 500}, {"points": 500})
    assert back_of(first).uncovered == {"points": 500}
    assert said(here, first) == ["500 of them to the shop: it had paid for them"]
    assert spendable(here) == 1_250 - 48
    (again,) = look_up_sales(here.desk, MEMBER)
    commit_refund(here.desk, here.manager, again, {"general": 50_00})
    assert written(here).uncovered == {"points": 200}
    assert spendable(here) == 1_250 - 96 + 300


def test_what_the_floor_lent_may_be_the_shops_and_the_paper_says_so(desk_with: Make) -> None:
    """Not booked yet, so that nobody knows; the sum on the screen reckons with what this till knows of the member."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")], floor=FLOOR)
    sale = sold_on_the_floor(test, 1_000)
    test.put_members(member_row(points=300, position=11, tier="standard"))
    receipt = take_back(test, test.manager, sale, GOODS)
    assert said(test, receipt) == ["What of them the shop had paid for goes to the shop"]
    assert (written(test).given_back, written(test).uncovered, spendable(test)) == ({"points": 1_000}, {}, 300)
    booked = Outcome(seq=sale.seq, id=sale.id, status="shortfall", position=11, shortfall=700)
    test.desk.journal.mark([booked], NOON_US)
    assert find(test.desk, sale.id).may_be_uncovered == ()


def test_a_sale_whose_points_wait_is_not_refunded_before_it_is_decided(desk_with: Make) -> None:
    """Found by its member or chosen at its own till; once a person has decided against them, it is refunded without."""
    here, there = desk_with(members=[member_row()]), desk_with(members=[member_row()])
    found = of_another_till(here, there, awards="waiting")
    assert refused(lambda: reckon(here.desk, found, GOODS)) == "refund-waits"
    assert refused(lambda: commit_refund(here.desk, here.manager, found, GOODS)) == "refund-waits"
    there.ledger.known_sales = here.ledger.known_sales
    own = there.desk.journal.of_type("sale", 1)[0]
    assert refused(lambda: find(there.desk, own.id, is_online=True)) == "refund-waits"
    decided = of_another_till(here, there, awards="refused")
    assert reckon(here.desk, decided, GOODS).back.taken_back == {}


def test_at_its_own_till_a_sale_that_was_written_off_gives_back_what_it_took(desk_with: Make) -> None:
    """What it took is booked; what it gives a person has decided against."""
    test = desk_with(members=[member_row()])
    sale = sell(test, points=1_000)
    waits = Outcome(seq=sale.seq, id=sale.id, status="quarantined", reason="unknown-programme", position=11)
    test.desk.journal.mark([waits], NOON_US)
    assert refused(lambda: find(test.desk, sale.id)) == "refund-waits"
    decision = Decision(number=1, seq=sale.seq, choice="written-off", position=12, who="1001", at=1, why="x")
    test.desk.journal.mark_decisions([decision], NOON_US)
    take_back(test, test.manager, sale, GOODS)
    assert (written(test).given_back, written(test).taken_back) == ({"points": 1_000}, {})


def test_what_comes_back_pays_what_is_owed(desk_with: Make) -> None:
    """Said before it is confirmed, on the paper, and on the member's card."""
    test = desk_with(members=[member_row()])
    sale = sell(test, points=1_000)
    test.desk.journal.mark([Outcome(seq=sale.seq, id=sale.id, status="booked", position=11)], NOON_US)
    test.put_members(debtor(600))
    found = find(test.desk, sale.id)
    assert reckon(test.desk, found, {"general": 50_00}).paid == {"points": 500}
    receipt = commit_refund(test.desk, test.manager, found, {"general": 50_00})
    assert (receipt.paid, receipt.owed, spendable(test), owes(test)) == ({"points": 500}, {"points": 48}, 0, 148)
    assert said(test, receipt) == ["500 pay what was owed", "48 owed: the next points pay them"]
    last = take_back(test, test.manager, sale, {"general": 50_00})
    assert (last.paid, last.owed, spendable(test), owes(test)) == ({"points": 148}, {}, 500 - 148 - 48, 0)


def test_a_void_pays_what_is_owed(desk_with: Make) -> None:
    """As the ledger books it."""
    test = desk_with(members=[member_row()])
    sale = sell(test, points=1_000)
    test.desk.journal.mark([Outcome(seq=sale.seq, id=sale.id, status="booked", position=11)], NOON_US)
    test.put_members(debtor(600))
    void_sale(test.desk, test.manager, sale.id)
    assert (spendable(test), owes(test)) == (1_000 - 600 - 96, 0)


def test_the_receipt_of_a_sale_promises_no_points_that_pay_a_debt(desk_with: Make) -> None:
    """120 are earned and 60 owed: 60 can be spent, and the paper says why."""
    test = desk_with(members=[debtor(60)])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    earned = receipt.awarded["points"]
    assert (receipt.paid, receipt.spendable_after) == ({"points": 60}, {"points": earned - 60})
    assert said(test, receipt) == ["60 pay what was owed"]
    assert spendable(test) == earned - 60


def test_a_refund_that_waits_whole_brought_nothing_back(desk_with: Make) -> None:
    """Of 1,000 points 700 were uncovered. The ledger did not book the first refund, so the second is the first one there."""
    test = desk_with(members=[member_row()])
    sale = sell(test, points=1_000)
    short = Outcome(seq=sale.seq, id=sale.id, status="shortfall", position=11, shortfall=700)
    test.desk.journal.mark([short], NOON_US)
    test.put_members(row := member_row(points=0, position=11))
    first = take_back(test, test.manager, sale, {"general": 50_00})
    waits = Outcome(seq=first.seq, id=first.id, status="quarantined", reason="beyond-sale")
    test.desk.journal.mark([waits], NOON_US)
    assert own_effect(test.desk.journal, row) == {}
    take_back(test, test.manager, sale, {"general": 50_00})
    assert own_effect(test.desk.journal, row) == {}, "500 of them are the shop's"
    decision = Decision(number=1, seq=first.seq, choice="accepted", position=12, who="1001", at=1, why="x")
    test.desk.journal.mark_decisions([decision], NOON_US)
    assert own_effect(test.desk.journal, row) == {"points": 300 - 96}


def test_a_refund_that_was_written_off_brought_nothing_back_either(desk_with: Make) -> None:
    """The journal names it no more once the row has the decision in it; the shop's 700 come back first all the same."""
    test = desk_with(members=[member_row()])
    sale = sell(test, points=1_000)
    short = Outcome(seq=sale.seq, id=sale.id, status="shortfall", position=11, shortfall=700)
    test.desk.journal.mark([short], NOON_US)
    first = take_back(test, test.manager, sale, {"general": 50_00})
    waits = Outcome(seq=first.seq, id=first.id, status="quarantined", reason="beyond-sale")
    test.desk.journal.mark([waits], NOON_US)
    decision = Decision(number=1, seq=first.seq, choice="written-off", position=12, who="1001", at=1, why="x")
    test.desk.journal.mark_decisions([decision], NOON_US)
    test.put_members(row := member_row(points=0, position=12))
    assert find(test.desk, sale.id).uncovered == {"points": 700}
    take_back(test, test.manager, sale, {"general": 50_00})
    assert own_effect(test.desk.journal, row) == {}


def test_what_is_carried_forward_counts_each_refund_behind_those_before_it(desk_with: Make) -> None:
    """The same as reckoned anew, refund after refund."""
    test = desk_with(members=[row := member_row()])
    sale = sell(test, points=1_000)
    reckoning = Reckoning(test.desk.journal, row)
    for _part in range(4):
        take_back(test, test.manager, sale, {"general": 25_00})
        assert reckoning.carry_forward()
        assert reckoning.result() == Reckoning(test.desk.journal, row).result()
    assert isinstance(written(test), Refund)


def debtor(points: int) -> MemberRow:
    return member_row(position=11, balances={"points": Balance(owed=points)})

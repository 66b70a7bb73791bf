"""Shifts, their totals, and who may."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from protocol.push import Outcome
from sync.link import LinkState
from tests.desks import NOON_US, TestDesk, grants, member_row, payloads
from tests.till.test_redeeming import wanting
from tests.till.test_selling import identified
from till.counter import Counter
from till.errors import RefusedError
from till.history import sales_of_shift
from till.redeeming import redeem_and_commit
from till.selling import commit_sale
from till.shift_report import shift_report
from till.shifts import Session, close_shift, open_shift
from till.voiding import return_reservation, void_sale

Make = Callable[..., TestDesk]
CASHIER = Session("1023", "王芳", ("cashier",))


def test_a_cashier_joins_the_open_shift_and_opens_none(desk_with: Make) -> None:
    """Opening is a supervisor's or manager's; selling in it is everybody's."""
    test = desk_with()
    assert open_shift(test.desk, CASHIER).shift == test.manager.shift
    close_shift(test.desk, test.manager)
    with pytest.raises(RefusedError, match="role"):
        open_shift(test.desk, CASHIER)


def test_the_report_counts_points_by_authority_and_says_what_is_unconfirmed(desk_with: Make) -> None:
    """One sale, one redemption, one void: X shows each where it belongs."""
    test = desk_with(members=[member_row(points=5_000, tier="standard")])
    test.ledger.answer = grants
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(7_00))
    void_sale(test.desk, test.manager, receipt.id)
    report = shift_report(test.desk.journal, test.manager.shift)
    assert (report.sales, report.voids, report.gross_fen) == (2, 1, 228_50)
    assert report.redeemed_by_authority == {"online": {"points": 1_000}}
    assert report.off_bill_fen == 20_00
    assert report.unconfirmed == 4


def test_a_closed_shift_does_not_change(desk_with: Make) -> None:
    """Late outcomes are seen in the report, never in the totals that were frozen in the entry."""
    test = desk_with(members=[member_row()])
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    closed = close_shift(test.desk, test.manager)
    frozen = payloads(test.desk)[-1]["totals"]
    for row in test.desk.journal.entries(1, 10):
        test.desk.journal.mark([Outcome(seq=row.seq, id=row.id, status="booked", position=1)], NOON_US)
    assert payloads(test.desk)[-1]["totals"] == frozen
    assert (closed.unconfirmed, frozen["unconfirmed"]) == (1, 1)
    again = shift_report(test.desk.journal, closed.shift)
    assert again.later is not None
    assert (again.unconfirmed, again.later.unconfirmed) == (1, 0)
    assert again.totals == closed.totals


def test_a_shift_closes_without_a_network(desk_with: Make) -> None:
    """Nobody answers, and the manager goes home."""
    test = desk_with(members=[member_row()])
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    assert close_shift(test.desk, test.manager).unconfirmed == 1
    assert open_shift(test.desk, test.manager).shift_number == 2


def test_a_sale_is_voided_once_and_in_its_shift(desk_with: Make) -> None:
    """Twice is refused, and so is the sale of a shift before."""
    test = desk_with(members=[member_row()])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    void_sale(test.desk, test.manager, receipt.id)
    with pytest.raises(RefusedError, match="already-voided"):
        void_sale(test.desk, test.manager, receipt.id)
    other = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    close_shift(test.desk, test.manager)
    with pytest.raises(RefusedError, match="other-shift"):
        void_sale(test.desk, open_shift(test.desk, test.manager), other.id)


def test_the_history_says_no_more_than_is_known(desk_with: Make) -> None:
    """Stored, booked, voided: each sale is called what it is."""
    test = desk_with(members=[member_row()])
    receipts = [commit_sale(test.desk, test.manager, identified(test).with_amount(fen)) for fen in (100, 200, 300)]
    test.desk.journal.mark([Outcome(seq=receipts[0].seq, id=receipts[0].id, status="booked", position=11)], NOON_US)
    void_sale(test.desk, test.manager, receipts[2].id)
    states = {
        sale.receipt.id: sale.state
        for sale in sales_of_shift(test.desk.journal, test.desk.terminal, test.manager.shift)
    }
    assert [states[receipt.id] for receipt in receipts] == ["booked", "stored", "voided"]


def test_a_late_yes_is_returned_once(desk_with: Make) -> None:
    """A reservation in the feed that no entry of this till uses goes back; one that a sale used does not."""
    test = desk_with(members=[member_row()])
    test.ledger.answer = grants
    receipt = redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    return_reservation(test.desk, receipt.id, receipt.member)
    assert payloads(test.desk)[-1]["type"] == "sale"


def test_a_void_is_unconfirmed_with_what_it_takes_back(desk_with: Make) -> None:
    """A sale and its void, neither confirmed: two entries, and no points between them."""
    test = desk_with(members=[member_row(tier="standard")])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    void_sale(test.desk, test.manager, receipt.id)
    report = shift_report(test.desk.journal, test.manager.shift)
    assert (report.unconfirmed, report.totals.unconfirmed_points) == (2, 0)


def test_nothing_is_sold_in_a_shift_that_was_closed(desk_with: Make) -> None:
    """Who is still signed in to it would change a report that was printed."""
    test = desk_with(members=[member_row()])
    counter = Counter(test.desk, LinkState)
    counter.commit(test.manager, identified(test).with_amount(100_00))
    counter.close_shift(test.manager)
    with pytest.raises(RefusedError, match="no-shift"):
        counter.commit(test.manager, identified(test).with_amount(100_00))
    opened = counter.open_shift(test.manager)
    assert counter.commit(opened, identified(test).with_amount(100_00)).awarded


def test_a_damaged_opening_gives_no_number_a_second_time(desk_with: Make) -> None:
    """Two shifts under one id would have one report."""
    test = desk_with()
    close_shift(test.desk, test.manager)
    second = open_shift(test.desk, test.manager)
    with closing(sqlite3.connect(test.desk.folder / "journal.db")) as connection, connection:
        connection.execute("DROP TRIGGER entry_is_never_changed")
        connection.execute("UPDATE entry SET payload = x'00' WHERE shift = ?", [second.shift])
    close_shift(test.desk, second)
    third = open_shift(test.desk, test.manager)
    assert (second.shift_number, third.shift_number) == (2, 3)
    assert third.shift not in (test.manager.shift, second.shift)

"""Goods come back at the till: reckoned, shown, written; what the member has follows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest

from config import data
from points import Choice, parse_programme
from points.errors import MoreThanBoughtError, NothingReturnedError
from protocol.cases import Decision
from protocol.codes import member_code
from protocol.entries import Refund, decode_entry
from protocol.push import Outcome
from protocol.sales import KnownSale, SalesAnswer, SalesRequest
from tests.desks import MEMBER, TestDesk, member_row
from tests.till.test_selling import identified
from till.errors import RefusedError
from till.history import refunds_of_shift, sales_of_shift
from till.receipts import Receipt
from till.refundable import find, look_up_sales, newest_sales
from till.refunding import commit_refund, reckon
from till.scanning import identify
from till.selling import commit_sale
from till.shift_report import shift_report
from till.shifts import Session, close_shift, open_shift, running_totals
from till.voiding import void_sale

Make = Callable[..., TestDesk]


def sell(test: TestDesk, fen: int = 100_00, points: int = 0) -> Receipt:
    """A sale of gold's, 1.2 points a yuan; with a voucher for some points."""
    draft = identified(test).with_amount(fen)
    if points:
        return commit_sale(test.desk, test.manager, draft.with_choice(Choice("voucher", points)), "online")
    return commit_sale(test.desk, test.manager, draft)


def spendable(test: TestDesk) -> int:
    return identify(test.desk, MEMBER, "code").spendable("points")


def written(test: TestDesk) -> Refund:
    last = test.desk.journal.last()
    assert last is not None
    entry = decode_entry(last.payload)
    assert isinstance(entry, Refund)
    return entry


def take_back(
    test: TestDesk, session: Session, sale: Receipt, fen: dict[str, int], why: str = "", **more: str
) -> Receipt:
    return commit_refund(test.desk, session, find(test.desk, sale.id), fen, why, **more)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(RefusedError) as error:
        act()
    return error.value.code


def test_a_part_comes_back_with_its_share_of_everything(desk_with: Make) -> None:
    """Half of 100 yuan, of which 1,000 points had paid 20: 40 yuan, 500 points back and 48 of the 96 that were earned."""
    test = desk_with(members=[member_row()])
    sale = sell(test, points=1_000)
    assert spendable(test) == 1_250 - 1_000 + 96
    reckoned = reckon(test.desk, find(test.desk, sale.id), {"general": 50_00})
    assert (reckoned.back.money_fen, reckoned.back.given_back, reckoned.back.taken_back, reckoned.owed) == (
        40_00, {"points": 500}, {"points": 48}, {},
    )  # fmt: skip
    receipt = take_back(test, test.manager, sale, {"general": 50_00}, reason="坏了")
    entry = written(test)
    assert (entry.refunds, entry.member, entry.sums_fen, entry.money_fen) == (
        sale.id,
        MEMBER,
        {"general": 50_00},
        40_00,
    )
    assert (entry.given_back, entry.taken_back, entry.reason) == ({"points": 500}, {"points": 48}, "坏了")
    assert receipt.refund is not None
    assert (receipt.refund.sale, receipt.refund.money_fen, receipt.code) == (sale.id, 40_00, receipt.code)
    assert spendable(test) == 1_250 - 500 + 48
    take_back(test, test.manager, sale, {"general": 50_00})
    assert spendable(test) == 1_250
    assert list(test.desk.journal.verify(test.desk.genesis, test.desk.terminal)) == []


def test_no_more_comes_back_than_is_left(desk_with: Make) -> None:
    """Of goods, whether asked at once or after a part; and nothing twice."""
    test = desk_with(members=[member_row()])
    sale = sell(test)
    take_back(test, test.manager, sale, {"general": 60_00})
    assert find(test.desk, sale.id).left_fen == {"general": 40_00}
    with pytest.raises(MoreThanBoughtError):
        take_back(test, test.manager, sale, {"general": 40_01})
    take_back(test, test.manager, sale, {"general": 40_00})
    with pytest.raises(NothingReturnedError):
        take_back(test, test.manager, sale, {})
    assert len(test.desk.journal.of_type("refund", 9)) == 2


def test_who_may_and_what_can_be_refunded(desk_with: Make) -> None:
    """A supervisor or manager, in an open shift; no voided sale, none that waits, none of another till."""
    test = desk_with(members=[member_row()])
    first, second = sell(test), sell(test)
    cashier = Session("1001", "x", ("cashier",), test.manager.shift, 1)
    assert refused(lambda: take_back(test, cashier, first, {"general": 1})) == "role"
    nowhere = replace(test.manager, shift="")
    assert refused(lambda: take_back(test, nowhere, first, {"general": 1})) == "no-shift"
    void_sale(test.desk, test.manager, first.id)
    assert refused(lambda: find(test.desk, first.id)) == "already-voided"
    assert refused(lambda: find(test.desk, test.desk.new_id(1, MEMBER))) == "not-a-sale"
    assert [one.id for one in newest_sales(test.desk)] == [second.id]
    waiting = Outcome(seq=second.seq, id=second.id, status="quarantined", reason="unknown-member")
    test.desk.journal.mark([waiting], 1)
    assert refused(lambda: find(test.desk, second.id)) == "refund-waits"


def test_what_came_back_is_not_voided(desk_with: Make) -> None:
    """The list says so, and so does the void."""
    test = desk_with(members=[member_row()])
    sale = sell(test)
    back = take_back(test, test.manager, sale, {"general": 1_00})
    assert refused(lambda: void_sale(test.desk, test.manager, sale.id)) == "already-refunded"
    journal, terminal, shift = test.desk.journal, test.desk.terminal, test.manager.shift
    assert [past.state for past in sales_of_shift(journal, terminal, shift)] == ["refunded"]
    assert [past.receipt for past in refunds_of_shift(journal, terminal, shift)] == [back]


def test_a_sale_of_an_earlier_shift_is_refunded_and_reports_say_so(desk_with: Make) -> None:
    """X and Z figures have refunds of their own; the sale stays in its shift's."""
    test = desk_with(members=[member_row()])
    sale = sell(test, points=1_000)
    closed = close_shift(test.desk, test.manager)
    later = open_shift(test.desk, test.manager)
    take_back(test, later, sale, {"general": 50_00})
    report = shift_report(test.desk.journal, later.shift)
    assert (report.refunds, report.refunded_fen, report.sales, report.gross_fen) == (1, 40_00, 0, 0)
    assert (report.given_back, report.taken_back) == ({"points": 500}, {"points": 48})
    assert report.unconfirmed_by_kind == {"points": 500 - 48}
    assert (closed.sales, closed.refunds) == (1, 0)
    totals = running_totals(test.desk.journal)
    assert (totals.given_back, totals.taken_back, totals.redeemed) == (
        {"points": 500}, {"points": 48}, {"points": 1_000},
    )  # fmt: skip
    assert close_shift(test.desk, later).totals.refunded_fen == 40_00
    assert list(test.desk.journal.verify(test.desk.genesis, test.desk.terminal)) == []


def test_what_the_member_spent_meanwhile_is_said_to_be_owed(desk_with: Make) -> None:
    """Before anybody confirms it."""
    test = desk_with(members=[member_row(points=1_000)])
    sale = sell(test)
    sell(test, points=1_100)
    assert spendable(test) == 1_000 + 120 - 1_100 + 93 == 113
    assert reckon(test.desk, find(test.desk, sale.id), {"general": 100_00}).owed == {"points": 7}
    take_back(test, test.manager, sale, {"general": 100_00})
    assert spendable(test) == 0
    sell(test, 10_00)
    assert spendable(test) == 12 - 7


def test_points_are_added_for_a_reason_once(desk_with: Make) -> None:
    """By the rules that the entry names; a flight that was cancelled returns the points and adds some (P11)."""
    test = desk_with(members=[member_row()])
    text = '[[compensation]]\nid = "cancelled"\nreason = { zh = "航班取消", en = "cancelled" }\nkind = "points"\npoints = 50\n'
    store = test.desk.store
    source = (data("programmes") / "supermarket.toml").read_text("utf-8")
    programme = parse_programme(f"{source}\n{text}", "x.toml")
    test.desk.use_cache(test.desk.cache(), replace(store, programme=programme))
    sale = sell(test)
    receipt = take_back(test, test.manager, sale, {"general": 50_00}, "cancelled")
    entry = written(test)
    assert (entry.compensation, entry.programme, entry.programme_version) == (
        "cancelled",
        programme.id,
        programme.version,
    )
    assert [(award.kind, award.points, award.expires_on) for award in entry.awards] == [("points", 50, "2028-09-15")]
    assert receipt.refund is not None
    assert receipt.refund.reason is not None
    assert (receipt.awarded, receipt.refund.reason.en) == ({"points": 50}, "cancelled")
    assert spendable(test) == 1_250 + 120 - 60 + 50
    again = lambda: take_back(test, test.manager, sale, {"general": 1_00}, "cancelled")  # noqa: E731
    assert refused(again) == "compensated-before"
    other = sell(test)
    test.desk.use_cache(test.desk.cache(), replace(test.desk.store, suspended="merchant"))
    given = lambda: take_back(test, test.manager, other, {"general": 1_00}, "cancelled")  # noqa: E731
    assert refused(given) == "merchant-suspended", "who is stopped gives none; his goods still come back"
    assert take_back(test, test.manager, other, {"general": 1_00}).refund is not None


def test_goods_of_then_are_shared_by_what_they_cost_where_the_rules_have_changed(desk_with: Make) -> None:
    """Fresh goods earned what they earned; with other rules loaded nobody can say any more how much of it was theirs."""
    test = desk_with(members=[member_row(points=6_000)])
    sale = sell(test)
    store = test.desk.store
    assert find(test.desk, sale.id).sold.paid == {"general": 100_00}
    newer = store.programme.model_copy(update={"version": store.programme.version + 1})
    test.desk.use_cache(test.desk.cache(), replace(store, programme=newer))
    assert find(test.desk, sale.id).sold.paid == {}


def test_goods_of_another_till_come_back_where_the_ledger_tells_of_them(desk_with: Make) -> None:
    """By reference, then by number; with what came back elsewhere, and what this till did since and is not booked yet."""
    here, there = desk_with(members=[member_row()]), desk_with(members=[member_row()])
    sale = sell(there)
    payload = there.desk.journal.of_type("sale", 1)[0].payload.decode()
    asked: list[SalesRequest] = []

    def answer(request: SalesRequest) -> SalesAnswer:
        asked.append(request)
        known = KnownSale(
            terminal="zhongshan-01", seq=2, payload=payload, sums_fen={"general": 40_00}, money_fen=40_00,
            taken_back={"points": 48},
        )  # fmt: skip
        return SalesAnswer(sales=(known,) if request.by == "member" else ())

    assert refused(lambda: look_up_sales(here.desk, "0371")) == "sales-unanswered"
    here.ledger.known_sales = answer
    assert refused(lambda: look_up_sales(here.desk, "A-17")) == "sales-unknown"
    (found,) = look_up_sales(here.desk, MEMBER)
    assert [(request.by, request.value) for request in asked[1:]] == [("reference", MEMBER), ("member", MEMBER)]
    assert (found.left_fen, found.receipt.terminal, found.receipt.name) == (
        {"general": 60_00},
        "zhongshan-01",
        "张*丰",
    )
    commit_refund(here.desk, here.manager, found, {"general": 10_00})
    assert (written(here).refunds, written(here).taken_back) == (sale.id, {"points": 12})
    assert spendable(here) == 1_250 - 12
    stale = lambda: commit_refund(here.desk, here.manager, found, {"general": 10_00})  # noqa: E731
    assert refused(stale) == "refund-changed"
    (again,) = look_up_sales(here.desk, member_code(MEMBER))
    assert again.left_fen == {"general": 50_00}
    assert refused(lambda: look_up_sales(here.desk, "134567890123456789")) == "payment-code"


def test_what_came_back_elsewhere_counts_for_an_own_sale_too(desk_with: Make) -> None:
    """Where the ledger says so; an own refund that is booked is in its word."""
    test = desk_with(members=[member_row()])
    sale = sell(test)
    payload = test.desk.journal.of_type("sale", 1)[0].payload.decode()
    known = KnownSale(terminal="x", seq=2, payload=payload, sums_fen={"general": 40_00}, money_fen=40_00)
    test.ledger.known_sales = lambda _request: SalesAnswer(sales=(known,))
    assert find(test.desk, sale.id).left_fen == {"general": 100_00}
    assert find(test.desk, sale.id, is_online=True).left_fen == {"general": 60_00}
    back = take_back(test, test.manager, sale, {"general": 5_00})
    assert find(test.desk, sale.id, is_online=True).left_fen == {"general": 55_00}
    # The ledger has booked it too, and this till is not told its outcome yet: it is counted once.
    known = msgspec.structs.replace(known, sums_fen={"general": 45_00}, money_fen=45_00, refunds=(back.id,))
    assert find(test.desk, sale.id, is_online=True).left_fen == {"general": 55_00}
    test.desk.journal.mark([Outcome(seq=back.seq, id=back.id, status="booked", position=11)], 1)
    assert find(test.desk, sale.id, is_online=True).left_fen == {"general": 55_00}


def test_a_refund_that_a_person_accepted_is_in_the_word_of_the_ledger(desk_with: Make) -> None:
    """It waited, and is not counted twice: the rest can come back."""
    test = desk_with(members=[member_row()])
    sale = sell(test)
    back = take_back(test, test.manager, sale, {"general": 60_00})
    test.desk.journal.mark([Outcome(seq=back.seq, id=back.id, status="quarantined", reason="unknown-member")], 1)
    under = UUID(int=7)
    accepted = Decision(number=1, seq=back.seq, choice="accepted", position=12, who="1001", at=1, why="x", by=under)
    test.desk.journal.mark_decisions([accepted], 1)
    for named in (back.id, under):
        test.ledger.known_sales = lambda _request, by=named: SalesAnswer(
            sales=(known_of(test, {"general": 60_00}, by),)
        )
        assert find(test.desk, sale.id, is_online=True).left_fen == {"general": 40_00}


def test_a_refund_that_is_booked_while_the_ledger_is_asked_is_counted(desk_with: Make) -> None:
    """Its answer is older than the outcome: else the goods could come back once more."""
    test = desk_with(members=[member_row()])
    sale = sell(test)
    back = take_back(test, test.manager, sale, {"general": 100_00})

    def answer(_request: SalesRequest) -> SalesAnswer:
        test.desk.journal.mark([Outcome(seq=back.seq, id=back.id, status="booked", position=11)], 1)
        return SalesAnswer(sales=(known_of(test, {}),))

    test.ledger.known_sales = answer
    assert find(test.desk, sale.id, is_online=True).left_fen == {}


def known_of(test: TestDesk, back_fen: dict[str, int], *refunds: UUID) -> KnownSale:
    """The till's sale as the ledger tells of it."""
    payload = test.desk.journal.of_type("sale", 1)[0].payload.decode()
    return KnownSale(
        terminal="x", seq=2, payload=payload, sums_fen=back_fen, money_fen=sum(back_fen.values()), refunds=refunds
    )

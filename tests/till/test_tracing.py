"""查一笔: a customer misses points; the sale is found by whatever he has, with its way and a sentence that is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec
import pytest

from protocol.cases import Decision
from protocol.codes import member_code
from protocol.push import Outcome
from protocol.sales import KnownSale, SalesAnswer, SalesRequest
from tests.desks import MEMBER, TestDesk, member_row
from tests.till.test_refunding import take_back
from tests.till.test_selling import identified
from till import i18n
from till.errors import RefusedError
from till.history import witness
from till.receipts import Receipt
from till.selling import commit_sale
from till.tracing import Traced, trace, trace_elsewhere
from till.tracing_when import read_when
from till.tracing_words import elsewhere, sentence_for_customer, way_of
from till.voiding import void_sale

Make = Callable[..., TestDesk]
OTHER = "1000000042"


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


@pytest.fixture
def test(desk_with: Make) -> TestDesk:
    return desk_with(members=[member_row(), member_row(OTHER, points=0)])


def sell(test: TestDesk, fen: int = 128_50, receipt: str = "", member: str = MEMBER) -> Receipt:
    draft = replace(identified(test, member), reference=receipt).with_amount(fen)
    return commit_sale(test.desk, test.manager, draft)


def answer(test: TestDesk, sale: Receipt, status: str, **more: object) -> None:
    outcome = Outcome(seq=sale.seq, id=sale.id, status=status, **more)  # type: ignore[arg-type]
    test.desk.journal.mark([outcome], 1)


def said(traced: Traced) -> str:
    return "\n".join([*way_of(traced, lambda at: f"{at}"), sentence_for_customer(traced)])


def test_it_is_found_by_whatever_the_customer_has(test: TestDesk) -> None:
    """His code, his number, the receipt's code or the end of its number, the amount; newest first, and nothing of others."""
    first, second = sell(test, receipt="20261122-0017"), sell(test, 56_00)
    other = sell(test, 99_00, receipt="20261122-0018", member=OTHER)

    def found(text: str) -> list[int]:
        return [one.receipt.seq for one in trace(test.desk, text)]

    assert found(member_code(MEMBER)) == found(MEMBER) == [second.seq, first.seq]
    assert found(witness(test.desk.journal, test.desk.terminal, first.seq)) == [first.seq]
    assert found("0017") == found("20261122-0017") == [first.seq]
    assert found("128.50") == [first.seq]
    assert found("99") == [other.seq]
    assert found("nothing like it") == found("1.23") == found("1999999999") == []


def test_a_payment_code_and_a_foreign_receipt_are_refused(test: TestDesk) -> None:
    """With the sentences of the counter."""
    with pytest.raises(RefusedError, match="payment-code"):
        trace(test.desk, "134567890123456789")
    with pytest.raises(RefusedError, match="receipt-of-another-till"):
        trace(test.desk, witness(test.desk.journal, "other-01", sell(test).seq))


def test_each_fate_has_its_sentence(test: TestDesk) -> None:
    """Stored, sent, booked, waiting, decided, taken back: never more than is known."""
    stored = sell(test)

    def one() -> Traced:
        return next(found for found in trace(test.desk, MEMBER) if found.receipt.seq == stored.seq)

    assert "not sent yet" in said(one())
    assert "none is lost" in said(one())
    test.desk.journal.set_sent(stored.seq)
    assert "has not answered yet" in said(one())
    answer(test, stored, "quarantined", reason="unknown-programme")
    assert "unknown-programme" in said(one())
    assert "our manager still has to approve" in said(one())


def test_a_booked_sale_says_what_is_in_the_account(test: TestDesk) -> None:
    """And one that earned nothing says so."""
    sale = sell(test)
    answer(test, sale, "booked", position=11)
    (found,) = trace(test.desk, MEMBER)
    assert (found.stage, found.state) == ("answered", "booked")
    assert "in the account: +" in sentence_for_customer(found)
    assert "no points" in sentence_for_customer(
        replace(found, receipt=msgspec.structs.replace(found.receipt, awarded={}))
    )


def test_what_a_person_decided_is_told_with_his_reason(test: TestDesk) -> None:
    """He is the one to ask."""
    sale = sell(test)
    answer(test, sale, "quarantined", reason="unknown-programme")
    decided = Decision(number=1, seq=sale.seq, choice="written-off", who="赵敏", why="twice", at=1)
    test.desk.journal.mark_decisions([decided], 1)
    (found,) = trace(test.desk, MEMBER)
    assert "赵敏: twice" in said(found)
    assert "Please ask him" in said(found)


def test_what_was_taken_back_is_told_with_its_time(test: TestDesk) -> None:
    """A void, a refund."""
    voided, back = sell(test), sell(test)
    void_sale(test.desk, test.manager, voided.id)
    take_back(test, test.manager, back, {test.desk.store.programme.default_category: 128_50})
    states = {one.receipt.seq: one for one in trace(test.desk, MEMBER)}
    assert (states[voided.seq].state, states[back.seq].state) == ("voided", "refunded")
    assert states[voided.seq].taken_back_at > 0
    assert "taken back" in said(states[voided.seq])


def minutes_later(test: TestDesk, minutes: int) -> None:
    test.clocks.wall_us += minutes * 60_000_000
    test.clocks.mono_us += minutes * 60_000_000


def test_an_amount_and_about_when_are_enough(test: TestDesk) -> None:
    """Half an hour around a time, a day, or either alone; the time that was last, where no day is said."""
    first = sell(test, 45_00)  # at noon
    minutes_later(test, 50)
    second = sell(test, 45_00)
    minutes_later(test, 24 * 60)
    third = sell(test, 45_00)

    def found(text: str) -> list[int]:
        return [one.receipt.seq for one in trace(test.desk, text)]

    day = test.desk.calendar.civil(first.at).date()
    assert found("45") == [third.seq, second.seq, first.seq]
    assert found("45 12:10") == [] != found(f"45 {day.month}-{day.day} 12:10") == [first.seq]
    assert found("45 12:30") == found("12:30") == [third.seq]
    assert found(f"45 {day.isoformat()}") == found(f"{day.month}-{day.day}") == [second.seq, first.seq]
    assert found(f"46 {day.isoformat()}") == []
    assert found(f"{MEMBER} {day.month}-{day.day} 12:45") == [second.seq]


@pytest.mark.parametrize(
    ("text", "rest"),
    [("45 25:00", "45 25:00"), ("45 2-30", "45 2-30"), ("20261121-02-0371", "20261121-02-0371"), ("", "")],
)
def test_what_is_no_time_stays_what_it_is(test: TestDesk, text: str, rest: str) -> None:
    """A receipt's number has dashes too."""
    assert read_when(text, test.desk.calendar, test.desk.clock.now_us()) == (rest, None)


def test_the_whole_journal_is_searched_and_not_only_its_end(test: TestDesk) -> None:
    """Page by page, also where many entries have the same words in them and are not meant."""
    first = sell(test, 77_00, receipt="A-17")
    for _ in range(3):
        sell(test, 5_00, receipt="")
    with_pages = [(b'"gross_fen":500,', 1), (b'"gross_fen":', 2)]
    journal = test.desk.journal
    for words, most in with_pages:
        assert len(journal.saying([words], ("sale",), 1, journal.last_seq() + 1, most)) == most
    assert [one.receipt.seq for one in trace(test.desk, "a-17")] == [first.seq]
    assert journal.first_since(0) == 1
    assert journal.first_since(first.at) <= first.seq < journal.first_since(first.at + 1)
    assert journal.first_since(2**60) == journal.last_seq() + 1


def test_it_reads_beside_the_open_till(test: TestDesk) -> None:
    """By a connection of its own: while it reads, a sale is committed."""
    sell(test, 45_00)
    with test.desk.journal.alone():
        (found,) = trace(test.desk, "45")
    assert found.receipt.gross_fen == 45_00


def test_sales_of_other_tills_are_asked_for_by_the_members_number(test: TestDesk, desk_with: Make) -> None:
    """His phone is no number of the ledger's sales; this till's own are not told twice, and nobody's are no refusal."""
    own = sell(test, 45_00)
    other = desk_with(members=[member_row()])
    draft = identified(other).with_amount(60_00)
    sold = commit_sale(other.desk, other.manager, draft)
    payloads = [test.desk.journal.entry(own.id), other.desk.journal.entry(sold.id)]
    known = [
        KnownSale(terminal=f"t{n}", seq=2, payload=row.payload.decode()) for n, row in enumerate(payloads) if row
    ]
    asked: list[SalesRequest] = []

    def answer_sales(request: SalesRequest) -> SalesAnswer:
        asked.append(request)
        return SalesAnswer(sales=tuple(known) if (request.by, request.value) == ("member", MEMBER) else ())

    test.ledger.known_sales = answer_sales
    (found,) = trace_elsewhere(test.desk, MEMBER)
    assert (found.receipt.gross_fen, found.receipt.terminal) == (60_00, "t1")
    assert trace_elsewhere(test.desk, "A-17") == []
    assert trace_elsewhere(test.desk, f"{MEMBER} 2020-1-1") == []
    assert "in the ledger's books" in elsewhere(found, lambda at: f"{at}")[0]


def test_the_rules_that_gave_the_points_are_named(test: TestDesk) -> None:
    """Why so many: the customer asks that next."""
    sell(test)
    (found,) = trace(test.desk, "128.50")
    assert "by: " in said(found)

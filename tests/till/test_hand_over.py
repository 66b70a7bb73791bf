"""交班: a shift goes on with another cashier, and each one's part can be told apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from protocol.push import Outcome
from sync.link import LinkState
from tests.desks import NOON_US, TestDesk, member_row, payloads
from tests.till.test_selling import identified
from till.counter import Counter
from till.errors import RefusedError
from till.report_sections import report_sections
from till.report_words import Amount
from till.shift_report import part_since, shift_report
from till.shifts import Session, close_shift

Make = Callable[..., TestDesk]


def sell(test: TestDesk, session: Session, *fen: int) -> None:
    for amount in fen:
        Counter(test.desk, LinkState).commit(session, identified(test).with_amount(amount))


def test_the_entry_says_who_left_who_came_and_what_the_first_did(desk_with: Make) -> None:
    """The shift goes on; what is put aside in it stays where it is."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    sell(test, test.manager, 100_00, 20_00)
    counter.hold(test.manager, identified(test), "7")
    came = counter.hand_over(test.manager, "1023", "1023")
    assert (came.staff, came.shift, came.roles) == ("1023", test.manager.shift, ("cashier",))
    entry = payloads(test.desk)[-1]
    assert (entry["type"], entry["by"], entry["to"], entry["number"]) == ("shift-handed-over", "1001", "1023", 1)
    assert (entry["totals"]["sales"], entry["totals"]["gross_fen"]) == (2, 120_00)
    assert (entry["totals"]["unconfirmed"], entry["totals"]["awarded"]) == (2, {"points": 120})
    assert len(counter.held(came)) == 1
    assert list(test.desk.journal.verify(test.desk.genesis, test.desk.terminal)) == []


def test_the_parts_of_all_cashiers_are_the_whole(desk_with: Make) -> None:
    """Each sale belongs to who made it, a void to who voided; the report counts no sale twice and none of those voided."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    voided = counter.commit(test.manager, identified(test).with_amount(50_00))
    sell(test, test.manager, 100_00)
    came = counter.hand_over(test.manager, "1023", "1023")
    sell(test, came, 30_00, 8_00)
    counter.void(came, voided.id)
    report = shift_report(test.desk.journal, came.shift)
    assert [(staff, part.sales, part.voids, part.gross_fen) for staff, part in report.cashiers.items()] == [
        ("1001", 1, 0, 100_00), ("1023", 2, 1, 38_00),
    ]  # fmt: skip
    assert sum(part.sales for part in report.cashiers.values()) == report.sales == 3
    assert sum(part.gross_fen for part in report.cashiers.values()) == report.gross_fen
    section = next(one for one in report_sections(report, test.desk.store, counter.local) if one.key == "cashiers")
    assert [row.label for row in section.rows if row.tone == "strong"] == ["赵敏(1001)", "王芳(1023)"]
    assert section.rows[2].amounts == (
        Amount(2, "count", "sales"),
        Amount(1, "count", "voids"),
        Amount(0, "count", "refunds"),
        Amount(38_00, "fen"),
    )


def test_who_comes_back_begins_anew(desk_with: Make) -> None:
    """His first part was handed over already. A void of the sale of another counts as his entry, with its points."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    sell(test, test.manager, 100_00)
    came = counter.hand_over(test.manager, "1023", "1023")
    sold = counter.commit(came, identified(test).with_amount(30_00))
    again = counter.hand_over(came, "1001", "1001")
    sell(test, again, 9_00)
    counter.void(again, sold.id)
    part, ends = part_since(test.desk.journal, again.shift, "1001")
    assert (part.sales, part.gross_fen, part.voids) == (1, 9_00, 1)
    assert (ends.unconfirmed, ends.unconfirmed_by_kind) == (2, {"points": 9 - 30})
    rows = test.desk.journal.entries(1, 20)
    test.desk.journal.mark([Outcome(seq=row.seq, id=row.id, status="booked", position=1) for row in rows], NOON_US)
    assert part_since(test.desk.journal, again.shift, "1001")[1].unconfirmed == 0


@pytest.mark.parametrize(
    ("staff", "pin", "code"),
    [
        ("1023", "9999", "pin-wrong"),
        ("1001", "1001", "hand-over-to-self"),
        ("1090", "1090", "hand-over-no-cashier"),
    ],
)
def test_what_is_no_hand_over(desk_with: Make, staff: str, pin: str, code: str) -> None:
    """A wrong PIN, oneself, a technician: nothing is written."""
    test = desk_with()
    with pytest.raises(RefusedError, match=code):
        Counter(test.desk, LinkState).hand_over(test.manager, staff, pin)
    assert [entry["type"] for entry in payloads(test.desk)] == ["shift-opened"]


def test_tries_are_those_of_signing_in(desk_with: Make) -> None:
    """Five wrong PINs lock the number, wherever they were typed."""
    test = desk_with()
    counter = Counter(test.desk, LinkState)
    for _ in range(4):
        with pytest.raises(RefusedError, match="pin-wrong"):
            counter.hand_over(test.manager, "1023", "9999")
    with pytest.raises(RefusedError, match="pin-wrong"):
        counter.sign_in("1023", "9999")
    with pytest.raises(RefusedError, match="pin-locked"):
        counter.hand_over(test.manager, "1023", "1023")


def test_a_closed_shift_is_not_handed_over(desk_with: Make) -> None:
    """Who is still signed in to it changes nothing of its report."""
    test = desk_with()
    close_shift(test.desk, test.manager)
    with pytest.raises(RefusedError, match="no-shift"):
        Counter(test.desk, LinkState).hand_over(test.manager, "1023", "1023")

"""The detail of a report: who, when, for what; what was refused; the day; and what a week before was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from points import Choice
from protocol.push import Outcome
from sync.link import LinkState
from tests.desks import NOON_US, TestDesk, grants, member_row, payloads
from tests.till.test_redeeming import wanting
from tests.till.test_selling import identified
from till.counter import Counter
from till.errors import RefusedError
from till.redeeming import redeem_and_commit
from till.refused import refused_in, why_of
from till.report_sections import report_sections
from till.report_words import Amount, Section, report_title
from till.shift_report import shift_report

Make = Callable[..., TestDesk]
HOUR_S = 3_600


def sections(test: TestDesk, counter: Counter, shift: str) -> dict[str, Section]:
    report = shift_report(test.desk.journal, shift)
    return {section.key: section for section in report_sections(report, test.desk.store, counter.local)}


def test_the_tender_line_comes_first(desk_with: Make) -> None:
    """What is held against the cash register every evening; then everything else."""
    test = desk_with(members=[member_row(points=5_000, tier="standard")])
    test.ledger.answer = grants
    counter = Counter(test.desk, LinkState)
    counter.commit(test.manager, identified(test).with_amount(100_00))
    redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    found = sections(test, counter, test.manager.shift)
    first = next(row for row in found["money"].rows if row.amounts)
    assert first.amounts == (Amount(-20_00, "fen"),)
    (reward,) = found["rewards"].rows
    assert reward.amounts == (Amount(1, "count"), Amount(1_000, "points", "points"), Amount(-20_00, "fen"))
    assert "before" not in found


def test_each_hour_has_its_bar(desk_with: Make) -> None:
    """The best hour has the longest; an hour without a sale has none."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    counter.commit(test.manager, identified(test).with_amount(100_00))
    test.clocks.pass_s(2 * HOUR_S)
    for fen in (30_00, 20_00):
        counter.commit(test.manager, identified(test).with_amount(fen))
    rows = sections(test, counter, test.manager.shift)["hours"].rows
    assert [row.drawn for row in rows] == ["12:00  " + "#" * 20, "14:00  " + "#" * 10]
    assert [row.amounts for row in rows] == [
        (Amount(1, "count"), Amount(100_00, "fen")), (Amount(2, "count"), Amount(50_00, "fen")),
    ]  # fmt: skip


def test_what_was_refused_is_counted_and_kept_at_closing(desk_with: Make) -> None:
    """Nothing happened, so no entry says it; the closing entry has the count, and the next shift begins with none."""
    test = desk_with(members=[member_row(points=5_000, tier="standard")])
    counter = Counter(test.desk, lambda: LinkState("online", since_us=0))
    draft = identified(test).with_amount(100_00).with_choice(Choice("no-such", 10))
    for _ in range(2):
        with pytest.raises(Exception, match="no-such"):
            counter.redeem(test.manager, draft)
    counter.reports.refused(test.manager, "floor-per-member")
    counter.reports.refused(test.manager, "approval-needed")
    assert refused_in(test.desk.journal, test.manager.shift) == {"unknown-reward": 2, "floor-per-member": 1}
    rows = sections(test, counter, test.manager.shift)["control"].rows
    assert [row.amounts[0].number for row in rows] == [3, 1, 2]
    counter.close_shift(test.manager)
    assert payloads(test.desk)[-1]["totals"]["refused"] == {"unknown-reward": 2, "floor-per-member": 1}
    assert shift_report(test.desk.journal, test.manager.shift).refused == {"unknown-reward": 2, "floor-per-member": 1}
    opened = counter.open_shift(test.manager)
    assert shift_report(test.desk.journal, opened.shift).refused == {}
    counter.reports.refused(opened, "floor-per-member")
    assert shift_report(test.desk.journal, opened.shift).refused == {"floor-per-member": 1}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("not-enough-points", "points"), ("reserve-not-enough-points", "points"), ("not-enough-booked", "offline"),
        ("floor-per-member", "offline"), ("offline-proof-missing", "offline"), ("bounded-online", "offline"),
        ("reserve-pin-wrong", "proof"), ("nonce-used", "proof"), ("below-min-spend", "rules"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_of_four(code: str, why: str) -> None:
    """Too few points, no network, no proof, or the rules."""
    assert why_of(code) == why


def test_the_day_is_all_its_shifts(desk_with: Make) -> None:
    """Two shifts and a void between them; a closed shift's figures are not added a second time."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    voided = counter.commit(test.manager, identified(test).with_amount(7_00))
    counter.commit(test.manager, identified(test).with_amount(100_00))
    counter.void(test.manager, voided.id)
    counter.reports.refused(test.manager, "not-enough-points")
    counter.close_shift(test.manager)
    second = counter.open_shift(test.manager)
    counter.commit(second, identified(test).with_amount(20_00))
    counter.reports.refused(second, "not-enough-points")
    report = counter.reports.day()
    assert (report.sales, report.voids, report.gross_fen, report.moves) == (2, 1, 120_00, 4)
    assert [(number, part.sales, part.gross_fen) for number, part in report.shifts.items()] == [
        (1, 1, 100_00), (2, 1, 20_00),
    ]  # fmt: skip
    assert (report.unconfirmed, report.refused) == (4, {"not-enough-points": 2})
    assert report_title(report).endswith(report.day)
    with pytest.raises(RefusedError, match="no-such-day"):
        counter.reports.day("2026-01-01")


def test_a_sale_is_voided_after_the_day_has_ended(desk_with: Make) -> None:
    """The day before loses the sale, the day after has the void."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    first = test.desk.business_day
    sold = counter.commit(test.manager, identified(test).with_amount(50_00))
    counter.commit(test.manager, identified(test).with_amount(9_00))
    test.clocks.pass_s(24 * HOUR_S)
    counter.void(test.manager, sold.id)
    before, after = counter.reports.day(first), counter.reports.day()
    assert (before.sales, before.gross_fen, before.voids) == (1, 9_00, 0)
    assert (after.sales, after.gross_fen, after.voids) == (0, 0, 1)
    assert after.unconfirmed_by_kind == {"points": -50}


def test_the_same_weekday_before_stands_beside_it(desk_with: Make) -> None:
    """Of this till, the whole day; days between are not taken for it."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    counter.commit(test.manager, identified(test).with_amount(70_00))
    session = test.manager
    for days in (1, 6):
        counter.close_shift(session)
        test.clocks.pass_s(days * 24 * HOUR_S)
        test.put_members(member_row(tier="standard"))
        session = counter.open_shift(test.manager)
        counter.commit(session, identified(test).with_amount(1_00))
    report = shift_report(test.desk.journal, session.shift)
    assert report.before is not None
    assert (report.before.sales, report.before.gross_fen) == (1, 70_00)
    assert date.fromisoformat(report.days[0]) - timedelta(days=7) == date.fromisoformat("2026-09-15")
    assert sections(test, counter, session.shift)["before"].rows[0].amounts[-1] == Amount(70_00, "fen")


def test_what_was_heard_later_never_changes_a_closed_report(desk_with: Make) -> None:
    """Overdrawn and waiting entries are known after the closing: beside its figures, not in them."""
    test = desk_with(members=[member_row(tier="standard")])
    counter = Counter(test.desk, LinkState)
    receipts = [counter.commit(test.manager, identified(test).with_amount(fen)) for fen in (100_00, 50_00)]
    counter.close_shift(test.manager)
    said = list(sections(test, counter, test.manager.shift)["open"].rows)
    test.desk.journal.mark(
        [
            Outcome(seq=receipts[0].seq, id=receipts[0].id, status="quarantined", reason="unknown-member"),
            Outcome(seq=receipts[1].seq, id=receipts[1].id, status="shortfall", position=3, shortfall=20),
        ],
        NOON_US,
    )
    after = sections(test, counter, test.manager.shift)["open"].rows
    assert after[: len(said)] == said
    assert [row.amounts[0].number for row in after[len(said) :]] == [0, 1, 20]

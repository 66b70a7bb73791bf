"""补积分 and 手工加分 at the till: what is given, to whom, under which slip, and what is refused before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from protocol.counts import counts_of
from protocol.documents import ApprovalPolicy
from protocol.entries import Approvable, Approval, LateCredit, ManualPoints, Sale, decode_entry
from tests.desks import MEMBER, NOON_US, TestDesk, member_row, payloads
from tests.till.test_approving import cashier, code
from tests.till.test_selling import identified
from till import i18n
from till.approving import Reason, approve, spent_in
from till.giving import Earlier, credit_late, day_typed, give_by_hand, reckon_late
from till.history import sales_of_shift
from till.members import MemberView
from till.receipt_words import receipt_rows
from till.receipts import Receipt
from till.refundable import find
from till.selling import commit_sale
from till.shift_report import shift_report
from till.tracing import trace
from till.tracing_words import way_of
from till.voiding import void_sale

Make = Callable[..., TestDesk]
TODAY, YESTERDAY = "2026-09-15", "2026-09-14"
POLICY = ApprovalPolicy(
    late_credit_days=7, late_credit_points=500, manual_points=300, acts_per_shift=4, points_per_shift=900
)
SLIP = Earlier("A-17", 128_50, YESTERDAY)


def shop(desk_with: Make, **changes: Any) -> TestDesk:
    return desk_with(members=[member_row(points=1_000)], approvals=msgspec.structs.replace(POLICY, **changes))


def member_of(test: TestDesk) -> MemberView:
    member = identified(test, MEMBER).member
    assert member is not None
    return member


def yes(test: TestDesk, what: Approvable) -> Approval:
    return approve(test.desk, cashier(test), (what,), Reason("no-code"), "1001", "1001")


def credit(test: TestDesk, earlier: Earlier = SLIP, approval: Approval | None = None) -> Receipt:
    return credit_late(test.desk, cashier(test), member_of(test), earlier, approval or yes(test, "late-credit"))


def give(test: TestDesk, points: int = 100, kind: str = "points", approval: Approval | None = None) -> Receipt:
    allowed = approval or yes(test, "manual-points")
    return give_by_hand(test.desk, cashier(test), member_of(test), kind, points, allowed)


def last(test: TestDesk) -> Any:
    return decode_entry(test.desk.journal.entries(test.desk.journal.last_seq(), 1)[0].payload)


def test_a_late_credit_earns_what_the_sale_would_have(desk_with: Make) -> None:
    """As the same amount sold with the member, and his balance shows it at once."""
    test = shop(desk_with)
    sold = commit_sale(test.desk, cashier(test), identified(test, MEMBER).with_amount(128_50))
    before = member_of(test).spendable("points")
    receipt = credit(test)
    entry = last(test)
    assert isinstance(entry, LateCredit)
    assert (entry.reference, entry.sold_on, entry.approval and entry.approval.by) == ("A-17", YESTERDAY, "1001")
    assert receipt.awarded == sold.awarded
    assert member_of(test).spendable("points") == before + sold.awarded["points"]


def test_it_earns_by_the_rules_of_its_day(desk_with: Make) -> None:
    """The double points of an anniversary that ended yesterday are those of yesterday's sale, and of no sale of today."""
    december = NOON_US + 77 * 86_400_000_000  # 1 December 2026
    test = desk_with(members=[member_row()], approvals=POLICY, at_us=december)
    yesterday, today = (
        reckon_late(test.desk, cashier(test), member_of(test), Earlier("A", 100_00, day)).awarded("points")
        for day in ("2026-11-30", "2026-12-01")
    )
    assert yesterday > 1.8 * today


@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        (Earlier("", 128_50, YESTERDAY), "late-credit-reference"),
        (Earlier("x" * 65, 128_50, YESTERDAY), "late-credit-reference"),
        (Earlier("A", 128_50, "2026-09-16"), "late-credit-day"),
        (Earlier("A", 128_50, "2026-09-07"), "late-credit-day"),
        (Earlier("A", 128_50, "yesterday"), "late-credit-day"),
        (Earlier("A", 0, YESTERDAY), "late-credit-nothing"),
        (Earlier("A", 1, YESTERDAY), "late-credit-nothing"),
        (Earlier("A", 90_000_00, YESTERDAY), "given-too-many"),
    ],
)
def test_what_cannot_be_credited_is_refused_before_anybody_is_asked(
    desk_with: Make, earlier: Earlier, why: str
) -> None:
    """No slip, another day, nothing or too much: and nothing is written."""
    test = shop(desk_with)
    before = len(payloads(test.desk))
    assert code(lambda: credit(test, earlier)) == why
    assert len(payloads(test.desk)) == before


def test_a_slip_is_claimed_once_at_a_till(desk_with: Make) -> None:
    """By a sale or by a late credit, whichever came first; a void frees it."""
    test = shop(desk_with)
    draft = identified(test, MEMBER).with_amount(10_00)
    sold = commit_sale(test.desk, cashier(test), replace(draft, reference="A-17"))
    assert code(lambda: credit(test)) == "reference-taken"
    void_sale(test.desk, cashier(test), sold.id)
    credit(test)
    assert code(lambda: credit(test)) == "reference-taken"
    again = replace(draft, reference="A-17")
    assert code(lambda: commit_sale(test.desk, cashier(test), again)) == "reference-taken"


def test_points_by_hand(desk_with: Make) -> None:
    """One award of a sale of nothing; more than the store allows, of a kind that there is not, or none, is refused."""
    test = shop(desk_with)
    give(test, 300)
    entry = last(test)
    assert isinstance(entry, ManualPoints)
    assert (entry.gross_fen, [(one.kind, one.points) for one in entry.awards]) == (0, [("points", 300)])
    assert member_of(test).spendable("points") == 1_300
    assert entry.awards[0].expires_on == commit_expiry(test)
    assert code(lambda: give(test, 301)) == "given-too-many"
    assert code(lambda: give(test, 0)) == "manual-kind"
    assert code(lambda: give(test, 1, "gold")) == "manual-kind"


def commit_expiry(test: TestDesk) -> str:
    """Until when points live that a sale gives today."""
    commit_sale(test.desk, cashier(test), identified(test, MEMBER).with_amount(128_50))
    expires: str = last(test).awards[0].expires_on
    return expires


def test_a_store_that_allows_neither_says_so(desk_with: Make) -> None:
    """0, as before there was either."""
    test = desk_with(members=[member_row()])
    assert code(lambda: credit(test)) == "late-credit-off"
    assert code(lambda: give(test)) == "manual-off"


def test_nothing_is_given_without_a_supervisor_nor_past_the_bounds_of_the_shift(desk_with: Make) -> None:
    """Acts and points count together, whatever they are for."""
    test = shop(desk_with)
    here = cashier(test)
    assert code(lambda: give_by_hand(test.desk, here, member_of(test), "points", 5)) == "approval-needed"
    assert code(lambda: credit_late(test.desk, here, member_of(test), SLIP)) == "approval-needed"
    assert code(lambda: give(test, 5, approval=yes(test, "late-credit"))) == "approval-needed"
    for points in (300, 300, 299):
        give(test, points)
    assert spent_in(test.desk, here.shift) == (3, 899)
    assert code(lambda: give(test, 2)) == "approval-points-used-up"
    give(test, 1)
    assert code(lambda: give(test, 1)) == "approvals-used-up"


def test_nobody_gives_himself_points(desk_with: Make) -> None:
    """Neither the cashier nor who approves."""
    test = shop(desk_with)
    staff: Any = test.desk.store.staff
    staff["1001"] = msgspec.structs.replace(staff["1001"], member=MEMBER)
    assert code(lambda: give(test)) == "own-approval"
    staff["1023"] = msgspec.structs.replace(staff["1023"], member=MEMBER)
    assert code(lambda: give(test)) == "own-sale"


def test_the_shift_counts_them_apart_from_sales(desk_with: Make) -> None:
    """Their money was not taken today; their points were given today. Voided, they are gone again."""
    test = shop(desk_with)
    receipts = [credit(test), give(test, 100)]
    report = shift_report(test.desk.journal, test.manager.shift)
    assert (report.sales, report.gross_fen, report.given) == (0, 0, 2)
    assert report.awarded["points"] == receipts[0].awarded["points"] + 100
    for receipt in receipts:
        void_sale(test.desk, cashier(test), receipt.id)
    report = shift_report(test.desk.journal, test.manager.shift)
    assert (report.given, report.voids, report.awarded) == (0, 2, {})
    assert member_of(test).spendable("points") == 1_000


def test_points_by_hand_are_of_no_goods(desk_with: Make) -> None:
    """They are voided and never refunded; a late credit can come back as its sale could."""
    test = shop(desk_with)
    by_hand, late = give(test), credit(test)
    assert code(lambda: find(test.desk, by_hand.id)) == "not-a-sale"
    assert find(test.desk, late.id).left_fen


def test_the_receipt_says_what_it_is_and_who_approved(desk_with: Make) -> None:
    """So does F7, and 查一笔 finds it by the slip's number."""
    test = shop(desk_with)
    receipt = credit(test)
    i18n.use("zh-CN")
    rows = receipt_rows(receipt, test.desk.store, lambda _at: "2026-09-15 12:00:00")
    said = " ".join(f"{row.label} {row.value}" for row in (*rows.head, *rows.goods, *rows.points))
    found = trace(test.desk, "A-17")
    way = "\n".join(way_of(found[0], lambda _at: "2026-09-15 12:00:00"))
    i18n.use("en")
    for words in ("补积分", "A-17", "2026年9月14日", "授权 1001", "128.50"):
        assert words in said, said
    assert "补积分" in way
    assert "1001" in way
    assert [past.receipt.given for past in sales_of_shift(test.desk.journal, "t", test.manager.shift)] == [
        "late-credit"
    ]


def test_points_by_hand_are_no_visit_for_the_rules(desk_with: Make) -> None:
    """Till and ledger count alike: a late credit is a sale that was, a gift is nothing that anybody did."""
    test = shop(desk_with)
    asked = ("visits/month", "spent/month", "earned/points/day")
    credit(test)
    assert {str(counted) for counted, _ in counts_of(last(test), asked)} >= {"visits/2026-09", "spent/2026-09"}
    give(test)
    entry = last(test)
    assert isinstance(entry, Sale)
    assert list(counts_of(entry, asked)) == []


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("", TODAY), ("0914", YESTERDAY), ("09-14", YESTERDAY), ("9.14", "9.14"), ("1120", "2025-11-20"),
        ("2026-09-14", YESTERDAY), ("20260914", YESTERDAY), ("soon", "soon"),
    ],
)  # fmt: skip
def test_a_day_as_people_type_it(typed: str, day: str) -> None:
    """Nothing is today; a month that has not come yet is last year's."""
    assert day_typed(typed, TODAY) == day

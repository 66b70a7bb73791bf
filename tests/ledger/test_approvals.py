"""Late credits and points by hand at the ledger: who approved them, how much, and which claim of a receipt came first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from ledger.approvals import approvals_of
from ledger.cases import find_case
from ledger.deciding import Wanted, decide
from ledger.problems import NotKnownError
from protocol.documents import ApprovalPolicy, Role, Staff, StaffMember
from protocol.entries import Approvable, Approval, LateCredit, ManualPoints, Sale
from tests.ledger.shop import DAY, Shop, Till

POLICY = ApprovalPolicy(
    late_credit_days=7, late_credit_points=500, manual_points=300, acts_per_shift=3, points_per_shift=600
)


@pytest.fixture
def strict(shop: Shop) -> Shop:
    """See `staffed`."""
    return staffed(shop)


def staffed(shop: Shop) -> Shop:
    """Store S1 lets points be given; 9001 is a supervisor there, 1023 a cashier."""
    shop.settle("S1", approvals=POLICY)
    roles: dict[str, tuple[Role, ...]] = {"9001": ("supervisor",), "1023": ("cashier",)}
    people = (StaffMember(staff=staff, name="x", roles=held, pin_hash="") for staff, held in roles.items())
    shop._publish("staff", "S1", Staff(store="S1", staff=tuple(people)))
    return shop


def approval(what: Approvable, **changes: Any) -> Approval:
    return msgspec.structs.replace(Approval(by="9001", how="pin", allows=(what,), reason="asked"), **changes)


def late(till: Till, member: str, points: int = 100, reference: str = "R1", **changes: Any) -> LateCredit:
    """Of a sale of the day before."""
    fields = _fields(till.sale(member, award=points, reference=reference)) | {
        "sold_on": "2026-11-20", "approval": approval("late-credit"), "by": "1023", "shift": "T1-1"
    }  # fmt: skip
    return LateCredit(**fields | changes)


def by_hand(till: Till, member: str, points: int = 100, **changes: Any) -> ManualPoints:
    fields = _fields(till.sale(member, award=points, gross_fen=0, due_fen=0)) | {
        "approval": approval("manual-points"), "by": "1023", "shift": "T1-1"
    }  # fmt: skip
    return ManualPoints(**fields | changes)


def _fields(sale: Sale) -> dict[str, Any]:
    return {name: getattr(sale, name) for name in sale.__struct_fields__}


def test_both_are_booked_and_the_books_are_well(strict: Shop) -> None:
    """As points of the store's merchant; sent again, they get the same answer."""
    till, member = strict.till(), strict.join("1000000001")
    assert till.send(late(till, member, 100)).status == "booked"
    assert till.send(by_hand(till, member, 50)).status == "booked"
    assert strict.balance(member) == (150, 0, 0)
    before = strict.everything()
    assert [one.status for one in till.push().outcomes] == ["booked", "booked"]
    assert strict.everything() == before
    strict.assert_well()


@pytest.mark.parametrize("sale_first", [True, False])
def test_a_receipt_is_claimed_once(strict: Shop, *, sale_first: bool) -> None:
    """By a late credit and by a sale, or by two late credits, in either order, of two tills: the first booked stands."""
    here, there = strict.till("T1"), strict.till("T2")
    one, other = strict.join("1000000001"), strict.join("1000000002")
    first = here.sale(one, award=100, reference="R1") if sale_first else late(here, one)
    assert here.send(first).status == "booked"
    second = late(there, other) if sale_first else there.sale(other, award=100, reference="R1")
    outcome = there.send(second)
    assert (outcome.status, outcome.reason) == ("quarantined", "reference-taken")
    outcome = there.send(late(there, other))
    assert (outcome.status, outcome.reason) == ("quarantined", "reference-taken")
    assert (strict.balance(one), strict.balance(other)) == ((100, 0, 0), (0, 0, 0))
    strict.assert_well()


def test_what_waits_frees_the_receipt(strict: Shop) -> None:
    """A late credit that was not booked has claimed nothing: a right one after it is."""
    till, member = strict.till(), strict.join("1000000001")
    assert till.send(late(till, member, 501)).reason == "beyond-limit"
    assert till.send(late(till, member, 500)).status == "booked"


Broken = Callable[[Till, str], LateCredit | ManualPoints]
NOT_APPROVED: dict[str, Broken] = {
    "without approval": lambda t, m: late(t, m, approval=None),
    "of something else": lambda t, m: late(t, m, approval=approval("void")),
    "by a cashier": lambda t, m: late(t, m, approval=approval("late-credit", by="1023", how="self")),
    "by nobody here": lambda t, m: by_hand(t, m, approval=approval("manual-points", by="8888")),
    "as his own, and it is not": lambda t, m: by_hand(t, m, approval=approval("manual-points", how="self")),
    "as another's, and it is his own": lambda t, m: by_hand(t, m, by="9001"),
}
BEYOND: dict[str, Broken] = {
    "too many late": lambda t, m: late(t, m, 501),
    "too many by hand": lambda t, m: by_hand(t, m, 301),
    "too long ago": lambda t, m: late(t, m, sold_on="2026-11-13"),
    "not yet sold": lambda t, m: late(t, m, sold_on="2026-11-22"),
}
UNREADABLE: dict[str, Broken] = {
    "of no day": lambda t, m: late(t, m, sold_on="2026-11-31"),
    "of no slip": lambda t, m: late(t, m, reference=""),
    "that takes something": lambda t, m: late(t, m, redemptions=t.sale(m, redeem=5).redemptions),
    "of nothing": lambda t, m: by_hand(t, m, awards=()),
    "with money": lambda t, m: by_hand(t, m, gross_fen=1),
}


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        pytest.param(reason, make, id=name)
        for reason, cases in (("not-approved", NOT_APPROVED), ("beyond-limit", BEYOND), ("unreadable", UNREADABLE))
        for name, make in cases.items()
    ],
)
def test_what_nobody_may_give_waits_for_a_person(strict: Shop, reason: str, make: Broken) -> None:
    """Quarantined with a reason and a case; not a point is booked."""
    till, member = strict.till(), strict.join("1000000001")
    outcome = till.send(make(till, member))
    assert (outcome.status, outcome.reason) == ("quarantined", reason)
    assert strict.balance(member) == (0, 0, 0)
    with strict.database.read() as connection:
        assert find_case(connection, "T1", 1).reason == reason
    strict.assert_well()


def test_a_person_may_accept_it(strict: Shop) -> None:
    """Then it is booked as it stands, once."""
    till, member = strict.till(), strict.join("1000000001")
    till.send(by_hand(till, member, 400))
    decide(strict.database, Wanted("T1", 1, "accepted", "赵敏", "agreed by telephone"), strict.tick())
    assert strict.balance(member) == (400, 0, 0)
    strict.assert_well()


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_the_bounds_of_a_shift(strict: Shop, *, in_one_batch: bool) -> None:
    """Acts and points, over batches and within one; another shift begins from nothing."""
    till, member = strict.till(), strict.join("1000000001")
    for points, shift in ((250, "T1-1"), (250, "T1-1"), (150, "T1-1"), (50, "T1-1"), (50, "T1-1"), (150, "T1-2")):
        till.append(by_hand(till, member, points, shift=shift))
        if not in_one_batch:
            till.push(len(till.payloads))
    statuses = [one.reason for one in till.push().outcomes]
    assert statuses == ["", "", "beyond-limit", "", "beyond-limit", ""]
    assert strict.balance(member) == (700, 0, 0)


def test_both_can_be_voided_and_a_void_frees_the_receipt(strict: Shop) -> None:
    """Typed for the wrong member: taken back whole, and credited to the right one under the same slip."""
    till, wrong, right = strict.till(), strict.join("1000000001"), strict.join("1000000002")
    credit, gift = late(till, wrong), by_hand(till, wrong, 70)
    for entry in (credit, gift):
        till.send(entry)
        assert till.send(till.void(entry)).status == "booked"
    assert strict.balance(wrong) == (0, 0, 0)
    assert till.send(late(till, right)).status == "booked"
    strict.assert_well()


def test_goods_of_a_late_credit_come_back_and_points_by_hand_are_of_no_goods(strict: Shop) -> None:
    """A refund takes back what it gave; of points by hand there is nothing to bring."""
    till, member = strict.till(), strict.join("1000000001")
    credit, gift = late(till, member, 100, sums_fen={"food": 10_000}), by_hand(till, member, 70)
    till.send(credit)
    till.send(gift)
    assert till.send(till.refund(credit, taken_back=100, money_fen=10_000)).status == "booked"
    assert till.send(till.refund(gift, taken_back=70)).reason == "unknown-entry"
    assert strict.balance(member) == (70, 0, 0)
    strict.assert_well()


def test_the_list_of_a_day(strict: Shop) -> None:
    """Every act with an approval, of all tills, in the order of time; what waits says so; of nobody a name or number."""
    here, there = strict.till("T1"), strict.till("T2")
    member = strict.join("1000000001")
    here.send(by_hand(here, member, 70))
    there.send(late(there, member, 501))
    redeemed = here.sale(member, redeem=30, approval=approval("redemption", by="8888"), by="1023")
    assert here.send(redeemed).status == "booked", "it has happened, whoever approved it"
    here.send(here.void(redeemed, approval=approval("void"), by="1023"))
    with strict.database.read() as connection:
        found = approvals_of(connection, "S1", date.fromisoformat(DAY))
        assert approvals_of(connection, "S1", date(2026, 11, 20)) == []
        with pytest.raises(NotKnownError):
            approvals_of(connection, "S9", date.fromisoformat(DAY))
    assert [(one.terminal, one.type, one.points, one.waits) for one in found] == [
        ("T1", "manual-points", 70, False), ("T2", "late-credit", 501, True), ("T1", "sale", 30, False),
        ("T1", "void", 0, False),
    ]  # fmt: skip
    assert {one.cashier for one in found} == {"1023"}
    assert member not in repr(found)

"""主管授权 at the till: who is asked, what is written, and the bounds of a shift."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_db.journal import Journal
from points import Choice, RedemptionError
from protocol.documents import ApprovalPolicy, FloorPolicy
from protocol.entries import Approvable, Approval
from tests.desks import MEMBER, TestDesk, grants, member_row, payloads
from tests.till.test_selling import identified
from till import i18n
from till.approval_words import approval_lines
from till.approvals import approved_on
from till.approving import Reason, approve, spent_in
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.redeeming import redeem_and_commit
from till.selling import commit_sale
from till.shifts import Session, close_shift, open_shift
from till.signing_in import MAX_FAILURES, sign_in
from till.voiding import void_sale

Make = Callable[..., TestDesk]
POLICY = ApprovalPolicy(
    redemption_points=1_000, floor_points=2_000, void_minutes=10, acts_per_shift=3, points_per_shift=5_000
)
FLOOR = FloorPolicy(per_redemption=1_000, per_member=5_000, per_terminal=9_000)
WHY = Reason("asked")


def cashier(test: TestDesk) -> Session:
    """王芳, in the manager's shift."""
    return Session("1023", "王芳", ("cashier",), test.manager.shift, test.manager.shift_number)


def wanting(test: TestDesk, points: int, approval: Approval | None = None) -> SaleDraft:
    draft = identified(test, MEMBER).with_amount(200_00)
    assert draft.member is not None
    number = len(payloads(test.desk))
    draft = draft.with_member(draft.member, MemberProof("dynamic", "D1:…", f"nonce-{number}", 1))
    draft = draft.with_choice(Choice("voucher", points))
    return replace(draft, approval=approval)


def allowed(test: TestDesk, *what: Approvable, by: str = "1001") -> Approval:
    return approve(test.desk, cashier(test), what, WHY, by, by)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as refused:
        act()
    return refused.value.code


def redeem(test: TestDesk, points: int, approval: Approval | None = None, *, online: bool = True) -> object:
    return redeem_and_commit(test.desk, cashier(test), wanting(test, points, approval), is_online=online)


def shop(desk_with: Make, policy: ApprovalPolicy = POLICY, points: int = 20_000) -> TestDesk:
    test = desk_with(members=[member_row(points=points)], approvals=policy, floor=FLOOR)
    test.ledger.answer = grants
    return test


def test_a_large_redemption_is_one_fact_with_its_approval(desk_with: Make) -> None:
    """Above the limit the cashier is refused before the ledger is asked; with the PIN of a supervisor the sale says who."""
    test = shop(desk_with)
    assert code(lambda: redeem(test, 2_000)) == "approval-needed"
    assert test.ledger.asked == []
    redeem(test, 2_000, allowed(test, "redemption"))
    assert payloads(test.desk)[-1]["approval"] == {
        "allows": ["redemption"], "by": "1001", "how": "pin", "reason": "asked"
    }  # fmt: skip


def test_nobody_is_asked_up_to_the_limit(desk_with: Make) -> None:
    """And an approval that nobody needed is not written down."""
    test = shop(desk_with)
    redeem(test, 1_000, allowed(test, "redemption"))
    assert "approval" not in payloads(test.desk)[-1]


def test_a_store_without_limits_asks_nobody(desk_with: Make) -> None:
    """As before there were any."""
    test = shop(desk_with, ApprovalPolicy())
    redeem(test, 5_000)
    receipt = commit_sale(test.desk, cashier(test), identified(test, MEMBER).with_amount(10_00))
    test.clocks.pass_s(3_600)
    void_sale(test.desk, cashier(test), receipt.id)


def test_the_floor_is_lifted_as_far_as_the_store_says(desk_with: Make) -> None:
    """Offline, above the merchant's bound for one redemption: approved up to `floor_points`, and no further."""
    test = shop(desk_with)
    assert code(lambda: redeem(test, 2_000, online=False)) == "approval-needed"
    redeem(test, 2_000, allowed(test, "redemption", "floor"), online=False)
    sale = payloads(test.desk)[-1]
    assert (sale["redemptions"][0]["authority"], sale["approval"]["allows"]) == ("floor", ["redemption", "floor"])
    assert code(lambda: redeem(test, 3_000, allowed(test, "redemption", "floor"), online=False)) == (
        "floor-per-redemption"
    )


def test_a_late_void_asks_and_an_early_one_does_not(desk_with: Make) -> None:
    """By the time that passed since the sale."""
    test = shop(desk_with)
    early, late = (
        commit_sale(test.desk, cashier(test), identified(test, MEMBER).with_amount(fen)) for fen in (10_00, 20_00)
    )
    test.clocks.pass_s(9 * 60)
    void_sale(test.desk, cashier(test), early.id)
    assert "approval" not in payloads(test.desk)[-1]
    test.clocks.pass_s(2 * 60)
    assert code(lambda: void_sale(test.desk, cashier(test), late.id)) == "approval-needed"
    void_sale(test.desk, cashier(test), late.id, approval=allowed(test, "void"))
    assert payloads(test.desk)[-1]["approval"]["allows"] == ["void"]


def test_who_may_approve_and_is_signed_in_types_no_pin(desk_with: Make) -> None:
    """A one-person shop approves itself, and the entry says so."""
    test = shop(desk_with)
    own = approve(test.desk, test.manager, ("redemption",), WHY)
    redeem_and_commit(test.desk, test.manager, wanting(test, 2_000, own), is_online=True)
    assert payloads(test.desk)[-1]["approval"]["how"] == "self"
    stolen = Approval(by="1001", how="self", allows=("redemption",), reason="asked")
    assert code(lambda: redeem(test, 2_000, stolen)) == "approval-role", "of somebody else it is no approval"


def test_a_cashier_approves_nothing(desk_with: Make) -> None:
    """Not with his own PIN, nor a technician with his."""
    test = shop(desk_with)
    assert code(lambda: allowed(test, "redemption", by="1023")) == "approval-role"
    assert code(lambda: allowed(test, "redemption", by="1090")) == "approval-role"


def test_wrong_pins_count_for_signing_in_too(desk_with: Make) -> None:
    """One lock for one PIN: whoever guesses here is locked out there."""
    test = shop(desk_with)
    for _ in range(MAX_FAILURES):
        assert code(lambda: approve(test.desk, cashier(test), ("void",), WHY, "1001", "0000")) == "pin-wrong"
    assert code(lambda: allowed(test, "void")) == "pin-locked"
    assert code(lambda: sign_in(test.desk, "1001", "1001")) == "pin-locked"


def test_a_card_alone_approves_nothing(desk_with: Make) -> None:
    """It was photographed: the PIN is wrong, whatever was scanned. With the PIN the entry says that the card was there."""
    test = shop(desk_with)
    assert code(lambda: approve(test.desk, cashier(test), ("void",), WHY, "1001", "", by_card=True)) == "pin-wrong"
    assert approve(test.desk, cashier(test), ("void",), WHY, "1001", "1001", by_card=True).how == "card"


@pytest.mark.parametrize("words", ["", "   "])
def test_something_else_needs_words(desk_with: Make, words: str) -> None:
    """Nobody learns anything from `other` alone."""
    test = shop(desk_with)
    assert code(lambda: approve(test.desk, test.manager, ("void",), Reason("other", words))) == "approval-words"


@pytest.mark.parametrize("words", ["打 13900000001", "139 0000 0001", "139-0000-0001", "卡 6222021234567890"])
def test_words_carry_no_number_of_a_person(desk_with: Make, words: str) -> None:
    """They are kept for ever, and go to the ledger."""
    test = shop(desk_with)
    attempt = Reason("other", words)
    assert code(lambda: approve(test.desk, test.manager, ("void",), attempt)) == "approval-words-number"
    assert approve(test.desk, test.manager, ("void",), Reason("other", "少积了 1288.50 元的分")).words


def test_nobody_approves_his_own_points(desk_with: Make) -> None:
    """The manager's member number is on the staff list."""
    test = shop(desk_with)
    people = test.desk.store.staff
    people["1001"] = msgspec.structs.replace(people["1001"], member=MEMBER)
    assert code(lambda: redeem(test, 2_000, allowed(test, "redemption"))) == "own-approval"


def test_the_bounds_are_of_the_shift_and_survive_a_restart(desk_with: Make) -> None:
    """So many acts and so many points; the journal is opened anew in between; another shift begins from nothing."""
    test = shop(desk_with)
    redeem(test, 2_000, allowed(test, "redemption"))
    redeem(test, 2_000, allowed(test, "redemption"))
    assert spent_in(test.desk, test.manager.shift) == (2, 4_000)
    test.desk.journal.close()
    test.desk.journal = Journal.open(test.desk.folder)
    test.closing.insert(0, test.desk.journal.close)
    assert code(lambda: redeem(test, 2_000, allowed(test, "redemption"))) == "approval-points-used-up"
    late = commit_sale(test.desk, cashier(test), identified(test, MEMBER).with_amount(10_00))
    next_one = commit_sale(test.desk, cashier(test), identified(test, MEMBER).with_amount(11_00))
    test.clocks.pass_s(11 * 60)
    void_sale(test.desk, cashier(test), late.id, approval=allowed(test, "void"))
    assert code(lambda: void_sale(test.desk, cashier(test), next_one.id, approval=allowed(test, "void"))) == (
        "approvals-used-up"
    )
    close_shift(test.desk, test.manager)
    test.manager = open_shift(test.desk, test.manager)
    redeem(test, 2_000, allowed(test, "redemption"))


def test_the_list_of_the_day_says_who_what_and_why(desk_with: Make) -> None:
    """Each act once, with its points as the member sees them; yesterday's are yesterday's."""
    test = shop(desk_with)
    redeem(test, 2_000, allowed(test, "redemption"))
    sold = commit_sale(test.desk, cashier(test), identified(test, MEMBER).with_amount(100_00))
    test.clocks.pass_s(11 * 60)
    own = approve(test.desk, test.manager, ("void",), Reason("other", "客人不要了"))
    void_sale(test.desk, test.manager, sold.id, approval=own)
    day = test.desk.business_day
    first, second = approved_on(test.desk.journal, day)
    assert (first.cashier, first.by, first.how, first.allows) == ("1023", "1001", "pin", ("redemption",))
    assert first.points["points"] < 0
    assert (second.entry, second.by, second.how, second.words) == ("void", "1001", "self", "客人不要了")
    assert second.points["points"] == -sold.awarded["points"]
    assert approved_on(test.desk.journal, "2026-01-01") == []


@given(
    acts=st.lists(
        st.tuples(st.sampled_from((500, 1_500, 2_000, 4_000)), st.booleans(), st.booleans()), min_size=1, max_size=8
    )
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_no_shift_passes_its_bounds(desk_with: Make, acts: list[tuple[int, bool, bool]]) -> None:
    """Large and small redemptions, with and without approval, online and not: the bounds hold, and no balance falls below 0."""
    test = shop(desk_with, points=6_000)
    for points, is_approved, is_online in acts:
        approval = allowed(test, "redemption", "floor") if is_approved else None
        with suppress(RefusedError, RedemptionError):
            redeem(test, points, approval, online=is_online)
        spent = spent_in(test.desk, test.manager.shift)
        assert spent.acts <= POLICY.acts_per_shift
        assert spent.points <= POLICY.points_per_shift
        member = identified(test, MEMBER).member
        assert member is not None
        assert all(balance.available + balance.own >= 0 for balance in member.balances)
    large = [one for one in payloads(test.desk) for line in one.get("redemptions", ()) if line["points"] > 1_000]
    assert all("approval" in one for one in large)


def test_the_list_is_two_lines_an_act(desk_with: Make) -> None:
    """What and how many points, then who allowed it, how, for whom and why; what somebody approved himself is counted."""
    test = shop(desk_with)
    redeem(test, 2_000, allowed(test, "redemption"))
    own = approve(test.desk, test.manager, ("redemption",), Reason("other", "老客人"))
    redeem_and_commit(test.desk, test.manager, wanting(test, 1_500, own), is_online=True)
    found = approved_on(test.desk.journal, test.desk.business_day)
    i18n.use("zh-CN")
    lines = list(approval_lines("2026-09-15", found, test.desk.store.programme, lambda _at: "2026-09-15 12:00:00"))
    i18n.use("en")
    assert lines[0] == "2026-09-15 主管授权：2 笔"
    assert lines[2].startswith("12:00  2  大额兑换  -1,")
    assert lines[3] == "    1001 密码授权，收银员 1023。顾客要求"
    assert lines[6] == "    1001 本人自批，收银员 1001。其他（写明）: 老客人"
    assert lines[-1] == "其中 1 笔由本人自批"

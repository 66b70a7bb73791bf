"""What a redemption asks the ledger for, and in which words it is refused: what mutants showed to be looked at by nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from protocol.reservations import Refused, ReserveRequest
from sync.errors import FinalSyncError
from tests.desks import FAR_FUTURE_US, MEMBER, TestDesk, member_row, payloads
from tests.till.test_allowances import left, set_aside
from tests.till.test_member_pin import PIN, stands
from tests.till.test_redeeming import DYNAMIC, refusal, wanting
from till.draft import MemberProof
from till.errors import RefusedError
from till.redeeming import Standing, redeem_and_commit

Make = Callable[..., TestDesk]


def test_the_request_says_who_wants_how_many_of_what(desk_with: Make) -> None:
    """With what the member showed."""
    test = desk_with(members=[member_row()])
    test.ledger.answer = lambda _: Refused(reason="member-blocked")
    assert refusal(test, wanting(test), is_online=True) == "reserve-member-blocked"
    (asked,) = test.ledger.asked
    assert asked == ReserveRequest(
        id=asked.id, member=MEMBER, kind="points", points=1_000, proof="dynamic", evidence="D1:…"
    )
    assert test.ledger.given_up == [asked.id]


def test_what_the_ledger_signed_is_said_with_its_code(desk_with: Make) -> None:
    """The technician looks for it."""
    test = desk_with(members=[member_row()])

    def refuse(_: ReserveRequest) -> Refused:
        raise FinalSyncError("version", "too old")

    test.ledger.answer = refuse
    with pytest.raises(RefusedError) as caught:
        redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    assert (caught.value.code, caught.value.facts) == ("ledger-refuses", {"reason": "version"})


def test_a_refusal_says_what_is_left_of_points_and_tries(desk_with: Make) -> None:
    """Those set aside here too."""
    test = desk_with(members=[set_aside(400)])
    test.ledger.answer = lambda _: Refused(reason="not-enough-points", spendable=5, tries_left=2)
    with pytest.raises(RefusedError) as caught:
        redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    assert (caught.value.code, caught.value.facts) == ("reserve-not-enough-points", {"spendable": 405, "left": 2})


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (MemberProof("static"), "reserve-proof-missing"),
        (PIN, "reserve-pin-locked"),
        (MemberProof("dynamic", "D1:…", "aa", 0, is_timely=False), "reserve-proof-wrong"),
    ],
)
def test_a_proof_that_does_not_reach_what_is_set_aside_is_named(
    desk_with: Make, proof: MemberProof, code: str
) -> None:
    """There are enough points, behind another proof: the one that the member has still to show."""
    test = desk_with(members=[set_aside(2_000, of=2_100)])
    test.ledger.answer = lambda _: Refused(reason="not-enough-points", spendable=100)
    draft = wanting(test)
    assert draft.member is not None
    if proof.proof == "pin":
        lock(test)
    assert refusal(test, draft.with_member(draft.member, proof).with_choice(draft.choices[0]), is_online=True) == code


def lock(test: TestDesk) -> None:
    """Three wrong ones."""
    draft = wanting(test)
    assert draft.member is not None
    wrong = draft.with_member(draft.member, MemberProof("pin", "999999")).with_choice(draft.choices[0])
    for _ in range(3):
        refusal(test, wrong)


def test_the_last_point_that_is_set_aside_needs_no_call_either(desk_with: Make) -> None:
    """As many as there are, not fewer."""
    test = desk_with(members=[set_aside(1_000)])
    assert stands(test, DYNAMIC, is_online=False) == Standing("allowance")
    assert stands(test, DYNAMIC, is_online=True) == Standing("allowance")
    redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    assert (left(test), test.ledger.asked) == (0, [])


def test_a_till_that_has_ended_or_has_old_rules_says_so_before_anybody_asks(desk_with: Make) -> None:
    """Whatever the member has shown, with the network and without."""
    test = desk_with(members=[member_row()])
    test.clocks.pass_s((FAR_FUTURE_US - test.clocks.wall_us) / 1_000_000 + 1)
    assert stands(test, DYNAMIC, is_online=True) == Standing("", "programme-outdated")
    test.desk.ended = "terminal-revoked"
    assert stands(test, DYNAMIC, is_online=False) == Standing("", "terminal-revoked")
    assert [entry["type"] for entry in payloads(test.desk)] == ["shift-opened"]

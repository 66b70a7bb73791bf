"""What a member has still to show before he redeems, and what a PIN can and cannot do, as the till knows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from points import Choice
from protocol.documents import FloorPolicy
from protocol.reservations import Refused
from tests.desks import MEMBER, TestDesk, grants, member_row, payloads
from tests.till.test_redeeming import FLOOR, refusal
from tests.till.test_selling import identified
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.redeeming import Standing, redeem_and_commit, standing
from till.selling import quote_draft

Make = Callable[..., TestDesk]
PIN = MemberProof("pin", "246810")


def wanting(test: TestDesk, proof: MemberProof | None, points: int = 1_000) -> SaleDraft:
    draft = identified(test, MEMBER).with_amount(128_50)
    assert draft.member is not None
    return draft.with_member(draft.member, proof).with_choice(Choice("voucher", points))


def stands(test: TestDesk, proof: MemberProof | None, points: int = 1_000, *, is_online: bool) -> Standing:
    draft = wanting(test, proof)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    return standing(test.desk, draft, quoted.offers[0], points, is_online=is_online)


@pytest.mark.parametrize("proof", [None, MemberProof("static")])
def test_who_shows_no_dynamic_code_needs_a_proof(desk_with: Make, proof: MemberProof | None) -> None:
    """Found by phone or card: online his code or PIN, on the floor his code; beyond it none helps, and that is said."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    assert stands(test, proof, is_online=True) == Standing("online", needs="pin")
    assert stands(test, proof, is_online=False) == Standing("floor", needs="code")
    assert stands(test, proof, 1_050, is_online=False) == Standing("", "floor-per-redemption")
    assert stands(test, MemberProof("dynamic", "D1:…", "aa", 1), is_online=True) == Standing("online")


def test_a_pin_goes_to_the_ledger_and_nowhere_else(desk_with: Make) -> None:
    """The entry says that it was one; neither it nor the receipt, nor what is printed of a proof, has its digits."""
    test = desk_with(members=[member_row()])
    test.ledger.answer = grants
    receipt = redeem_and_commit(test.desk, test.manager, wanting(test, PIN), is_online=True)
    assert (test.ledger.asked[0].proof, test.ledger.asked[0].evidence) == ("pin", PIN.evidence)
    (taken,) = payloads(test.desk)[-1]["redemptions"]
    assert (taken["authority"], taken["proof"]) == ("online", "pin")
    assert PIN.evidence not in f"{payloads(test.desk)}{receipt}{PIN}{wanting(test, PIN)}"


@pytest.mark.parametrize(("floor", "expected"), [(FLOOR, "pin-unanswered-code"), (FloorPolicy(), "pin-unanswered")])
@pytest.mark.parametrize("is_online", [True, False])
def test_nobody_here_can_check_a_pin(desk_with: Make, floor: FloorPolicy, expected: str, is_online: bool) -> None:
    """Silence, or the network gone since it was asked for: not even the floor takes it; where a code would do, that is said."""
    test = desk_with(members=[member_row()], floor=floor)
    assert refusal(test, wanting(test, PIN), is_online=is_online) == expected


def test_a_wrong_pin_is_tried_again_under_another_id(desk_with: Make) -> None:
    """The refusal has the tries that are left; what was asked for is given up."""
    test = desk_with(members=[member_row()])
    test.ledger.answer = lambda _: Refused(reason="pin-wrong", tries_left=2)
    for _ in range(2):
        with pytest.raises(RefusedError) as refused:
            redeem_and_commit(test.desk, test.manager, wanting(test, PIN), is_online=True)
        assert (refused.value.code, refused.value.facts["left"]) == ("reserve-pin-wrong", 2)
    first, second = (request.id for request in test.ledger.asked)
    assert first != second
    assert test.ledger.given_up == [first, second]


def test_the_daily_limit_counts_what_this_till_knows_of(desk_with: Make) -> None:
    """1,500 a day by a static code: 1,000 are taken, by PIN or not, and 500 are left; the next day all are."""
    test = desk_with(members=[member_row(points=5_000)], static_daily_points=1_500)
    assert stands(test, None, is_online=True) == Standing("online")
    assert stands(test, None, 1_550, is_online=True) == Standing("online", needs="pin")
    test.ledger.answer = grants
    redeem_and_commit(test.desk, test.manager, wanting(test, PIN), is_online=True)
    assert stands(test, None, 500, is_online=True) == Standing("online")
    assert stands(test, None, 550, is_online=True) == Standing("online", needs="pin")
    test.clocks.pass_s(86_400)
    assert stands(test, None, 1_500, is_online=True) == Standing("online")

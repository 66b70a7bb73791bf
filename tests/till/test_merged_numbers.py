"""A person with two numbers at the counter: what holds for the one that was merged holds for the one that stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from protocol.dynamic_codes import make
from protocol.feed import MemberRow
from tests.desks import MEMBER, NOON_US, TestDesk, grants, member_row
from tests.till.test_redeeming import FLOOR, refusal, wanting
from till.allowances import cover_of
from till.draft import MemberProof, SaleDraft
from till.redeeming import Standing, redeem_and_commit, standing
from till.scanning import MemberConfirmed, MemberIdentified, scan
from till.selling import quote_draft

Make = Callable[..., TestDesk]
OLD = "1000000002"


def merged_rows(points: int = 5_000) -> list[MemberRow]:
    """As the feed tells of them."""
    return [
        member_row(points=points, position=20, merged={OLD: 5}),
        MemberRow(member=OLD, position=5, status="merged", merged_into=MEMBER),
    ]


def code(test: TestDesk, member: str, nonce: bytes) -> str:
    return make(member, NOON_US // 1_000_000, nonce, test.working_key)


def test_a_code_of_the_old_number_confirms_the_new_one(desk_with: Make) -> None:
    """The card has the new number, the phone still shows the old one: it is he."""
    test = desk_with(members=merged_rows())
    found = scan(test.desk, code(test, OLD, b"11111111"), SaleDraft())
    assert isinstance(found, MemberIdentified)
    assert found.member.member == MEMBER
    draft = SaleDraft().with_member(found.member, found.proof)
    again = scan(test.desk, code(test, OLD, b"22222222"), draft)
    assert isinstance(again, MemberConfirmed)
    stranger = scan(test.desk, code(test, "1000000003", b"33333333"), draft)
    assert isinstance(stranger, MemberIdentified)


def test_the_floor_counts_what_was_taken_under_the_old_number(desk_with: Make) -> None:
    """Taken before the merge and not booked yet: it is one member's bound."""
    policy = msgspec.structs.replace(FLOOR, per_member=1_500, per_terminal=9_000)
    test = desk_with(members=[member_row(points=5_000), member_row(OLD, points=5_000)], floor=policy)
    redeem_and_commit(test.desk, test.manager, wanting(test, OLD, nonce="bb"), is_online=False)
    assert stands(test).authority == "floor"
    test.put_members(*merged_rows())
    assert refusal(test, wanting(test)) == "floor-per-member"


def test_the_static_limit_counts_what_was_taken_under_the_old_number(desk_with: Make) -> None:
    """The day's limit is a person's, not a card's."""
    test = desk_with(members=[member_row(points=5_000), member_row(OLD, points=5_000)], static_daily_points=1_000)
    test.ledger.answer = grants
    by_card = replace(wanting(test, OLD), proof=MemberProof("static"))
    redeem_and_commit(test.desk, test.manager, by_card, is_online=True)
    assert stands(test, MemberProof("static"), is_online=True).needs == ""
    test.put_members(*merged_rows())
    assert stands(test, MemberProof("static"), is_online=True).needs == "pin"


def test_a_merged_number_on_the_hot_list_makes_the_new_one_hot(desk_with: Make) -> None:
    """Neither the floor nor an allowance is for him."""
    test = desk_with(members=merged_rows(), floor=FLOOR)
    assert stands(test).authority == "floor"
    test.desk._store = replace(test.desk.store, hot=frozenset({OLD}))
    assert refusal(test, wanting(test)) == "member-hot"
    assert cover_of(test.desk, MEMBER, "points") is None


def stands(test: TestDesk, proof: MemberProof | None = None, *, is_online: bool = False) -> Standing:
    draft = wanting(test)
    draft = replace(draft, proof=proof) if proof else draft
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    return standing(test.desk, draft, quoted.offers[0], 1_000, is_online=is_online)

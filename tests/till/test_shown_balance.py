"""Promise 4: what is shown is the ledger's row and what this till did that the row cannot contain."""

from __future__ import annotations

from collections.abc import Callable

from protocol.feed import Balance, Lying
from protocol.push import Outcome
from tests.desks import MEMBER, NOON_US, TestDesk, grants, member_row
from tests.till.test_selling import identified
from till.draft import MemberProof
from till.redeeming import redeem_and_commit
from till.scanning import identify
from till.selling import commit_sale, quote_draft
from till.voiding import void_sale

Make = Callable[..., TestDesk]


def shown(test: TestDesk) -> int:
    return identify(test.desk, MEMBER, "code").spendable("points")


def booked(test: TestDesk, position: int, status: str = "booked") -> None:
    last = test.desk.journal.last()
    assert last is not None
    outcome = Outcome(seq=last.seq, id=last.id, status=status, position=position)  # type: ignore[arg-type]
    test.desk.journal.mark([outcome], NOON_US)


def test_own_sale_counts_until_the_row_contains_it(desk_with: Make) -> None:
    """Before the outcome, after it, and after the row came: the same number."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")])
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    before = shown(test)
    booked(test, position=11)
    after_outcome = shown(test)
    test.put_members(member_row(points=1_100, position=11, tier="standard"))
    assert (before, after_outcome, shown(test)) == (1_100, 1_100, 1_100)


def test_a_row_that_came_before_its_outcome_is_not_counted_twice_once_the_outcome_is_there(desk_with: Make) -> None:
    """The row overtook the answer: as soon as the outcome names its position the sum is right."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")])
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    test.put_members(member_row(points=1_100, position=11, tier="standard"))
    booked(test, position=11)
    assert shown(test) == 1_100


def test_an_entry_that_was_quarantined_counts_for_nothing(desk_with: Make) -> None:
    """The ledger did not book it, so it moves nobody's points."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")])
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    booked(test, position=0, status="quarantined")
    assert shown(test) == 1_000


def test_a_reservation_that_the_row_has_taken_already_is_not_taken_again(desk_with: Make) -> None:
    """The feed brought the reservation before the sale was booked: the points have left `available` once."""
    test = desk_with(members=[member_row(points=1_250, tier="standard")])
    test.ledger.answer = grants
    draft = identified(test).with_amount(100_00)
    assert draft.member is not None
    draft = draft.with_member(draft.member, MemberProof("dynamic", "D1:…", "aa", 1))
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    offer = next(offer for offer in quoted.offers if offer.reward_id == "voucher")
    from points import Choice

    receipt = redeem_and_commit(
        test.desk, test.manager, draft.with_choice(Choice(offer.reward_id, 1_000)), is_online=True
    )
    earned = receipt.awarded["points"]
    assert shown(test) == 250 + earned
    lying = Lying(id=receipt.id, terminal=test.desk.terminal, kind="points", points=1_000)
    test.put_members(
        member_row(
            position=11, tier="standard", balances={"points": Balance(available=250, reserved=1_000)}, lying=(lying,)
        )
    )
    assert shown(test) == 250 + earned
    booked(test, position=12)
    test.put_members(member_row(points=250 + earned, position=12, tier="standard"))
    assert shown(test) == 250 + earned


def test_a_void_takes_back_what_the_sale_did(desk_with: Make) -> None:
    """Sale and void, neither confirmed: the balance is what it was."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    void_sale(test.desk, test.manager, receipt.id)
    assert shown(test) == 1_000

"""Promise 4: what is shown is the ledger's row and what this till did that the row cannot contain."""

from __future__ import annotations

from collections.abc import Callable

from points import Choice
from protocol.feed import Balance, Lying
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome
from tests.desks import MEMBER, NOON_US, TestDesk, grants, member_row
from tests.till.test_redeeming import FLOOR
from tests.till.test_selling import identified
from till.draft import MemberProof
from till.own_entries import own_effect
from till.receipts import Receipt
from till.redeeming import redeem_and_commit
from till.scanning import identify
from till.selling import commit_sale, quote_draft
from till.voiding import return_reservation, void_sale

Make = Callable[..., TestDesk]


def shown(test: TestDesk) -> int:
    return identify(test.desk, MEMBER, "code").spendable("points")


def booked(test: TestDesk, position: int, status: str = "booked", shortfall: int = 0) -> None:
    last = test.desk.journal.last()
    assert last is not None
    outcome = Outcome(
        seq=last.seq, id=last.id, status=status, position=position, shortfall=shortfall  # type: ignore[arg-type]
    )  # fmt: skip
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


def test_an_award_that_was_quarantined_counts_for_nothing(desk_with: Make) -> None:
    """The ledger did not book it, so it gives nobody points."""
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


def sold_on_the_floor(test: TestDesk, points: int) -> Receipt:
    draft = identified(test).with_amount(100_00)
    assert draft.member is not None
    draft = draft.with_member(draft.member, MemberProof("dynamic", "D1:…", "aa", 1))
    return redeem_and_commit(test.desk, test.manager, draft.with_choice(Choice("voucher", points)), is_online=False)


def test_the_void_of_a_sale_that_was_quarantined_moves_nothing(desk_with: Make) -> None:
    """The ledger never booked the sale, so there is nothing that its void could take back."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    booked(test, position=0, status="quarantined")
    void_sale(test.desk, test.manager, receipt.id)
    assert shown(test) == 1_000


def test_what_a_sale_took_counts_at_its_position_while_its_award_waits(desk_with: Make) -> None:
    """Before the row came and after it: the redemption once, the award not at all; the void brings the redemption back."""
    test = desk_with(members=[member_row(points=1_500, tier="standard")], floor=FLOOR)
    receipt = sold_on_the_floor(test, 1_000)
    booked(test, position=11, status="quarantined")
    assert shown(test) == 500
    test.put_members(member_row(points=500, position=11, tier="standard"))
    assert shown(test) == 500
    void_sale(test.desk, test.manager, receipt.id)
    assert shown(test) == 1_500


def test_what_was_handed_out_is_gone_though_its_sale_waits_whole(desk_with: Make) -> None:
    """Nothing is booked, and the row says the old balance for ever: shown and floor are without it, whatever is pulled."""
    test = desk_with(members=[member_row(points=1_500, tier="standard")], floor=FLOOR)
    sold_on_the_floor(test, 1_000)
    booked(test, position=0, status="quarantined")
    assert shown(test) == 500
    test.put_members(row := member_row(points=1_600, position=20, tier="standard"))
    assert shown(test) == 600
    assert own_effect(test.desk.journal, row, with_gains=False) == {"points": -1_000}


def test_points_handed_out_and_taken_back_are_there(desk_with: Make) -> None:
    """Sale and void both wait whole: neither side has them in its books, and the goods are back."""
    test = desk_with(members=[member_row(points=1_500, tier="standard")], floor=FLOOR)
    receipt = sold_on_the_floor(test, 1_000)
    booked(test, position=0, status="quarantined")
    void_sale(test.desk, test.manager, receipt.id)
    assert shown(test) == 1_500
    booked(test, position=0, status="quarantined")
    assert shown(test) == 1_500


def test_a_reservation_covers_what_a_sale_that_waits_whole_handed_out(desk_with: Make) -> None:
    """The ledger keeps the points reserved: they are not subtracted a second time."""
    test = desk_with(members=[member_row(points=1_500, tier="standard")])
    test.ledger.answer = grants
    draft = identified(test).with_amount(100_00)
    assert draft.member is not None
    draft = draft.with_member(draft.member, MemberProof("dynamic", "D1:…", "aa", 1)).with_choice(
        Choice("voucher", 1_000)
    )
    receipt = redeem_and_commit(test.desk, test.manager, draft, is_online=True)
    booked(test, position=0, status="quarantined")
    assert shown(test) == 500
    lying = Lying(id=receipt.id, terminal=test.desk.terminal, kind="points", points=1_000)
    test.put_members(
        member_row(
            position=11, tier="standard", balances={"points": Balance(available=500, reserved=1_000)}, lying=(lying,)
        )
    )
    assert shown(test) == 500


def test_what_is_owed_is_paid_before_anything_can_be_spent(desk_with: Make) -> None:
    """The ledger takes the first 60 of 100 for the debt; the screen promised no more."""
    row = member_row(tier="standard", balances={"points": Balance(available=5, owed=60)})
    test = desk_with(members=[row])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    assert shown(test) == 45
    void_sale(test.desk, test.manager, receipt.id)
    assert shown(test) == 0


def test_what_nothing_covered_does_not_come_back(desk_with: Make) -> None:
    """A floor redemption of 1,000 of which 700 were booked as shortfall: its void brings the member 300."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")], floor=FLOOR)
    receipt = sold_on_the_floor(test, 1_000)
    earned = receipt.awarded["points"]
    test.put_members(member_row(points=300, position=11, tier="standard"))
    assert shown(test) == earned
    booked(test, position=12, status="shortfall", shortfall=700)
    assert shown(test) == earned
    test.put_members(member_row(points=earned, position=12, tier="standard"))
    void_sale(test.desk, test.manager, receipt.id)
    assert shown(test) == 300


def test_a_reservation_that_was_given_back_can_be_spent(desk_with: Make) -> None:
    """The row has it lying here; the entry that returns it is in the journal."""
    test = desk_with()
    reservation = new_id(1, bucket_of(MEMBER), 1)
    lying = Lying(id=reservation, terminal=test.desk.terminal, kind="points", points=1_000)
    test.put_members(
        member_row(tier="standard", balances={"points": Balance(available=250, reserved=1_000)}, lying=(lying,))
    )
    return_reservation(test.desk, reservation, MEMBER)
    assert shown(test) == 1_250


def test_the_floor_counts_a_void_against_the_member_and_never_for_him(desk_with: Make) -> None:
    """The row holds a sale's award; its void is not booked yet: what it takes back is gone, what it gives is not there."""
    test = desk_with(members=[member_row(points=0, tier="standard")], floor=FLOOR)
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    booked(test, position=11)
    test.put_members(row := member_row(points=1_000, position=11, tier="standard"))
    void_sale(test.desk, test.manager, receipt.id)
    assert own_effect(test.desk.journal, row, with_gains=False) == {"points": -100}
    assert own_effect(test.desk.journal, row) == {"points": -100}


def test_points_of_a_voided_redemption_come_back_to_the_floor_only_when_booked(desk_with: Make) -> None:
    """The redemption is in the row, the void is not: the member may see his points, the floor may not lend on them."""
    test = desk_with(members=[member_row(points=1_000, tier="standard")], floor=FLOOR)
    receipt = sold_on_the_floor(test, 1_000)
    earned = receipt.awarded["points"]
    booked(test, position=11)
    test.put_members(row := member_row(points=earned, position=11, tier="standard"))
    void_sale(test.desk, test.manager, receipt.id)
    assert own_effect(test.desk.journal, row) == {"points": 1_000 - earned}
    assert own_effect(test.desk.journal, row, with_gains=False) == {"points": -earned}

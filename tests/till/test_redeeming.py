"""The ladder at the counter: every fate of the online call, and the bounds of the floor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from points import Choice
from protocol.documents import FloorPolicy
from protocol.dynamic_codes import make
from protocol.push import Outcome
from protocol.reservations import Refused
from sync.errors import FinalSyncError, NotTheLedgerError, TransientSyncError
from tests.desks import FAR_FUTURE_US, MEMBER, NOON_US, TestDesk, grants, member_row, payloads
from tests.till.test_selling import identified
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.redeeming import redeem_and_commit
from till.scanning import MemberIdentified, identify, scan
from till.selling import commit_sale

Make = Callable[..., TestDesk]
FLOOR = FloorPolicy(per_redemption=1_000, per_member=1_500, per_terminal=2_500, balance_age_s=3_600)
DYNAMIC = MemberProof("dynamic", "D1:…", "aa", 1)


def wanting(test: TestDesk, member: str = MEMBER, points: int = 1_000, nonce: str = "aa") -> SaleDraft:
    draft = identified(test, member).with_amount(128_50)
    assert draft.member is not None
    proof = MemberProof("dynamic", "D1:…", nonce, 1)
    return draft.with_member(draft.member, proof).with_choice(Choice("voucher", points))


def refusal(test: TestDesk, draft: SaleDraft, *, is_online: bool = False) -> str:
    count = len(payloads(test.desk))
    with pytest.raises(RefusedError) as refused:
        redeem_and_commit(test.desk, test.manager, draft, is_online=is_online)
    assert len(payloads(test.desk)) == count, "a refusal leaves the journal as it was"
    return refused.value.code


def test_a_yes_commits_with_the_id_that_was_asked_for(desk_with: Make) -> None:
    """The reservation's id is the entry's id, so that the booked sale consumes it, whenever the yes arrives."""
    test = desk_with(members=[member_row()])
    test.ledger.answer = grants
    receipt = redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    sale = payloads(test.desk)[-1]
    assert str(test.ledger.asked[0].id) == sale["id"]
    assert sale["redemptions"][0]["authority"] == "online"
    assert receipt.due_fen == 108_50


def test_a_no_is_final_even_where_the_floor_would_carry_it(desk_with: Make) -> None:
    """No, or revoked: refused, and nothing below is tried."""
    test = desk_with(members=[member_row()], floor=FLOOR)
    test.ledger.answer = lambda _: Refused(reason="not-enough-points", spendable=3)
    assert refusal(test, wanting(test), is_online=True) == "reserve-not-enough-points"


@pytest.mark.parametrize(
    "silence",
    [TransientSyncError("no-answer"), TransientSyncError("too-many"), NotTheLedgerError("portal", "a page")],
)
def test_silence_falls_to_the_floor_with_the_same_id(desk_with: Make, silence: Exception) -> None:
    """Silence, 429, or a log-in page that answers: the next rung, under the id that was asked for."""
    test = desk_with(members=[member_row()], floor=FLOOR)

    def fail(_: object) -> None:
        raise silence

    test.ledger.answer = fail  # type: ignore[assignment]
    redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    sale = payloads(test.desk)[-1]
    assert sale["redemptions"][0]["authority"] == "floor"
    assert sale["id"] == str(test.ledger.asked[0].id)


def test_a_signed_refusal_to_speak_is_no_silence(desk_with: Make) -> None:
    """What the ledger signed as final is not answered with the floor."""
    test = desk_with(members=[member_row()], floor=FLOOR)

    def fail(_: object) -> None:
        raise FinalSyncError("terminal-revoked", "revoked")

    test.ledger.answer = fail  # type: ignore[assignment]
    assert refusal(test, wanting(test), is_online=True) == "ledger-refuses"


def test_without_the_floor_nothing_is_redeemed_offline(desk_with: Make) -> None:
    """Where the merchant did not switch it on the refusal says that it works again online."""
    test = desk_with(members=[member_row()])
    assert refusal(test, wanting(test)) == "offline-not-possible"


def test_the_floor_is_bounded_per_redemption(desk_with: Make) -> None:
    """More than the merchant signed for in one sale."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    assert refusal(test, wanting(test, points=1_050)) == "floor-per-redemption"


def test_the_floor_is_bounded_per_member_by_what_is_not_booked(desk_with: Make) -> None:
    """The second one would bring the unbooked sum of this member above the bound."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    redeem_and_commit(test.desk, test.manager, wanting(test), is_online=False)
    assert refusal(test, wanting(test, nonce="bb")) == "floor-per-member"


def test_the_floor_is_bounded_per_terminal(desk_with: Make) -> None:
    """Three members, each within his own bound: the third is above the till's."""
    members = [f"100000000{n}" for n in (1, 2, 3)]
    test = desk_with(members=[member_row(member, 5_000) for member in members], floor=FLOOR)
    for member in members[:2]:
        redeem_and_commit(test.desk, test.manager, wanting(test, member, nonce=member), is_online=False)
    assert refusal(test, wanting(test, members[2], nonce="cc")) == "floor-per-terminal"


@pytest.mark.parametrize(("position", "expected"), [(0, "floor-per-member"), (11, "")])
def test_what_waits_whole_stays_in_the_sums_of_the_floor(desk_with: Make, position: int, expected: str) -> None:
    """Until a person decides, nobody has it in his books; one of which only the award waits is booked."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    receipt = redeem_and_commit(test.desk, test.manager, wanting(test), is_online=False)
    test.desk.journal.mark([Outcome(seq=receipt.seq, status="quarantined", position=position)], NOON_US)
    test.put_members(member_row(points=4_000, position=20))
    again = wanting(test, nonce="bb")
    if expected:
        assert refusal(test, again) == expected
    else:
        redeem_and_commit(test.desk, test.manager, again, is_online=False)


def test_awards_that_are_not_booked_do_not_count_for_the_floor(desk_with: Make) -> None:
    """Points earned a minute ago at this till are shown, and nobody but the ledger has seen them."""
    test = desk_with(members=[member_row(points=900)], floor=FLOOR)
    commit_sale(test.desk, test.manager, identified(test).with_amount(500_00))
    assert refusal(test, wanting(test)) == "not-enough-booked"


def test_the_floor_wants_a_balance_that_is_young(desk_with: Make) -> None:
    """An hour and a second old: too old for this merchant."""
    test = desk_with(members=[member_row()], floor=FLOOR)
    test.desk.seen_until(NOON_US)
    test.clocks.pass_s(3_601)
    assert refusal(test, wanting(test)) == "balance-too-old"


def test_the_floor_knows_the_age_of_a_row_that_is_held_back(desk_with: Make) -> None:
    """A push is stuck for an hour while pulls go on: the cache is young, this member's balance is not, and the view says so."""
    test = desk_with(members=[member_row(), member_row("1000000002")], floor=FLOOR)
    for _ in range(5):
        test.clocks.pass_s(800)
        test.cache.apply([member_row(points=0, position=11)], {}, {MEMBER}, test.desk.as_of_us() or 0)
        test.cache.put_fact("as_of", str(test.clocks.wall_us))
        test.desk.seen_until(test.clocks.wall_us)
    assert identify(test.desk, MEMBER, "dynamic").as_of_us == NOON_US
    assert refusal(test, wanting(test)) == "balance-too-old"
    assert redeem_and_commit(
        test.desk, test.manager, wanting(test, "1000000002", nonce="bb"), is_online=False
    ).redemptions
    test.cache.release_held(set())
    assert identify(test.desk, MEMBER, "dynamic").as_of_us == test.clocks.wall_us


def test_the_floor_stands_on_the_clock(desk_with: Make) -> None:
    """A till whose clock is not trusted redeems nothing that nobody reserved."""
    test = desk_with(members=[member_row()], floor=FLOOR, is_clock_trusted=False)
    assert refusal(test, wanting(test)) == "clock-untrusted"


def test_a_static_code_redeems_nothing_offline(desk_with: Make) -> None:
    """A photograph of a card is no proof of the member."""
    test = desk_with(members=[member_row()], floor=FLOOR)
    draft = identified(test).with_amount(128_50).with_choice(Choice("voucher", 1_000))
    assert refusal(test, draft) == "offline-proof-missing"


def test_a_code_that_the_ledger_was_shown_proves_no_second_sale_offline(desk_with: Make) -> None:
    """Silence may be a lost answer: the ledger then holds the code for the first try, and would pay the second from nobody."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    assert refusal(test, wanting(test, points=1_050), is_online=True) == "floor-per-redemption"
    assert refusal(test, wanting(test)) == "offline-proof-missing"
    assert redeem_and_commit(test.desk, test.manager, wanting(test, nonce="bb"), is_online=False).redemptions


def test_a_code_whose_minute_nobody_checked_is_for_the_ledger_alone(desk_with: Make) -> None:
    """Scanned while the clock was not trusted: the ledger may say yes to it, the floor never."""
    test = desk_with(members=[member_row()], floor=FLOOR, is_clock_trusted=False)
    code = make(MEMBER, NOON_US // 1_000_000 - 3_600, b"12345678", test.working_key)
    found = scan(test.desk, code, SaleDraft())
    assert isinstance(found, MemberIdentified)
    draft = (
        SaleDraft().with_member(found.member, found.proof).with_amount(128_50).with_choice(Choice("voucher", 1_000))
    )
    test.desk.clock.heard(0)
    assert refusal(test, draft) == "offline-proof-missing"
    test.ledger.answer = grants
    redeem_and_commit(test.desk, test.manager, draft, is_online=True)
    assert (test.ledger.asked[0].proof, test.ledger.asked[0].evidence) == ("dynamic", code)


def test_a_dynamic_code_belongs_to_one_sale_for_ever(desk_with: Make) -> None:
    """The nonce of a committed sale is refused in the next, over a restart too."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    redeem_and_commit(test.desk, test.manager, wanting(test, points=1_000), is_online=False)
    test.ledger.answer = grants
    assert refusal(test, wanting(test, points=1_000), is_online=True) == "dynamic-used"
    assert not test.ledger.asked, "nothing is reserved for a sale that cannot be"


def test_past_the_documents_time_the_till_earns_and_does_not_redeem(desk_with: Make) -> None:
    """`valid_until` is the operator's stop button for tills that are offline."""
    test = desk_with(members=[member_row()], floor=FLOOR)
    test.ledger.answer = grants
    draft = wanting(test)
    test.clocks.pass_s((FAR_FUTURE_US - test.clocks.wall_us) / 1_000_000 + 1)
    assert refusal(test, draft, is_online=True) == "programme-outdated"
    assert commit_sale(test.desk, test.manager, draft.with_choice(None)).awarded

"""What has become of a service is told by entries that exist: booked, done, confirmed, missed, moved, cancelled, elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from points import Choice
from protocol.feed import Balance, MemberRow
from tests.desks import MEMBER, TestDesk, member_row, payloads
from tests.till.test_later_visits import choosing, workshop
from tests.till.test_shown_balance import booked
from till.appointments import read_appointment
from till.draft import MemberProof
from till.receipts import Receipt
from till.redeeming import redeem_and_commit
from till.refundable import find
from till.refunding import commit_refund
from till.selling import commit_sale
from till.services import of_today
from till.voiding import void_sale

Make = Callable[..., TestDesk]
BOOK, WASH, ISSUE = Choice("consult-issue", 20), Choice("wash", 1), Choice("wash-issue", 800)
DAY_US = 86_400_000_000


def salon(desk_with: Make, **held: int) -> TestDesk:
    """The workshop, whose consultations are used by a reward of their own."""
    return workshop(desk_with, held={"points": 1_250} | held)


def booking(test: TestDesk, when: str, nonce: str) -> Receipt:
    draft = choosing(test, BOOK, nonce)
    draft = replace(draft, appointment=read_appointment(test.desk, BOOK.reward_id, when))
    return redeem_and_commit(test.desk, test.manager, draft, is_online=True)


def using(test: TestDesk, nonce: str) -> Receipt:
    """The consultation takes place."""
    draft = choosing(test, Choice("consult", 1, "consultation"), nonce)
    return redeem_and_commit(test.desk, test.manager, draft, is_online=True)


def states(test: TestDesk) -> list[tuple[str, str]]:
    """When and what of each that is worth showing."""
    return [(one.at[5:], one.state) for one in of_today(test.desk).services]


def later(test: TestDesk, days: int) -> None:
    test.clocks.wall_us += days * DAY_US
    test.clocks.mono_us += days * DAY_US


def test_booked_then_missed_then_done_all_the_same(desk_with: Make) -> None:
    """By the day alone: whoever comes late on the day is not missed, who comes another day has his voucher."""
    test = salon(desk_with)
    booking(test, "10-28 10:00 1023", "aa")
    (one,) = of_today(test.desk).services
    assert (one.member, one.kind, one.by, one.state, one.used_us) == (MEMBER, "consultation", "1023", "booked", 0)
    later(test, 43)
    assert states(test) == [("10-28T10:00", "booked")]
    later(test, 1)
    assert states(test) == [("10-28T10:00", "missed")]
    using(test, "bb")
    assert states(test) == [("10-28T10:00", "confirmed")]
    later(test, 1)
    assert states(test) == []


def test_the_earliest_appointment_is_done_first(desk_with: Make) -> None:
    """Whatever was booked first; two of one member are two."""
    test = salon(desk_with)
    booking(test, "10-28 10:00 1023", "aa")
    booking(test, "10-01 09:00 1001", "bb")
    using(test, "cc")
    assert states(test) == [("10-01T09:00", "confirmed"), ("10-28T10:00", "booked")]


def test_confirmed_by_the_member_himself_alone(desk_with: Make) -> None:
    """His phone, his PIN, his permission; the code of the voucher says that somebody had it, and whose it is."""
    for proof, state in (
        ("pin", "confirmed"),
        ("authorisation", "confirmed"),
        ("voucher", "done"),
        ("static", "done"),
    ):
        test = salon(desk_with)
        booking(test, "10-28 10:00 1023", "aa")
        sold_with(test, proof)
        assert {one.state for one in of_today(test.desk).services if one.used_us} == {state}


def sold_with(test: TestDesk, proof: str) -> None:
    """Commit the use with a proof that the ledger took."""
    draft = choosing(test, Choice("consult", 1, "consultation"), "bb")
    assert draft.member is not None
    shown = MemberProof(proof, kind="consultation", nonce="")  # type: ignore[arg-type]
    commit_sale(test.desk, test.manager, replace(draft, proof=shown), "online")


def test_a_void_opens_it_again_and_another_booking_moves_it(desk_with: Make) -> None:
    """Taken back alone it is cancelled; with a new one it was moved. A use that is voided was none."""
    test = salon(desk_with)
    first = booking(test, "9-15 14:00 1023", "aa")
    used = using(test, "bb")
    assert states(test) == [("09-15T14:00", "confirmed")]
    void_sale(test.desk, test.manager, used.id)
    assert states(test) == [("09-15T14:00", "booked")]
    void_sale(test.desk, test.manager, first.id)
    assert states(test) == [("09-15T14:00", "cancelled")]
    booking(test, "9-15 16:00 1001", "cc")
    assert states(test) == [("09-15T14:00", "moved"), ("09-15T16:00", "booked")]


def test_a_refund_of_another_day_moves_it_too(desk_with: Make) -> None:
    """F4: the points come back, the voucher goes."""
    test = salon(desk_with)
    first = booking(test, "9-16 14:00 1023", "aa")
    later(test, 1)
    commit_refund(test.desk, test.manager, find(test.desk, first.id, is_online=False), {})
    assert payloads(test.desk)[-1]["taken_back"] == {"consultation": 1}
    assert states(test) == [("09-16T14:00", "cancelled")]
    booking(test, "9-16 18:00 1023", "bb")
    assert states(test) == [("09-16T14:00", "moved"), ("09-16T18:00", "booked")]


def test_what_the_ledger_says_of_his_vouchers_is_a_bound(desk_with: Make) -> None:
    """Used at another till, or ended: his row has one left of two, and the one with the earlier appointment is gone."""
    test = salon(desk_with)
    booking(test, "10-28 10:00 1023", "aa")
    booked(test, position=11)
    booking(test, "10-01 09:00 1001", "bb")
    booked(test, position=12)
    assert [state for _at, state in states(test)] == ["booked", "booked"]
    both = Balance(available=1, reserved=1)
    test.put_members(member_row(position=13, balances={"points": Balance(available=9), "consultation": both}))
    assert [state for _at, state in states(test)] == ["booked", "booked"]
    left = Balance(available=1)
    test.put_members(member_row(position=14, balances={"points": Balance(available=9), "consultation": left}))
    assert states(test) == [("10-28T10:00", "booked")]


def test_a_voucher_without_an_appointment_is_no_service(desk_with: Make) -> None:
    test = salon(desk_with)
    redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE), is_online=True)
    assert of_today(test.desk).services == []


def test_who_was_merged_goes_on_with_his_appointment(desk_with: Make) -> None:
    """Booked under the old number, used under the new one."""
    test = salon(desk_with)
    booking(test, "10-28 10:00 1023", "aa")
    booked(test, position=11)
    goes_on = "1000000002"
    told = {"points": Balance(available=9), "consultation": Balance(available=1)}
    test.put_members(
        MemberRow(member=MEMBER, position=12, status="merged", merged_into=goes_on),
        member_row(goes_on, position=5, name="李*", balances=told, merged={MEMBER: 12}),
    )
    assert [(one.name, one.state) for one in of_today(test.desk).services] == [("李*", "booked")]
    using(test, "bb")
    assert [(one.name, one.state) for one in of_today(test.desk).services] == [("李*", "confirmed")]

"""What was set aside at this till for an outage: drawn on without a call, shown as if nothing were split, returned once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

import pytest

from protocol.documents import AllowancePolicy
from protocol.feed import Balance, Lying, MemberRow
from protocol.ids import bucket_of, new_id
from protocol.pins import hash_pin
from protocol.push import Outcome
from protocol.reservations import LyingElsewhere, Refused
from sync.link import LinkState
from sync.reports import OwnReservation
from tests.desks import MEMBER, NOON_US, TestDesk, grants, member_row, payloads
from tests.till.test_member_pin import PIN, stands
from tests.till.test_redeeming import FLOOR, refusal, wanting
from tests.till.test_selling import identified
from till.allowances import PIN_TRIES, cover_of, return_all, tend
from till.counter import Counter
from till.draft import MemberProof
from till.errors import RefusedError
from till.members import KindBalance
from till.redeeming import Standing, redeem_and_commit
from till.scanning import identify
from till.selling import commit_sale
from till.shifts import close_shift, open_shift
from till.voiding import return_reservation, void_sale

Make = Callable[..., TestDesk]
ALLOWANCE = new_id(NOON_US // 1_000, bucket_of(MEMBER), 7)
VERIFIER = hash_pin(PIN.evidence)


def set_aside(points: int = 2_000, *, of: int = 3_250, position: int = 10, **changes: Any) -> MemberRow:
    """A member of whose points some lie at this till."""
    told: dict[str, Any] = {"id": ALLOWANCE, "terminal": "zhongshan-02", "kind": "points", "points": points}
    lying = Lying(**told | {"authority": "allowance", "pin_verifier": VERIFIER} | changes)
    balances = {"points": Balance(available=of - points, reserved=points)}
    return member_row(position=position, tier="standard", balances=balances, lying=(lying,))


def here(test: TestDesk, *, is_wanted: bool = False, position: int = 10, id_: UUID = ALLOWANCE) -> None:
    """The background was told of it."""
    test.ledger.lying[id_] = OwnReservation(id_, MEMBER, position, "allowance", is_wanted=is_wanted)


def redeem(
    test: TestDesk,
    points: int = 1_000,
    *,
    is_online: bool = False,
    nonce: str = "aa",
    proof: MemberProof | None = None,
) -> dict[str, Any]:
    """What the entry says of it."""
    draft = wanting(test, points=points, nonce=nonce)
    if proof:
        assert draft.member is not None
        draft = draft.with_member(draft.member, proof).with_choice(draft.choices[0])
    redeem_and_commit(test.desk, test.manager, draft, is_online=is_online)
    (taken,) = payloads(test.desk)[-1]["redemptions"]
    return dict(taken)


def left(test: TestDesk) -> int:
    cover = cover_of(test.desk, MEMBER, "points")
    return cover.left if cover else 0


def balance(test: TestDesk) -> KindBalance:
    return identify(test.desk, MEMBER, "code").balances[0]


def entries(test: TestDesk, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in payloads(test.desk) if entry["type"] == kind]


def booked(test: TestDesk, position: int, status: Literal["booked", "quarantined"] = "booked") -> None:
    last = test.desk.journal.last()
    assert last is not None
    test.desk.journal.mark([Outcome(seq=last.seq, id=last.id, status=status, position=position)], NOON_US)


# --- the rung -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_online", [True, False])
def test_it_needs_no_call(desk_with: Make, is_online: bool) -> None:
    """Tried first, with the network and without; the entry names it."""
    test = desk_with(members=[set_aside()])
    assert stands(test, wanting(test).proof, is_online=is_online) == Standing("allowance")
    taken = redeem(test, is_online=is_online)
    assert (taken["authority"], taken["reservation"]) == ("allowance", str(ALLOWANCE))
    assert test.ledger.asked == []
    assert left(test) == 1_000


def test_nothing_looks_split(desk_with: Make) -> None:
    """What can be spent is one number, before and after, whatever is booked and pulled first."""
    test = desk_with(members=[set_aside(1_400)])
    assert balance(test) == KindBalance("points", 3_250, 0, 0, 0, set_aside=1_400)
    assert identify(test.desk, MEMBER, "code").lying == ()
    redeem(test)
    earned = payloads(test.desk)[-1]["awards"][0]["points"]
    assert (balance(test).spendable, left(test)) == (2_250 + earned, 400)
    booked(test, 11)
    assert (balance(test).spendable, left(test)) == (2_250 + earned, 400)
    test.put_members(set_aside(400, of=2_250 + earned, position=11))
    assert (balance(test).spendable, left(test)) == (2_250 + earned, 400)


def test_at_another_till_it_is_elsewhere(desk_with: Make) -> None:
    """There `available` alone can be spent, and the card says what lies where."""
    row = set_aside(400, terminal="binhe-01")
    test = desk_with(members=[row])
    assert balance(test) == KindBalance("points", 2_850, 0, 400, 0)
    assert identify(test.desk, MEMBER, "code").lying == row.lying
    assert left(test) == 0


def test_online_only_what_is_lacking_is_asked_for(desk_with: Make) -> None:
    """Under the sale's own id; both pay."""
    test = desk_with(members=[set_aside(400)])
    test.ledger.answer = grants
    taken = redeem(test, is_online=True)
    assert (taken["authority"], taken["points"], taken["reservation"]) == ("online", 1_000, str(ALLOWANCE))
    (asked,) = test.ledger.asked
    assert (asked.points, str(asked.id)) == (600, payloads(test.desk)[-1]["id"])
    assert left(test) == 0


def test_silence_leaves_the_rest_to_the_floor(desk_with: Make) -> None:
    """The same id, and only what is uncovered is held against the floor's bounds and sums: 500 of 1,500, then 1,000."""
    test = desk_with(members=[set_aside(1_000, of=6_000)], floor=FLOOR)
    taken = redeem(test, 1_500, is_online=True)
    assert (taken["authority"], taken["reservation"]) == ("floor", str(ALLOWANCE))
    assert payloads(test.desk)[-1]["id"] == str(test.ledger.asked[0].id)
    assert refusal(test, wanting(test, points=1_050, nonce="bb")) == "floor-per-redemption"
    assert "reservation" not in redeem(test, 1_000, nonce="bb")
    assert refusal(test, wanting(test, nonce="cc")) == "floor-per-member"


def test_without_the_floor_it_ends_where_the_allowance_does(desk_with: Make) -> None:
    """What can be had is what lies here."""
    test = desk_with(members=[set_aside(1_050)])
    assert stands(test, wanting(test).proof, 1_100, is_online=False) == Standing("", "offline-not-possible")
    assert refusal(test, wanting(test, points=1_100)) == "offline-not-possible"
    assert redeem(test, 1_050)["authority"] == "allowance"


def test_a_no_for_the_rest_is_final(desk_with: Make) -> None:
    """And what can be spent is told with what lies here."""
    test = desk_with(members=[set_aside(400)], floor=FLOOR)
    test.ledger.answer = lambda _: Refused(reason="not-enough-points", spendable=300)
    with pytest.raises(RefusedError, match="reserve-not-enough-points") as refused:
        redeem(test, is_online=True)
    assert refused.value.facts["spendable"] == 700
    assert left(test) == 400


@pytest.mark.parametrize(
    ("tills", "code", "points"), [(1, "points-set-aside", 100), (2, "points-set-aside-widely", 300)]
)
def test_points_that_lie_elsewhere_are_said_to_be_on_their_way(
    desk_with: Make, tills: int, code: str, points: int
) -> None:
    """How many, at which till of which store: all of them, with the name of the largest."""
    test = desk_with(members=[member_row(points=5_000)])
    lying = tuple(LyingElsewhere(store="滨河店", till=f"0{n}号机", points=100 * n) for n in range(1, tills + 1))
    test.ledger.answer = lambda _: Refused(reason="not-enough-points", lying=lying)
    with pytest.raises(RefusedError) as refused:
        redeem(test, is_online=True)
    assert (refused.value.code, refused.value.facts["points"]) == (code, points)
    assert refused.value.facts["till"] == f"0{tills}号机"


def test_who_may_redeem_online_only_draws_on_nothing(desk_with: Make) -> None:
    """Blocked meanwhile, on another number's account, or of another kind."""
    for row in (
        member_row(lying=set_aside().lying, status="blocked"),
        set_aside(member="1000000002"),
        set_aside(kind="stars"),
    ):
        assert left(desk_with(members=[row])) == 0


# --- what proves the member ---------------------------------------------------------------------------------------------


def test_a_pin_is_checked_here(desk_with: Make) -> None:
    """Without a call, online too; the entry says that it was one."""
    test = desk_with(members=[set_aside()])
    for is_online in (True, False):
        assert stands(test, None, is_online=is_online) == Standing("allowance", needs="pin")
    taken = redeem(test, proof=PIN, is_online=True)
    assert (taken["authority"], taken["proof"]) == ("allowance", "pin")
    assert redeem(test, proof=PIN)["authority"] == "allowance"
    assert test.ledger.asked == []
    assert PIN.evidence not in f"{payloads(test.desk)}"


def test_three_wrong_pins_lock_it_here(desk_with: Make) -> None:
    """Counted in the journal, over a restart too, in the ledger's words; then his code, or the ledger, or a new allowance."""
    test = desk_with(members=[set_aside()])
    wrong = MemberProof("pin", "000000")
    said = []
    for _ in range(PIN_TRIES + 1):
        with pytest.raises(RefusedError) as refused:
            redeem(test, proof=wrong)
        said.append((refused.value.code, refused.value.facts.get("left")))
    assert said == [("reserve-pin-wrong", 2), ("reserve-pin-wrong", 1), *[("reserve-pin-locked", None)] * 2]
    assert stands(test, None, is_online=False) == Standing("allowance", needs="code")
    with pytest.raises(RefusedError, match="reserve-pin-locked"):
        redeem(test, proof=PIN)
    test.ledger.answer = lambda _: Refused(reason="pin-wrong", tries_left=1)
    with pytest.raises(RefusedError, match="reserve-pin-wrong"):
        redeem(test, proof=wrong, is_online=True)
    test.put_members(set_aside(id=new_id(NOON_US // 1_000, bucket_of(MEMBER), 8), position=11))
    assert redeem(test, proof=PIN)["authority"] == "allowance"


def test_a_right_pin_begins_the_count_anew(desk_with: Make) -> None:
    """Two slips a day lock nobody out."""
    test = desk_with(members=[set_aside()])
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(RefusedError, match="reserve-pin-wrong"):
                redeem(test, proof=MemberProof("pin", "000000"))
        redeem(test, proof=PIN)


def test_who_has_no_pin_shows_his_code(desk_with: Make) -> None:
    """Nothing came to check one with."""
    test = desk_with(members=[set_aside(pin_verifier="")])
    assert stands(test, None, is_online=False) == Standing("allowance", needs="code")
    with pytest.raises(RefusedError, match="reserve-pin-not-set"):
        redeem(test, proof=PIN)


def test_without_a_clock_a_pin_alone_proves(desk_with: Make) -> None:
    """A code's minute cannot be looked at; points that were set aside need no clock."""
    test = desk_with(members=[set_aside()], is_clock_trusted=False)
    untimely = MemberProof("dynamic", "D1:…", "aa", 1, is_timely=False)
    assert stands(test, untimely, is_online=False) == Standing("allowance", needs="typed")
    with pytest.raises(RefusedError, match="clock-untrusted"):
        redeem(test, proof=untimely)
    assert redeem(test, proof=PIN)["authority"] == "allowance"
    test.put_members(set_aside(pin_verifier="", position=11))
    assert stands(test, untimely, is_online=False) == Standing("", "clock-untrusted")


def test_a_static_code_draws_on_nothing(desk_with: Make) -> None:
    """Its daily limit is for the ledger, of what is available; beyond that a PIN is asked for."""
    test = desk_with(members=[set_aside()], static_daily_points=5_000)
    static = MemberProof("static")
    assert stands(test, static, 1_250, is_online=True) == Standing("online")
    assert stands(test, static, 1_300, is_online=True) == Standing("allowance", needs="pin")
    test.ledger.answer = grants
    assert "reservation" not in redeem(test, 1_250, proof=static, is_online=True)
    assert test.ledger.asked[0].points == 1_250
    test.ledger.answer = lambda _: Refused(reason="not-enough-points", spendable=0)
    with pytest.raises(RefusedError, match="reserve-proof-missing"):
        redeem(test, proof=static, is_online=True)
    assert stands(test, static, is_online=False) == Standing("allowance", needs="pin")
    with pytest.raises(RefusedError, match="offline-proof-missing"):
        redeem(test, proof=static)


# --- what other entries make of it --------------------------------------------------------------------------------------


def test_a_void_brings_points_back_and_not_the_allowance(desk_with: Make) -> None:
    """They can be spent, online."""
    test = desk_with(members=[set_aside()])
    redeem(test)
    void_sale(test.desk, test.manager, UUID(payloads(test.desk)[-1]["id"]))
    assert (balance(test).spendable, left(test)) == (3_250, 1_000)


def test_what_a_sale_that_waits_whole_took_is_not_there(desk_with: Make) -> None:
    """At the ledger the allowance has it still; here it has left, and the rest is kept until a person decides."""
    test = desk_with(members=[set_aside()])
    redeem(test)
    booked(test, 0, "quarantined")
    assert (balance(test).spendable, left(test)) == (2_250, 1_000)
    here(test)
    return_all(test.desk)
    assert entries(test, "returned") == []
    return_reservation(test.desk, ALLOWANCE, MEMBER)
    assert (balance(test).spendable, left(test)) == (2_250, 0)


def test_an_entry_that_cannot_be_read_ends_it(desk_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have drawn on it, or returned it: nobody here knows."""
    test = desk_with(members=[set_aside()])
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    assert left(test) == 2_000
    monkeypatch.setattr("till.own_entries.payload_hash", lambda _: b"")
    assert left(test) == 0


# --- its life -----------------------------------------------------------------------------------------------------------


ON = AllowancePolicy(per_member=1_000)


def test_it_is_asked_for_in_a_shift(desk_with: Make) -> None:
    """Once the feed has told all that lies here; not without a policy, and not without a shift."""
    for policy, wanted in ((ON, ["zhongshan-02-1"]), (None, [])):
        test = desk_with(allowance=policy)
        tend(test.desk, is_caught_up=False)
        assert test.ledger.wanted == []
        tend(test.desk, is_caught_up=True)
        assert test.ledger.wanted == wanted
        close_shift(test.desk, test.manager)
        tend(test.desk, is_caught_up=True)
        assert test.ledger.wanted == wanted


def test_it_ends_with_its_shift(desk_with: Make) -> None:
    """Not before; and one that a crash left behind does not reach into the next."""
    test = desk_with(members=[set_aside()], allowance=ON)
    tend(test.desk, is_caught_up=True)
    here(test)
    tend(test.desk, is_caught_up=True)
    assert entries(test, "returned") == []
    close_shift(test.desk, test.manager)
    open_shift(test.desk, test.manager)
    tend(test.desk, is_caught_up=False)
    (returned,) = entries(test, "returned")
    assert returned["reservation"] == str(ALLOWANCE)
    assert left(test) == 0
    assert balance(test).spendable == 3_250
    here(test)  # the feed tells of it until the entry is booked
    tend(test.desk, is_caught_up=True)
    assert len(entries(test, "returned")) == 1
    assert test.ledger.lying == {}


def test_it_is_returned_when_it_is_called_back(desk_with: Make) -> None:
    """At once, unless its member is being served here: then after his sale."""
    test = desk_with(members=[set_aside()], allowance=ON)
    tend(test.desk, is_caught_up=True)
    here(test, is_wanted=True)
    test.desk.serving = MEMBER
    tend(test.desk, is_caught_up=True)
    assert entries(test, "returned") == []
    test.desk.serving = ""
    tend(test.desk, is_caught_up=True)
    assert len(entries(test, "returned")) == 1


def test_what_is_used_up_needs_no_return(desk_with: Make) -> None:
    """The sales that took it end it; a row without it says that they have."""
    test = desk_with(members=[set_aside()])
    redeem(test, 2_000)
    here(test)
    return_all(test.desk)
    test.put_members(member_row(points=250, position=12))
    assert list(test.ledger.lying) == [ALLOWANCE]
    return_all(test.desk)
    assert entries(test, "returned") == []
    assert test.ledger.lying == {}


def test_what_a_row_that_is_held_back_says_is_returned(desk_with: Make) -> None:
    """The row that is shown is older than the feed's word."""
    test = desk_with(members=[member_row(position=9)])
    here(test, position=10)
    return_all(test.desk)
    assert len(entries(test, "returned")) == 1


def test_a_counter_asks_and_returns_when_it_is_told_to(desk_with: Make) -> None:
    """And wakes the background when whom it waited for is served."""
    test = desk_with(members=[set_aside()], allowance=ON)
    counter = Counter(test.desk, lambda: LinkState(since_us=0))
    counter.ask_allowances()
    assert test.ledger.wanted == ["zhongshan-02-1 at once"]
    here(test, is_wanted=True)
    woken = test.ledger.woken
    counter.serve(MEMBER)
    assert test.ledger.woken == woken
    counter.serve("")
    assert test.ledger.woken == woken + 1
    counter.return_allowances()
    assert len(entries(test, "returned")) == 1

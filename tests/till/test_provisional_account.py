"""The account at the till as values: single rules that balances at random rarely come by. Against the ledger's own booking:
`tests/sync/test_own_entries.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest

from protocol.entries import Authority, Award, Clock, Redemption, Refund, Sale
from protocol.feed import Balance, Lying, MemberRow
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome
from tests.desks import MEMBER, TestDesk
from tests.till.test_allowances import ALLOWANCE, redeem, set_aside
from till.allowances import cover_of
from till.provisional_account import ProvisionalAccount, Reckoned

Make = Callable[..., TestDesk]


def sale(number: int, takes: int, gives: int = 0, authority: Authority = "floor", draws: UUID | None = None) -> Sale:
    """The till's sale of this number."""
    taken = Redemption(
        reward="r",
        kind="points",
        points=takes,
        off_bill_fen=0,
        authority=authority,
        proof="dynamic",
        reservation=draws,
    )
    header: dict[str, Any] = {
        "id": new_id(number, bucket_of(MEMBER), number), "store": "S", "occurred_at": 0, "business_day": "2026-11-21",
        "clock": Clock(wall=0, boot="b", mono_us=0),
    }  # fmt: skip
    return Sale(
        **header, member=MEMBER, gross_fen=1, due_fen=1, programme="p", programme_version=1, engine=1,
        awards=(Award(kind="points", points=gives),) if gives else (), redemptions=(taken,),
    )  # fmt: skip


def row(available: int, aside: int = 0) -> MemberRow:
    """So many points, and so many beside them at this till."""
    lying = Lying(id=ALLOWANCE, terminal="T", kind="points", points=aside or 1, authority="allowance")
    balances = {"points": Balance(available=available, reserved=aside)}
    return MemberRow(member=MEMBER, position=1, balances=balances, lying=(lying,) if aside else ())


@pytest.mark.parametrize("available", [0, 1, 29])
def test_what_the_floor_leaves_uncovered_comes_back_with_nobody(available: int) -> None:
    """It takes what there is; a void brings that back, and not what the merchant bore."""
    before, one = row(available), sale(1, takes=30, gives=7)
    for with_gains in (True, False):
        account = ProvisionalAccount(before, with_gains=with_gains)
        account.sell(one, None)
        change = (7 if with_gains else 0) - available
        assert account.reckoned(before) == Reckoned({"points": change} if change else {}, {}, {}, {one.id: 30})
        account.void(one, None)
        assert account.reckoned(before).change == {}


def test_what_waits_whole_says_how_much_nobody_reserved() -> None:
    """Nothing of it is booked, so it is subtracted from what is told; of an allowance it has the ledger's points still."""
    before, one = row(100, aside=20), sale(1, takes=30, draws=ALLOWANCE)
    account = ProvisionalAccount(before, with_gains=True)
    account.hand_out(one)
    assert account.reckoned(before) == Reckoned({"points": -10}, {ALLOWANCE: 0}, {ALLOWANCE: 20}, {one.id: 10})


def test_what_waits_whole_leaves_its_points_to_what_is_booked_behind_it() -> None:
    """The ledger books the later sale from the whole allowance; one that was reserved online draws on what is free alone."""
    before, waits = row(100, aside=60), sale(1, takes=40, draws=ALLOWANCE)
    for authority, left, change in (("floor", -30, {}), ("allowance", -30, {}), ("online", 0, {"points": -30})):
        account = ProvisionalAccount(before, with_gains=True)
        account.hand_out(waits)
        account.sell(sale(2, takes=50, authority=authority, draws=ALLOWANCE), None)  # type: ignore[arg-type]
        reckoned = account.reckoned(before)
        assert (reckoned.left, reckoned.handed_out, reckoned.change) == ({ALLOWANCE: left}, {ALLOWANCE: 40}, change)


def test_a_shortfall_is_the_merchants_once() -> None:
    """Of two rewards of one sale the ledger said that 5 points were missing, not 5 of each."""
    before, one = row(50), sale(1, takes=20)
    both = msgspec.structs.replace(one, redemptions=one.redemptions * 2)
    account = ProvisionalAccount(before, with_gains=True)
    account.sell(both, Outcome(seq=1, status="shortfall", position=2, shortfall=5))
    assert account.reckoned(before).change == {"points": -35}


def test_of_two_allowances_the_larger_is_drawn_on_and_of_a_spent_one_nothing(desk_with: Make) -> None:
    """By what is left, not by id."""
    test = desk_with(members=[set_aside(1_000)])
    [first] = set_aside(1_000).lying
    found = cover_of(test.desk, MEMBER, "points")
    assert found is not None
    for position, made_at in ((12, 1), (13, 1 << 44)):
        other = msgspec.structs.replace(first, id=new_id(made_at, bucket_of(MEMBER), 1), points=400)
        both = MemberRow(
            member=MEMBER, position=position, tier="standard", lying=(other, first),
            balances={"points": Balance(available=2_000, reserved=1_400)},
        )  # fmt: skip
        test.put_members(both)
        assert cover_of(test.desk, MEMBER, "points") == found
    test.put_members(set_aside(1_000, position=14))
    redeem(test)
    assert cover_of(test.desk, MEMBER, "points") is None


def back(number: int, one: Sale, gives_back: int, takes_back: int = 0, adds: int = 0) -> Refund:
    """Some of a sale comes back."""
    header: dict[str, Any] = {
        "id": new_id(number, bucket_of(MEMBER), number), "store": "S", "occurred_at": 0, "business_day": "2026-11-21",
        "clock": Clock(wall=0, boot="b", mono_us=0),
    }  # fmt: skip
    return Refund(
        **header, member=MEMBER, refunds=one.id, given_back={"points": gives_back} if gives_back else {},
        taken_back={"points": takes_back} if takes_back else {},
        awards=(Award(kind="points", points=adds),) if adds else (),
    )  # fmt: skip


@pytest.mark.parametrize("is_in_the_row", [False, True])
def test_what_nobody_covered_comes_back_first_and_to_nobody(is_in_the_row: bool) -> None:
    """Of 30 points 10 were there: a refund of 25 brings 5, the rest of the sale 5 more; the row may have the sale in it."""
    one, outcome = sale(1, takes=30), Outcome(seq=1, id=None, status="shortfall", position=1, shortfall=20)
    before = row(0 if is_in_the_row else 10)
    account = ProvisionalAccount(before, with_gains=True)
    if not is_in_the_row:
        account.sell(one, None)
    told = outcome if is_in_the_row else None
    account.refund(back(2, one, 25), one, told, {})
    assert account.reckoned(before).change.get("points", 0) == 5 - (0 if is_in_the_row else 10)
    account.refund(back(3, one, 5), one, told, {"points": 25})
    assert account.reckoned(before).change.get("points", 0) == 10 - (0 if is_in_the_row else 10)


def test_a_refund_takes_what_is_there_and_the_rest_is_owed() -> None:
    """What is added for a reason pays that at once; the floor counts on nothing that comes."""
    before, one = row(40), sale(1, takes=30, gives=50)
    account = ProvisionalAccount(before, with_gains=True)
    account.refund(back(2, one, 0, takes_back=45, adds=9), one, None, {})
    assert account.reckoned(before).change == {"points": 4 - 40}
    careful = ProvisionalAccount(before, with_gains=False)
    careful.refund(back(2, one, 30, takes_back=5, adds=9), one, None, {})
    assert careful.reckoned(before).change == {"points": -5}


def test_a_refund_of_what_waits_whole_does_nothing() -> None:
    """The ledger will not book it either, before somebody has decided about the sale; of another till's sale all comes back."""
    before, one = row(40), sale(1, takes=30, gives=50)
    account = ProvisionalAccount(before, with_gains=True)
    waiting = Outcome(seq=1, id=None, status="quarantined", reason="unknown-member")
    account.refund(back(2, one, 30, takes_back=50), one, waiting, {})
    assert account.reckoned(before).change == {}
    account.refund(back(2, one, 30, takes_back=50), None, None, {})
    assert account.reckoned(before).change == {"points": -20}

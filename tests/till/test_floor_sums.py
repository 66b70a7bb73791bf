"""The sums that bound the floor: of the sales that touched it alone, reckoned once an entry, never from what is past."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_db.journal import Row
from points import Offer
from protocol.entries import MemberEntry
from protocol.push import Outcome
from tests.desks import MEMBER, NOON_US, TestDesk, member_row
from tests.till.test_allowances import redeem, set_aside
from tests.till.test_redeeming import DYNAMIC, FLOOR, wanting
from tests.till.test_selling import identified
from till import floor
from till.floor import floor_obstacle
from till.own_entries import read_entry
from till.redeeming import redeem_and_commit
from till.scanning import identify
from till.selling import commit_sale, quote_draft

Make = Callable[..., TestDesk]
OTHER = "1000000002"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seqs of what was read for the sums."""
    seqs: list[int] = []

    def reading(stored: Row) -> MemberEntry | None:
        seqs.append(stored.seq)
        return read_entry(stored)

    monkeypatch.setattr(floor, "read_entry", reading)
    return seqs


def voucher(test: TestDesk) -> Offer:
    quoted = quote_draft(test.desk, identified(test).with_amount(128_50))
    assert quoted is not None
    return next(offer for offer in quoted.offers if offer.reward_id == "voucher")


def obstacle(test: TestDesk, points: int = 1_000) -> str:
    """Why the floor does not carry a voucher now."""
    return floor_obstacle(test.desk, identify(test.desk, MEMBER, "dynamic"), DYNAMIC, voucher(test), points)


def test_a_day_of_other_sales_costs_nothing(desk_with: Make, read: list[int]) -> None:
    """Two of forty sales touched the floor: only they are read, once for all rewards and numbers of points."""
    test = desk_with(members=[member_row(points=5_000), member_row(OTHER, points=5_000)], floor=FLOOR)
    for done in range(40):
        commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
        if done in (10, 20):
            member = OTHER if done == 10 else MEMBER
            redeem_and_commit(test.desk, test.manager, wanting(test, member, nonce=f"{done}"), is_online=False)
    touched = [row.seq for row in test.desk.journal.unbooked_floor()]
    assert len(touched) == 2
    read.clear()
    assert [obstacle(test, points) for points in (500, 501, 501, 1_000)] == ["", *["floor-per-member"] * 3]
    assert read == touched


def test_what_is_booked_leaves_the_sums(desk_with: Make) -> None:
    """They were reckoned a moment ago, with the sale in them."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    redeem_and_commit(test.desk, test.manager, wanting(test), is_online=False)
    assert obstacle(test) == "floor-per-member"
    test.desk.journal.mark([Outcome(seq=test.desk.journal.last_seq(), status="booked", position=11)], NOON_US)
    assert obstacle(test) == ""


def test_what_a_newer_row_says_changes_the_sums(desk_with: Make) -> None:
    """Of 1,500 points 1,000 were set aside, so 500 were on the floor. A row where nothing is says nothing of that any more."""
    test = desk_with(members=[set_aside(1_000, of=9_000)], floor=FLOOR)
    assert redeem(test, 1_500)["authority"] == "floor"
    assert obstacle(test) == ""
    test.put_members(member_row(points=8_000, position=11))
    assert obstacle(test) == "floor-per-member"

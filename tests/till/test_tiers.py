"""The tier at a till: the higher of two, what is missing to the next one, and none that changes within a sale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from points import Programme
from protocol.feed import Standing
from sync.link import LinkState
from tests.desks import TestDesk, member_row
from tests.till.test_selling import identified
from till.counter import Counter
from till.members import MemberView
from till.refundable import find
from till.refunding import commit_refund
from till.selling import commit_sale
from till.voiding import void_sale

Make = Callable[..., TestDesk]
MONTH = "2026-09"


def with_tiers(test: TestDesk) -> TestDesk:
    """Gold comes from 5,000 yuan in ten visits."""
    document: dict[str, Any] = test.desk.store.programme.to_document()
    document["tier"][-1] |= {"from_spent_fen": 5_000_00, "from_visits": 10}
    test.desk._store = replace(test.desk.store, programme=Programme.from_document(document))
    return test


def seen(test: TestDesk) -> MemberView:
    member = identified(test).member
    assert member is not None
    return member


def gap(test: TestDesk) -> tuple[str, int, int] | None:
    found = seen(test).tier_gap
    return (found.tier.code, found.spent_fen, found.visits) if found else None


def test_the_higher_one_counts(desk_with: Make) -> None:
    """The one by hand, or the one that the ledger reckoned."""
    test = with_tiers(desk_with(members=[member_row(tier="standard", standing=Standing(tier="gold", month=MONTH))]))
    codes = [tier.code for tier in test.desk.store.programme.tiers]
    top = codes[-1]
    test.put_members(member_row(tier=codes[0], standing=Standing(tier=top, month=MONTH), position=11))
    assert seen(test).tier == top
    test.put_members(member_row(tier=top, standing=Standing(month=MONTH), position=12))
    assert seen(test).tier == top
    test.put_members(member_row(tier="", standing=Standing(), position=13))
    assert seen(test).tier == codes[0]


def test_what_is_missing_goes_down_with_what_he_does_here(desk_with: Make) -> None:
    """This till's own sales count before the ledger has them, and not any more when they were voided."""
    test = with_tiers(desk_with(members=[]))
    top = test.desk.store.programme.tiers[-1].code
    test.put_members(member_row(tier="standard", standing=Standing(spent_fen=1_800_00, visits=8, month=MONTH)))
    assert gap(test) == (top, 3_200_00, 2)
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(200_00))
    assert gap(test) == (top, 3_000_00, 1)
    void_sale(test.desk, test.manager, receipt.id)
    assert gap(test) == (top, 3_200_00, 2)


def test_nothing_is_said_of_a_window_that_has_moved(desk_with: Make) -> None:
    """The row is of last month: what left the window since, this till does not know."""
    test = with_tiers(desk_with(members=[]))
    test.put_members(member_row(tier="standard", standing=Standing(spent_fen=1_800_00, visits=8, month="2026-08")))
    assert gap(test) is None


def test_no_tier_changes_within_a_sale(desk_with: Make) -> None:
    """A newer row arrives while he stands there: his points are told anew, his tier when he comes again."""
    test = with_tiers(desk_with(members=[member_row(tier="standard")]))
    counter = Counter(test.desk, lambda: LinkState("offline"))
    before = seen(test)
    top = test.desk.store.programme.tiers[-1].code
    test.put_members(member_row(points=77, tier=top, position=11))
    refreshed = counter.refresh(before)
    assert (refreshed.tier, refreshed.spendable("points")) == (before.tier, 77)
    assert seen(test).tier == top


def test_what_came_back_here_was_not_paid(desk_with: Make) -> None:
    """Half of a sale: the half is missing again; all of it: it was no visit."""
    test = with_tiers(desk_with(members=[]))
    top = test.desk.store.programme.tiers[-1].code
    test.put_members(member_row(tier="standard", standing=Standing(spent_fen=1_800_00, visits=8, month=MONTH)))
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(200_00))
    for spent_fen, visits in ((3_100_00, 1), (3_200_00, 2)):
        found = find(test.desk, receipt.id)
        commit_refund(test.desk, test.manager, found, {"general": 100_00}, reason="坏了")
        assert gap(test) == (top, spent_fen, visits)

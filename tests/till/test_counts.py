"""What rules with a memory are told at a till: the row's counts of today, and its own entries that the row cannot contain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from points import Choice, Programme
from points.errors import LimitReachedError
from protocol.documents import FloorPolicy
from protocol.push import Outcome
from tests.desks import NOON_US, TestDesk, member_row, payloads
from tests.till.test_selling import identified
from till.draft import MemberProof
from till.own_entries import FEW, Reckoning, reckon
from till.receipts import Receipt
from till.redeeming import redeem_and_commit
from till.selling import commit_sale
from till.voiding import void_sale

Make = Callable[..., TestDesk]
FLOOR = FloorPolicy(per_redemption=1_000, per_member=9_000, per_terminal=9_000, balance_age_s=999_999)
TODAY, DAY_S = "2026-09-15", 86_400


def limit(test: TestDesk, period: str, per_member: int = 1) -> None:
    """The store's programme, with a limit on its voucher."""
    store = test.desk.store
    document: dict[str, Any] = store.programme.to_document()
    document["reward"] = [
        {**reward, "limit": {"per_member": per_member, "period": period}} if reward["id"] == "voucher" else reward
        for reward in document["reward"]
    ]
    test.desk._store = replace(store, programme=Programme.from_document(document))


def take(test: TestDesk, nonce: str) -> Receipt:
    """A voucher, offline."""
    draft = identified(test).with_amount(300_00)
    assert draft.member is not None
    draft = draft.with_member(draft.member, MemberProof("dynamic", "D1:…", nonce, 1))
    return redeem_and_commit(test.desk, test.manager, draft.with_choice(Choice("voucher", 1_000)), is_online=False)


def told(test: TestDesk, counts: dict[str, int], position: int = 20, points: int = 5_000) -> None:
    """Another row arrives."""
    test.put_members(member_row(points=points, position=position, counts=counts))


def facts(test: TestDesk) -> dict[str, int]:
    draft = identified(test)
    assert draft.member is not None
    return dict(draft.member.facts.counts)


def test_once_a_day_holds_offline_at_once(desk_with: Make) -> None:
    """The second one is refused though no ledger has heard of the first; a void gives it back."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    limit(test, "day")
    first = take(test, "n1")
    with pytest.raises(LimitReachedError):
        take(test, "n2")
    void_sale(test.desk, test.manager, first.id)
    assert facts(test) == {}
    take(test, "n3")


def test_it_is_counted_once_when_the_row_contains_it(desk_with: Make) -> None:
    """Before its outcome, after it and with the row that has it: one, in every state of the link."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    limit(test, "month", 3)
    take(test, "n1")
    assert facts(test) == {"taken/voucher/month": 1}
    test.desk.journal.mark([Outcome(seq=test.desk.journal.last_seq(), status="booked", position=15)], NOON_US)
    assert facts(test) == {"taken/voucher/month": 1}
    told(test, {"taken/voucher/2026-09": 1})
    assert facts(test) == {"taken/voucher/month": 1}


def test_what_others_did_comes_with_the_row(desk_with: Make) -> None:
    """The limit was used up at another till of the merchant."""
    test = desk_with(members=[member_row(points=5_000, counts={f"taken/voucher/{TODAY}": 1})], floor=FLOOR)
    limit(test, "day")
    with pytest.raises(LimitReachedError):
        take(test, "n1")


def test_an_offer_ends_with_its_day(desk_with: Make) -> None:
    """Its last day is today's business day, or it is over, whatever the row still says."""
    test = desk_with(members=[member_row(offers={"today": TODAY, "over": "2026-09-14"}, usual="voucher")])
    assert facts(test) == {"offered/today": 1}
    member = identified(test).member
    assert member is not None
    assert member.usual == "voucher"
    test.clocks.pass_s(DAY_S)
    assert facts(test) == {}


def test_midnight_needs_nobody(desk_with: Make) -> None:
    """The row of yesterday and this till's own entries of yesterday say nothing of today."""
    test = desk_with(members=[member_row(points=5_000, counts={f"taken/voucher/{TODAY}": 1})], floor=FLOOR)
    limit(test, "day", 2)
    take(test, "n1")
    assert facts(test) == {"taken/voucher/day": 2}
    test.clocks.pass_s(DAY_S)
    assert facts(test) == {}


def test_a_sale_that_waits_for_a_person_counts_as_handed_out(desk_with: Make) -> None:
    """What was taken in it is with the customer, whatever becomes of the sale."""
    test = desk_with(members=[member_row(points=5_000)], floor=FLOOR)
    limit(test, "ever")
    take(test, "n1")
    test.desk.journal.mark([Outcome(seq=test.desk.journal.last_seq(), status="quarantined")], NOON_US)
    assert facts(test) == {"taken/voucher/ever": 1}


def test_many_entries_are_carried_forward_with_their_counts(desk_with: Make) -> None:
    """The same counts as by a walk over all entries, and what is asked for beside points is kept apart from what is not."""
    test = desk_with(members=[row := member_row(points=90_000, tier="standard")], floor=FLOOR)
    limit(test, "ever", 99)
    asked = frozenset({"taken/voucher/ever", "earned/points/day"})
    carried = reckon(test.desk.journal, row, asked=asked)
    for number in range(FEW + 2):
        taken = take(test, f"n{number}") if number % 6 == 0 else None
        if taken is None:
            commit_sale(test.desk, test.manager, identified(test).with_amount(10_00))
        elif number == 12:
            void_sale(test.desk, test.manager, taken.id)
        carried = reckon(test.desk.journal, row, asked=asked)
        assert carried == Reckoning(test.desk.journal, row, asked=asked).result()
        assert reckon(test.desk.journal, row).counts == {}
    assert carried.counts["taken/voucher/ever"] == 2
    assert carried.counts[f"earned/points/{TODAY}"] == carried.change["points"] + 2_000


def test_the_entry_carries_what_the_quote_stood_on(desk_with: Make) -> None:
    """So the ledger makes the same quote of it."""
    test = desk_with(members=[member_row(points=5_000, counts={f"taken/voucher/{TODAY}": 1})], floor=FLOOR)
    limit(test, "day", 3)
    take(test, "n1")
    take(test, "n2")
    assert [entry["counts"] for entry in payloads(test.desk) if entry["type"] == "sale"] == [
        {"taken/voucher/day": 1},
        {"taken/voucher/day": 2},
    ]

"""Who works in a store and buys there: he earns nothing where the programme says so, and never books for himself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from points import Programme
from points.explain import STAFF_EARN_NOTHING
from protocol.entries import Sale
from protocol.sold import facts_of
from tests.desks import MEMBER, TestDesk, grants, member_row, payloads
from tests.till.test_redeeming import wanting
from tests.till.test_selling import identified
from till.errors import RefusedError
from till.redeeming import redeem_and_commit
from till.selling import commit_sale, quote_draft
from till.shifts import Session

Make = Callable[..., TestDesk]


def with_staff(test: TestDesk, staff: str = "1023", member: str = MEMBER, *, staff_earn: bool = False) -> TestDesk:
    """The list of the store's staff says which member one of them is, and the programme whether he earns."""
    store = test.desk.store
    known = msgspec.structs.replace(store.staff[staff], member=member)
    document = store.programme.to_document() | {"staff_earn": "yes" if staff_earn else "no"}
    test.desk.use_cache(
        test.desk._cache,
        replace(store, staff=store.staff | {staff: known}, programme=Programme.from_document(document)),
    )
    return test


def cashier(test: TestDesk) -> Session:
    return replace(test.manager, staff="1023", name="王芳", roles=("cashier",))


def test_he_earns_nothing_and_it_is_said_why(desk_with: Make) -> None:
    """One line for all that he pays; the entry carries the fact, so that the ledger comes to the same."""
    test = with_staff(desk_with(members=[member_row()]))
    draft = identified(test).with_amount(128_50)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    assert quoted.quote.awards == ()
    assert [(line.name, int(line.amount_fen)) for line in quoted.quote.lines] == [(STAFF_EARN_NOTHING, 128_50)]
    commit_sale(test.desk, test.manager, draft)
    entry = payloads(test.desk)[-1]
    assert (entry["counts"]["staff"], entry.get("awards", [])) == (1, [])
    assert facts_of(msgspec.json.decode(json.dumps(entry), type=Sale)).counts["staff"] == 1


def test_he_spends_his_points_as_everybody_does(desk_with: Make) -> None:
    """A colleague books it; what he pays beside them earns nothing."""
    test = with_staff(desk_with(members=[member_row()]))
    test.ledger.answer = grants
    receipt = redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    assert (receipt.awarded, [one.points for one in receipt.redemptions]) == ({}, [1_000])


@pytest.mark.parametrize("changes", [{"member": "2000000002"}, {"staff_earn": True}])
def test_everybody_else_earns(desk_with: Make, changes: dict[str, object]) -> None:
    """Another member, and staff where the programme says nothing of them."""
    test = with_staff(desk_with(members=[member_row()]), **changes)  # type: ignore[arg-type]
    quoted = quote_draft(test.desk, identified(test).with_amount(128_50))
    assert quoted is not None
    assert quoted.quote.awarded("points") > 0


def test_a_number_that_was_merged_into_his_is_his(desk_with: Make) -> None:
    """The list still has the old one."""
    test = with_staff(desk_with(members=[member_row(merged={"1999999999": 3})]), member="1999999999")
    draft = identified(test).with_amount(128_50)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    assert quoted.quote.awards == ()
    with pytest.raises(RefusedError, match="own-sale"):
        commit_sale(test.desk, cashier(test), draft)


@pytest.mark.parametrize("staff_earn", [True, False])
def test_nobody_books_for_himself(desk_with: Make, staff_earn: bool) -> None:
    """Neither what he buys nor what he redeems: nothing is asked of the ledger, nothing is written. A colleague may."""
    test = with_staff(desk_with(members=[member_row()]), staff_earn=staff_earn)
    test.ledger.answer = grants
    before = len(payloads(test.desk))
    with pytest.raises(RefusedError, match="own-sale"):
        commit_sale(test.desk, cashier(test), identified(test).with_amount(128_50))
    for is_online in (True, False):
        with pytest.raises(RefusedError, match="own-sale"):
            redeem_and_commit(test.desk, cashier(test), wanting(test), is_online=is_online)
    assert (len(payloads(test.desk)), test.ledger.asked) == (before, [])
    assert redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True).by == test.manager.staff


def test_a_manager_is_nobody_else(desk_with: Make) -> None:
    """His role lets him do much, and not this."""
    test = with_staff(desk_with(members=[member_row()]), staff="1001")
    with pytest.raises(RefusedError, match="own-sale"):
        commit_sale(test.desk, test.manager, identified(test).with_amount(128_50))

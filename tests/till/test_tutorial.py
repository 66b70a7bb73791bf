"""Who lacks the tutorial, and that who passed is told the ledger however late."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from points import Choice
from protocol.codes import member_code
from protocol.tutorials import TutorialPassed
from tests.desks import TestDesk, make_desk, member_row
from till.approving import Reason, approve, redemption_approved
from till.draft import SaleDraft
from till.errors import RefusedError
from till.redeeming import redeem_and_commit
from till.scanning import MemberIdentified, scan
from till.shifts import Session
from till.tutorial.keeping import FILE, keep, sent_later, untold
from till.tutorial.required import lacks_tutorial

PASSED = TutorialPassed(staff="1023", passed_at=1_700_000_000_000_000, tasks=12, attempts=13, seconds=177)
CASHIER = Session("1023", "王芳", ("cashier",))
SUPERVISOR = Session("1001", "赵敏", ("supervisor",))


@pytest.fixture
def strict(tmp_path: Path) -> TestDesk:
    """A store that wants the tutorial first."""
    place = make_desk(tmp_path, members=[member_row()])
    store = place.desk.store
    settings = msgspec.structs.replace(store.settings, tutorial_required=True)
    place.desk.use_cache(place.desk.cache(), replace(store, settings=settings))
    return place


def test_who_has_not_passed_redeems_with_an_approval(strict: TestDesk) -> None:
    """A supervisor stands in on the spot, and the sale says so; without him nothing is taken and nothing appended."""
    found = scan(strict.desk, member_code("1000000001"), SaleDraft())
    assert isinstance(found, MemberIdentified)
    draft = SaleDraft().with_member(found.member, found.proof).with_amount(100_00)
    draft = draft.with_choice(Choice("voucher", 1_000))
    session = replace(CASHIER, shift=strict.manager.shift)
    with pytest.raises(RefusedError, match="approval-needed") as refused:
        redemption_approved(strict.desk, session, draft, "voucher", 1_000)
    assert refused.value.facts["allows"] == ("tutorial",)
    before = strict.desk.journal.last_seq()
    with pytest.raises(RefusedError, match="approval-needed"):
        redeem_and_commit(strict.desk, session, draft, is_online=True)
    assert strict.desk.journal.last_seq() == before
    approval = approve(strict.desk, session, ("tutorial",), Reason("asked"), "1001", "1001")
    approved = redemption_approved(strict.desk, session, replace(draft, approval=approval), "voucher", 1_000)
    assert approved.approval == approval
    needs_none = replace(session, roles=("cashier", "supervisor"))
    assert redemption_approved(strict.desk, needs_none, draft, "voucher", 1_000).approval is None
    strict.close()


def test_the_document_at_hand_says_who_may(strict: TestDesk) -> None:
    """Passed, a supervisor, in training, or a store that does not ask."""
    store = strict.desk.store
    assert lacks_tutorial(store, CASHIER, is_training=False)
    assert not lacks_tutorial(store, SUPERVISOR, is_training=False)
    assert not lacks_tutorial(store, CASHIER, is_training=True)
    person = msgspec.structs.replace(store.staff["1023"], tutorial_at=PASSED.passed_at)
    assert not lacks_tutorial(replace(store, staff=store.staff | {"1023": person}), CASHIER, is_training=False)
    lax = msgspec.structs.replace(store.settings, tutorial_required=False)
    assert not lacks_tutorial(replace(store, settings=lax), CASHIER, is_training=False)
    strict.close()


def test_what_is_kept_is_there_until_it_is_told(tmp_path: Path) -> None:
    """In its order; a file that somebody wrote into says nothing, and nothing is due without one."""
    assert not sent_later(tmp_path)._is_due()
    second = msgspec.structs.replace(PASSED, staff="1001")
    for one in (PASSED, second):
        keep(tmp_path, one)
    assert untold(tmp_path) == (PASSED, second)
    assert sent_later(tmp_path)._is_due()
    (tmp_path / FILE).write_text("{")
    assert untold(tmp_path) == ()

"""A member redeems by his PIN, against the real ledger: right, wrong, locked, not set, and nobody answering."""

from __future__ import annotations

from contextlib import closing

import pytest

from local_db.journal_reader import JournalReader
from points import Choice
from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import held, signed_in
from till.demo.world import World
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.receipts import Receipt
from till.scanning import MemberIdentified
from till.shifts import Session

KNOWN, OTHER, WITHOUT = ("1000000001", "1234"), ("1000000003", "5678"), ("1000000002", "1234")
"""Members of the demo and their PINs; the last one has none."""


def redeem(watch: Watch, world: World, session: Session, member: str, pin: str) -> Receipt:
    """The bag for 300 points, after a static code."""
    counter = watch.till.counter
    found = counter.scan(world.static_code(member), SaleDraft())
    assert isinstance(found, MemberIdentified)
    draft = SaleDraft().with_member(found.member, MemberProof("pin", pin)).with_amount(128_50)
    return counter.redeem(session, draft.with_choice(Choice("tote-bag", 300)))


def refused(watch: Watch, world: World, session: Session, member: str, pin: str) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        redeem(watch, world, session, member, pin)
    return error.value


def test_a_member_redeems_by_his_pin(world: World, opened: Watch) -> None:
    """Two wrong tries, then the right one: reserved, booked, and neither in the journal nor in the log is a digit of it."""
    session = signed_in(opened.till)
    opened.settled()
    member, pin = KNOWN
    before = held(world, member)
    wrong = [refused(opened, world, session, member, "90817263") for _ in range(2)]
    assert [(error.code, error.facts["left"]) for error in wrong] == [
        ("reserve-pin-wrong", 2),
        ("reserve-pin-wrong", 1),
    ]
    receipt = redeem(opened, world, session, member, pin)
    assert [taken.authority for taken in receipt.redemptions] == ["online"]
    opened.settled()
    assert held(world, member) == before - 300 + receipt.awarded["points"]
    with closing(JournalReader.open(world.folder)) as journal:
        last = journal.last()
    assert last is not None
    assert b'"proof":"pin"' in last.payload
    assert b"90817263" not in b"".join(path.read_bytes() for path in world.folder.glob("*") if path.is_file())


def test_a_locked_pin_and_none_at_all(world: World, opened: Watch) -> None:
    """The third wrong one locks, and the right one is refused then; who has none is told so, and loses no try."""
    session = signed_in(opened.till)
    opened.settled()
    member, pin = OTHER
    codes = [refused(opened, world, session, member, typed).code for typed in ("0000", "0001", "0002", pin)]
    assert codes == ["reserve-pin-wrong"] * 2 + ["reserve-pin-locked"] * 2
    assert {refused(opened, world, session, *WITHOUT).code for _ in range(4)} == {"reserve-pin-not-set"}


def test_silence_checks_no_pin(world: World, opened: Watch) -> None:
    """The plug is out and nobody has noticed: a code would do on the floor, so that is said; afterwards the PIN does again."""
    session = signed_in(opened.till)
    opened.settled()
    counter = opened.till.counter
    opened.until(lambda: counter.is_clock_trusted and counter.look_up(KNOWN[0]).is_known, "what the floor stands on")
    world.plug.cut()
    assert refused(opened, world, session, *KNOWN).code == "pin-unanswered-code"
    world.plug.mend()
    opened.settled()
    before = held(world, KNOWN[0])
    receipt = redeem(opened, world, session, *KNOWN)
    opened.settled()
    assert held(world, KNOWN[0]) == before - 300 + receipt.awarded["points"]

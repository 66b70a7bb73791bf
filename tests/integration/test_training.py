"""A training between two shifts, with a real ledger: booked in its own book, gone without a trace in journal and books."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import structs

from local_db.errors import AnotherTillError
from protocol.tutorials import TutorialPassed
from sync.training import begun
from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import MEMBER, sell, signed_in
from till.cli import main
from till.composition import Till, open_till
from till.demo.world import World
from till.draft import SaleDraft
from till.errors import RefusedError
from till.events import CodeScanned
from till.scanning import MemberIdentified
from till.training import Practice, begin_training
from till.tutorial.keeping import keep, send, untold


def test_a_training_reaches_neither_the_journal_nor_the_books(world: World) -> None:
    """A shift, a training with training members, a real member and a pulled cable, and the next shift."""
    with open_till(world.folder, world.settings) as till:
        watch = Watch(till)
        watch.ready()
        session = signed_in(till)
        sell(till, session, world)
        with pytest.raises(RefusedError, match="training-shift-open"):
            begin_training(world.folder)
        till.counter.close_shift(session)
        watch.settled()
    files, books = hashes(world.folder), world.members()

    world.plug.cut()
    with pytest.raises(RefusedError, match="training-offline"):
        begin_training(world.folder)
    world.plug.mend()
    begun_now = begin_training(world.folder)
    practice = Practice(begun_now, world.settings)
    with practice.start() as trainee:
        watch = Watch(trainee)
        watch.ready()
        session = signed_in(trainee)
        student = begun_now.members[0]
        watch.until(lambda: points(trainee, world, student.member) == student.points, "the member to practise with")
        scanned: list[str] = []
        trainee.counter.subscribe(
            lambda event: scanned.append(event.text) if isinstance(event, CodeScanned) else None
        )
        for key in (practice.next_phone, practice.same_phone, practice.card):
            key()
        first, again, card = (trainee.counter.scan(text, SaleDraft()) for text in scanned)
        assert isinstance(first, MemberIdentified)
        assert isinstance(again, MemberIdentified)
        assert isinstance(card, MemberIdentified)
        assert (
            (first.member.member, first.proof.proof)
            == (student.member, "dynamic")
            == (again.member.member, again.proof.proof)
        )
        assert (card.member.member, card.proof.proof) == (begun_now.members[1].member, "static")
        practice.plug()
        watch.until(lambda: trainee.counter.link.condition == "offline", "the cable to be seen out")
        earned = sell_to(trainee, session, world, student.member)
        sell_to(trainee, session, world, MEMBER)
        assert trainee.counter.link.cause == "unplugged"
        with pytest.raises(AnotherTillError):
            begin_training(world.folder)
        practice.plug()
        watch.settled()
        watch.until(
            lambda: points(trainee, world, student.member) == student.points + earned, "the sale to be booked"
        )
        assert [outcome.reason for outcome in trainee.counter.quarantined()] == ["unknown-member"]
        trainee.counter.close_shift(session)
        watch.settled()
    assert (hashes(world.folder), world.members()) == (files, books)
    assert world.ledger.run("verify")["findings"] == []

    report = CliRunner().invoke(main, ["--data-dir", str(begun_now.folder), "report", "shift"])
    assert report.output.count("培训") >= 2
    world.plug.cut()
    passed = TutorialPassed(staff="1001", passed_at=1, tasks=12, attempts=12, seconds=170)
    stranger = structs.replace(passed, staff="4711")
    for one in (stranger, passed):
        keep(world.folder, one)
    assert not send(world.folder), "without a network it waits"
    assert begin_training(world.folder).identity == begun_now.identity, (
        "without a network the one that there is goes on"
    )
    world.plug.mend()
    assert CliRunner().invoke(main, ["--data-dir", str(world.folder), "training", "--delete"]).exit_code == 0
    assert begun(world.folder) is None
    assert not list((world.folder.parent / "ledger" / "training").glob("*/*"))
    with open_till(world.folder, world.settings) as till:
        watch = Watch(till)
        sell(till, signed_in(till), world)
        watch.settled()
        assert till.counter.quarantined() == []
        # Who passed is told as soon as the ledger is heard, and comes back in the staff document.
        watch.until(lambda: till.counter.store.staff["1001"].tutorial_at == 1, "the pass in the staff document")
    assert untold(world.folder) == ()


def sell_to(till: Till, session: Any, world: World, member: str) -> int:
    found = till.counter.scan(world.static_code(member), SaleDraft())
    assert isinstance(found, MemberIdentified)
    draft = SaleDraft().with_member(found.member, found.proof).with_amount(10_00)
    receipt = till.counter.commit(session, draft)
    assert receipt.training
    return sum(receipt.awarded.values())


def points(till: Till, world: World, member: str) -> int:
    found = till.counter.scan(world.static_code(member), SaleDraft())
    assert isinstance(found, MemberIdentified)
    return found.member.spendable("points")


def hashes(folder: Path) -> dict[str, str]:
    """Of every file of the till, but those of the training and those that SQLite makes for readers (an index, an empty log)."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file() and path.stat().st_size and not path.name.endswith("-shm")
    }

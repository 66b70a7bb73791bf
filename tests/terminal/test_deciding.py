"""A manager decides about what waits: what he reads, what he may, and what becomes of it."""

from __future__ import annotations

import pytest

from protocol.cases import DecideRequest, Decision
from protocol.push import Outcome
from sync.errors import FinalSyncError
from terminal.dialogs.decide import Decide
from terminal.dialogs.menu import Menu
from terminal.screens.quarantine import QuarantineScreen
from tests.terminal.stage import ONLINE, Stage
from till.cases import PAGE, WaitingEntry
from till.events import DecisionsArrived, OutcomesArrived


async def sold(stage: Stage, *fates: tuple[str, int]) -> None:
    """A sale for each (reason, position of what it took); then its outcome."""
    for amount, (reason, position) in enumerate(fates, 10):
        await stage.scan_member()
        await stage.press(f"{amount}0\n")
        last = stage.desk.desk.journal.last()
        assert last is not None
        outcome = Outcome(seq=last.seq, status="quarantined", reason=reason, position=position)  # type: ignore[arg-type]
        stage.desk.desk.journal.mark([outcome], 1)
        await stage.happen(OutcomesArrived((outcome,)))


async def waiting_list(stage: Stage, ways: str = "") -> None:
    """F9, 3; then F2 and the number of a way."""
    await stage.press("{f9}")
    await stage.until(lambda: stage.shows(Menu))
    await stage.press("3")
    await stage.until(lambda: stage.shows(QuarantineScreen))
    await stage.settle()
    for way in ways:
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(Menu))
        await stage.press(way)
        await stage.until(lambda: not stage.shows(Menu) or "Which sale" in stage.said())


def ledger_decides(stage: Stage, by: str = "") -> list[DecideRequest]:
    """The ledger books what it is asked for, or says what `by` has decided; the agent writes it down."""
    asked: list[DecideRequest] = []

    def decides(request: DecideRequest) -> Decision:
        asked.append(request)
        decision = Decision(
            number=len(asked), seq=request.seq, choice="written-off" if by else request.choice, position=99,
            who=by or request.staff, at=1, why="老板说的" if by else request.why,
        )  # fmt: skip
        stage.desk.desk.journal.mark_decisions([decision], 1)
        return decision

    stage.desk.ledger.decides = decides
    return asked


async def test_a_manager_accepts_with_a_reason(stage: Stage) -> None:
    """F2, the way, why, F2: the ledger is asked in his name, and the entry waits no more."""
    asked = ledger_decides(stage)
    async with stage.run():
        await stage.sign_in("1001")
        await sold(stage, ("reference-taken", 0), ("unknown-member", 0))
        await stage.go(ONLINE)
        await waiting_list(stage)
        assert "Another till earned on the same reference" in stage.said()
        await stage.press("{escape}")
        await waiting_list(stage, "1")
        await stage.until(lambda: stage.shows(Decide))
        await stage.press("{f2}")
        assert "Type the reason in words" in stage.said()
        await stage.press("same slip twice\n")
        assert asked == []
        await stage.press("{f2}")
        await stage.until(lambda: bool(asked) and "accepted" in stage.said())
        assert (asked[0].choice, asked[0].staff, asked[0].why) == ("accepted", "1001", "same slip twice")
        assert [entry.outcome.reason for entry in stage.counter.waiting()] == ["unknown-member"]


async def test_points_are_taken_instead(stage: Stage) -> None:
    """A correction in the manager's words: of this member, of the kind that the sale gave."""
    asked = ledger_decides(stage)
    async with stage.run():
        await stage.sign_in("1001")
        await sold(stage, ("unreadable", 0))
        await stage.go(ONLINE)
        await waiting_list(stage, "3")
        await stage.until(lambda: stage.shows(Decide))
        await stage.press("40\ntyped wrong{f2}")
        await stage.until(lambda: bool(asked))
        words = asked[0].correction
        assert words is not None
        assert (asked[0].choice, words.member, words.kind, words.taken) == ("corrected", "1000000001", "points", 40)


async def test_a_sale_typed_anew_is_chosen(stage: Stage) -> None:
    """Of the same member, and booked; before there is one, it is said."""
    asked = ledger_decides(stage)
    async with stage.run():
        await stage.sign_in("1001")
        await sold(stage, ("unreadable", 0))
        await stage.go(ONLINE)
        await waiting_list(stage, "1")
        await stage.until(lambda: "no booked sale in this shift" in stage.said())
        await stage.press("{escape}")
        await stage.scan_member()
        await stage.press("77\n")
        anew = stage.desk.desk.journal.last()
        assert anew is not None
        stage.desk.desk.journal.mark([Outcome(seq=anew.seq, status="booked", position=5)], 1)
        await waiting_list(stage, "1")
        await stage.until(lambda: "Which sale stands for it?" in stage.said())
        await stage.press("1")
        await stage.until(lambda: stage.shows(Decide))
        await stage.press("typed anew{f2}")
        await stage.until(lambda: bool(asked))
        assert asked[0].by == anew.id


@pytest.mark.parametrize(("staff", "sentence"), [("1023", "needs the manager"), ("1001", "when the network is back")])
async def test_who_may_not_or_cannot_is_told(stage: Stage, staff: str, sentence: str) -> None:
    """A cashier views and does not decide; offline nobody does."""
    asked = ledger_decides(stage)
    async with stage.run():
        await stage.sign_in(staff)
        await sold(stage, ("unknown-member", 0))
        if staff == "1023":
            await stage.go(ONLINE)
        await waiting_list(stage)
        await stage.press("{f2}")
        await stage.until(lambda: sentence in stage.said())
        assert asked == []


async def test_the_second_is_told_what_the_first_decided(stage: Stage) -> None:
    """By whom and why; the entry is gone from the list."""
    ledger_decides(stage, by="1009")
    async with stage.run():
        await stage.sign_in("1001")
        await sold(stage, ("unknown-member", 0))
        await stage.go(ONLINE)
        await waiting_list(stage, "1")
        await stage.until(lambda: stage.shows(Decide))
        await stage.press("mine{f2}")
        await stage.until(lambda: "1009 has decided about it already: 老板说的" in stage.said())
        assert "Nothing waits for a manager" in stage.said()


async def test_a_refusal_of_the_ledger_has_a_sentence(stage: Stage) -> None:
    """It says why it cannot be accepted, and what helps."""

    def refuses(_request: DecideRequest) -> Decision:
        raise FinalSyncError("case-still-unknown-member", "")

    stage.desk.ledger.decides = refuses
    async with stage.run():
        await stage.sign_in("1001")
        await sold(stage, ("unknown-member", 0))
        await stage.go(ONLINE)
        await waiting_list(stage, "1")
        await stage.until(lambda: stage.shows(Decide))
        await stage.press("try{f2}")
        await stage.until(lambda: "It cannot be accepted: The ledger does not know this member." in stage.said())


async def test_what_was_taken_is_said_to_be_booked(stage: Stage) -> None:
    """On the last line, and on the receipt; a decision made elsewhere is heard."""
    async with stage.run((130, 30)):
        await stage.sign_in("1001")
        await sold(stage, ("unknown-programme", 7))
        assert "what it took is booked; its points wait for a manager (F9)" in stage.said()
        await stage.press("{f7}")
        await stage.settle()
        assert "what it took is booked" in stage.said()
        last = stage.desk.desk.journal.last()
        assert last is not None
        decision = Decision(number=1, seq=last.seq, choice="written-off", position=9, who="ops", at=1, why="x")
        stage.desk.desk.journal.mark_decisions([decision], 1)
        await stage.happen(DecisionsArrived((decision,)))
        assert "written off by a manager" in stage.said()


async def test_a_thousand_entries_are_read_in_pages(stage: Stage) -> None:
    """A page at first; more where the cursor comes to its end."""
    async with stage.run():
        await stage.sign_in("1001")
        await sold(stage, *[("unknown-member", 0)] * 2)
        journal = stage.desk.desk.journal
        one = journal.last()
        assert one is not None
        screen = QuarantineScreen()
        pages = [stage.counter.waiting()[0]]
        reads = list[int]()

        def page(after: int = 0) -> list[WaitingEntry]:
            reads.append(after)
            return pages * PAGE if len(reads) < 4 else []

        stage.counter.waiting = page  # type: ignore[method-assign]  # a thousand sales take minutes
        stage.counter.waiting_count = lambda: 3 * PAGE  # type: ignore[method-assign]
        await stage.app.push_screen(screen)
        await stage.settle()
        assert len(screen._entries) == PAGE
        await stage.press("{up}{ctrl+end}")
        await stage.until(lambda: len(screen._entries) == 2 * PAGE)

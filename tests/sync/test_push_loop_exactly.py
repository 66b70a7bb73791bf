"""The thread that pushes, call by call: what it asks the pusher for, what it tells, and when it ends."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import cast

import pytest

from local_db.errors import LocalDbError, StorageFullError
from protocol.push import Outcome
from sync.backoff import Backoff
from sync.errors import FinalSyncError, JournalConflictError, LedgerRewrittenError, SyncError, TransientSyncError
from sync.push import Pushed, Pusher
from sync.push_loop import PushFailed, PushLoop, PushSucceeded

WAIT_S = 10
BOOKED = (Outcome(seq=1, status="recorded"),)
NOTHING = Pushed((), 0, 0)
FORKED = JournalConflictError("journal-forked", "another chain")

Answer = Pushed | Exception


class Scripted:
    """Pushes, branches and proofs end as a test says; later ones find nothing to do. `is_idle`: then, or at the last branch."""

    def __init__(self, pushes: list[Answer], branches: list[Answer], proofs: list[SyncError]) -> None:
        self._pushes, self._branches, self._proofs = pushes, branches, proofs
        self.calls: list[str] = []
        self.is_idle, self.is_closed = threading.Event(), threading.Event()

    def confirm(self) -> None:
        self.calls.append("confirm")

    def hear_again(self) -> None:
        self.calls.append("hear again")

    def push_once(self) -> Pushed:
        return self._next("push", self._pushes)

    def push_branch(self) -> Pushed:
        return self._next("branch", self._branches)

    def prove(self) -> None:
        self.calls.append("prove")
        if self._proofs:
            raise self._proofs.pop(0)

    def close(self) -> None:
        self.is_closed.set()

    def _next(self, what: str, answers: list[Answer]) -> Pushed:
        self.calls.append(what)
        answer = answers.pop(0) if answers else NOTHING
        if answer is NOTHING or (what == "branch" and not answers):
            self.is_idle.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


class Running:
    """A loop over such a pusher, which pauses for no time; `told` is what it said."""

    def __init__(
        self, *pushes: Answer, branches: list[Answer] | None = None, proofs: list[SyncError] | None = None
    ) -> None:
        self.pusher = Scripted(list(pushes), branches or [], proofs or [])
        self.told: queue.Queue[PushSucceeded | PushFailed] = queue.Queue()
        self.loop = PushLoop(
            lambda: cast("Pusher", self.pusher), self.told.put, Backoff(uniform=lambda _low, _high: 0.0)
        )

    def until(self, event: threading.Event) -> list[PushSucceeded | PushFailed]:
        """Run until then; all that was told."""
        assert event.wait(WAIT_S)
        self.loop.stop()
        self.loop.join(WAIT_S)
        return [self.told.get_nowait() for _ in range(self.told.qsize())]


@pytest.fixture
def running() -> Callable[..., Running]:
    def start(*pushes: Answer, **more: list[Answer] | list[SyncError]) -> Running:
        found = Running(*pushes, **more)  # type: ignore[arg-type]
        found.loop.start()
        return found

    return start


def test_an_answer_is_told_with_all_that_it_said(running: Callable[..., Running]) -> None:
    """Batch after batch; the log is looked at when nothing waits any more, not between."""
    one = running(Pushed(BOOKED, 1, 2), Pushed(BOOKED, 0, 0), Pushed((), 0, 0))
    one.loop.wake()
    first, second = one.told.get(timeout=WAIT_S), one.told.get(timeout=WAIT_S)
    assert isinstance(first, PushSucceeded)
    assert isinstance(second, PushSucceeded)
    assert (first.outcomes, first.again, first.left) == (BOOKED, 1, 2)
    assert (second.outcomes, second.again, second.left) == (BOOKED, 0, 0)
    assert first.took_us >= 0
    one.loop.stop()
    one.loop.join(WAIT_S)
    assert one.pusher.calls[:5] == ["confirm", "push", "confirm", "push", "prove"]
    assert one.pusher.is_closed.is_set()


def test_what_went_wrong_is_told_as_it_is(running: Callable[..., Running]) -> None:
    """A bug with its words, a full disk as it was raised; neither ends it."""
    full = StorageFullError()
    one = running(RuntimeError("boom"), full, NOTHING)
    bug, disk = one.until(one.pusher.is_idle)
    assert isinstance(bug, PushFailed)
    assert isinstance(bug.error, FinalSyncError)
    assert (bug.error.code, str(bug.error)) == ("bad-answer", "bad-answer: boom")
    assert disk == PushFailed(full)


def test_a_disk_that_fails_ends_it(running: Callable[..., Running]) -> None:
    """Nobody knows what is on it now."""
    failed = LocalDbError("gone")
    one = running(failed)
    assert one.until(one.pusher.is_closed) == [PushFailed(failed)]
    assert one.pusher.calls == ["confirm", "push"]


def test_a_connection_that_fails_is_told() -> None:
    """Unless the till is being closed."""
    told: queue.Queue[PushSucceeded | PushFailed] = queue.Queue()
    error = TransientSyncError("dns")

    def connect() -> Pusher:
        raise error

    loop = PushLoop(connect, told.put, Backoff())
    loop.start()
    loop.join(WAIT_S)
    assert told.get_nowait() == PushFailed(error)


def test_a_ledger_that_is_heard_again_is_asked_once(running: Callable[..., Running]) -> None:
    """Before anything else; the next push asks no more than usual."""
    one = running(NOTHING)
    assert one.pusher.is_idle.wait(WAIT_S)
    for _ in range(2):
        one.pusher.is_idle.clear()
        (one.loop.ask_again if "hear again" not in one.pusher.calls else one.loop.wake)()
        assert one.pusher.is_idle.wait(WAIT_S)
    assert one.until(one.pusher.is_idle) == []
    asked = [call for call in one.pusher.calls if call != "prove"]
    assert asked == ["confirm", "push", "hear again", "confirm", "push", "confirm", "push"]


def test_a_ledger_that_rewrote_its_log_is_said_and_no_proof_today_is_not(running: Callable[..., Running]) -> None:
    """Both leave pushing as it is."""
    rewritten = LedgerRewrittenError("another root")
    one = running(Pushed(BOOKED, 0, 0), NOTHING, proofs=[TransientSyncError("no-answer"), rewritten])
    assert isinstance(one.told.get(timeout=WAIT_S), PushSucceeded)
    one.loop.wake()
    assert one.told.get(timeout=WAIT_S) == PushFailed(rewritten)
    assert one.until(one.pusher.is_idle) == []


def test_of_a_chain_that_parted_the_rest_is_sent_as_a_branch(
    running: Callable[..., Running], caplog: pytest.LogCaptureFixture
) -> None:
    """The conflict is told once; a rest that nobody takes stays in the journal, and is logged."""
    one = running(FORKED, branches=[Pushed(BOOKED, 0, 3), FinalSyncError("refused", "no more of it")])
    failed, sent = one.until(one.pusher.is_idle)
    assert failed == PushFailed(FORKED)
    assert isinstance(sent, PushSucceeded)
    assert (sent.outcomes, sent.left) == (BOOKED, 3)
    assert one.pusher.calls == ["confirm", "push", "branch", "branch"]
    [logged] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert logged == "what is left of this chain stays in the journal: refused: no more of it"


def test_a_failure_that_names_no_time_adds_none() -> None:
    """Only what the ledger asked for is waited beside the pause."""
    loop = Running().loop
    assert loop._pause() == 0.0
    assert loop._pause(TransientSyncError("no-answer", retry_after_s=2.0)) == 2.0

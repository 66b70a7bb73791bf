"""The thread that pushes: at once after a commit while the ledger answers, again and again while it does not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from local_db.errors import LocalDbError, StorageFullError
from protocol.push import Outcome
from sync.backoff import Backoff
from sync.errors import FinalSyncError, JournalConflictError, LedgerRewrittenError, SyncError, TransientSyncError
from sync.machine import THIS_MACHINE, Machine

if TYPE_CHECKING:
    from sync.push import Pushed, Pusher

_log = logging.getLogger("sync")

FINAL_PAUSE_S = 300.0
CEILING_S = 60.0

_TOLD_TO_WAIT = ("too-many", "server-error")
"""Causes after which a new sale does not shorten the pause: the ledger has more to do than it can."""


@dataclass(frozen=True)
class PushSucceeded:
    """A batch was answered. `left`: entries that still have no outcome."""

    outcomes: tuple[Outcome, ...]
    again: int
    left: int
    took_us: int


@dataclass(frozen=True)
class PushFailed:
    """A push came to nothing, or the journal's disk did."""

    error: SyncError | LocalDbError


class PushLoop:
    """`connect` makes the pusher, in the thread: what it imports is heavy."""

    def __init__(
        self, connect: Callable[[], Pusher], tell: Callable[[PushSucceeded | PushFailed], None], backoff: Backoff,
        machine: Machine = THIS_MACHINE,
    ) -> None:  # fmt: skip
        self._connect, self._tell, self._machine = connect, tell, machine
        self._unheard, self._busy = backoff, replace(backoff)
        """Pauses for a ledger that is not there, and for one that says not now: a long outage makes only the former long."""
        self._woken = machine.signal()
        self._woken.set()  # what the last run left is pushed first
        self._stopped = False
        self._has_parted = False
        self._must_ask = False
        self._not_before = 0.0
        self._pause_ends = 0.0
        """Of the pause after the last failure, by the running clock; 0 for none."""
        self._thread = machine.task(self._run, "push")

    def start(self) -> None:
        """Begin with what waits."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to push, or the network is back."""
        self._woken.set()

    def ask_again(self) -> None:
        """The ledger is heard again, or has another epoch than the journal: ask it where it stands before anything else."""
        self._must_ask = True
        self._heard()
        self._woken.set()

    def stop(self) -> None:
        """Push nothing more; `join` waits for the call under way."""
        self._stopped = True
        self._woken.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            with closing(self._connect()) as pusher:
                self._push_on(pusher)
        except SyncError as error:
            self._failed(error)  # there is no pusher: the till is being closed

    def _push_on(self, pusher: Pusher) -> None:
        pause_s: float | None = None
        while True:
            self._wait(pause_s)
            if self._stopped:
                return
            self._woken.clear()
            try:
                pause_s = self._push(pusher)
            except StorageFullError as error:
                # What came was not marked, nothing else happened: sent again when there may be room.
                self._tell(PushFailed(error))
                pause_s = self._pause()
            except LocalDbError as error:
                # Never retried: nobody knows what is on the disk now (DESIGN 3). The counter's next commit says so too.
                self._tell(PushFailed(error))
                return
            except Exception as error:  # noqa: BLE001  # the outermost loop: entries must not wait for the next start
                _log.exception("a push ended as it never should")
                self._failed(FinalSyncError("bad-answer", str(error)))
                pause_s = self._pause()

    def _wait(self, pause_s: float | None) -> None:
        self._woken.wait(pause_s)
        while not self._stopped and (left := self._not_before - self._machine.monotonic()) > 0:
            self._woken.clear()
            self._woken.wait(left)

    def _push(self, pusher: Pusher) -> float | None:
        """One batch; how long to wait for the next, None for until woken."""
        started = self._machine.monotonic_ns()
        try:
            pushed = self._step(pusher)
        except TransientSyncError as error:
            pause_s = self._pause(error)
            if error.cause in _TOLD_TO_WAIT:
                self._not_before = self._machine.monotonic() + pause_s
            self._failed(error)
            return pause_s
        except FinalSyncError as error:
            return self._refused(error)
        self._heard()
        self._busy.succeeded()
        if not pushed.left:
            self._prove(pusher)
        if not pushed.outcomes:
            return None
        took_us = (self._machine.monotonic_ns() - started) // 1_000
        self._tell(PushSucceeded(pushed.outcomes, pushed.again, pushed.left, took_us))
        return 0.0 if pushed.left else None

    def _pause(self, error: TransientSyncError | None = None) -> float:
        """How long to wait after a failure. A try that a sale brought forward is none of its own: the pause goes on."""
        now, asked_s = self._machine.monotonic(), error.retry_after_s if error else 0.0
        if error is not None and error.cause in _TOLD_TO_WAIT:
            pause_s = self._busy.failed(asked_s)
        elif now < self._pause_ends:
            pause_s = max(self._pause_ends - now, asked_s)
        else:
            pause_s = self._unheard.failed(asked_s)
        self._pause_ends = now + pause_s
        return pause_s

    def _heard(self) -> None:
        self._unheard.succeeded()
        self._pause_ends = 0.0

    def _step(self, pusher: Pusher) -> Pushed:
        if self._has_parted:
            return pusher.push_branch()
        if self._must_ask:
            self._must_ask = False
            pusher.hear_again()
        pusher.confirm()
        return pusher.push_once()

    def _prove(self, pusher: Pusher) -> None:
        """No proof today is no reason to push less; a ledger that has rewritten something is said."""
        try:
            pusher.prove()
        except LedgerRewrittenError as error:
            self._failed(error)
        except SyncError as error:
            _log.info("proof: %s", error)

    def _refused(self, error: FinalSyncError) -> float | None:
        """Of a chain that parted from the ledger's, what waits is sent as a branch, and then nothing more."""
        if self._has_parted:
            _log.error("what is left of this chain stays in the journal: %s", error)
            self._stopped = True
            return None
        self._failed(error)
        if isinstance(error, JournalConflictError):
            self._has_parted = True
            return 0.0
        self._not_before = self._machine.monotonic() + FINAL_PAUSE_S
        return FINAL_PAUSE_S

    def _failed(self, error: SyncError) -> None:
        if not self._stopped:
            self._tell(PushFailed(error))

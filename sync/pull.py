"""The process that pulls: `python -m sync.pull --data-dir DIR`.

A process of its own, because a large page would stall the counter's thread for 75 ms, and because the cache has exactly one
writing connection. It polls about every 30 s, at once when a line comes on its standard input, and ends with that input,
so that it does not outlive its till. What it has to say goes to standard output, one JSON line a report (`sync.reports`).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from local_db.connections import PULL_LOCK_FILE, till_lock
from local_db.errors import LocalDbError
from local_db.journal_reader import JournalReader
from sync.backoff import Backoff, spread
from sync.client import LedgerClient
from sync.errors import FinalSyncError, KeyUnreadableError, SyncError, TransientSyncError
from sync.identity import load_identity, load_key
from sync.machine import THIS_MACHINE, Machine
from sync.puller import Puller
from sync.reports import CacheTrouble, PullFailed, Report, encoder

POLL_S = 30.0
FINAL_PAUSE_S = 300.0
"""After a failure that another try does not mend; a person may have mended it."""

_NICENESS = 10
_EXIT_TROUBLE, _EXIT_NOT_ENROLLED = 1, 2

_TOLD_TO_WAIT = ("too-many", "server-error")
"""Causes after which a wish to poll at once does not shorten the pause."""


class Output(Protocol):
    """Where the reports go, a line each."""

    def write(self, line: bytes, /) -> object: ...
    def flush(self) -> None: ...


class Wishes:
    """What the parent asked for. `stopped` once its end of the pipe is closed."""

    def __init__(self, when_stopped: Callable[[], None] = lambda: None, machine: Machine = THIS_MACHINE) -> None:
        self._wanted = machine.signal()
        self._when_stopped, self._machine = when_stopped, machine
        self.stopped = False

    def read(self, lines: Iterable[bytes]) -> None:
        """Until the end of the input."""
        for _line in lines:
            self._wanted.set()
        self.stopped = True
        self._wanted.set()
        self._when_stopped()

    def wait(self, pause_s: float, not_before: float) -> None:
        """Until the pause is over or a poll is wanted, which may not be `not_before` (monotonic seconds)."""
        until = self._machine.monotonic() + pause_s
        self._wanted.wait(max(0.0, until - self._machine.monotonic()))
        while not self.stopped and (left := min(not_before, until) - self._machine.monotonic()) > 0:
            self._wanted.clear()
            self._wanted.wait(left)
        self._wanted.clear()


class Polling:
    """Polls again and again; what fails is told, and tried again later."""

    def __init__(
        self, puller: Puller, wishes: Wishes, report: Callable[[Report], None], poll_s: float,
        machine: Machine = THIS_MACHINE,
    ) -> None:  # fmt: skip
        self._puller, self._wishes, self._report, self._poll_s = puller, wishes, report, poll_s
        self._machine = machine
        self._backoff = Backoff(ceiling_s=poll_s, uniform=machine.uniform)

    def run(self, *, once: bool) -> None:
        """Until the parent is gone, or after one poll."""
        while not self._wishes.stopped:
            pause_s, must_wait = self._poll()
            if once:
                return
            self._wishes.wait(pause_s, self._machine.monotonic() + pause_s if must_wait else 0.0)

    def _poll(self) -> tuple[float, bool]:
        """The pause until the next one, and whether it has to be kept."""
        try:
            self._puller.poll()
        except TransientSyncError as error:
            self._failed(error, "")
            return self._backoff.failed(error.retry_after_s), error.cause in _TOLD_TO_WAIT
        except FinalSyncError as error:
            self._failed(error, error.code)
            return spread(FINAL_PAUSE_S, self._machine.uniform), False
        self._backoff.succeeded()
        return spread(self._poll_s, self._machine.uniform), False

    def _failed(self, error: SyncError, code: str) -> None:
        if not self._wishes.stopped:
            self._report(PullFailed(error.cause, code, str(error)))


def run(
    folder: Path, poll_s: float, *, once: bool, asked: Iterable[bytes], told: Output, machine: Machine = THIS_MACHINE
) -> int:
    """The process, with its two pipes handed in; its exit code."""

    def report(what: Report) -> None:
        told.write(encoder.encode(what) + b"\n")
        told.flush()

    try:
        with till_lock(folder, PULL_LOCK_FILE), closing(JournalReader.open(folder)) as journal:
            identity = load_identity(journal)
            if identity is None:
                return _EXIT_NOT_ENROLLED
            with LedgerClient(identity, load_key(folder, identity.public), machine=machine) as client:
                wishes = Wishes(client.abort, machine)
                if not once:
                    machine.task(lambda: wishes.read(asked), "wishes").start()
                with closing(Puller(folder, journal, client, report)) as puller:
                    Polling(puller, wishes, report, poll_s, machine).run(once=once)
    except (LocalDbError, KeyUnreadableError) as error:
        report(CacheTrouble(error.code, str(error)))
        return _EXIT_TROUBLE
    return 0


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m sync.pull", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--poll-s", type=float, default=POLL_S)
    parser.add_argument("--once", action="store_true", help="one poll, then end")
    given = parser.parse_args()
    # Ctrl+C in the terminal reaches this process too; it ends when its till does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(_NICENESS)  # the counter's keys go first; on Windows the parent asks for it
    try:
        return run(given.data_dir, given.poll_s, once=given.once, asked=sys.stdin.buffer, told=sys.stdout.buffer)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains while it ends
        return 0


if __name__ == "__main__":
    sys.exit(main())

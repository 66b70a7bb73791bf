"""Numbers for new members (办会员): asked for in the background while there is a network, to be here without one."""

from __future__ import annotations

import logging
import threading

import msgspec

from local_db.errors import LocalDbError
from local_db.journal import Journal
from protocol import canonical
from protocol.joining import NumberBlock
from sync.calls import Calls
from sync.errors import SyncError
from sync.machine import Machine, Task

FACT = "numbers"
AGAIN_S = 60.0

_log = logging.getLogger("sync")


def block_of(journal: Journal, terminal: str) -> NumberBlock | None:
    """The numbers that this terminal has left; None where it never got any. A restored journal's are another terminal's."""
    kept = journal.fact(FACT)
    block = canonical.decode(kept.encode(), NumberBlock) if kept else None
    return block if block is not None and block.terminal == terminal else None


def keep_block(journal: Journal, block: NumberBlock) -> None:
    """What is left, durable on return: a number that is not in it any more is never used again."""
    journal.set_fact(FACT, canonical.encode(block).decode())


class NumberAsking:
    """One call at a time, at most one a minute."""

    def __init__(self, journal: Journal, terminal: str, calls: Calls, machine: Machine) -> None:
        self._journal, self._terminal, self._calls, self._machine = journal, terminal, calls, machine
        self._lock = threading.Lock()
        self._task: Task | None = None
        self._not_before = 0.0

    def want(self) -> None:
        """Ask now, unless that was a moment ago."""
        with self._lock:
            is_asking = self._task is not None and self._task.is_alive()
            if is_asking or self._machine.monotonic() < self._not_before:
                return
            self._not_before = self._machine.monotonic() + AGAIN_S
            self._task = self._machine.task(self._ask, "numbers")
            self._task.start()

    def _ask(self) -> None:
        known = block_of(self._journal, self._terminal)
        try:
            given, _took_us = self._calls.numbers(len(known.numbers) if known else 0)
            with self._journal.alone():
                left = block_of(self._journal, self._terminal)
                numbers = dict.fromkeys((*(left.numbers if left else ()), *given.numbers))
                keep_block(self._journal, msgspec.structs.replace(given, numbers=tuple(numbers)))
        except (SyncError, LocalDbError) as error:
            _log.info("numbers for new members: %s", error)

"""Telling the ledger now and then how this till is: every quarter of an hour, and soon after something changed.

Nobody waits for it and nothing depends on it. It has a thread, a connection and a reader of the journal of its own, made for
each beat and given back, so that it can neither hold up a push nor be held up by one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from local_db.errors import LocalDbError
from local_db.journal_reader import JournalReader
from protocol.fleet import HEARTBEAT_PATH, Heartbeat, HeartbeatKept
from sync.backoff import Backoff, spread
from sync.errors import KeyUnreadableError, SyncError
from sync.identity import Identity, load_identity, load_key
from sync.machine import THIS_MACHINE, Machine

if TYPE_CHECKING:
    from sync.client import LedgerClient

BEAT_S = 900.0
LOOK_S = 60.0
"""How often it is looked whether something changed: reading some rows of the journal."""
FIRST_S = 5.0
_FAILED_FIRST_S, _FAILED_CEILING_S = 60.0, BEAT_S
_JOIN_S = 0.3

_log = logging.getLogger("sync")

Told = Callable[[JournalReader, Identity], Heartbeat]


class Heartbeats:
    """`tell` gathers the facts, in this thread. `changed` picks those that are said at once when they are others."""

    def __init__(
        self, folder: Path, tell: Told, changed: Callable[[Heartbeat], Hashable] = lambda _beat: (),
        machine: Machine = THIS_MACHINE,
    ) -> None:  # fmt: skip
        self._folder, self._tell, self._changed, self._machine = folder, tell, changed, machine
        self._backoff = Backoff(_FAILED_FIRST_S, _FAILED_CEILING_S, machine.uniform)
        self._said: Hashable = None
        self._due = 0.0
        self._has_failed = False
        self._stopped = False
        self._woken = machine.signal()
        self._client: LedgerClient | None = None
        self._thread = machine.task(self._run, "heartbeat")

    def start(self) -> None:
        """Begin, a moment after the counter."""
        self._thread.start()

    def wake(self) -> None:
        """Look now whether something changed."""
        self._woken.set()

    def stop(self) -> None:
        """End; what is under way is cut off."""
        self._stopped = True
        self._woken.set()
        if (client := self._client) is not None:
            client.abort()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        self._woken.wait(FIRST_S)
        while not self._stopped:
            self._woken.clear()
            try:
                self.look()
            except Exception:  # noqa: BLE001  # the outermost loop: what fails is said, and tried again
                _log.exception("a heartbeat ended as it never should")
            if not self._stopped:
                self._woken.wait(spread(LOOK_S, self._machine.uniform))

    def look(self) -> bool:
        """Beat, if one is due or something changed; whether the ledger has it."""
        try:
            with closing(JournalReader.open(self._folder)) as journal:
                identity = load_identity(journal)
                if identity is None:
                    return False
                beat = self._tell(journal, identity)
            is_news = self._changed(beat) != self._said and not self._has_failed
            if self._machine.monotonic() < self._due and not is_news:
                return False
            self._send(identity, beat)
        except (LocalDbError, KeyUnreadableError, SyncError, OSError) as error:
            _log.info("heartbeat: %s", error)
            self._has_failed = True
            self._due = self._machine.monotonic() + self._backoff.failed()
            return False
        self._has_failed = False
        self._backoff.succeeded()
        self._said = self._changed(beat)
        self._due = self._machine.monotonic() + spread(BEAT_S, self._machine.uniform)
        return True

    def _send(self, identity: Identity, beat: Heartbeat) -> None:
        from sync.client import LedgerClient

        with LedgerClient(identity, load_key(self._folder, identity.public), machine=self._machine) as client:
            self._client = client
            try:
                client.ask(HEARTBEAT_PATH, beat, HeartbeatKept)
            finally:
                self._client = None

"""Reservations of this till that its journal does not know: a yes that came too late, or before a crash.

While a redemption is being made its reservation belongs to it, though no entry says so yet: it is *pending* from before the
call until the entry is in the journal, the ledger refused, or the counter gave up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from uuid import UUID

from local_db.journal_reader import JournalReader
from protocol.entries import Returned, decode_entry
from protocol.errors import UnreadableEntryError
from sync.reports import OwnReservation

PENDING_S = 120.0
"""A counter commits milliseconds after the answer. One that was interrupted and forgot to give up is taken to have done so."""


class OwnReservations:
    """What lies at this till, against what its journal says. Safe to call from any thread."""

    def __init__(self, journal: JournalReader, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._journal, self._monotonic = journal, monotonic
        self._seen: dict[UUID, OwnReservation] = {}
        self._pending: dict[UUID, float] = {}
        self._lock = threading.Lock()

    def asked(self, reservation: UUID) -> None:
        """A redemption is about to ask for it."""
        with self._lock:
            self._pending[reservation] = self._monotonic() + PENDING_S

    def given_up(self, reservation: UUID) -> None:
        """No entry will name it."""
        with self._lock:
            self._pending.pop(reservation, None)

    def saw(self, reservations: Iterable[OwnReservation]) -> None:
        """The feed showed these."""
        with self._lock:
            self._seen.update((seen.id, seen) for seen in reservations)

    def unknown(self) -> list[OwnReservation]:
        """Those that have to be returned now."""
        now = self._monotonic()
        with self._lock:
            self._pending = {held: until for held, until in self._pending.items() if until > now}
            self._seen = {seen.id: seen for seen in self._seen.values() if not self._is_known(seen)}
            return [seen for seen in self._seen.values() if seen.id not in self._pending]

    def _is_known(self, seen: OwnReservation) -> bool:
        return self._journal.entry(seen.id) is not None or self._is_returned(seen)

    def _is_returned(self, seen: OwnReservation) -> bool:
        """Whether an entry returns it that the row it was seen in cannot contain; one that it contains has ended it."""
        for row in self._journal.not_counted(seen.member, seen.position):
            if row.type != "returned":
                continue
            try:
                entry = decode_entry(row.payload)
            except UnreadableEntryError:
                continue
            if isinstance(entry, Returned) and entry.reservation == seen.id:
                return True
        return False

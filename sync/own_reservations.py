"""Reservations of this till that its journal does not know: a yes that came too late, or before a crash; and allowances.

An allowance is nobody's late yes: it lies here until the counter returns it. Of the others:
while a redemption is being made its reservation belongs to it, though no entry says so yet: it is *pending* from before the
call until the entry is in the journal, the ledger refused, or the counter gave up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from uuid import UUID

from local_db.journal_reader import JournalReader, Row
from protocol.entries import Returned, decode_entry
from protocol.errors import UnreadableEntryError
from sync.reports import OwnReservation

PENDING_S = 120.0
"""A counter commits milliseconds after the answer. One that was interrupted and forgot to give up is taken to have done so."""


BY_PHONE_S = 900.0
"""A member who allows it on his phone may be queueing for better reception; what nobody came back with is returned then."""


class OwnReservations:
    """What lies at this till, against what its journal says. Safe to call from any thread."""

    def __init__(self, journal: JournalReader, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._journal, self._monotonic = journal, monotonic
        self._seen: dict[UUID, OwnReservation] = {}
        self._allowances: dict[UUID, OwnReservation] = {}
        self._pending: dict[UUID, float] = {}
        self._lock = threading.Lock()

    def asked(self, reservation: UUID, waits_s: float = PENDING_S) -> None:
        """A redemption is about to ask for it, or shows the member's phone what to ask for."""
        with self._lock:
            self._pending[reservation] = self._monotonic() + waits_s

    def given_up(self, reservation: UUID) -> None:
        """No entry will name it."""
        with self._lock:
            self._pending.pop(reservation, None)

    def saw(self, reservations: Iterable[OwnReservation]) -> None:
        """The feed showed these."""
        with self._lock:
            for seen in reservations:
                (self._allowances if seen.authority == "allowance" else self._seen)[seen.id] = seen

    def unknown(self) -> list[OwnReservation]:
        """Those that have to be returned now."""
        now = self._monotonic()
        with self._lock:
            self._pending = {held: until for held, until in self._pending.items() if until > now}
            found = [
                seen for seen in self._seen.values() if seen.id not in self._pending and not self._is_known(seen)
            ]
            self._seen = {seen.id: seen for seen in self._seen.values() if seen in found or seen.id in self._pending}
            return found

    def allowances(self) -> list[OwnReservation]:
        """Those that lie here, as they were shown last."""
        with self._lock:
            return list(self._allowances.values())

    def gone(self, allowance: UUID) -> None:
        """It was returned, or it is used up."""
        with self._lock:
            self._allowances.pop(allowance, None)

    def _is_known(self, seen: OwnReservation) -> bool:
        return self._journal.entry(seen.id) is not None or is_returned(self._journal, seen.member, seen.id)


def is_returned(journal: JournalReader, member: str, reservation: UUID) -> bool:
    """Whether an entry returns this reservation of a member: then it is never used, and never returned again."""
    return any(_returns(row, reservation) for row in journal.returned(member))


def _returns(row: Row, reservation: UUID) -> bool:
    """A payload that cannot be read returns nothing at the ledger either."""
    try:
        entry = decode_entry(row.payload)
    except UnreadableEntryError:
        return False
    return isinstance(entry, Returned) and entry.reservation == reservation

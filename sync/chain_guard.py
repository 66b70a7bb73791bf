"""Whether this journal is the one that the ledger knows.

A folder that was restored from a backup, or woken on another machine, looks like any other from inside. So the ledger is asked
for its head once in every run, before a redemption is asked for, a reservation is returned or a batch is sent; and what
it says of the head with every answer is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from local_db.journal_reader import JournalReader
from protocol.push import PushAnswer
from sync.errors import JournalConflictError
from sync.identity import Identity

if TYPE_CHECKING:
    from sync.client import LedgerClient


class ChainGuard:
    """Of one run of a till; asked from any thread. `confirmed` is called once, by whoever hears it first."""

    def __init__(
        self, journal: JournalReader, identity: Identity, confirmed: Callable[[], None] = lambda: None
    ) -> None:
        self._journal, self._genesis, self._confirmed = journal, identity.genesis(), confirmed
        self._is_confirmed = False
        self._conflict: JournalConflictError | None = None

    def confirm(self, client: LedgerClient, timeout_s: float) -> None:
        """Ask the ledger, unless it has answered in this run. Raises `JournalConflictError`, and what a call raises."""
        if self._conflict is not None:
            raise self._conflict
        if not self._is_confirmed:
            self.ask(client, timeout_s)

    def ask(self, client: LedgerClient, timeout_s: float) -> PushAnswer:
        """Where our chain stands at the ledger, compared. Raises like `confirm`."""
        if self._conflict is not None:
            raise self._conflict
        last = self._journal.last()
        stands = client.outcomes(last.seq + 1 if last else 1, timeout_s)
        self.compare(stands)
        return stands

    def compare(self, stands: PushAnswer) -> None:
        """Raises `JournalConflictError` unless the ledger's chain of us is the beginning of this journal."""
        try:
            self._compare(stands)
        except JournalConflictError as error:
            self._conflict = error
            raise
        if not self._is_confirmed:
            self._is_confirmed = True
            self._confirmed()

    def _compare(self, stands: PushAnswer) -> None:
        if stands.head != self.hash_at(stands.acknowledged).hex():
            raise JournalConflictError(
                "journal-forked", f"at entry {stands.acknowledged} the ledger has another chain than this journal"
            )

    def hash_at(self, seq: int) -> bytes:
        """Of this journal's entry; 0 is its genesis. Raises `JournalConflictError` where it has none."""
        if seq == 0:
            return self._genesis
        rows = self._journal.entries(seq, 1)
        if not rows or rows[0].seq != seq:
            raise JournalConflictError("journal-behind", f"the ledger has {seq} entries, this journal has not")
        return rows[0].hash

"""Pushing the journal: entries in seq order, an outcome for each, resumable at any entry.

What was sent is written down before it leaves (`set_sent`), outcomes are written down when they come, and everything between
the two may be lost and repeated: the ledger books an entry once and answers with its first outcome again. What the ledger
says about where our chain stands is compared with the journal every time: a journal that was rolled back or copied must
not go on under this terminal's name (DESIGN 4, the life of a terminal).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from local_db.journal import Journal, Row
from protocol.chain import link, payload_hash
from protocol.push import MAX_BATCH, Outcome, PushAnswer, PushBatch, SentEntry
from sync.chain_guard import ChainGuard
from sync.client import CALL_TIMEOUT_S, LedgerClient
from sync.errors import FinalSyncError, JournalConflictError, TransientSyncError
from sync.ledger_receipts import LedgerReceipts
from sync.machine import THIS_MACHINE, Machine

MIN_BATCH = 10
"""Below this the request costs more than its entries."""

GROW_BELOW_S = 2.0
"""A batch that took less lets the next one be larger."""

MAX_BATCH_BYTES = 4 * 1024 * 1024
"""Payloads before packing: a fifth of it over 256 kbit/s is one deadline."""


class Pushed(NamedTuple):
    """What one push did. `left`: entries of the journal that still have no outcome."""

    outcomes: tuple[Outcome, ...]
    again: int
    left: int


class Pusher:
    """Pushes one journal. `batch` is how many entries go at once: halved by a silence, doubled by a quick answer."""

    def __init__(
        self, journal: Journal, client: LedgerClient, guard: ChainGuard | None = None, machine: Machine = THIS_MACHINE,
        receipts: LedgerReceipts | None = None,
    ) -> None:  # fmt: skip
        self.batch = MAX_BATCH
        self._journal, self._client, self._machine = journal, client, machine
        self._terminal = client.identity.terminal
        self._guard = guard or ChainGuard(journal, client.identity)
        self._receipts = receipts or LedgerReceipts(journal, machine=machine)
        self._has_heard = False

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def confirm(self) -> None:
        """Before anything is sent in this run: raises `JournalConflictError` where the ledger has another chain of us.

        What the ledger has forgotten of ours, because its books were restored, waits to be sent again from now on.
        """
        if self._has_heard:
            self._guard.confirm(self._client, CALL_TIMEOUT_S)
            return
        stands = self._guard.ask(self._client, CALL_TIMEOUT_S)
        if checkpoint := self._receipts.heard(self._client, stands):
            self._journal.keep_checkpoint(checkpoint)
        self._has_heard = True

    def hear_again(self) -> None:
        """The ledger may have been restored since: `confirm` asks it anew."""
        self._has_heard = False

    def prove(self) -> None:
        """Once in a while, when nothing waits: see that the ledger's log is what it was. Raises like `LedgerReceipts.prove`."""
        self._receipts.prove(self._client)

    def push_branch(self) -> Pushed:
        """Send what waits in a journal that is not the ledger's: it is kept there as a branch, and nothing of it is booked.

        Raises `TransientSyncError`, and `FinalSyncError` where the rest has to stay in the journal.
        """
        rows = self._whole(self._journal.first_without_outcome())
        if not rows:
            return Pushed((), 0, 0)
        self._journal.set_sent(rows[-1].seq)
        return self._mark(rows, self._send(rows))

    def push_once(self) -> Pushed:
        """Send the next batch, if there is one, and mark what became of it.

        Raises `TransientSyncError` (nothing is lost, try again), `JournalConflictError` and `FinalSyncError`.
        """
        first = self._journal.first_without_outcome()
        rows = self._whole(first)
        if not rows:
            return Pushed((), 0, 0)
        self._journal.set_sent(rows[-1].seq)
        try:
            answer = self._send(rows)
        except FinalSyncError as error:
            if error.code != "gap":
                raise
            return self._send_again(first)
        return self._take(rows, answer)

    def _send_again(self, first: int) -> Pushed:
        """The ledger lacks entries that it once had: its books were restored. Send what it lacks."""
        self.hear_again()
        self.confirm()
        if self._journal.first_without_outcome() >= first:
            raise TransientSyncError("server-error", "the ledger sees a gap where there is none")
        return self.push_once()

    def _send(self, rows: Sequence[Row]) -> PushAnswer:
        started = self._machine.monotonic()
        try:
            answer = self._client.push(self._batch(rows))
        except (TransientSyncError, FinalSyncError) as error:
            if error.cause == "no-answer" or getattr(error, "code", "") == "too-large":
                self.batch = max(MIN_BATCH, len(rows) // 2)
                if isinstance(error, FinalSyncError) and len(rows) > MIN_BATCH:
                    raise TransientSyncError("no-answer", "too large at once; again with less") from None
            raise
        if self._machine.monotonic() - started < GROW_BELOW_S:
            self.batch = min(MAX_BATCH, self.batch * 2)
        return answer

    def _take(self, rows: Sequence[Row], answer: PushAnswer) -> Pushed:
        """What the ledger signed is looked at before anything is marked: the outcomes may be of another epoch of its books."""
        pushed = self._mark(rows, answer, self._receipts.heard(self._client, answer))
        self._guard.compare(answer)
        return pushed

    def _mark(self, rows: Sequence[Row], answer: PushAnswer, checkpoint: bytes = b"") -> Pushed:
        """Of a fork too: the ledger has these entries now, and says of each what it did with it."""
        first, last = rows[0].seq, rows[-1].seq
        told = tuple(outcome.seq for outcome in answer.outcomes)
        if told != tuple(range(first, last + 1)):
            raise FinalSyncError("bad-answer", f"outcomes of {len(told)} entries, sent were {first} to {last}")
        self._journal.mark(answer.outcomes, self._machine.wall_us(), checkpoint)
        return Pushed(answer.outcomes, answer.again, self._journal.waiting())

    def _whole(self, first: int) -> list[Row]:
        """Entries from `first` that continue the chain, as many as go at once.

        A row that does not continue it ends the batch before it; where it is the first one, nothing can be sent any more.
        """
        found = self._journal.entries(first, self.batch)
        previous = self._guard.hash_at(first - 1)
        whole: list[Row] = []
        size = 0
        for row in found:
            if row.seq != first + len(whole) or link(previous, self._terminal, row.seq, row.payload_hash) != row.hash:
                break
            if whole and (size := size + len(row.payload)) > MAX_BATCH_BYTES:
                break
            whole.append(row)
            previous = row.hash
        if found and not whole:
            raise JournalConflictError("journal-damaged", f"entry {first} does not continue the chain")
        return whole

    def _batch(self, rows: Sequence[Row]) -> PushBatch:
        return PushBatch(
            terminal=self._terminal,
            first_seq=rows[0].seq,
            previous=self._guard.hash_at(rows[0].seq - 1).hex(),
            entries=tuple(_sent(row) for row in rows),
            head=rows[-1].hash.hex(),
            head_signature=rows[-1].signature,
        )


def _sent(row: Row) -> SentEntry:
    """The entry as it was frozen; what no longer is that is sent as damaged, so that the chain goes on behind it."""
    if payload_hash(row.payload) == row.payload_hash:
        return SentEntry(payload=row.payload.decode())
    return SentEntry(damaged=row.payload, payload_hash=row.payload_hash.hex())

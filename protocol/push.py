"""Pushing a journal: entries in seq order, an outcome for each."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from protocol.canonical import Count, Model, Name, Positive
from protocol.signing import Signed

MAX_BATCH = 1_000
MAX_BODY_BYTES = 32 * 1024 * 1024
"""Of a request once unpacked: a bomb stops here."""

OutcomeStatus = Literal["booked", "shortfall", "quarantined", "recorded"]
Reason = Literal[
    "",
    "unreadable",
    "damaged",
    "wrong-bucket",
    "same-id",
    "unknown-member",
    "unknown-kind",
    "unknown-programme",
    "unknown-entry",
    "reference-taken",
    "already-voided",
    "already-refunded",
    "beyond-sale",
    "nonce-used",
    "terminal-revoked",
    "points-out-of-range",
    "training",
    "not-approved",
    "beyond-limit",
    "number-taken",
]
"""Why an entry waits for a person. The sentence for each is the screen's."""


class SentEntry(Model, kw_only=True):
    """One entry on its way.

    `payload` is the frozen text. A payload that no longer matches its hash is sent as `damaged` (base64 by the codec) with
    the `payload_hash` the journal holds, so that the chain goes on behind it.
    """

    payload: str = ""
    payload_hash: str = ""
    damaged: bytes = b""


class PushBatch(Model, kw_only=True):
    """Entries `first_seq`… of a terminal's journal, chained from `previous` (hex) to `head` (hex, signed by the terminal)."""

    terminal: Name
    first_seq: Positive
    previous: str
    entries: tuple[SentEntry, ...]
    head: str
    head_signature: bytes


class Outcome(Model, kw_only=True):
    """What became of one entry. Sent again, the entry gets this first outcome again, byte for byte.

    `position`: the number in the bucket's feed at which it was booked; 0 where nothing was. A member's row at this position or
    later has in it what was booked. A quarantined sale with a position had its redemptions booked there, with their
    `shortfall`, for the goods have left; what it gives waits. One without a position waits whole.
    """

    seq: Positive
    id: UUID | None = None
    status: OutcomeStatus
    position: Count = 0
    shortfall: Count = 0
    reason: Reason = ""
    detail: str = ""

    @property
    def is_waiting_whole(self) -> bool:
        """Nothing of the entry is booked, and a person decides."""
        return self.status == "quarantined" and not self.position


class PushAnswer(Model, kw_only=True):
    """An outcome per entry in the order sent; `again` counts those the ledger had before."""

    outcomes: tuple[Outcome, ...]
    again: Count = 0
    acknowledged: Count
    """The seq up to which the ledger has received this terminal's chain."""
    head: str
    """Of the chain at `acknowledged`, in hex."""
    checkpoint: Signed | None = None
    """The same in writing, with the state of the ledger's log (`protocol.checkpoints`): the till keeps it as its receipt."""

"""What waits for a person at this till, in what a person needs to decide; and deciding it, which needs the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from local_db.journal import Row
from protocol.cases import Choice, Correction, DecideRequest, Decision
from protocol.entries import Entry, Refund, Sale, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.push import Outcome
from sync.errors import TransientSyncError
from till.desk import Desk
from till.errors import RefusedError
from till.shifts import Session

PAGE = 100


@dataclass(frozen=True)
class WaitingEntry:
    """An entry that waits. Points by kind; `is_readable` is False where nothing but the journal's columns is left of it."""

    outcome: Outcome
    type: str
    at: int
    member: str
    by: str = ""
    reference: str = ""
    awarded: dict[str, int] = field(default_factory=dict)
    redeemed: dict[str, int] = field(default_factory=dict)
    is_readable: bool = True

    @property
    def seq(self) -> int:
        """Its place in the journal."""
        return self.outcome.seq

    @property
    def can_be_accepted(self) -> bool:
        """As far as can be known here; the ledger says the last word."""
        return self.is_readable and self.outcome.reason not in (
            "unreadable",
            "damaged",
            "already-voided",
            "already-refunded",
        )


@dataclass(frozen=True)
class Wish:
    """What a manager chose: `by`, a sale that was typed anew, or points given to (or, below zero, taken from) the member."""

    entry: WaitingEntry
    choice: Choice
    why: str
    by: UUID | None = None
    points: int = 0
    kind: str = ""


def waiting(desk: Desk, after: int = 0) -> list[WaitingEntry]:
    """A page of them, the oldest first, after the one with this seq."""
    return [_of(desk.journal.entries(one.seq, 1)[0], one) for one in desk.journal.quarantined(after, PAGE)]


def decide(desk: Desk, session: Session, wish: Wish, *, is_online: bool) -> Decision:
    """What was decided, once and for ever. Waits for the network.

    Raises `RefusedError`: `role-manager`, `decide-offline`, `decided-before` (`who`, `why`); the ledger's `FinalSyncError`.
    """
    if not session.may("manager"):
        raise RefusedError("role-manager")
    if not is_online:
        raise RefusedError("decide-offline")
    entry, words = wish.entry, None
    if wish.points:
        words = Correction(
            member=entry.member, kind=wish.kind, given=max(0, wish.points), taken=max(0, -wish.points)
        )  # fmt: skip
    request = DecideRequest(
        seq=entry.seq, choice=wish.choice, staff=session.staff, why=wish.why, by=wish.by, correction=words,
        entry=entry.outcome.id,
    )  # fmt: skip
    try:
        decision = desk.ledger.decide(request)
    except TransientSyncError as error:
        raise RefusedError("decide-offline") from error
    if (decision.who, decision.choice, decision.why) != (session.staff, wish.choice, wish.why):
        raise RefusedError("decided-before", who=decision.who, why=decision.why)
    return decision


def _of(row: Row, outcome: Outcome) -> WaitingEntry:
    entry = _read(row)
    awarded: dict[str, int] = {}
    redeemed: dict[str, int] = {}
    if isinstance(entry, Sale):
        for award in entry.awards:
            awarded[award.kind] = awarded.get(award.kind, 0) + award.points
        for taken in entry.redemptions:
            redeemed[taken.kind] = redeemed.get(taken.kind, 0) + taken.points
    elif isinstance(entry, Refund):
        awarded, redeemed = dict(entry.given_back), dict(entry.taken_back)
    return WaitingEntry(
        outcome, row.type, row.occurred_at, row.member, entry.by if entry else "",
        entry.reference or entry.table if isinstance(entry, Sale) else "", awarded, redeemed, is_readable=entry is not None,
    )  # fmt: skip


def _read(row: Row) -> Entry | None:
    try:
        return decode_entry(row.payload)
    except UnreadableEntryError:
        return None

"""What a supervisor allows at this till, as the counter offers it; and the list of it, one business day at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from local_db.journal import JournalReader
from points import Quote
from protocol.approvals import APPROVERS, approval_of
from protocol.entries import Approvable, Approval, ApprovalReason, MemberEntry, Sale, Void
from protocol.journal_days import day_of, first_of_day
from till.approving import Reason, approve, redemption_approved
from till.desk import Desk
from till.draft import SaleDraft
from till.giving import Earlier, credit_late, give_by_hand, reckon_late
from till.members import MemberView
from till.own_entries import read_entry
from till.receipts import Receipt
from till.shifts import Session

_AT_ONCE = 500
_DAMAGED_AT_MOST = 20


@dataclass(frozen=True)
class Approved:
    """An act that somebody allowed. `points` by kind, signed as the member sees them; of nobody a name or a number."""

    seq: int
    at: int
    entry: str
    cashier: str
    by: str
    how: Literal["pin", "card", "self"]
    allows: tuple[Approvable, ...]
    reason: ApprovalReason
    words: str
    points: dict[str, int]


class Approvals:
    """Of the till at work."""

    def __init__(self, desk: Desk, made: Callable[[Receipt], Receipt]) -> None:
        self._desk, self._made = desk, made

    def is_own(self, session: Session) -> bool:
        """Whether who is signed in approves by himself: nobody types a PIN."""
        return session.may(*APPROVERS)

    def approve(
        self, session: Session, allows: tuple[Approvable, ...], reason: Reason, staff: str = "", pin: str = "", *,
        by_card: bool = False,
    ) -> Approval:  # fmt: skip
        """Takes about 20 ms. Raises `RefusedError`; see `till.approving.approve`."""
        return approve(self._desk, session, allows, reason, staff, pin, by_card=by_card)

    def check(self, session: Session, draft: SaleDraft, reward: str, points: int, on_floor: int = 0) -> None:
        """Whether the draft's choice may be redeemed by who is signed in. Raises `RefusedError`; see `till.approving.need`."""
        with self._desk.journal.alone():
            redemption_approved(self._desk, session, draft, reward, points, on_floor)

    def reckon_late(self, session: Session, member: MemberView, earlier: Earlier) -> Quote:
        """What points a sale without its member would have earned. Raises `RefusedError`, a `points.PointsError`."""
        return reckon_late(self._desk, session, member, earlier)

    def credit_late(
        self, session: Session, member: MemberView, earlier: Earlier, approval: Approval | None = None
    ) -> Receipt:
        """Durable on return. Raises `RefusedError` (`approval-needed` asks a supervisor), `local_db` errors."""
        return self._made(credit_late(self._desk, session, member, earlier, approval))

    def give_by_hand(
        self, session: Session, member: MemberView, kind: str, points: int, approval: Approval | None = None
    ) -> Receipt:
        """Durable on return. Raises `RefusedError` (`approval-needed` asks a supervisor), `local_db` errors."""
        return self._made(give_by_hand(self._desk, session, member, kind, points, approval))

    @property
    def day(self) -> str:
        """The business day that it is."""
        return self._desk.business_day


def approved_on(reader: JournalReader, day: str) -> list[Approved]:
    """What was allowed at this till on a business day, in the order in which it was done."""
    found: list[Approved] = []
    first = first_of_day(
        day, reader.last_seq(), lambda seq: (row.payload for row in reader.entries(seq, _DAMAGED_AT_MOST))
    )
    while rows := reader.entries(first, _AT_ONCE):
        first = rows[-1].seq + 1
        for row in rows:
            entry = read_entry(row) if b'"approval":' in row.payload else None
            if entry is None or entry.business_day != day or (approval := approval_of(entry)) is None:
                continue
            found.append(
                Approved(
                    row.seq, row.occurred_at, row.type, entry.by, approval.by, approval.how, approval.allows,
                    approval.reason, approval.words, _points(reader, entry),
                )
            )  # fmt: skip
        if day_of(rows[-1].payload) > day:
            break
    return found


def _points(reader: JournalReader, entry: MemberEntry) -> dict[str, int]:
    """What a sale gave or took under its approval: an ordinary one is asked about for what it takes, not for what it earns."""
    if isinstance(entry, Void):
        stored = reader.entry(entry.voids)
        sale = read_entry(stored) if stored else None
        return {kind: -points for kind, points in _moved(sale).items()} if isinstance(sale, Sale) else {}
    return _moved(entry) if isinstance(entry, Sale) else {}


def _moved(sale: Sale) -> dict[str, int]:
    moved: dict[str, int] = {}
    lines = [(award.kind, award.points) for award in sale.awards]
    for kind, points in [*lines, *((line.kind, -line.points) for line in sale.redemptions)]:
        moved[kind] = moved.get(kind, 0) + points
    return {kind: points for kind, points in moved.items() if points}

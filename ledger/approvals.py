"""主管授权, at the ledger: whether points given by hand or late were approved by who may, within bounds; and the list of them.

What a cashier redeemed or voided has happened, and is booked whoever approved it: it is listed. Points that nobody earned at a
counter are booked only where the staff document names the approver as one who may, and the settings allow so many; else they
wait for a person. The entry is the one record: list and bounds are read from what the tills sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import Refusal
from ledger.documents import newest
from ledger.problems import NotKnownError
from ledger.receiving import Till
from ledger.sent import sent_on
from protocol.approvals import APPROVERS, Given, approval_of, approved_points, given_points, needed_for, type_of
from protocol.documents import Staff, StoreSettings
from protocol.entries import Approval, Entry, LateCredit, decode_entry
from protocol.errors import UnreadableEntryError

_AT_ONCE = 500


class Approved(NamedTuple):
    """An act that somebody allowed. `at`: till time, µs; `points` of all kinds that it took or gave, of a void none; `cashier`
    and the approval's `by` are staff numbers. `waits`: it is not booked, or not as it stands.
    """

    terminal: str
    seq: int
    id: UUID
    at: int
    type: str
    cashier: str
    approval: Approval
    points: int
    waits: bool


def approvals_of(connection: Connection, store: str, day: date) -> list[Approved]:
    """Of all tills of a store on a business day, as far as they have sent, in the order of their time.

    Raises `NotKnownError`.
    """
    if not rows.fetch(connection, "SELECT 1 FROM store WHERE store = ?", store):
        raise NotKnownError("store", store)
    found: list[Approved] = []
    for (terminal,) in rows.fetch(connection, "SELECT terminal FROM terminal WHERE store = ?", store):
        for one in sent_on(connection, terminal, day.isoformat()):
            if (approval := approval_of(one.entry)) is not None:
                entry = one.entry
                found.append(
                    Approved(
                        terminal, one.seq, entry.id, entry.occurred_at, type_of(entry), entry.by, approval,
                        approved_points(entry), not one.is_booked,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: (one.at, one.terminal, one.seq))


class Approving:
    """Of one terminal's batch. What the store's documents say is read where an entry needs it."""

    def __init__(self, connection: Connection, till: Till, first_seq: int) -> None:
        self._connection, self._till, self._first_seq = connection, till, first_seq
        self._staff: dict[str, tuple[str, ...]] | None = None
        self._settings: StoreSettings | None = None
        self._booked: list[Entry] = []
        self._before: dict[str, tuple[int, int]] = {}

    def refusal(self, entry: Entry) -> Refusal | None:
        """Why points that are given wait; None for every other entry."""
        if not isinstance(entry, Given):
            return None
        approval, what = entry.approval, needed_for(entry)
        if approval is None or what not in approval.allows or (approval.how == "self") != (approval.by == entry.by):
            return Refusal("not-approved", f"no approval of {what}")
        if self._staff is None:
            staff = newest(self._connection, "staff", self._till.store, Staff)
            self._staff = {one.staff: one.roles for one in staff.staff} if staff else {}
            self._settings = newest(self._connection, "store", self._till.store, StoreSettings)
        if not set(APPROVERS) & set(self._staff.get(approval.by, ())):
            return Refusal("not-approved", f"{approval.by!r} may not approve in store {self._till.store!r}")
        return self._beyond(entry)

    def keep(self, entry: Entry) -> None:
        """The entry is booked."""
        if approval_of(entry) is not None:
            self._booked.append(entry)

    def _beyond(self, entry: Given) -> Refusal | None:
        """Of one act, of the days back, and of the shift."""
        if self._settings is None:
            return Refusal("beyond-limit", f"store {self._till.store!r} has no settings")
        policy, points = self._settings.approvals, given_points(entry)
        most = policy.late_credit_points if isinstance(entry, LateCredit) else policy.manual_points
        if points > most:
            return Refusal("beyond-limit", f"{points} points at once, at most {most}")
        if isinstance(entry, LateCredit) and not 0 <= _days(entry) <= policy.late_credit_days:
            return Refusal("beyond-limit", f"sold on {entry.sold_on}, at most {policy.late_credit_days} days before")
        acts, spent = self._spent_in(entry.shift)
        if acts >= policy.acts_per_shift or spent + points > policy.points_per_shift:
            return Refusal("beyond-limit", f"{acts} approvals with {spent} points before it in shift {entry.shift!r}")
        return None

    def _spent_in(self, shift: str) -> tuple[int, int]:
        if shift not in self._before:
            entries = list(self._approved_before(shift))
            self._before[shift] = len(entries), sum(map(approved_points, entries))
        acts, points = self._before[shift]
        here = [entry for entry in self._booked if entry.shift == shift]
        return acts + len(here), points + sum(map(approved_points, here))

    def _approved_before(self, shift: str) -> Iterator[Entry]:
        """Those of the shift that were booked before this batch: from its end back to where another shift was."""
        seq, mark = self._first_seq, f'"shift":"{shift}"'.encode()
        while found := rows.fetch(
            self._connection,
            "SELECT r.seq, r.payload FROM received r JOIN outcome o ON o.terminal = r.terminal AND o.seq = r.seq"
            " WHERE r.terminal = ? AND r.seq < ? AND o.status <> 'quarantined' ORDER BY r.seq DESC LIMIT ?",
            self._till.terminal, seq, _AT_ONCE,
        ):  # fmt: skip
            seq = found[-1][0]
            for _seq, payload in found:
                if b'"approval":' not in payload and mark in payload:
                    continue
                entry = _read(bytes(payload))
                if entry is not None and entry.shift not in ("", shift):
                    return
                if entry is not None and entry.shift == shift and approval_of(entry) is not None:
                    yield entry


def _read(payload: bytes) -> Entry | None:
    try:
        return decode_entry(payload)
    except UnreadableEntryError:
        return None


def _days(entry: LateCredit) -> int:
    """Between the sale and the late credit. Both were looked at: they are days."""
    return (date.fromisoformat(entry.business_day) - date.fromisoformat(entry.sold_on)).days

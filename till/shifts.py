"""Shifts: open, hand over, close.

A shift closes as an immutable snapshot, whether the network is there or not: what is not yet confirmed is said, not
waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_db.journal import Draft, JournalReader, Row
from protocol.chain_check import witness_of
from protocol.documents import Role, StaffMember
from protocol.entries import RunningTotals, ShiftClosed, ShiftEntry, ShiftHandedOver, ShiftOpened, encode_entry
from protocol.running_totals import Running
from till.desk import Desk
from till.errors import RefusedError
from till.holding import held
from till.report_figures import ShiftReport, totals_of
from till.shift_report import part_since, read_any, shift_report

_PAGE = 500


@dataclass(frozen=True)
class Session:
    """Who is at the counter and in which shift; an empty shift: none is open."""

    staff: str
    name: str
    roles: tuple[Role, ...]
    shift: str = ""
    shift_number: int = 0

    def may(self, *roles: Role) -> bool:
        """Whether this person holds one of `roles`."""
        return any(role in self.roles for role in roles)


def open_shift_of(journal: JournalReader) -> tuple[str, int]:
    """(id, number) of the shift that is open at this till; ("", last number) when none is."""
    opened = journal.of_type("shift-opened", 1)
    if not opened:
        return "", 0
    number = _number(opened[0])
    closed = journal.of_type("shift-closed", 1)
    is_closed = bool(closed) and closed[0].seq > opened[0].seq
    return ("", number) if is_closed else (opened[0].shift, number)


def current_shift(desk: Desk) -> str:
    """The id of the shift that is open at this till, empty for none; the journal is asked once."""
    with desk.journal.alone():
        if desk.shift is None:
            desk.shift = open_shift_of(desk.journal)[0]
        return desk.shift


def open_shift(desk: Desk, session: Session) -> Session:
    """Open a shift, or join the one that is open. Raises `RefusedError("role")`."""
    with desk.journal.alone():
        shift, number = open_shift_of(desk.journal)
        if not shift:
            if not session.may("manager", "supervisor"):
                raise RefusedError("role", roles=("manager", "supervisor"))
            number += 1
            shift = f"{desk.terminal}-{number}"
            _append(desk, ShiftOpened(**_header(desk, session, shift, number)), "shift-opened")
            desk.shift = shift
    return Session(session.staff, session.name, session.roles, shift, number)


def close_shift(desk: Desk, session: Session) -> ShiftReport:
    """Close the open shift with its totals; never refused for the network's sake.

    Raises `RefusedError`: `role`, `no-shift`, `sales-held`.
    """
    if not session.may("manager", "supervisor"):
        raise RefusedError("role", roles=("manager", "supervisor"))
    with desk.journal.alone():
        shift, number = open_shift_of(desk.journal)
        if not shift:
            raise RefusedError("no-shift")
        if held(desk, shift):
            raise RefusedError("sales-held")
        report = shift_report(desk.journal, shift)
        report.running = running_totals(desk.journal)
        closed = ShiftClosed(**_header(desk, session, shift, number), totals=report.totals, running=report.running)
        row = _append(desk, closed, "shift-closed")
        report.proof = str(witness_of(desk.terminal, row.seq, row.hash).short)
        desk.closed_shifts.add(shift)
        desk.shift = ""
    report.closed_at, report.closed_by = row.occurred_at, session.staff
    return report


def running_totals(journal: JournalReader) -> RunningTotals:
    """本机累计: from the last shift's end on, where that can be read, else from the first entry."""
    ends = journal.of_type("shift-closed", 1)
    last = read_any(ends[0]) if ends else None
    running, seq = Running(), 0
    if isinstance(last, ShiftClosed):
        running, seq = Running(last.running), ends[0].seq
        running.take(last)
    while rows := journal.entries(seq + 1, _PAGE):
        for row in rows:
            running.take(read_any(row))
        seq = rows[-1].seq
    return running.totals


def hand_over(desk: Desk, session: Session, person: StaffMember) -> Session:
    """交班: `person`, whose PIN was right, goes on in the session's shift.

    Raises `RefusedError`: `no-shift`, `hand-over-to-self`, `hand-over-no-cashier`.
    """
    came = Session(person.staff, person.name, person.roles, session.shift, session.shift_number)
    if not came.may("cashier", "supervisor", "manager"):
        raise RefusedError("hand-over-no-cashier")
    if person.staff == session.staff:
        raise RefusedError("hand-over-to-self")
    with desk.journal.alone():
        desk.need_open(session.shift)
        totals = totals_of(*part_since(desk.journal, session.shift, session.staff))
        header = _header(desk, session, session.shift, session.shift_number)
        _append(desk, ShiftHandedOver(**header, to=person.staff, totals=totals), "shift-handed-over")
    return came


def _number(row: Row) -> int:
    """From the shift's id: a payload may be damaged, and a number that came again would mix two shifts."""
    number = row.shift.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _header(desk: Desk, session: Session, shift: str, number: int) -> dict[str, Any]:
    at_us = desk.clock.entry_us()
    return {
        "id": desk.new_id(at_us, desk.terminal),
        "store": desk.store.settings.store,
        "occurred_at": at_us,
        "business_day": desk.business_day,
        "shift": shift,
        "by": session.staff,
        "clock": desk.clock.read(),
        "number": number,
    }


def _append(desk: Desk, entry: ShiftEntry, kind: str) -> Row:
    return desk.append(
        Draft(
            id=entry.id,
            type=kind,
            member="",
            shift=entry.shift,
            occurred_at=entry.occurred_at,
            payload=encode_entry(entry),
        )
    )

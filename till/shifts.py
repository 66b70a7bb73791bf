"""Shifts: open, close, and what one has given and taken (X and Z report).

A shift closes as an immutable snapshot, whether the network is there or not: what is not yet confirmed is said, not
waited for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from local_db.journal import Draft, JournalReader, Row
from protocol.chain_check import witness_of
from protocol.documents import Role
from protocol.entries import (
    Entry,
    Refund,
    RunningTotals,
    Sale,
    ShiftClosed,
    ShiftOpened,
    ShiftTotals,
    Void,
    decode_entry,
    encode_entry,
)
from protocol.errors import UnreadableEntryError
from protocol.push import Outcome
from protocol.running_totals import Running
from till.desk import Desk
from till.errors import RefusedError
from till.holding import held
from till.provisional_account import uncovered

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


@dataclass
class ShiftReport:
    """What a shift has done so far (X) or did (Z). Points by kind, redeemed ones also by authority and kind.

    `redeemed_off_bill_fen` is the tender line 积分抵扣, to be compared with the cash register's; `cash_fen` is what rewards
    cost beside their points.
    """

    shift: str
    number: int
    opened_at: int
    opened_by: str
    closed_at: int = 0
    days: list[str] = field(default_factory=list)
    """The business days of its entries: two for a shift that went on past the end of one."""
    sales: int = 0
    voids: int = 0
    refunds: int = 0
    refunded_fen: int = 0
    refunded_points: dict[str, int] = field(default_factory=dict)
    """By kind: what refunds gave back."""
    retaken_points: dict[str, int] = field(default_factory=dict)
    """By kind: what refunds took back."""
    gross_fen: int = 0
    due_fen: int = 0
    redeemed_off_bill_fen: int = 0
    awarded: dict[str, int] = field(default_factory=dict)
    redeemed: dict[str, int] = field(default_factory=dict)
    redeemed_by_authority: dict[str, dict[str, int]] = field(default_factory=dict)
    cash_fen: int = 0
    unconfirmed: int = 0
    unconfirmed_by_kind: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    shortfall: dict[str, int] = field(default_factory=dict)
    """By kind: a voucher that nobody had is a piece, and no point. Of a correction the till is told no kind."""
    running: RunningTotals = field(default_factory=RunningTotals)
    """本机累计, of a shift that is closed."""
    proof: str = ""
    """What the closing entry's place in the chain is, for `till journal verify --witness`."""

    @property
    def totals(self) -> ShiftTotals:
        """What the closing entry keeps."""
        return ShiftTotals(
            sales=self.sales, voids=self.voids, refunds=self.refunds, refunded_fen=self.refunded_fen,
            given_back=self.refunded_points, taken_back=self.retaken_points, gross_fen=self.gross_fen, awarded=self.awarded,
            redeemed=self.redeemed, unconfirmed=self.unconfirmed,
            unconfirmed_points=sum(self.unconfirmed_by_kind.values()),
        )  # fmt: skip


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
            _append(desk, session, shift, number, None)
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
        row = _append(desk, session, shift, number, report)
        report.proof = str(witness_of(desk.terminal, row.seq, row.hash).short)
        desk.closed_shifts.add(shift)
        desk.shift = ""
    report.closed_at = desk.clock.now_us()
    return report


def running_totals(journal: JournalReader) -> RunningTotals:
    """本机累计: from the last shift's end on, where that can be read, else from the first entry."""
    ends = journal.of_type("shift-closed", 1)
    last = _read(ends[0]) if ends else None
    running, seq = Running(), 0
    if isinstance(last, ShiftClosed):
        running, seq = Running(last.running), ends[0].seq
        running.take(last)
    while rows := journal.entries(seq + 1, _PAGE):
        for row in rows:
            running.take(_read(row))
        seq = rows[-1].seq
    return running.totals


def shift_report(journal: JournalReader, shift: str) -> ShiftReport:
    """The report of a shift from its entries and their outcomes, late ones included. Raises `RefusedError("no-shift")`."""
    rows = journal.of_shift(shift)
    if not rows:
        raise RefusedError("no-shift")
    report = ShiftReport(shift, 0, rows[0].occurred_at, "")
    entries = [(row, _read(row)) for row in rows]
    voided = {entry.voids for _, entry in entries if isinstance(entry, Void)}
    for row, entry in entries:
        _count(report, row, entry, is_voided=isinstance(entry, Sale) and entry.id in voided)
    outcomes = journal.outcomes([row.seq for row in rows])
    _count_outcomes(report, entries, outcomes)
    decided = journal.decisions([seq for seq, outcome in outcomes.items() if outcome.status == "quarantined"])
    report.quarantined -= len(decided)
    for row, entry in entries:
        if (decision := decided.get(row.seq)) is not None:
            _count_shortfall(report, entry if decision.choice != "corrected" else None, decision.shortfall)
    return report


def _count_shortfall(report: ShiftReport, entry: Entry | None, points: int) -> None:
    rest = points
    for line, missing in uncovered(entry, points) if isinstance(entry, Sale) else ():
        rest -= missing
        if missing:
            _add(report.shortfall, line.kind, missing)
    if rest:
        _add(report.shortfall, "", rest)


def _count(report: ShiftReport, row: Row, entry: Entry | None, *, is_voided: bool) -> None:
    if entry is not None and entry.business_day not in report.days:
        report.days = sorted([*report.days, entry.business_day])
    match entry:
        case ShiftOpened():
            report.number, report.opened_by, report.opened_at = entry.number, entry.by, row.occurred_at
        case ShiftClosed():
            report.closed_at, report.running = row.occurred_at, entry.running
            report.proof = str(witness_of(row.shift.rpartition("-")[0], row.seq, row.hash).short)
        case Void():
            report.voids += 1
        case Refund():
            _count_refund(report, entry)
        case Sale() if not is_voided:
            report.sales += 1
            report.gross_fen += entry.gross_fen
            report.due_fen += entry.due_fen
            for award in entry.awards:
                _add(report.awarded, award.kind, award.points)
            for taken in entry.redemptions:
                _add(report.redeemed, taken.kind, taken.points)
                _add(report.redeemed_by_authority.setdefault(taken.authority, {}), taken.kind, taken.points)
                report.cash_fen += taken.cash_fen
                report.redeemed_off_bill_fen += taken.off_bill_fen


def _count_refund(report: ShiftReport, refund: Refund) -> None:
    report.refunds += 1
    report.refunded_fen += refund.money_fen
    for kind, points in refund.given_back.items():
        _add(report.refunded_points, kind, points)
    for kind, points in refund.taken_back.items():
        _add(report.retaken_points, kind, points)
    for award in refund.awards:
        _add(report.awarded, award.kind, award.points)


def _count_outcomes(
    report: ShiftReport, entries: Sequence[tuple[Row, Entry | None]], outcomes: dict[int, Outcome]
) -> None:
    sales = {entry.id: entry for _, entry in entries if isinstance(entry, Sale)}
    for row, entry in entries:
        outcome = outcomes.get(row.seq)
        if outcome is None:
            # The closing entry itself cannot be confirmed yet; it moves no points.
            report.unconfirmed += not isinstance(entry, ShiftOpened | ShiftClosed)
            for kind, points in _net_points(entry, sales):
                _add(report.unconfirmed_by_kind, kind, points)
        else:
            report.quarantined += outcome.status == "quarantined"
            _count_shortfall(report, entry, outcome.shortfall)


def _net_points(entry: Entry | None, sales: Mapping[UUID, Sale]) -> Iterator[tuple[str, int]]:
    """What an entry changes, by kind."""
    if isinstance(entry, Void):
        yield from ((kind, -points) for kind, points in _net_points(sales.get(entry.voids), sales))
    elif isinstance(entry, Sale):
        yield from ((award.kind, award.points) for award in entry.awards)
        yield from ((taken.kind, -taken.points) for taken in entry.redemptions)
    elif isinstance(entry, Refund):
        yield from entry.given_back.items()
        yield from ((kind, -points) for kind, points in entry.taken_back.items())
        yield from ((award.kind, award.points) for award in entry.awards)


def _add(sums: dict[str, int], key: str, points: int) -> None:
    sums[key] = sums.get(key, 0) + points


def _number(row: Row) -> int:
    """From the shift's id: a payload may be damaged, and a number that came again would mix two shifts."""
    number = row.shift.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _read(row: Row) -> Entry | None:
    try:
        return decode_entry(row.payload)
    except UnreadableEntryError:
        return None


def _append(desk: Desk, session: Session, shift: str, number: int, closed: ShiftReport | None) -> Row:
    at_us = desk.clock.entry_us()
    kind: Literal["shift-opened", "shift-closed"] = "shift-opened" if closed is None else "shift-closed"
    header = {
        "id": desk.new_id(at_us, desk.terminal),
        "store": desk.store.settings.store,
        "occurred_at": at_us,
        "business_day": desk.business_day,
        "shift": shift,
        "by": session.staff,
        "clock": desk.clock.read(),
        "number": number,
    }
    entry = (
        ShiftOpened(**header)  # type: ignore[arg-type]
        if closed is None
        else ShiftClosed(**header, totals=closed.totals, running=closed.running)  # type: ignore[arg-type]
    )
    draft = Draft(id=entry.id, type=kind, member="", shift=shift, occurred_at=at_us, payload=encode_entry(entry))
    return desk.append(draft)

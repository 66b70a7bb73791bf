"""What a shift (X and Z report) or a business day has given and taken: figures from entries and their outcomes, none twice.

Of a closed shift they are what its closing entry says, whatever was heard later: that stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from local_db.journal import JournalReader, Row
from protocol.chain_check import witness_of
from protocol.entries import (
    Entry,
    Joined,
    Refund,
    Sale,
    ShiftClosed,
    ShiftEntry,
    ShiftHandedOver,
    ShiftOpened,
    Void,
    decode_entry,
)
from protocol.errors import UnreadableEntryError
from protocol.journal_days import day_of, first_of_day
from protocol.push import Outcome
from till.errors import RefusedError
from till.provisional_account import uncovered
from till.refused import refused_in
from till.report_figures import OpenEnds, Part, RewardTaken, ShiftReport, add, ends_of

HOUR_US = 3_600_000_000
_PAGE = 500
_SIDE_BY_SIDE = 20
"""Damaged entries side by side that are looked past."""

Entries = Sequence[tuple[Row, Entry | None]]


def shift_report(journal: JournalReader, shift: str) -> ShiftReport:
    """The report of a shift. Raises `RefusedError("no-shift")`."""
    rows = journal.of_shift(shift)
    if not rows:
        raise RefusedError("no-shift")
    report = ShiftReport(shift=shift, opened_at=rows[0].occurred_at)
    entries = [(row, read_any(row)) for row in rows]
    for row, entry in without_voided(entries):
        _count(report, row, entry)
    ends = open_ends(journal, entries)
    closing = next((entry for _, entry in entries if isinstance(entry, ShiftClosed)), None)
    if closing is None:
        report.refused = refused_in(journal, shift)
    else:
        report.later, report.refused, ends = ends, dict(closing.totals.refused), ends_of(closing.totals)
    _settle(report, ends)
    report.before = week_before(journal, report.days[0]) if report.days else None
    return report


def day_report(journal: JournalReader, day: str) -> ShiftReport:
    """All shifts of a business day (YYYY-MM-DD), as they are known now. Raises `RefusedError("no-such-day")`."""
    entries = entries_of_day(journal, day)
    if not entries:
        raise RefusedError("no-such-day", day=day)
    report = ShiftReport(day=day, opened_at=entries[0][0].occurred_at)
    for row, entry in without_voided(entries, _whole_shifts(journal, entries)):
        _count(report, row, entry)
        if isinstance(entry, Sale | Void | Refund):
            report.shifts.setdefault(int(row.shift.rpartition("-")[2] or 0), Part()).take(entry)
        elif isinstance(entry, ShiftClosed):
            add(report.refused, entry.totals.refused.items())
    report.number, report.opened_by, report.closed_at, report.closed_by = 0, "", 0, ""
    open_now = [row.shift for row, entry in entries if isinstance(entry, ShiftOpened)][-1:]
    for shift in open_now:
        add(report.refused, refused_in(journal, shift).items())
    _settle(report, open_ends(journal, entries, _whole_shifts(journal, entries)))
    report.before = week_before(journal, day)
    return report


def week_before(journal: JournalReader, day: str) -> Part | None:
    """What this till did on the same weekday of the week before; None where its journal says nothing of that day."""
    before = (date.fromisoformat(day) - timedelta(days=7)).isoformat()
    entries = entries_of_day(journal, before)
    part = Part()
    for _row, entry in without_voided(entries):
        part.take(entry)
    return part if entries else None


def entries_of_day(journal: JournalReader, day: str) -> Entries:
    """Of a business day, in their order; those that cannot be read say no day."""
    read = ((row, read_any(row)) for row in _rows_of(journal, day))
    return [(row, entry) for row, entry in read if entry is not None and entry.business_day == day]


def _rows_of(journal: JournalReader, day: str) -> Iterator[Row]:
    """From the first entry that may be of `day` to the last one: days rise with seqs."""
    last = journal.last_seq()
    first = first_of_day(day, last, lambda seq: (row.payload for row in journal.entries(seq, _SIDE_BY_SIDE)))
    while rows := journal.entries(first, _PAGE):
        for row in rows:
            if day_of(row.payload) > day:
                return
            yield row
        first = rows[-1].seq + 1


def _whole_shifts(journal: JournalReader, entries: Entries) -> Entries:
    """All entries of the shifts that have one among `entries`: a sale before the end of a day is voided after it."""
    return [(row, read_any(row)) for shift in {row.shift: 0 for row, _ in entries} for row in journal.of_shift(shift)]


def part_since(journal: JournalReader, shift: str, staff: str) -> tuple[Part, OpenEnds]:
    """What somebody did in a shift since he came: since it was handed over to him last, or since it was opened."""
    entries = [(row, read_any(row)) for row in journal.of_shift(shift)]
    came = max(
        (n for n, (_, one) in enumerate(entries) if isinstance(one, ShiftHandedOver) and one.to == staff), default=0
    )
    part, standing = Part(), {row.seq for row, _ in without_voided(entries)}
    own = [(row, entry) for row, entry in entries[came:] if entry is not None and entry.by == staff]
    for row, entry in own:
        if row.seq in standing:
            part.take(entry)
    return part, open_ends(journal, own, entries)


def without_voided(entries: Entries, among: Entries = ()) -> Iterator[tuple[Row, Entry | None]]:
    """All but the sales that a void takes back, one of `entries` or of those `among` which they are."""
    voided = {entry.voids for _, entry in among or entries if isinstance(entry, Void)}
    return ((row, entry) for row, entry in entries if not (isinstance(entry, Sale) and entry.id in voided))


def open_ends(journal: JournalReader, entries: Entries, sold: Entries = ()) -> OpenEnds:
    """Of these entries, as far as the till has heard. `sold`: where their voids find the sales, if not among them."""
    ends = OpenEnds(moves=sum(not isinstance(entry, ShiftEntry) for _, entry in entries))
    outcomes = journal.outcomes([row.seq for row, _ in entries])
    _count_outcomes(ends, entries, outcomes, {one.id: one for _, one in sold or entries if isinstance(one, Sale)})
    decided = journal.decisions([seq for seq, outcome in outcomes.items() if outcome.status == "quarantined"])
    ends.quarantined -= len(decided)
    for row, entry in entries:
        if (decision := decided.get(row.seq)) is not None:
            _count_shortfall(ends, entry if decision.choice != "corrected" else None, decision.shortfall)
    return ends


def _settle(report: ShiftReport, ends: OpenEnds) -> None:
    report.moves = (report.later or ends).moves
    report.unconfirmed, report.unconfirmed_by_kind = ends.unconfirmed, ends.unconfirmed_by_kind
    report.quarantined, report.shortfall = ends.quarantined, ends.shortfall


def _count(report: ShiftReport, row: Row, entry: Entry | None) -> None:
    if entry is not None and entry.business_day not in report.days:
        report.days = sorted([*report.days, entry.business_day])
    match entry:
        case ShiftOpened():
            report.number, report.opened_by, report.opened_at = entry.number, entry.by, row.occurred_at
        case ShiftHandedOver():
            report.handed_over.append((row.occurred_at, entry.by, entry.to))
        case ShiftClosed():
            report.closed_at, report.closed_by, report.running = row.occurred_at, entry.by, entry.running
            report.proof = str(witness_of(row.shift.rpartition("-")[0], row.seq, row.hash).short)
        case Joined():
            report.take(entry)
            report.cashiers.setdefault(entry.by, Part()).take(entry)
        case Sale() | Void() | Refund():
            report.take(entry)
            report.cashiers.setdefault(entry.by, Part()).take(entry)
            report.hours.setdefault(row.occurred_at // HOUR_US, Part()).take(entry)
            _break_down(report, entry)


def _break_down(report: ShiftReport, entry: Sale | Void | Refund) -> None:
    if not isinstance(entry, Refund) and (approval := entry.approval):
        add(report.approvals, [(approval.by, 1)])
        report.self_approved += approval.how == "self"
    if not isinstance(entry, Void) and entry.awards:
        by_rules = report.programmes.setdefault(f"{entry.programme} {entry.programme_version}", {})
        add(by_rules, ((award.kind, award.points) for award in entry.awards))
        for award in entry.awards:
            add(report.campaigns, award.gained.items())
    for taken in entry.redemptions if isinstance(entry, Sale) else ():
        add(report.redeemed_by_authority.setdefault(taken.authority, {}), [(taken.kind, taken.points)])
        known = report.rewards.setdefault(taken.reward, RewardTaken())
        known.times += 1
        known.off_bill_fen += taken.off_bill_fen
        add(known.points, [(taken.kind, taken.points)])
        add(report.issued, [(taken.gives, taken.units)] if taken.units else [])
        report.redemptions += 1
        report.services += taken.appointment is not None


def _count_outcomes(
    ends: OpenEnds, entries: Entries, outcomes: Mapping[int, Outcome], sales: Mapping[UUID, Sale]
) -> None:
    for row, entry in entries:
        outcome = outcomes.get(row.seq)
        if outcome is None:
            # The closing entry itself cannot be confirmed yet; what is about the shift moves no points.
            ends.unconfirmed += not isinstance(entry, ShiftEntry)
            add(ends.unconfirmed_by_kind, _net_points(entry, sales))
        else:
            ends.quarantined += outcome.status == "quarantined"
            _count_shortfall(ends, entry, outcome.shortfall)


def _count_shortfall(ends: OpenEnds, entry: Entry | None, points: int) -> None:
    rest = points
    for line, missing in uncovered(entry, points) if isinstance(entry, Sale) else ():
        rest -= missing
        if missing:
            add(ends.shortfall, [(line.kind, missing)])
    if rest:
        add(ends.shortfall, [("", rest)])


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


def read_any(row: Row) -> Entry | None:
    """An entry of any kind; None for one that cannot be read."""
    try:
        return decode_entry(row.payload)
    except UnreadableEntryError:
        return None

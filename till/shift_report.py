"""What one shift has given and taken (X and Z report): figures from its entries and their outcomes, and none of them twice.

Of a closed shift they are what its closing entry says, whatever was heard later: that stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from local_db.journal import JournalReader, Row
from protocol.chain_check import witness_of
from protocol.entries import (
    Entry,
    LateCredit,
    ManualPoints,
    Refund,
    RunningTotals,
    Sale,
    ShiftClosed,
    ShiftEntry,
    ShiftHandedOver,
    ShiftOpened,
    ShiftTotals,
    Void,
    decode_entry,
)
from protocol.errors import UnreadableEntryError
from protocol.push import Outcome
from till.errors import RefusedError
from till.provisional_account import uncovered

HOUR_US = 3_600_000_000


@dataclass(kw_only=True)
class Part:
    """What some entries come to: of a shift, or of one cashier in it. Points are by kind; a voided sale is no sale.

    `off_bill_fen` is the tender line 积分抵扣, to be compared with the cash register's; `cash_fen` is what rewards cost
    beside their points.
    """

    sales: int = 0
    voids: int = 0
    refunds: int = 0
    refunded_fen: int = 0
    given_back: dict[str, int] = field(default_factory=dict)
    """What refunds gave back."""
    taken_back: dict[str, int] = field(default_factory=dict)
    """What refunds took back."""
    gross_fen: int = 0
    due_fen: int = 0
    off_bill_fen: int = 0
    cash_fen: int = 0
    awarded: dict[str, int] = field(default_factory=dict)
    redeemed: dict[str, int] = field(default_factory=dict)
    given: int = 0
    """Late credits and points by hand; their points are among those awarded, and their money is not taken here."""

    def take(self, entry: Entry | None) -> None:
        """Count an entry; the caller leaves out sales that were voided."""
        match entry:
            case Void():
                self.voids += 1
            case Refund():
                self.refunds += 1
                self.refunded_fen += entry.money_fen
                _add(self.given_back, entry.given_back.items())
                _add(self.taken_back, entry.taken_back.items())
                _add(self.awarded, ((award.kind, award.points) for award in entry.awards))
            case LateCredit() | ManualPoints():
                self.given += 1
                _add(self.awarded, ((award.kind, award.points) for award in entry.awards))
            case Sale():
                self.sales += 1
                self.gross_fen += entry.gross_fen
                self.due_fen += entry.due_fen
                _add(self.awarded, ((award.kind, award.points) for award in entry.awards))
                _add(self.redeemed, ((taken.kind, taken.points) for taken in entry.redemptions))
                self.cash_fen += sum(taken.cash_fen for taken in entry.redemptions)
                self.off_bill_fen += sum(taken.off_bill_fen for taken in entry.redemptions)


@dataclass(kw_only=True)
class OpenEnds:
    """What is not settled: entries without an outcome, those that wait for a person, points that nobody had."""

    unconfirmed: int = 0
    unconfirmed_by_kind: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    shortfall: dict[str, int] = field(default_factory=dict)
    """By kind: a voucher that nobody had is a piece, and no point. Of a correction the till is told no kind."""


@dataclass(kw_only=True)
class ShiftReport(Part, OpenEnds):
    """What a shift has done so far (X) or did (Z)."""

    shift: str
    number: int
    opened_at: int
    opened_by: str
    closed_at: int = 0
    closed_by: str = ""
    days: list[str] = field(default_factory=list)
    """The business days of its entries: two for a shift that went on past the end of one."""
    moves: int = 0
    """Its entries, without those about the shift itself."""
    redeemed_by_authority: dict[str, dict[str, int]] = field(default_factory=dict)
    cashiers: dict[str, Part] = field(default_factory=dict)
    """By 工号, each by what he did himself, in the order in which they began."""
    handed_over: list[tuple[int, str, str]] = field(default_factory=list)
    """When, from whom, to whom."""
    later: OpenEnds | None = None
    """Of a closed shift: how its open ends are now."""
    running: RunningTotals = field(default_factory=RunningTotals)
    """本机累计, of a shift that is closed."""
    proof: str = ""
    """What the closing entry's place in the chain is, for `till journal verify --witness`."""

    @property
    def totals(self) -> ShiftTotals:
        """What the closing entry keeps."""
        return totals_of(self, self)


def totals_of(part: Part, ends: OpenEnds) -> ShiftTotals:
    """As an entry keeps them."""
    return ShiftTotals(
        sales=part.sales, voids=part.voids, refunds=part.refunds, refunded_fen=part.refunded_fen,
        given_back=part.given_back, taken_back=part.taken_back, gross_fen=part.gross_fen, due_fen=part.due_fen,
        off_bill_fen=part.off_bill_fen, awarded=part.awarded, redeemed=part.redeemed, unconfirmed=ends.unconfirmed,
        unconfirmed_points=sum(ends.unconfirmed_by_kind.values()), unconfirmed_by_kind=ends.unconfirmed_by_kind,
        quarantined=ends.quarantined, shortfall=ends.shortfall,
    )  # fmt: skip


def shift_report(journal: JournalReader, shift: str) -> ShiftReport:
    """The report of a shift. Raises `RefusedError("no-shift")`."""
    rows = journal.of_shift(shift)
    if not rows:
        raise RefusedError("no-shift")
    report = ShiftReport(shift=shift, number=0, opened_at=rows[0].occurred_at, opened_by="")
    entries = [(row, read_any(row)) for row in rows]
    for row, entry in without_voided(entries):
        _count(report, row, entry)
    ends = open_ends(journal, entries)
    closing = next((entry for _, entry in entries if isinstance(entry, ShiftClosed)), None)
    if closing is not None:
        report.later, ends = ends, ends_of(closing.totals)
    _settle(report, ends)
    return report


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


def without_voided(entries: Sequence[tuple[Row, Entry | None]]) -> Iterator[tuple[Row, Entry | None]]:
    """All but the sales that a void among them takes back."""
    voided = {entry.voids for _, entry in entries if isinstance(entry, Void)}
    return ((row, entry) for row, entry in entries if not (isinstance(entry, Sale) and entry.id in voided))


def open_ends(
    journal: JournalReader, entries: Sequence[tuple[Row, Entry | None]], sold: Sequence[tuple[Row, Entry | None]] = ()
) -> OpenEnds:
    """Of these entries, as far as the till has heard. `sold`: where their voids find the sales, if not among them."""
    ends = OpenEnds()
    outcomes = journal.outcomes([row.seq for row, _ in entries])
    _count_outcomes(ends, entries, outcomes, {one.id: one for _, one in sold or entries if isinstance(one, Sale)})
    decided = journal.decisions([seq for seq, outcome in outcomes.items() if outcome.status == "quarantined"])
    ends.quarantined -= len(decided)
    for row, entry in entries:
        if (decision := decided.get(row.seq)) is not None:
            _count_shortfall(ends, entry if decision.choice != "corrected" else None, decision.shortfall)
    return ends


def ends_of(totals: ShiftTotals) -> OpenEnds:
    """As a closing entry keeps them."""
    return OpenEnds(
        unconfirmed=totals.unconfirmed, unconfirmed_by_kind=dict(totals.unconfirmed_by_kind),
        quarantined=totals.quarantined, shortfall=dict(totals.shortfall),
    )  # fmt: skip


def _settle(report: ShiftReport, ends: OpenEnds) -> None:
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
        case Sale() | Void() | Refund():
            report.take(entry)
            report.cashiers.setdefault(entry.by, Part()).take(entry)
            for taken in entry.redemptions if isinstance(entry, Sale) else ():
                _add(report.redeemed_by_authority.setdefault(taken.authority, {}), [(taken.kind, taken.points)])
    report.moves += not isinstance(entry, ShiftEntry)


def _count_outcomes(
    ends: OpenEnds, entries: Sequence[tuple[Row, Entry | None]], outcomes: Mapping[int, Outcome],
    sales: Mapping[UUID, Sale],
) -> None:  # fmt: skip
    for row, entry in entries:
        outcome = outcomes.get(row.seq)
        if outcome is None:
            # The closing entry itself cannot be confirmed yet; what is about the shift moves no points.
            ends.unconfirmed += not isinstance(entry, ShiftEntry)
            _add(ends.unconfirmed_by_kind, _net_points(entry, sales))
        else:
            ends.quarantined += outcome.status == "quarantined"
            _count_shortfall(ends, entry, outcome.shortfall)


def _count_shortfall(ends: OpenEnds, entry: Entry | None, points: int) -> None:
    rest = points
    for line, missing in uncovered(entry, points) if isinstance(entry, Sale) else ():
        rest -= missing
        if missing:
            _add(ends.shortfall, [(line.kind, missing)])
    if rest:
        _add(ends.shortfall, [("", rest)])


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


def _add(sums: dict[str, int], more: Iterable[tuple[str, int]]) -> None:
    for kind, points in more:
        sums[kind] = sums.get(kind, 0) + points


def read_any(row: Row) -> Entry | None:
    """An entry of any kind; None for one that cannot be read."""
    try:
        return decode_entry(row.payload)
    except UnreadableEntryError:
        return None

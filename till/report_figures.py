"""The figures of a report: of a shift, of one cashier in it, of an hour, of a business day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from protocol.entries import Entry, Joined, LateCredit, ManualPoints, Refund, RunningTotals, Sale, ShiftTotals, Void


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
    claimable: dict[str, int] = field(default_factory=dict)
    """Of those, with sales that had no member: whoever brings the receipt has them, or nobody."""
    redeemed: dict[str, int] = field(default_factory=dict)
    given: int = 0
    """Late credits and points by hand; their points are among those awarded, and their money is not taken here."""
    joined: int = 0
    """New members."""

    def take(self, entry: Entry | None) -> None:
        """Count an entry; the caller leaves out sales that were voided."""
        match entry:
            case Joined():
                self.joined += 1
            case Void():
                self.voids += 1
            case Refund():
                self.refunds += 1
                self.refunded_fen += entry.money_fen
                add(self.given_back, entry.given_back.items())
                add(self.taken_back, entry.taken_back.items())
                add(self.awarded, ((award.kind, award.points) for award in entry.awards))
            case LateCredit() | ManualPoints():
                self.given += 1
                add(self.awarded, ((award.kind, award.points) for award in entry.awards))
            case Sale():
                self.sales += 1
                self.gross_fen += entry.gross_fen
                self.due_fen += entry.due_fen
                add(self.awarded, ((award.kind, award.points) for award in entry.awards))
                if entry.claim_until:
                    add(self.claimable, ((award.kind, award.points) for award in entry.awards))
                add(self.redeemed, ((taken.kind, taken.points) for taken in entry.redemptions))
                self.cash_fen += sum(taken.cash_fen for taken in entry.redemptions)
                self.off_bill_fen += sum(taken.off_bill_fen for taken in entry.redemptions)


@dataclass(kw_only=True)
class OpenEnds:
    """What is not settled: entries without an outcome, those that wait for a person, points that nobody had."""

    moves: int = 0
    """Of so many entries; those about a shift itself are none."""
    unconfirmed: int = 0
    unconfirmed_by_kind: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    shortfall: dict[str, int] = field(default_factory=dict)
    """By kind: a voucher that nobody had is a piece, and no point. Of a correction the till is told no kind."""


@dataclass(kw_only=True)
class RewardTaken:
    """How often a reward was taken, for how many points by kind, and what of it came off bills."""

    times: int = 0
    points: dict[str, int] = field(default_factory=dict)
    off_bill_fen: int = 0


@dataclass(kw_only=True)
class ShiftReport(Part, OpenEnds):
    """What a shift has done so far (X) or did (Z); with `day` and no `shift`, what a business day's shifts did (日结单)."""

    shift: str = ""
    number: int = 0
    day: str = ""
    opened_at: int
    opened_by: str = ""
    closed_at: int = 0
    closed_by: str = ""
    days: list[str] = field(default_factory=list)
    """The business days of its entries: two for a shift that went on past the end of one."""
    redeemed_by_authority: dict[str, dict[str, int]] = field(default_factory=dict)
    cashiers: dict[str, Part] = field(default_factory=dict)
    """By 工号, each by what he did himself, in the order in which they began."""
    shifts: dict[int, Part] = field(default_factory=dict)
    """Of a day: each shift by its number."""
    hours: dict[int, Part] = field(default_factory=dict)
    """By hours since 1970 (UTC)."""
    rewards: dict[str, RewardTaken] = field(default_factory=dict)
    """By their id in the programme."""
    programmes: dict[str, dict[str, int]] = field(default_factory=dict)
    """Points given, by `programme version`, then by kind."""
    campaigns: dict[str, int] = field(default_factory=dict)
    """Points that campaigns added of which one member gains so many and no more: of others the entries do not say it."""
    issued: dict[str, int] = field(default_factory=dict)
    """Vouchers for a later visit, by kind."""
    services: int = 0
    """Redemptions that booked a service."""
    redemptions: int = 0
    approvals: dict[str, int] = field(default_factory=dict)
    """主管授权: how often, by who allowed it."""
    self_approved: int = 0
    """Of those, by the one who did it."""
    refused: dict[str, int] = field(default_factory=dict)
    """Redemptions that were refused at the till, by the code of why."""
    before: Part | None = None
    """This till's same weekday a week before, the whole day; None where nothing is known of it."""
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
        return totals_of(self, self, self.refused)


def totals_of(part: Part, ends: OpenEnds, refused: dict[str, int] | None = None) -> ShiftTotals:
    """As an entry keeps them."""
    return ShiftTotals(
        sales=part.sales, voids=part.voids, refunds=part.refunds, refunded_fen=part.refunded_fen,
        given_back=part.given_back, taken_back=part.taken_back, gross_fen=part.gross_fen, due_fen=part.due_fen,
        off_bill_fen=part.off_bill_fen, awarded=part.awarded, redeemed=part.redeemed, unconfirmed=ends.unconfirmed,
        unconfirmed_points=sum(ends.unconfirmed_by_kind.values()), unconfirmed_by_kind=ends.unconfirmed_by_kind,
        quarantined=ends.quarantined, shortfall=ends.shortfall, refused=refused or {},
    )  # fmt: skip


def ends_of(totals: ShiftTotals) -> OpenEnds:
    """As a closing entry keeps them."""
    return OpenEnds(
        unconfirmed=totals.unconfirmed, unconfirmed_by_kind=dict(totals.unconfirmed_by_kind),
        quarantined=totals.quarantined, shortfall=dict(totals.shortfall),
    )  # fmt: skip


def add(sums: dict[str, int], more: Iterable[tuple[str, int]]) -> None:
    """Add up by kind, or whatever the name is."""
    for kind, points in more:
        sums[kind] = sums.get(kind, 0) + points

"""A shift's report, section by section: from this one list come the screen (F8), the paper and every file."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor

from points import Programme, format_fen
from points.terms import own_rate
from till.i18n import _
from till.report_detail import detail_sections
from till.report_figures import OpenEnds, Part, ShiftReport
from till.report_words import (
    Amount,
    Local,
    ReportRow,
    Section,
    amounts_of,
    authority_name,
    count_row,
    fen_row,
    person_name,
    points_by_kind,
    points_row,
)
from till.store import Store
from till.text import money


def report_sections(report: ShiftReport, store: Store | None, local: Local) -> list[Section]:
    """All that a report says; empty ones are left out. Without a `store` kinds and people are called by their codes."""
    programme = store.programme if store else None
    found = [
        Section("money", _("Money"), [*_period(report, store, local), *_money(report)]),
        Section("points", _("Points"), _points(report, programme)),
        Section("refunds", _("Refunds"), _refunds(report, programme)),
        Section("open", _("Not settled"), [*_open_ends(report, programme), *_later(report, programme)]),
        *detail_sections(report, store, local),
        Section("running", _("Since the first entry"), _since_the_first(report, programme)),
    ]
    return [section for section in found if section.rows]


def part_sections(part: Part, ends: OpenEnds, store: Store | None) -> list[Section]:
    """What one cashier did since he came, for himself and for who takes over."""
    programme = store.programme if store else None
    found = [
        Section("money", _("Money"), _money(part)),
        Section("points", _("Points"), _given_and_taken(part, programme)),
        Section("refunds", _("Refunds"), _refunds(part, programme)),
        Section("open", _("Not settled"), _open_ends(ends, programme)),
    ]
    return [section for section in found if section.rows]


def _period(report: ShiftReport, store: Store | None, local: Local) -> list[ReportRow]:
    if report.day:
        return [ReportRow(_("Business day"), report.day)]
    closed = local(report.closed_at)[:16] if report.closed_at else _("still open")
    return [
        ReportRow(f"{local(report.opened_at)[:16]} - {closed}", person_name(report.opened_by, store), "quiet"),
        ReportRow(_("Business day"), ", ".join(report.days)),
    ]


def _money(part: Part) -> list[ReportRow]:
    """积分抵扣 first: it is what is held against the cash register's every evening."""
    return [
        fen_row(_("Paid with points"), -part.off_bill_fen, "strong"),
        *([fen_row(_("Paid beside points"), part.cash_fen)] if part.cash_fen else []),
        count_row(_("Sales"), part.sales, "strong"),
        count_row(_("Voided"), part.voids),
        fen_row(_("Amount before points"), part.gross_fen),
        fen_row(_("To pay"), part.due_fen, "strong"),
    ]


def _given_and_taken(part: Part, programme: Programme | None) -> list[ReportRow]:
    return [
        points_row(_("Points given"), part.awarded, programme, "points"),
        *(
            [points_row(_("  of these for who brings the receipt"), part.claimable, programme)]
            if part.claimable
            else []
        ),
        points_row(_("Points redeemed"), part.redeemed, programme, "points"),
        *([count_row(_("Late credits and points by hand"), part.given, "detail")] if part.given else []),
        *([count_row(_("New members"), part.joined, "detail")] if part.joined else []),
    ]


def _points(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    return [
        *_given_and_taken(report, programme),
        *(
            ReportRow(
                f"  {authority_name(authority)}", points_by_kind(by_kind, programme, is_bare=True), "detail",
                amounts_of(by_kind),
            )
            for authority, by_kind in sorted(report.redeemed_by_authority.items())
        ),
    ]  # fmt: skip


def _open_ends(ends: OpenEnds, programme: Programme | None) -> list[ReportRow]:
    share = 100 * ends.unconfirmed // max(1, ends.moves)
    main = programme.kinds[0].code if programme else next(iter(ends.unconfirmed_by_kind), "")
    points = ends.unconfirmed_by_kind.get(main, 0)
    others = {kind: others for kind, others in ends.unconfirmed_by_kind.items() if kind != main and others}
    worth = _worth(points, programme)
    said = [f"{points:+,}", money(worth), *([points_by_kind(others, programme, is_signed=True)] if others else [])]
    rows = [
        ReportRow(
            _("Not yet confirmed"), _("{n} entries, {share} %").format(n=ends.unconfirmed, share=share), "",
            (Amount(ends.unconfirmed, "count"), Amount(share, "percent")),
        ),
        ReportRow(
            _("  points in them, and what they are worth redeemed"), "  ".join(said), "detail",
            (*amounts_of({main: points} | others if main else others), Amount(worth, "fen")),
        ),
    ]  # fmt: skip
    if ends.quarantined:
        rows.append(count_row(_("Wait for a manager"), ends.quarantined, "warning"))
    if ends.shortfall:
        rows.append(points_row(_("Overdrawn, borne by the shop"), ends.shortfall, programme, "warning"))
    return rows


def _later(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    """What was heard after the closing: beside its figures, which stay what they were."""
    later = report.later
    if later is None or later == OpenEnds(
        moves=report.moves, unconfirmed=report.unconfirmed, unconfirmed_by_kind=report.unconfirmed_by_kind,
        quarantined=report.quarantined, shortfall=report.shortfall,
    ):  # fmt: skip
        return []
    rows = [count_row(_("Since then: not yet confirmed"), later.unconfirmed, "quiet")]
    if later.quarantined or report.quarantined:
        rows.append(count_row(_("Since then: wait for a manager"), later.quarantined, "quiet"))
    if later.shortfall != report.shortfall:
        rows.append(points_row(_("Since then: overdrawn, borne by the shop"), later.shortfall, programme, "quiet"))
    return rows


def _since_the_first(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    """本机累计: for who keeps the reports on paper. What is missing from the journal is missing from the next one's figures."""
    if not report.closed_at:
        return []
    running = report.running
    entries = _("{n} entries").format(n=f"{running.entries:,}")
    return [
        ReportRow(_("This till since its first entry"), entries, "detail", (Amount(running.entries, "count"),)),
        points_row(_("  points given"), running.awarded, programme),
        points_row(_("  points redeemed"), running.redeemed, programme),
        *_refunded(_("  refunds gave back"), running.given_back, programme),
        *_refunded(_("  refunds took back"), running.taken_back, programme),
        ReportRow(_("  proof"), report.proof, "detail"),
    ]


def _refunds(part: Part, programme: Programme | None) -> list[ReportRow]:
    if not part.refunds:
        return []
    back = _("{n}, money back {money}").format(n=part.refunds, money=format_fen(-part.refunded_fen))
    return [
        ReportRow(_("Refunds"), back, "strong", (Amount(part.refunds, "count"), Amount(-part.refunded_fen, "fen"))),
        *_refunded(_("Refunds gave back"), part.given_back, programme),
        *_refunded(_("Refunds took back"), part.taken_back, programme),
    ]


def _refunded(label: str, by_kind: Mapping[str, int], programme: Programme | None) -> list[ReportRow]:
    return [points_row(label, by_kind, programme)] if by_kind else []


def _worth(points: int, programme: Programme | None) -> int:
    """Fen that points are worth in the store's own voucher; 0 where it has none."""
    rate = own_rate(programme) if programme else None
    return floor(points * rate) if rate else 0

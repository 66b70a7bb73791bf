"""A shift's report in words, row by row: what the screen draws (F8) and what `till report shift` prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import floor
from typing import Literal, NamedTuple

from points import Programme, counted, format_fen
from points.terms import own_rate
from protocol.training import is_training
from till.i18n import _, either
from till.shifts import ShiftReport
from till.text import harmless, money, points_text
from till.training_words import mark_in_full

Tone = Literal["", "strong", "points", "quiet", "detail", "warning"]


class ReportRow(NamedTuple):
    """What it is and how much. `tone`: how loud; `points` are strong too, of a `detail` only the label is quiet."""

    label: str
    value: str
    tone: Tone = ""


def report_title(report: ShiftReport) -> str:
    """X while the shift is open, Z once it is closed."""
    name = _("Closing report (Z)") if report.closed_at else _("Interim report (X)")
    training = [mark_in_full()] if is_training(report.shift) else []
    return "  ".join([*training, name, _("shift {n}").format(n=report.number)])


def report_rows(
    report: ShiftReport, programme: Programme | None, local: Callable[[int], str]
) -> tuple[list[ReportRow], ...]:
    """Money, points, and what is open yet. `local`: civil time of µs; without a `programme` kinds are called by their code."""
    return (
        _money(report, local),
        _points(report, programme),
        *([_refunds(report, programme)] if report.refunds else []),
        _open_ends(report, programme),
        *([_since_the_first(report, programme)] if report.closed_at else []),
    )


def _money(report: ShiftReport, local: Callable[[int], str]) -> list[ReportRow]:
    closed = local(report.closed_at)[:16] if report.closed_at else _("still open")
    return [
        ReportRow(f"{local(report.opened_at)[:16]} - {closed}", harmless(report.opened_by), "quiet"),
        ReportRow(_("Business day"), ", ".join(report.days)),
        ReportRow(_("Sales"), f"{report.sales}", "strong"),
        ReportRow(_("Voided"), f"{report.voids}"),
        ReportRow(_("Amount before points"), format_fen(report.gross_fen)),
        ReportRow(_("Paid with points"), format_fen(-report.redeemed_off_bill_fen)),
        *([ReportRow(_("Paid beside points"), format_fen(report.cash_fen))] if report.cash_fen else []),
        ReportRow(_("To pay"), format_fen(report.due_fen), "strong"),
    ]


def authority_name(authority: str) -> str:
    """On what a redemption stood, in two or three words: on receipts and in reports."""
    names = {
        "online": _("confirmed online"), "floor": _("small amount, offline"), "allowance": _("offline allowance"),
        "authorised": _("authorised by the member's phone"),
    }  # fmt: skip
    return names.get(authority, authority)


def _points(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    return [
        ReportRow(_("Points given"), _sum(report.awarded, programme), "points"),
        ReportRow(_("Points redeemed"), _sum(report.redeemed, programme), "points"),
        *(
            ReportRow(f"  {authority_name(authority)}", _sum(by_kind, programme, is_bare=True), "detail")
            for authority, by_kind in sorted(report.redeemed_by_authority.items())
        ),
    ]


def _open_ends(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    share = 100 * report.unconfirmed // max(1, report.sales + 2 * report.voids)
    main = programme.kinds[0].code if programme else next(iter(report.unconfirmed_by_kind), "")
    points = report.unconfirmed_by_kind.get(main, 0)
    others = {kind: others for kind, others in report.unconfirmed_by_kind.items() if kind != main and others}
    said = [
        f"{points:+,}",
        money(_worth(points, programme)),
        *([_sum(others, programme, is_signed=True)] if others else []),
    ]
    rows = [
        ReportRow(_("Not yet confirmed"), _("{n} entries, {share} %").format(n=report.unconfirmed, share=share)),
        ReportRow(
            _("  points in them, and what they are worth redeemed"), "  ".join(said), "detail"
        ),
    ]  # fmt: skip
    if report.quarantined:
        rows.append(ReportRow(_("Wait for a manager"), f"{report.quarantined}", "warning"))
    if report.shortfall:
        rows.append(ReportRow(_("Overdrawn, borne by the shop"), _sum(report.shortfall, programme), "warning"))
    return rows


def _since_the_first(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    """本机累计: for who keeps the reports on paper. What is missing from the journal is missing from the next one's figures."""
    running = report.running
    return [
        ReportRow(_("This till since its first entry"), _("{n} entries").format(n=f"{running.entries:,}"), "detail"),
        ReportRow(_("  points given"), _sum(running.awarded, programme), "detail"),
        ReportRow(_("  points redeemed"), _sum(running.redeemed, programme), "detail"),
        *_refunded(_("  refunds gave back"), running.given_back, programme),
        *_refunded(_("  refunds took back"), running.taken_back, programme),
        ReportRow(_("  proof"), report.proof, "detail"),
    ]


def _sum(
    by_kind: Mapping[str, int], programme: Programme | None, *, is_bare: bool = False, is_signed: bool = False
) -> str:
    """`is_bare`: the store's own points alone are a number, for they are meant."""
    kinds = programme.kind_by_code if programme else {}
    if is_bare and programme and [*by_kind] == [programme.kinds[0].code]:
        return points_text(by_kind[programme.kinds[0].code])
    return (
        "  ".join(
            harmless(
                either(counted(kinds[kind], points, is_signed=is_signed))
                if kind in kinds
                else f"{points:,} {kind}".rstrip()
            )
            for kind, points in by_kind.items()
        )
        or "0"
    )


def _refunds(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    money = format_fen(-report.refunded_fen)
    return [
        ReportRow(_("Refunds"), _("{n}, money back {money}").format(n=report.refunds, money=money), "strong"),
        *_refunded(_("Refunds gave back"), report.refunded_points, programme),
        *_refunded(_("Refunds took back"), report.retaken_points, programme),
    ]


def _refunded(label: str, by_kind: dict[str, int], programme: Programme | None) -> list[ReportRow]:
    return [ReportRow(label, _sum(by_kind, programme), "detail")] if by_kind else []


def _worth(points: int, programme: Programme | None) -> int:
    """Fen that points are worth in the store's own voucher; 0 where it has none."""
    rate = own_rate(programme) if programme else None
    return floor(points * rate) if rate else 0

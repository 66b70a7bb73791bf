"""A shift's report in words, row by row: what the screen draws (F8) and what `till report shift` prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from points import Programme, counted, format_fen
from till.i18n import _, either
from till.shifts import ShiftReport
from till.text import harmless, money, points_text

Tone = Literal["", "strong", "points", "quiet", "detail", "warning"]


class ReportRow(NamedTuple):
    """What it is and how much. `tone`: how loud; `points` are strong too, of a `detail` only the label is quiet."""

    label: str
    value: str
    tone: Tone = ""


def report_title(report: ShiftReport) -> str:
    """X while the shift is open, Z once it is closed."""
    name = _("Closing report (Z)") if report.closed_at else _("Interim report (X)")
    return "  ".join([name, _("shift {n}").format(n=report.number)])


def report_rows(
    report: ShiftReport, programme: Programme | None, local: Callable[[int], str]
) -> tuple[list[ReportRow], ...]:
    """Money, points, and what is open yet. `local`: civil time of µs; without a `programme` kinds are called by their code."""
    return (
        _money(report, local),
        _points(report, programme),
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
            ReportRow(f"  {authority_name(authority)}", points_text(points), "detail")
            for authority, points in sorted(report.redeemed_by_authority.items())
        ),
    ]


def _open_ends(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    share = 100 * report.unconfirmed // max(1, report.sales + 2 * report.voids)
    worth = money(_worth(report.unconfirmed_points, programme))
    rows = [
        ReportRow(_("Not yet confirmed"), _("{n} entries, {share} %").format(n=report.unconfirmed, share=share)),
        ReportRow(
            _("  points in them, and what they are worth redeemed"), f"{report.unconfirmed_points:+,}  {worth}", "detail"
        ),
    ]  # fmt: skip
    if report.quarantined:
        rows.append(ReportRow(_("Wait for a manager"), f"{report.quarantined}", "warning"))
    if report.shortfall:
        rows.append(ReportRow(_("Overdrawn, borne by the shop"), points_text(report.shortfall), "warning"))
    return rows


def _since_the_first(report: ShiftReport, programme: Programme | None) -> list[ReportRow]:
    """本机累计: for who keeps the reports on paper. What is missing from the journal is missing from the next one's figures."""
    running = report.running
    return [
        ReportRow(_("This till since its first entry"), _("{n} entries").format(n=f"{running.entries:,}"), "detail"),
        ReportRow(_("  points given"), _sum(running.awarded, programme), "detail"),
        ReportRow(_("  points redeemed"), _sum(running.redeemed, programme), "detail"),
        ReportRow(_("  proof"), report.proof, "detail"),
    ]


def _sum(by_kind: dict[str, int], programme: Programme | None) -> str:
    kinds = programme.kind_by_code if programme else {}
    return (
        "  ".join(
            harmless(either(counted(kinds[kind], points)) if kind in kinds else f"{points_text(points)} {kind}")
            for kind, points in by_kind.items()
        )
        or "0"
    )


def _worth(points: int, programme: Programme | None) -> int:
    """Fen that points are worth in the store's own voucher; 0 where it has none."""
    rewards = programme.rewards if programme else ()
    ladder = next((reward for reward in rewards if reward.form in ("voucher", "offset")), None)
    return points * ladder.value_fen // ladder.points if ladder else 0

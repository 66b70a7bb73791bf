"""主管授权 in words: who allowed how many acts, and each of them. Tables in Chinese or English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.approvals import Approved
from ledger.pages.words import Words, msg
from ledger.store_day_words import row
from protocol.business_days import Calendar
from protocol.entries import Approvable, ApprovalReason
from protocol.reports import ReportRow, ReportTable

_ALLOWS: Final[dict[Approvable, str]] = {
    "redemption": msg("large redemption"), "floor": msg("large redemption, offline"), "void": msg("late void"),
    "late-credit": msg("late credit"), "manual-points": msg("points by hand"),
    "tutorial": msg("redemption before the tutorial"),
}  # fmt: skip
_REASONS: Final[dict[ApprovalReason, str]] = {
    "asked": msg("The customer asked for it"), "mistake": msg("A mistake at the till"),
    "no-code": msg("No member code at the time"), "complaint": msg("A complaint is made good"),
    "campaign": msg("A campaign was missed"), "fault": msg("Device or network failed"), "other": msg("Something else"),
}  # fmt: skip
_HOW: Final = {"pin": msg("by PIN"), "card": msg("by card and PIN"), "self": msg("by himself")}


def approval_tables(found: Sequence[Approved], calendar: Calendar, words: Words) -> list[ReportTable]:
    """Of a day: none where nothing was allowed."""
    say = words.say
    if not found:
        return []
    by = sorted({one.approval.by for one in found})
    acts = {staff: [one for one in found if one.approval.by == staff] for staff in by}
    counts = ReportTable(
        title=say(msg("Who approved")),
        columns=(say(msg("by")), say(msg("times")), say(msg("of them by himself")), say(msg("points"))),
        rows=tuple(
            row(
                staff, f"{len(own):,}", f"{sum(one.approval.how == 'self' for one in own):,}",
                f"{sum(one.points for one in own):,}", bar=len(own),
            )
            for staff, own in acts.items()
        ),
    )  # fmt: skip
    columns = (
        say(msg("time")), say(msg("till")), say(msg("what")), say(msg("points")), say(msg("approved")), say(msg("cashier")),
        say(msg("why")),
    )  # fmt: skip
    return [
        counts,
        ReportTable(
            title=say(msg("Approvals")), columns=columns, rows=tuple(_line(one, calendar, words) for one in found)
        ),
    ]


def _line(one: Approved, calendar: Calendar, words: Words) -> ReportRow:
    say, approval = words.say, one.approval
    what = ", ".join(say(_ALLOWS[allowed]) for allowed in approval.allows)
    why = f"{say(_REASONS[approval.reason])}{f': {approval.words}' if approval.words else ''}"
    waits = say(msg(" (waits for a person)")) if one.waits else ""
    return row(
        f"{calendar.civil(one.at):%H:%M}", f"{one.terminal} {one.seq}", what, f"{one.points:,}",
        f"{approval.by} {say(_HOW[approval.how])}", one.cashier, f"{why}{waits}",
    )  # fmt: skip

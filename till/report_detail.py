"""The detail of a report: who, when, for what, by which rules, on whose word, and the same weekday before."""

from __future__ import annotations

from collections.abc import Iterator

from points import Programme
from points.impact import green_kinds
from till.i18n import _, either
from till.refused import Why, why_of
from till.report_figures import Part, RewardTaken, ShiftReport
from till.report_words import (
    BAR,
    Amount,
    Local,
    ReportRow,
    Section,
    amounts_of,
    count_row,
    fen_row,
    person_name,
    points_by_kind,
    points_row,
)
from till.shift_report import HOUR_US
from till.store import Store
from till.text import harmless, money


def detail_sections(report: ShiftReport, store: Store | None, local: Local) -> list[Section]:
    """Each with what there is of it; empty ones too."""
    programme = store.programme if store else None
    found = [
        ("shifts", _("Shifts"), _shifts(report, programme)),
        ("cashiers", _("Cashiers"), _cashiers(report, store, local)),
        ("hours", _("By hour"), _hours(report, local)),
        ("rewards", _("Rewards"), _rewards(report, programme)),
        ("vouchers", _("Vouchers and services"), _vouchers(report, programme)),
        ("programmes", _("Rules and campaigns"), _programmes(report, programme)),
        ("control", _("Refused and approved"), _control(report, store)),
        ("before", _("The same weekday before"), _before(report, programme)),
    ]
    return [Section(key, title, [*rows], is_titled=True) for key, title, rows in found]


def _shifts(report: ShiftReport, programme: Programme | None) -> Iterator[ReportRow]:
    for number, part in report.shifts.items():
        yield from _part(_("shift {n}").format(n=number), part, programme)


def _cashiers(report: ShiftReport, store: Store | None, local: Local) -> Iterator[ReportRow]:
    """Each one's part; nothing where one person did everything and handed over to nobody."""
    if len(report.cashiers) < 2 and not report.handed_over:
        return
    for staff, part in report.cashiers.items():
        yield from _part(person_name(staff, store), part, store.programme if store else None)
    for at, gone, come in report.handed_over:
        people = f"{person_name(gone, store)} - {person_name(come, store)}"
        yield ReportRow(_("Handed over {at}").format(at=local(at)[11:16]), people, "quiet")


def _part(name: str, part: Part, programme: Programme | None) -> Iterator[ReportRow]:
    back = [(_("voided {n}"), part.voids), (_("refunds {n}"), part.refunds)]
    said = [_("{n} sales").format(n=part.sales), *(text.format(n=number) for text, number in back if number)]
    counts = (
        Amount(part.sales, "count", "sales"), Amount(part.voids, "count", "voids"), Amount(part.refunds, "count", "refunds"),
    )  # fmt: skip
    yield ReportRow(
        name, "  ".join([*said, money(part.gross_fen)]), "strong", (*counts, Amount(part.gross_fen, "fen"))
    )
    yield points_row(_("  given"), part.awarded, programme)
    if part.redeemed:
        yield points_row(_("  redeemed"), part.redeemed, programme)
    if part.off_bill_fen:
        yield fen_row(_("  paid with points"), -part.off_bill_fen, "detail")


def _hours(report: ShiftReport, local: Local) -> Iterator[ReportRow]:
    """A bar for each hour by the amount sold, longest where most was."""
    most = max((part.gross_fen for part in report.hours.values()), default=0)
    for hour, part in sorted(report.hours.items()):
        bar = -(-BAR * part.gross_fen // most) if most else 0
        value = f"{_('{n} sales').format(n=part.sales)}  {money(part.gross_fen)}"
        amounts = (Amount(part.sales, "count"), Amount(part.gross_fen, "fen"))
        yield ReportRow(local(hour * HOUR_US)[11:16], value, "", amounts, bar)


def _rewards(report: ShiftReport, programme: Programme | None) -> Iterator[ReportRow]:
    """The most taken first."""
    for reward, taken in sorted(report.rewards.items(), key=lambda one: (-one[1].times, one[0])):
        yield _reward(reward, taken, programme)


def _reward(reward: str, taken: RewardTaken, programme: Programme | None) -> ReportRow:
    known = programme.reward_by_id.get(reward) if programme else None
    said = [_("{n} times").format(n=taken.times), points_by_kind(taken.points, programme)]
    amounts = [Amount(taken.times, "count"), *amounts_of(taken.points)]
    if taken.off_bill_fen:
        said.append(money(-taken.off_bill_fen))
        amounts.append(Amount(-taken.off_bill_fen, "fen"))
    return ReportRow(harmless(either(known.name) if known else reward, 40), "  ".join(said), "", tuple(amounts))


def _vouchers(report: ShiftReport, programme: Programme | None) -> Iterator[ReportRow]:
    """Given for a later visit, taken in, services among redemptions; and points that are given for what is green."""
    pieces = {kind.code for kind in programme.kinds if kind.unit} if programme else set()
    if report.issued:
        yield points_row(_("Vouchers given"), report.issued, programme, "")
    if taken := {kind: number for kind, number in report.redeemed.items() if kind in pieces}:
        yield points_row(_("Vouchers taken in"), taken, programme, "")
    if report.services:
        share = 100 * report.services // report.redemptions
        value = _("{n} of {all}, {share} %").format(n=report.services, all=report.redemptions, share=share)
        yield ReportRow(
            _("Services among redemptions"), value, "", (Amount(report.services, "count"), Amount(share, "percent"))
        )
    green = green_kinds([programme]) if programme else {}
    if grown := {kind: points for kind, points in report.awarded.items() if kind in green}:
        yield points_row(_("Green points given"), grown, programme, "")


def _programmes(report: ShiftReport, programme: Programme | None) -> Iterator[ReportRow]:
    """Points given by the version of the rules, where there was more than one; and by campaign where the entries say it."""
    for rules, given in report.programmes.items() if len(report.programmes) > 1 else ():
        code, _space, version = rules.rpartition(" ")
        name = either(programme.name) if programme and programme.id == code else code
        yield points_row(_("{rules}, version {n}").format(rules=harmless(name, 30), n=version), given, programme, "")
    names = {campaign.id: either(campaign.name) for campaign in programme.campaigns} if programme else {}
    for campaign, points in report.campaigns.items():
        yield count_row(_("Added by {campaign}").format(campaign=harmless(names.get(campaign, campaign), 30)), points)


def _control(report: ShiftReport, store: Store | None) -> Iterator[ReportRow]:
    names: dict[Why, str] = {
        "points": _("  too few points"), "offline": _("  not without the network"), "proof": _("  no proof of the member"),
        "rules": _("  not by the rules"),
    }  # fmt: skip
    if report.refused:
        yield count_row(_("Redemptions refused at the till"), sum(report.refused.values()))
        for why, name in names.items():
            if number := sum(count for code, count in report.refused.items() if why_of(code) == why):
                yield count_row(name, number, "detail")
    if report.approvals:
        yield count_row(_("Approvals"), sum(report.approvals.values()))
        for staff, number in report.approvals.items():
            yield count_row(f"  {person_name(staff, store)}", number, "detail")
    if report.self_approved:
        yield count_row(_("  by the one who did it"), report.self_approved, "warning")


def _before(report: ShiftReport, programme: Programme | None) -> Iterator[ReportRow]:
    """The whole day, of this till."""
    if report.before is not None:
        yield from _part(_("This till, the whole day"), report.before, programme)

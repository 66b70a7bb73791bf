"""A shift's report in words, section by section: what the screen draws (F8), what is printed, and what every file has.

Each figure is reckoned once: a row has it as people read it (`value`) and as programs do (`amounts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import floor
from typing import Literal, NamedTuple

from points import Programme, counted, format_fen
from points.terms import own_rate
from protocol.training import is_training
from till.i18n import _, either
from till.shift_report import OpenEnds, Part, ShiftReport
from till.store import Store
from till.text import harmless, money, points_text
from till.training_words import mark_in_full

Tone = Literal["", "strong", "points", "quiet", "detail", "warning"]
Local = Callable[[int], str]
"""Civil time of µs: 2026-11-21 14:32:05."""


class Amount(NamedTuple):
    """A figure for programs. `of`: the code of a kind of points."""

    number: int
    unit: Literal["fen", "points", "count", "percent"]
    of: str = ""


class ReportRow(NamedTuple):
    """What it is and how much. `tone`: how loud; `points` are strong too, of a `detail` only the label is quiet."""

    label: str
    value: str
    tone: Tone = ""
    amounts: tuple[Amount, ...] = ()


class Section(NamedTuple):
    """Rows that belong together. `key` names it for programs, `title` for people."""

    key: str
    title: str
    rows: list[ReportRow]


def report_title(report: ShiftReport) -> str:
    """X while the shift is open, Z once it is closed."""
    name = _("Closing report (Z)") if report.closed_at else _("Interim report (X)")
    training = [mark_in_full()] if is_training(report.shift) else []
    return "  ".join([*training, name, _("shift {n}").format(n=report.number)])


def report_sections(report: ShiftReport, store: Store | None, local: Local) -> list[Section]:
    """All that a report says; empty ones are left out. Without a `store` kinds and people are called by their codes."""
    programme = store.programme if store else None
    found = [
        Section("money", _("Money"), [*_period(report, store, local), *_money(report)]),
        Section("points", _("Points"), _points(report, programme)),
        Section("refunds", _("Refunds"), _refunds(report, programme)),
        Section("open", _("Not settled"), [*_open_ends(report, report.moves, programme), *_later(report, programme)]),
        Section("cashiers", _("Cashiers"), _cashiers(report, store, local)),
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
        Section("open", _("Not settled"), _open_ends(ends, part.sales + part.voids + part.refunds, programme)),
    ]
    return [section for section in found if section.rows]


def person_name(staff: str, store: Store | None) -> str:
    """`王芳(1023)`; the number alone for somebody whom the store does not know any more."""
    person = store.staff.get(staff) if store else None
    return harmless(f"{person.name}({staff})" if person else staff, 40)


def authority_name(authority: str) -> str:
    """On what a redemption stood, in two or three words: on receipts and in reports."""
    names = {
        "online": _("confirmed online"), "floor": _("small amount, offline"), "allowance": _("offline allowance"),
        "authorised": _("authorised by the member's phone"),
    }  # fmt: skip
    return names.get(authority, authority)


def fen_row(label: str, fen: int, tone: Tone = "") -> ReportRow:
    """Money."""
    return ReportRow(label, format_fen(fen), tone, (Amount(fen, "fen"),))


def count_row(label: str, number: int, tone: Tone = "") -> ReportRow:
    """How many."""
    return ReportRow(label, f"{number}", tone, (Amount(number, "count"),))


def points_row(
    label: str, by_kind: Mapping[str, int], programme: Programme | None, tone: Tone = "detail"
) -> ReportRow:
    """Points by kind."""
    return ReportRow(label, points_by_kind(by_kind, programme), tone, amounts_of(by_kind))


def amounts_of(by_kind: Mapping[str, int]) -> tuple[Amount, ...]:
    """Points by kind, for programs."""
    return tuple(Amount(points, "points", kind) for kind, points in by_kind.items())


def points_by_kind(
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


def _period(report: ShiftReport, store: Store | None, local: Local) -> list[ReportRow]:
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
        points_row(_("Points redeemed"), part.redeemed, programme, "points"),
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


def _open_ends(ends: OpenEnds, moves: int, programme: Programme | None) -> list[ReportRow]:
    """`moves`: how many entries there are in all."""
    share = 100 * ends.unconfirmed // max(1, moves)
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
        unconfirmed=report.unconfirmed, unconfirmed_by_kind=report.unconfirmed_by_kind,
        quarantined=report.quarantined, shortfall=report.shortfall,
    ):  # fmt: skip
        return []
    rows = [count_row(_("Since then: not yet confirmed"), later.unconfirmed, "quiet")]
    if later.quarantined or report.quarantined:
        rows.append(count_row(_("Since then: wait for a manager"), later.quarantined, "quiet"))
    if later.shortfall != report.shortfall:
        rows.append(points_row(_("Since then: overdrawn, borne by the shop"), later.shortfall, programme, "quiet"))
    return rows


def _cashiers(report: ShiftReport, store: Store | None, local: Local) -> list[ReportRow]:
    """Each one's part; nothing where one person did everything and handed over to nobody."""
    if len(report.cashiers) < 2 and not report.handed_over:
        return []
    programme = store.programme if store else None
    return [
        *(
            row
            for staff, part in report.cashiers.items()
            for row in _cashier(person_name(staff, store), part, programme)
        ),
        *(
            ReportRow(
                _("Handed over {at}").format(at=local(at)[11:16]),
                f"{person_name(gone, store)} - {person_name(come, store)}",
                "quiet",
            )
            for at, gone, come in report.handed_over
        ),
    ]


def _cashier(name: str, part: Part, programme: Programme | None) -> list[ReportRow]:
    back = [(_("voided {n}"), part.voids), (_("refunds {n}"), part.refunds)]
    said = [_("{n} sales").format(n=part.sales), *(text.format(n=number) for text, number in back if number)]
    counts = (part.sales, part.voids, part.refunds)
    return [
        ReportRow(
            name, "  ".join([*said, money(part.gross_fen)]), "strong",
            (*(Amount(number, "count") for number in counts), Amount(part.gross_fen, "fen")),
        ),
        points_row(_("  points given"), part.awarded, programme),
        *([points_row(_("  points redeemed"), part.redeemed, programme)] if part.redeemed else []),
        *([fen_row(_("  paid with points"), -part.off_bill_fen, "detail")] if part.off_bill_fen else []),
    ]  # fmt: skip


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


def all_rows(sections: Iterable[Section]) -> list[ReportRow]:
    """One after the other."""
    return [row for section in sections for row in section.rows]

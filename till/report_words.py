"""Rows of a report: each figure as people read it (`value`) and as programs do (`amounts`), reckoned once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from points import Programme, counted, format_fen
from protocol.training import is_training
from till.i18n import _, either
from till.report_figures import ShiftReport
from till.store import Store
from till.text import harmless, points_text
from till.training_words import mark_in_full

Tone = Literal["", "strong", "points", "quiet", "detail", "warning"]
Local = Callable[[int], str]
"""Civil time of µs: 2026-11-21 14:32:05."""


class Amount(NamedTuple):
    """A figure for programs. `of`: the code of a kind of points; of a count, what, where a row has more than one."""

    number: int
    unit: Literal["fen", "points", "count", "percent"]
    of: str = ""


class ReportRow(NamedTuple):
    """What it is and how much. `tone`: how loud; `points` are strong too, of a `detail` only the label is quiet."""

    label: str
    value: str
    tone: Tone = ""
    amounts: tuple[Amount, ...] = ()
    bar: int = 0
    """How long its bar is, of `BAR`; 0 for none."""

    @property
    def drawn(self) -> str:
        """The label with its bar as text, of signs that are one column wide in every terminal and on every paper."""
        return f"{self.label}  {'#' * self.bar}" if self.bar else self.label


BAR = 20
"""The longest bar, in columns."""


class Section(NamedTuple):
    """Rows that belong together. `key` names it for programs, `title` for people."""

    key: str
    title: str
    rows: list[ReportRow]
    is_titled: bool = False
    """Whether people read the title above the rows; else they say themselves what they are of."""

    @property
    def shown(self) -> list[ReportRow]:
        """The rows for people."""
        return [ReportRow(self.title, "", "quiet"), *self.rows] if self.is_titled else self.rows


def report_title(report: ShiftReport) -> str:
    """X while the shift is open, Z once it is closed."""
    if report.day:
        return "  ".join([_("Report of the day"), report.day])
    name = _("Closing report (Z)") if report.closed_at else _("Interim report (X)")
    training = [mark_in_full()] if is_training(report.shift) else []
    return "  ".join([*training, name, _("shift {n}").format(n=report.number)])


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


def all_rows(sections: Iterable[Section]) -> list[ReportRow]:
    """One after the other."""
    return [row for section in sections for row in section.shown]

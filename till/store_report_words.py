"""The store's day in words: whose figures they are, and as of when, stands before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from protocol.reports import ReportTable, StoreReport
from till.i18n import _, language
from till.report_sections import part_sections
from till.report_words import Local, ReportRow, Section, Tone
from till.store import Store
from till.store_report import StoreDay
from till.text import cells, harmless

_CELL = 11
_BAR = 10
_BESIDE_A_BAR = 6


def store_title(found: StoreDay) -> str:
    """The day, and whether the ledger says it."""
    return (_("The whole store  {day}") if found.is_fresh else _("Without the ledger  {day}")).format(day=found.day)


def store_sections(found: StoreDay, till: str, store: Store | None, local: Local) -> list[Section]:
    """Either of all tills, said by the ledger just now; or of this till alone, and after it what the ledger said last. Where
    both are shown each section says whose it is: a page may show one alone."""
    now = local(found.own_at)[:16]
    if found.whole is not None and found.is_fresh:
        source = _("Ledger: all {n} tills, as of {time}").format(n=found.whole.tills, time=now)
        page = store.settings.member_page if store else ""
        more = [_line(_("More in a browser: {address}").format(address=f"{page}/store"), "quiet")] if page else []
        return [_line(source, "strong"), *_tables(found.whole), *more]
    said = (
        _("The ledger does not answer. This till alone ({till}), as of {time}") if found.why is not None
        else _("The ledger is being asked. Until then this till alone ({till}), as of {time}")
    )  # fmt: skip
    alone = [_line(said.format(till=till, time=now), "warning"), *_own(found, store)]
    if found.whole is None:
        return [*alone, _line(_("The ledger has not said anything of this day yet."), "quiet")]
    then = local(found.whole.as_of)[:16]
    last = _("What the ledger said last: all {n} tills, as of {time}").format(n=found.whole.tills, time=then)
    whose = _("ledger, {time}").format(time=then[5:])
    return [*alone, _line(last, "warning"), *_tables(found.whole, whose)]


def _line(text: str, tone: Tone) -> Section:
    return Section("source", "", [ReportRow(text, "", tone)])


def _own(found: StoreDay, store: Store | None) -> Iterator[Section]:
    for section in part_sections(found.own, found.ends, store):
        whose = _("this till alone")
        yield section._replace(rows=[ReportRow(f"{section.title}  {whose}", "", "quiet"), *section.rows])


def _tables(report: StoreReport, whose: str = "") -> Iterator[Section]:
    for number, table in enumerate(report.tables(language())):
        widths = [
            max(_CELL, *(cells(row[column]) + 2 for row in (table.columns, *(one.cells for one in table.rows))))
            for column in range(1, len(table.columns))
        ]  # fmt: skip
        title = f"{harmless(table.title)}  {whose}".rstrip()
        head = ReportRow(title, _aligned(table.columns[1:], widths), "quiet")
        yield Section(f"table-{number}", table.title, [head, *_rows(table, widths)])


def _rows(table: ReportTable, widths: Sequence[int]) -> Iterator[ReportRow]:
    longest = max((row.bar for row in table.rows), default=0)
    for row in table.rows:
        label = harmless(row.cells[0])
        if longest and cells(label) < _BESIDE_A_BAR:
            bar = "=" * -(-row.bar * _BAR // longest)
            label = label + " " * (_BESIDE_A_BAR - cells(label)) + bar
        yield ReportRow(label, _aligned(row.cells[1:], widths))


def _aligned(values: Sequence[str], widths: Sequence[int]) -> str:
    """One under the other, whatever stands in the row above."""
    return "".join(
        " " * max(1, width - cells(value)) + value for value, width in zip(map(harmless, values), widths, strict=True)
    )  # fmt: skip

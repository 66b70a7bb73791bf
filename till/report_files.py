"""A report as a file: CSV and XLSX for spreadsheets, HTML for a printer of pages. All from the sections that the screen shows.

Names come from outside. In HTML they are escaped; in a spreadsheet none becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from points import Programme, format_fen
from till.i18n import _, either, language
from till.report_words import BAR, Amount, Section

_FORMULA = ("=", "+", "-", "@", "\t")
_STYLE = """
body { font: 14px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; max-width: 46em; margin: 2em auto; color: #111; }
h1 { font-size: 1.4em; } h2 { font-size: 1.05em; margin: 1.2em 0 .2em; }
table { width: 100%; border-collapse: collapse; } td { padding: .15em .4em; border-bottom: 1px solid #ddd; }
td + td { text-align: right; white-space: nowrap; } .strong, .points { font-weight: 700; } .quiet { color: #555; }
.warning { font-weight: 700; } .bar { display: inline-block; height: .8em; background: #555; margin-left: .6em; }
section { break-inside: avoid; } @page { margin: 15mm; } @media print { body { margin: 0; max-width: none; } }
"""


class Line(NamedTuple):
    """One figure of one row. `said`: the whole row in words, with its first figure alone."""

    section: str
    item: str
    number: Amount | None
    unit: str
    said: str


def lines_of(sections: Sequence[Section], programme: Programme | None) -> Iterator[Line]:
    """A line for each figure, and one for a row that has none."""
    for section in sections:
        for row in section.rows:
            item = row.label.strip()
            for place, amount in enumerate(row.amounts or (None,)):
                said = "" if place else row.value
                yield Line(section.title, item, amount, _unit(amount, programme) if amount else "", said)


def _unit(amount: Amount, programme: Programme | None) -> str:
    if amount.unit == "points":
        kind = programme.kind_by_code.get(amount.of) if programme else None
        return either(kind.name) if kind else amount.of
    if amount.unit == "count":
        return {"sales": _("Sales"), "voids": _("Voided"), "refunds": _("Refunds")}.get(amount.of, "")
    return "%" if amount.unit == "percent" else _("yuan")


def _head() -> tuple[str, ...]:
    return _("Section"), _("Item"), _("Figure"), _("Unit"), _("In words")


def csv_bytes(sections: Sequence[Section], programme: Programme | None) -> bytes:
    """UTF-8 with BOM, so that Chinese spreadsheets read it; money in yuan. A name that would be a formula is made a text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_head())
    for line in lines_of(sections, programme):
        number = "" if line.number is None else _exact(line.number)
        writer.writerow([_text(line.section), _text(line.item), number, _text(line.unit), _text(line.said)])
    return text.getvalue().encode("utf-8-sig")


def _exact(amount: Amount) -> str:
    return format_fen(amount.number).replace(",", "") if amount.unit == "fen" else str(amount.number)


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def write_xlsx(path: Path, title: str, sections: Sequence[Section], programme: Programme | None) -> None:
    """One sheet; figures are numbers, names are texts and nothing is a formula. Raises `OSError`."""
    import xlsxwriter  # 60 ms, for this file alone
    from xlsxwriter.exceptions import FileCreateError

    book = xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, title, bold)
    for column, name in enumerate(_head()):
        sheet.write_string(2, column, name, bold)
    for place, line in enumerate(lines_of(sections, programme), start=3):
        for column, words in ((0, line.section), (1, line.item), (3, line.unit), (4, line.said)):
            sheet.write_string(place, column, words)
        if line.number is not None and line.number.unit == "fen":
            sheet.write_number(place, 2, line.number.number / 100, money)
        elif line.number is not None:
            sheet.write_number(place, 2, line.number.number)
    for column, width in enumerate((18, 34, 14, 12, 40)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(3, 0)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error


def html_text(store: str, title: str, sections: Sequence[Section]) -> str:
    """A page that stands alone and prints well; opens without a network."""
    parts = [
        f'<!DOCTYPE html><html lang="{language()}"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{escape(store)}<br>{escape(title)}</h1>",
    ]
    for section in sections:
        parts.append(f"<section><h2>{escape(section.title)}</h2><table>")
        for row in section.rows:
            bar = f'<span class="bar" style="width:{row.bar * 100 // BAR / 10:.1f}em"></span>' if row.bar else ""
            label, value = escape(row.label), escape(row.value)
            parts.append(f'<tr class="{row.tone}"><td>{label}{bar}</td><td>{value}</td></tr>')
        parts.append("</table></section>")
    return "".join([*parts, "</body></html>\n"])

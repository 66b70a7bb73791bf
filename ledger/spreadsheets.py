"""Files that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from protocol.reports import ReportTable


def csv_bytes(lines: Iterable[Sequence[str | int]]) -> bytes:
    """As spreadsheets read it, Chinese ones too: UTF-8 with BOM. A name that would be taken for a formula is text."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_cell(value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def lines_of(tables: Iterable[ReportTable]) -> Iterator[tuple[str, ...]]:
    """Of each table its columns, then its rows; its title before each, so that a filter finds them."""
    for table in tables:
        yield (table.title, *table.columns)
        for row in table.rows:
            yield (table.title, *row.cells)


def _cell(value: str | int) -> str | int:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value

"""A report as tables of words, as the ledger says it: of one list of tables come a page, a screen and a spreadsheet."""

from __future__ import annotations

from protocol.canonical import Count, Model, Text


class ReportRow(Model, kw_only=True):
    """`cells`: as many as the table has columns, the label first. `bar`: how long what is drawn beside it is; 0 for none."""

    cells: tuple[Text, ...]
    bar: Count = 0


class ReportTable(Model, kw_only=True):
    """Rows under a title. A column without a name needs none: its rows say what they are."""

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[ReportRow, ...]

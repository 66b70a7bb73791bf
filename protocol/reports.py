"""A report as tables of words, as the ledger says it: of one list of tables come a page, a screen and a spreadsheet."""

from __future__ import annotations

from protocol.canonical import Count, Micros, Model, Name, Text


class ReportRow(Model, kw_only=True):
    """`cells`: as many as the table has columns, the label first. `bar`: how long what is drawn beside it is; 0 for none."""

    cells: tuple[Text, ...]
    bar: Count = 0


class ReportTable(Model, kw_only=True):
    """Rows under a title. A column without a name needs none: its rows say what they are."""

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[ReportRow, ...]


STORE_REPORT_PATH = "/v1/store-report"


class StoreReport(Model, kw_only=True):
    """A store's day over all its tills, as the ledger knew it at `as_of`; the same tables in both languages."""

    store: Name
    name: Text
    day: Name
    as_of: Micros
    tills: Count
    zh: tuple[ReportTable, ...]
    en: tuple[ReportTable, ...]

    def tables(self, language: str) -> tuple[ReportTable, ...]:
        """In English where `language` begins so, else in Chinese."""
        return self.en if language.startswith("en") else self.zh

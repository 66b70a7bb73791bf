"""A page that is a report: tables of words, of which the page and the file for a spreadsheet are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection
from starlette.responses import Response

from ledger.documents import newest
from ledger.spreadsheets import csv_bytes, lines_of
from ledger.store_pages.visit import StaffVisit
from protocol.business_days import Calendar
from protocol.documents import StoreSettings
from protocol.reports import ReportTable


class Sheet(NamedTuple):
    """`day` (YYYY-MM-DD) where it is of one. `notes`: what a reader has to know of it."""

    tables: Sequence[ReportTable]
    day: str = ""
    notes: Sequence[str] = ()


def shown(visit: StaffVisit, name: str, title: str, sheet: Sheet) -> Response:
    """As a page, which prints."""
    day = date.fromisoformat(sheet.day) if sheet.day else None
    days = [(day + timedelta(days=by)).isoformat() for by in (-1, 1)] if day else []
    return visit.page(
        "sheet.html", name=name, title=title, sheet=sheet, days=days, longest=longest, now_us=visit.now_us
    )


def spreadsheet(visit: StaffVisit, name: str, sheet: Sheet) -> Response:
    """As a file."""
    named = f"{visit.who.store}-{name}{f'-{sheet.day}' if sheet.day else ''}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{named}"'}
    return Response(csv_bytes(lines_of(sheet.tables)), media_type="text/csv; charset=utf-8", headers=headers)


def longest(table: ReportTable) -> int:
    """The longest bar of a table; 0 where nothing is drawn."""
    return max((row.bar for row in table.rows), default=0)


def calendar_of(connection: Connection, store: str) -> Calendar:
    """Of a store that has settings."""
    settings = newest(connection, "store", store, StoreSettings)
    assert settings is not None  # whoever is signed in looks at one that has (`staff_sessions.find`)
    return settings.calendar


def day_wanted(visit: StaffVisit, calendar: Calendar) -> date:
    """Of `?day=`, not after the one that goes on, which it is otherwise."""
    today = calendar.day(visit.now_us)
    try:
        return min(date.fromisoformat(visit.query.get("day", "")), today)
    except ValueError:
        return today

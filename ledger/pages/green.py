"""What a member did for the environment: on a page that he can print, and as a file that others can check (A5)."""

from __future__ import annotations

from starlette.responses import Response

from ledger.clock import day_of
from ledger.green import green_book, signed_file
from ledger.pages.visit import Visit
from protocol.green import GreenReport


def green(visit: Visit) -> Response:
    """This year, and all that there is."""
    year = day_of(visit.now_us)[:4]
    with visit.service.database.read() as connection:
        book = green_book(connection, visit.member)
    of_year, ever = book.report(visit.now_us, f"{year}-01-01", f"{year}-12-31"), book.report(visit.now_us)
    keys = visit.service.keys
    return visit.page("green.html", year=year, reports=((year, of_year), ("", ever)), member=visit.member,
                      root=keys.fingerprint, day=day_of(visit.now_us))  # fmt: skip


def green_file(visit: Visit) -> Response:
    """Of the year in `?year=2026`, else of all time: signed, as a file."""
    year = visit.query.get("year", "")
    if not (len(year) == 4 and year.isascii() and year.isdecimal()):
        year = ""
    with visit.service.database.read() as connection:
        report: GreenReport = green_book(connection, visit.member).report(
            visit.now_us, f"{year}-01-01" if year else "", f"{year}-12-31" if year else ""
        )
    named = f"green-{visit.member}{f'-{year}' if year else ''}.json"
    headers = {"Content-Disposition": f'attachment; filename="{named}"'}
    return Response(signed_file(visit.service.keys, report), media_type="application/json", headers=headers)

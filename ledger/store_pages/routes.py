"""The routes of the store's pages, and the one way in for all of them. None of them is in the tills' OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hmac import compare_digest
from typing import Any, Final, NamedTuple

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from ledger import staff_sessions
from ledger.acts import record
from ledger.pages import guard
from ledger.pages.routes import add_routes, harmlessly, words_for
from ledger.service import Service
from ledger.store_pages import members, outside, pages, patterns
from ledger.store_pages.menu import ENTRIES, Entry
from ledger.store_pages.sheets import Sheet, shown, spreadsheet
from ledger.store_pages.visit import StaffVisit

SHEETS: Final[dict[str, Callable[[StaffVisit], Sheet]]] = {
    "day": pages.day,
    "tills": pages.tills,
    "changes": pages.changes,
    "waiting": members.waiting,
    "learning": pages.learning,
    "patterns": patterns.patterns,
    "growing": members.growing,
    "approvals": pages.approvals,
}
"""By the name of the page (`menu.Entry.name`)."""


PAGES: Final[dict[str, Callable[[StaffVisit], Response]]] = {"patterns": patterns.page}
"""Those that are more than their tables."""
_PATTERNS = next(entry for entry in ENTRIES if entry.name == "patterns")


class StoreRoute(NamedTuple):
    """`work` makes the answer; where not `is_open` only for who is signed in, and of a page for whoever may see it."""

    method: str
    path: str
    work: Callable[[StaffVisit], Response]
    entry: Entry | None = None
    is_open: bool = False


def sign_in(_visit: StaffVisit) -> Response:
    """Marks the one route that signs in: its answer carries a cookie (`_work`)."""
    raise AssertionError("answered before it is called")


def _page(visit: StaffVisit, entry: Entry) -> Response:
    return shown(visit, entry.name, entry.title, SHEETS[entry.name](visit))


def _file(visit: StaffVisit, entry: Entry) -> Response:
    return spreadsheet(visit, entry.name, SHEETS[entry.name](visit))


ROUTES: Final = (
    StoreRoute("GET", "/store", outside.first),
    StoreRoute("GET", "/store/sign-in", outside.asked, is_open=True),
    StoreRoute("POST", "/store/sign-in", sign_in, is_open=True),
    StoreRoute("POST", "/store/sign-out", outside.signed_out),
    StoreRoute("POST", "/store/choose", outside.chosen),
    *(StoreRoute("GET", entry.path, PAGES.get(entry.name, partial(_page, entry=entry)), entry) for entry in ENTRIES),
    StoreRoute("POST", "/store/patterns", patterns.decided, _PATTERNS),
    *(StoreRoute("GET", f"{entry.path}.csv", partial(_file, entry=entry), entry) for entry in ENTRIES),
)


def add_store_pages(app: FastAPI, service: Service, workers: Any) -> None:
    """Beside those of members, with the same workers."""
    add_routes(
        app, service, workers, [(route.method, route.path, partial(_answer, service, route)) for route in ROUTES]
    )


def _answer(service: Service, route: StoreRoute, request: Request, form: dict[str, str] | None) -> Response:
    """In a worker thread."""
    argument = str(request.path_params.get("argument", ""))[:200]
    visit = StaffVisit(
        service, words_for(request), service.clock(), request.url.path, argument, dict(request.query_params), form or {}, None
    )  # fmt: skip
    return harmlessly(visit, request, form, lambda: _work(route, request, visit))


def _work(route: StoreRoute, request: Request, visit: StaffVisit) -> Response:
    secret = guard.staff_session_in(request)
    service = visit.service
    who = staff_sessions.find(service.database, secret, visit.now_us) if secret else None
    known = f"staff {who.by}" if who else f"address {request.client.host if request.client else ''}"
    service.visitors.take(known, visit.now_us)
    visit = visit._replace(session=who)
    if route.work is sign_in:
        return _sign_in(request, visit)
    if route.is_open:
        return route.work(visit)
    if who is None:
        return outside.asked(visit, "ended" if secret else "", 401)
    if request.method == "POST" and not compare_digest(visit.form.get("token", "").encode(), who.token.encode()):
        return visit.page("problem.html", 403, what="foreign")
    if route.entry is not None and not who.may(*route.entry.roles):
        return visit.page("problem.html", 403, what="role")
    if route.entry is not None and route.entry.tells_of_members:
        _note(visit, route.entry)
    response = route.work(visit)
    if route.work is outside.signed_out:
        guard.drop_staff_session(response, request)
    return response


def _note(visit: StaffVisit, entry: Entry) -> None:
    """Who looked at what members did, before he sees it: docs/threats.md."""
    facts = {"day": visit.query["day"][:10]} if "day" in visit.query else {}
    with visit.service.database.write() as connection:
        record(
            connection, visit.who.by, "store-page-read", visit.now_us, store=visit.who.store, page=entry.name, **facts
        )


def _sign_in(request: Request, visit: StaffVisit) -> Response:
    """Whoever was signed in here is not any more."""
    given = outside.signed_in(visit._replace(session=None))
    if isinstance(given, Response):
        return given
    if visit.session is not None:
        outside.signed_out(visit)
    response = visit.go("/store")
    guard.keep_staff_session(response, request, given)
    return response

"""The routes of the member's page, and the one way in for all of them. None of them is in the tills' OpenAPI document."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from anyio import CapacityLimiter
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ledger.pages import challenges, claims, green, guard, household, inside, outside, vouchers
from ledger.pages.visit import Visit
from ledger.pages.words import Words, choose, words_in
from ledger.problems import ProblemError, TooOftenError
from ledger.service import Service
from ledger.sessions import find_session

_MAX_FORM_BYTES = 4096
_MAX_FIELDS = 8
_log = logging.getLogger("ledger")

Workers = Callable[..., Awaitable[Response]]


class PageRoute(NamedTuple):
    """`work` makes the answer; where not `is_open` only for who is signed in. `{argument}` in a path is the visit's."""

    method: str
    path: str
    work: Callable[[Visit], Response]
    is_open: bool = False


def open_link(_visit: Visit) -> Response:
    """Marks the one route that signs in: its answer carries a cookie (`_answer`)."""
    raise AssertionError("answered before it is called")


PAGES = (
    PageRoute("GET", "/", inside.home),
    PageRoute("GET", "/code.svg", inside.code),
    PageRoute("GET", "/points", inside.lots),
    PageRoute("GET", "/history", inside.history),
    PageRoute("GET", "/rewards", inside.rewards),
    PageRoute("GET", "/vouchers", vouchers.vouchers),
    PageRoute("GET", "/vouchers/{argument}", vouchers.voucher),
    PageRoute("GET", "/green", green.green),
    PageRoute("GET", "/green.json", green.green_file),
    PageRoute("GET", "/me", inside.me),
    PageRoute("GET", "/me/data.json", inside.my_data),
    PageRoute("POST", "/me/consent", inside.change_consent),
    PageRoute("POST", "/me/sign-out", inside.sign_out),
    PageRoute("GET", "/household", household.household),
    PageRoute("POST", "/household/open", household.opened),
    PageRoute("POST", "/household/invite", household.invited),
    PageRoute("POST", "/household/points", household.moved),
    PageRoute("POST", "/household/leave", household.left),
    *(PageRoute("GET", f"/{letter}/{{argument}}", household.asked) for letter in "Hh"),
    *(PageRoute("POST", f"/{letter}/{{argument}}", household.accepted) for letter in "Hh"),
    *(PageRoute("GET", f"/{letter}/{{argument}}", challenges.asked) for letter in "Aa"),
    *(PageRoute("POST", f"/{letter}/{{argument}}", challenges.answered) for letter in "Aa"),
    *(PageRoute("GET", f"/{letter}/{{argument}}", claims.asked, is_open=True) for letter in "Cc"),
    *(PageRoute("POST", f"/{letter}/{{argument}}", claims.claimed) for letter in "Cc"),
    *(PageRoute("GET", f"/{letter}/{{argument}}", outside.link, is_open=True) for letter in "Ll"),
    *(PageRoute("POST", f"/{letter}/{{argument}}", open_link, is_open=True) for letter in "Ll"),
    PageRoute("GET", "/static/{argument}", outside.static, is_open=True),
)


Answering = Callable[[Request, dict[str, str] | None], Response]
"""Answers a request and the form in it (None: too long), in a worker thread."""


def add_pages(app: FastAPI, service: Service, workers: Any) -> None:
    """Plain routes beside those of tills, with workers of their own."""
    add_routes(
        app, service, workers, [(route.method, route.path, partial(_answer, service, route)) for route in PAGES]
    )


def add_routes(app: FastAPI, service: Service, workers: Any, routes: Iterable[tuple[str, str, Answering]]) -> None:
    """(method, path, answering) of pages."""
    for method, path, answering in routes:
        app.add_route(path, _endpoint(answering, service.pages, workers), [method])


def _endpoint(
    answering: Answering, limiter: CapacityLimiter, workers: Workers
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            form = await _form(request)
        except ClientDisconnect:
            return Response(status_code=400)
        return await workers(answering, request, form, limiter=limiter)

    return endpoint


async def _form(request: Request) -> dict[str, str] | None:
    """None where it is longer than any of ours."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_FORM_BYTES:
            return None
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=_MAX_FIELDS))
    except ValueError:
        return None


def _answer(service: Service, route: PageRoute, request: Request, form: dict[str, str] | None) -> Response:
    """In a worker thread."""
    visit = _visit(service, request, form or {})
    is_kept = route.path.startswith("/static/")
    return harmlessly(visit, request, form, lambda: _work(service, route, request, visit), is_kept=is_kept)


class Pages(Protocol):
    """What a visit of any of the pages has."""

    @property
    def words(self) -> Words: ...

    def page(self, template: str, status: int = 200, **facts: Any) -> Response:
        """A page in the visit's language."""


def harmlessly(
    visit: Pages, request: Request, form: dict[str, str] | None, work: Callable[[], Response], *, is_kept: bool = False
) -> Response:  # fmt: skip
    """What `work` answers, or what is wrong as a page; a form of somebody else's does nothing; dressed."""
    try:
        if request.method == "POST" and (form is None or not guard.may_post(request.headers)):
            response = visit.page("problem.html", 403, what="foreign")
        else:
            response = work()
    except TooOftenError as error:
        response = visit.page("problem.html", 429, what="often")
        response.headers["Retry-After"] = str(error.retry_after_s)
    except OperationalError:
        _log.exception("the database is away or busy")
        response = visit.page("problem.html", 503, what="busy")
    except ProblemError:
        response = visit.page("problem.html", 404, what="missing")
    if "lang" in request.query_params:
        guard.keep_language(response, request, visit.words.language)
    return guard.dress(response, is_kept=is_kept and response.status_code == 200)


def words_for(request: Request) -> Words:
    """In the language of whoever asks."""
    return words_in(choose(guard.language_in(request), request.headers.get("accept-language", "")))


def _work(service: Service, route: PageRoute, request: Request, visit: Visit) -> Response:
    secret = guard.session_in(request)
    if route.path.startswith("/static/"):
        return route.work(visit)
    with service.database.read() as connection:
        session = find_session(connection, secret, visit.now_us) if secret else None
    known = f"session {session.hash.hex()}" if session else f"address {request.client.host if request.client else ''}"
    service.visitors.take(known, visit.now_us)
    visit = visit._replace(session=session)
    if route.work is open_link:
        return _open(service, request, visit)
    if not route.is_open and (session is None or session.ended):
        return outside.stranger(visit, session.ended if session else "")
    response = route.work(visit)
    if route.work is inside.sign_out:
        guard.drop_session(response, request)
    return response


def _open(service: Service, request: Request, visit: Visit) -> Response:
    """A phone that was signed in is signed in anew: its former session ends."""
    secret = outside.opened(visit)
    if secret is None:
        return outside.stranger(visit, "link")
    inside.leave(visit)
    response = visit.go("/")
    guard.keep_session(response, request, secret, service.session_days)
    return response


def _visit(service: Service, request: Request, form: dict[str, str]) -> Visit:
    argument = str(request.path_params.get("argument", ""))[:200]
    query = dict(request.query_params)
    return Visit(service, words_for(request), service.clock(), request.url.path, argument, query, form, None)

"""The service over HTTP. One way in for every route: read, identify, decode, work in a thread, sign.

`create_app` takes everything from outside, the clock too; `httpx.ASGITransport` drives it as well as a socket does.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ledger import openapi
from ledger.answers import signed_problem, signed_reply, unsigned_problem
from ledger.auth import Caller, Seen, check_new_key, check_version, identify
from ledger.bodies import decode, read_body, unpack
from ledger.clock import wall_clock_us
from ledger.database import Database
from ledger.errors import LedgerError
from ledger.keys import Keys
from ledger.pages.routes import add_pages
from ledger.problems import (
    BatchProblemError,
    BrokenError,
    BusyError,
    NoRouteError,
    NotSignedError,
    ProblemError,
    TerminalEndedError,
)
from ledger.routes import ROUTES, Route
from ledger.service import Service
from ledger.sessions import SESSION_DAYS
from ledger.store_pages.routes import add_store_pages
from ledger.training import TrainingBooks
from protocol.enrolment import EnrolRequest
from protocol.training import TRAINING_PATH

_log = logging.getLogger("ledger")

NEW_TILL = Caller(terminal="", store="", status="active")
"""Who asks for an enrolment: a key that no terminal has yet."""


class Workers(Protocol):
    """Where the work of a request is done, as `anyio.to_thread.run_sync`; at most as much at once as `limiter` lets."""

    def __call__(
        self, work: Callable[..., Response], /, *args: Any, limiter: CapacityLimiter
    ) -> Awaitable[Response]: ...


def create_app(
    database: Database, keys: Keys, clock: Callable[[], int] = wall_clock_us, lifespan: Any = None,
    workers: Workers = to_thread.run_sync, session_days: int = SESSION_DAYS, training: TrainingBooks | None = None,
) -> FastAPI:  # fmt: skip
    """The application over these books and keys. `lifespan`: what Starlette runs around it; `training`: where tills train."""
    app = FastAPI(
        title="Till ledger",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    service = Service(database, keys, clock, session_days, training=training)
    for route in ROUTES:
        limiter = service.batches if route.is_bulk else service.calls
        app.add_api_route(route.path, _endpoint(service, route, limiter, workers), methods=[route.method])
        if training is not None and route.in_training:
            endpoint = _endpoint(service, route, limiter, workers)
            app.add_api_route(f"{TRAINING_PATH}/{{terminal}}{route.path}", endpoint, methods=[route.method])
    add_pages(app, service, workers)
    add_store_pages(app, service, workers)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(Exception, _broken)
    app.openapi = openapi.document  # type: ignore[method-assign]  # FastAPI's own way to give another document
    return app


def _endpoint(
    service: Service, route: Route, limiter: CapacityLimiter, workers: Workers
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await read_body(request)
            terminal = request.path_params.get("terminal", "")
            return await workers(_answer, _of(service, terminal), route, Seen.of(request), body, limiter=limiter)
        except ClientDisconnect:  # the plug was pulled in the middle of a body: nobody reads this
            return Response(status_code=400)
        except ProblemError as error:
            return unsigned_problem(error)
        except OperationalError:
            _log.exception("the database is away or busy")
            return unsigned_problem(BusyError())

    return endpoint


def _of(service: Service, terminal: str) -> Service:
    """The service itself, or where `terminal` is a training one the same over its book. Raises `NotKnownError`."""
    if not terminal:
        return service
    assert service.training is not None  # its routes are there
    return Service(service.training.book(terminal), service.keys, service.clock)


def _answer(service: Service, route: Route, seen: Seen, body: bytes) -> Response:
    """In a worker thread. What is refused after the caller is known is signed too: a till acts upon it."""
    caller = NEW_TILL if route.is_enrolment else identify(service.database, seen, body)
    try:
        check_version(seen)
        if caller.status != "active" and not route.ended_may:
            raise TerminalEndedError(caller.terminal, caller.status)
        reply = route.work(service, caller, _asked(route, seen, body))
    except NotSignedError:
        raise
    except (ProblemError, LedgerError) as error:
        return signed_problem(_problem(error), seen, service.keys, service.clock())
    return signed_reply(reply, seen, service.keys, service.clock())


def _asked(route: Route, seen: Seen, body: bytes) -> Any:
    """The model in the body, checked against the key in it for an enrolment; else the query."""
    if route.reads is None:
        return dict(parse_qsl(urlsplit(seen.url).query))
    request = decode(unpack(body, seen.headers.get("content-encoding", "").lower()), route.reads)
    if isinstance(request, EnrolRequest):
        check_new_key(seen, body, request)
    return request


def _problem(error: ProblemError | LedgerError) -> ProblemError:
    return error if isinstance(error, ProblemError) else BatchProblemError(error)


async def _not_found(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return unsigned_problem(NoRouteError(status))


async def _broken(_request: Request, _error: Exception) -> Response:
    return unsigned_problem(BrokenError())

"""What a network does to a call: each fault is a function from a request, and the real way to the ledger, to an answer."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from ledger.answers import Problem
from protocol import canonical
from protocol.http_signing import sign_answer
from tests.sync.books import Books

Fault = Callable[[httpx.Request, httpx.BaseTransport], httpx.Response]

PAGE = b"<!doctype html><title>Free Wi-Fi</title><form action=/login>"


class FaultyTransport(httpx.BaseTransport):
    """The real application; the next requests meet the faults in `plan`, one each. `seen` are all requests."""

    def __init__(self, inner: httpx.BaseTransport, *plan: Fault) -> None:
        self._inner, self.plan = inner, list(plan)
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.url.path)
        return (self.plan.pop(0) if self.plan else passed)(request, self._inner)


def passed(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
    """No fault."""
    return inner.handle_request(request)


def answer_lost(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
    """The ledger did it, and nobody hears of it."""
    inner.handle_request(request)
    raise httpx.ReadTimeout("lost", request=request)


def request_lost(request: httpx.Request, _inner: httpx.BaseTransport) -> httpx.Response:
    """It never arrived."""
    raise httpx.ConnectError("refused", request=request)


def portal(_request: httpx.Request, _inner: httpx.BaseTransport) -> httpx.Response:
    """A log-in page answers for everybody, with 200."""
    return answer(200, PAGE, {"content-type": "text/html"})


def redirected(_request: httpx.Request, _inner: httpx.BaseTransport) -> httpx.Response:
    """A log-in page sends everybody to itself."""
    return answer(302, b"", {"location": "http://wifi.example/login"})


def proxy_broken(_request: httpx.Request, _inner: httpx.BaseTransport) -> httpx.Response:
    """A gateway on the way."""
    return answer(502, b"Bad Gateway", {"retry-after": "7"})


def body_changed(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
    """One bit of the answer."""
    real = inner.handle_request(request)
    body = bytearray(_body(real))
    body[len(body) // 2] ^= 1
    return answer(real.status_code, bytes(body), real.headers)


def body_truncated(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
    """The connection was closed early, and nothing said so."""
    real = inner.handle_request(request)
    return answer(real.status_code, _body(real)[:-100], real.headers)


def signed_problem(books: Books, status: int, code: str, headers: dict[str, str] | None = None) -> Fault:
    """A refusal that the ledger really signs."""

    def fault(request: httpx.Request, _inner: httpx.BaseTransport) -> httpx.Response:
        problem = Problem(type=f"urn:till:problem:{code}", title=code, status=status, code=code, detail=code)
        return signed(books, request, status, canonical.encode(problem), headers)

    return fault


def signed(
    books: Books, request: httpx.Request, status: int, body: bytes, headers: dict[str, str] | None = None
) -> httpx.Response:
    """An answer to this request with the ledger's signature."""
    made = answer(status, body, headers or {})
    made.request = request
    working = books.keys.current(time.time_ns() // 1_000)
    sign_answer(made, body, key_id=working.id, key=working.private, now_us=time.time_ns() // 1_000)
    return made


class Replay:
    """Keeps the first answer and gives it to every later request."""

    def __init__(self) -> None:
        self._kept: tuple[int, bytes, httpx.Headers] | None = None

    def __call__(self, request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        if self._kept is None:
            real = inner.handle_request(request)
            self._kept = (real.status_code, _body(real), real.headers)
        return answer(*self._kept)


def answer(status: int, body: bytes, headers: httpx.Headers | dict[str, str]) -> httpx.Response:
    """A response whose bytes are still to be read, as from a network."""
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def _body(response: httpx.Response) -> bytes:
    assert isinstance(response.stream, httpx.SyncByteStream)
    return b"".join(response.stream)

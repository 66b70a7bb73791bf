"""Answers: canonical JSON, signed together with the request that they answer, with the ledger's time inside the signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.responses import Response, StreamingResponse

from ledger.auth import Seen
from ledger.bodies import PACK_FROM_BYTES, pack, pack_lines, plain_lines
from ledger.keys import Keys
from ledger.problems import BatchProblemError, ProblemError, TooOftenError
from protocol import PROTOCOL_VERSION, canonical
from protocol.canonical import Count, Model
from protocol.http_signing import VERSION_HEADER, sign_answer

JSON = "application/json"
PROBLEM = "application/problem+json"
LINES = "application/jsonl"


@dataclass(frozen=True)
class Lines:
    """An answer too large to hold: lines as they come from the books."""

    lines: Iterator[bytes]


Reply = Model | Lines | None
"""What a route answers; None where nothing moved."""


@dataclass(frozen=True)
class _Unsigned:
    """An answer that is about to be signed, as `protocol.http_signing` wants to see one."""

    status_code: int
    headers: MutableHeaders
    request: Seen


class Problem(Model, kw_only=True):
    """RFC 9457. `code` is stable and ours; `detail` is a sentence for logs, never for a cashier."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    expected_seq: Count = 0
    """With code `gap`: where the batch has to begin."""


def problem_body(error: ProblemError) -> bytes:
    """The canonical form of a refusal."""
    return canonical.encode(
        Problem(
            type=f"urn:till:problem:{error.code}",
            title=error.code.replace("-", " "),
            status=error.status,
            code=error.code,
            detail=str(error)[:500],
            expected_seq=error.expected_seq if isinstance(error, BatchProblemError) else 0,
        )
    )


def unsigned_problem(error: ProblemError) -> Response:
    """For who could not be identified: there is no request of a terminal to bind a signature to."""
    return _response(error.status, problem_body(error), PROBLEM)


def signed_problem(error: ProblemError, seen: Seen, keys: Keys, now_us: int) -> Response:
    """A refusal that a till may act upon: some of them wipe its key."""
    response = _response(error.status, problem_body(error), PROBLEM)
    if isinstance(error, TooOftenError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return _signed(response, bytes(response.body), seen, keys, now_us)


def signed_reply(reply: Reply, seen: Seen, keys: Keys, now_us: int) -> Response:
    """200 with a model or with lines, 204 with nothing."""
    zstd = "zstd" in seen.headers.get("accept-encoding", "")
    if reply is None:
        return _signed(_response(204, b""), b"", seen, keys, now_us)
    if isinstance(reply, Lines):
        return _signed(_stream(reply, zstd=zstd), b"", seen, keys, now_us)
    body = canonical.encode(reply)
    packed = zstd and len(body) >= PACK_FROM_BYTES
    response = _response(200, pack(body) if packed else body, JSON)
    if packed:
        response.headers["Content-Encoding"] = "zstd"
    return _signed(response, bytes(response.body), seen, keys, now_us)


def _stream(reply: Lines, *, zstd: bool) -> Response:
    pieces = pack_lines(reply.lines) if zstd else plain_lines(reply.lines)
    response = StreamingResponse(pieces, headers={VERSION_HEADER: PROTOCOL_VERSION}, media_type=LINES)
    if zstd:
        response.headers["Content-Encoding"] = "zstd"
    return response


def _response(status: int, body: bytes, media_type: str | None = None) -> Response:
    return Response(body, status, {VERSION_HEADER: PROTOCOL_VERSION}, media_type)


def _signed(response: Response, body: bytes, seen: Seen, keys: Keys, now_us: int) -> Response:
    working = keys.current(now_us)
    answer = _Unsigned(response.status_code, response.headers, seen)
    sign_answer(answer, body, key_id=working.id, key=working.private, now_us=now_us)
    return response

"""The border: what httpx, the operating system and strangers say, in our own words.

Apart from `errors` because this file needs httpx, and whoever catches an error must not have to import it.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import httpx
import msgspec

from sync.errors import Cause, FinalSyncError, NotTheLedgerError, SyncError, TransientSyncError

_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
_CERTIFICATE_TIMES = {9, 10}
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED: far more often this clock is wrong than theirs."""

_NOWHERE = ("192.0.2.1", 9)
"""An address for documentation (RFC 5737). Connecting a UDP socket asks for a route and sends nothing."""

MAX_RETRY_AFTER_S = 3_600.0


class _Problem(msgspec.Struct):
    code: str = ""
    detail: str = ""


def of_httpx(error: httpx.HTTPError) -> TransientSyncError:
    """Why a request came to nothing."""
    for cause in _chain(error):
        found = _cause_of(cause)
        if found is not None:
            return TransientSyncError(found, str(error))
    return TransientSyncError("no-answer", str(error) or type(error).__name__)


def of_refusal(response: httpx.Response, body: bytes) -> SyncError:
    """A refusal that the ledger signed."""
    problem = _problem(body)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return TransientSyncError("too-many", problem.detail, retry_after_s(response))
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return TransientSyncError("server-error", problem.detail, retry_after_s(response))
    return FinalSyncError(problem.code or f"status-{response.status_code}", problem.detail)


def of_stranger(response: httpx.Response, body: bytes, why: str) -> NotTheLedgerError:
    """An answer that the ledger did not sign: what it probably is, by its looks. Nothing in it is believed."""
    cause: Cause = "not-the-ledger"
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        cause = "too-many"
    elif _looks_like_portal(response, body):
        cause = "portal"
    elif response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        cause = "server-error"
    elif _problem(body).code == "not-signed":
        cause = "not-recognised"
    return NotTheLedgerError(cause, f"status {response.status_code}, {why}", retry_after_s(response))


def problem_code(body: bytes) -> str:
    """The code in a problem document; empty where it is none."""
    return _problem(body).code


def retry_after_s(response: httpx.Response) -> float:
    """`Retry-After` in seconds, at most an hour; its other form, a date, would trust two clocks and counts as absent."""
    text = response.headers.get("retry-after", "")
    return min(float(text), MAX_RETRY_AFTER_S) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0


def _chain(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__ or at.__context__


def _cause_of(error: BaseException) -> Cause | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate-time" if error.verify_code in _CERTIFICATE_TIMES else "certificate"
    if isinstance(error, socket.gaierror):
        return "dns" if has_route() else "unplugged"
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return "unplugged"
    return None


def has_route() -> bool:
    """Whether this machine has any way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:
            return False
    return True


def _looks_like_portal(response: httpx.Response, body: bytes) -> bool:
    """A page for a person, or the way to one (RFC 6585 gives 511 to log-in pages)."""
    if response.status_code == httpx.codes.NETWORK_AUTHENTICATION_REQUIRED or response.has_redirect_location:
        return True
    is_page = "html" in response.headers.get("content-type", "") or body.lstrip()[:1] == b"<"
    return is_page and response.is_success


def _problem(body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except msgspec.MsgspecError:
        return _Problem()

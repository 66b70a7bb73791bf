"""What stands before every page: who may post, what a browser may do with an answer, how its secrets are kept.

A page loads nothing from anywhere else, runs no script but our own file, lies in nobody's frame and in no cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    # To ourselves alone: with `no-referrer` a browser would say `Origin: null` when it posts our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_LANGUAGE_COOKIE = "till_language"
_YEAR_S = 365 * 86_400
_DAY_S = 86_400


def may_post(headers: Mapping[str, str]) -> bool:
    """Whether a form came from one of our own pages: browsers say so, and a page of somebody else cannot forge it."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(headers.get("origin", "")).netloc.lower() == headers.get("host", "").lower() != ""


def dress(response: Response, *, is_kept: bool = False) -> Response:
    """The headers of every answer. `is_kept`: a file that never changes under its address."""
    response.headers.update(_HEADERS)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_kept else "no-store"
    return response


def session_in(request: Request) -> str:
    """The secret in the cookie, or nothing."""
    return request.cookies.get(_session_cookie(request), "")[:64]


def keep_session(response: Response, request: Request, secret: str, days: int) -> None:
    """On this phone, for so long. `__Host-`: no other host of the domain can set or read it."""
    response.set_cookie(
        _session_cookie(request),
        secret,
        max_age=days * _DAY_S,
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response, request: Request) -> None:
    """This phone forgets it."""
    response.delete_cookie(_session_cookie(request), secure=_is_secure(request), httponly=True, samesite="lax")


def staff_session_in(request: Request) -> str:
    """The secret of who is signed in to the store's pages, or nothing."""
    return request.cookies.get(_staff_cookie(request), "")[:64]


def keep_staff_session(response: Response, request: Request, secret: str) -> None:
    """Until the browser is closed, and no form or link of another site brings it along."""
    response.set_cookie(
        _staff_cookie(request), secret, secure=_is_secure(request), httponly=True, samesite="strict"
    )  # fmt: skip


def drop_staff_session(response: Response, request: Request) -> None:
    """This browser forgets it."""
    response.delete_cookie(_staff_cookie(request), secure=_is_secure(request), httponly=True, samesite="strict")


def language_in(request: Request) -> str:
    """The switch on the page, else what was chosen before."""
    return request.query_params.get("lang", "") or request.cookies.get(_LANGUAGE_COOKIE, "")


def keep_language(response: Response, request: Request, language: str) -> None:
    """For the next page."""
    response.set_cookie(
        _LANGUAGE_COOKIE, language, max_age=_YEAR_S, secure=_is_secure(request), httponly=True, samesite="lax"
    )


def _session_cookie(request: Request) -> str:
    return "__Host-till" if _is_secure(request) else "till"


def _staff_cookie(request: Request) -> str:
    return "__Host-till-staff" if _is_secure(request) else "till-staff"


def _is_secure(request: Request) -> bool:
    """Behind a proxy as uvicorn understood its `X-Forwarded-Proto`."""
    return request.url.scheme == "https"

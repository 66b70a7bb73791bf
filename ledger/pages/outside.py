"""Pages for which nobody need be signed in: the link that signs in, and what is said to strangers."""

from __future__ import annotations

from starlette.responses import Response

from ledger.pages.visit import STATIC, Visit
from ledger.sessions import use_link

_TYPES = {"page.css": "text/css", "store.css": "text/css", "code.js": "text/javascript", "icon.svg": "image/svg+xml"}


def link(visit: Visit) -> Response:
    """One button. Whoever fetches this (a preview of a chat) uses up nothing and is told nothing."""
    return visit.page("link.html")


def opened(visit: Visit) -> str | None:
    """The secret of the session that a link opens, if it is good."""
    return use_link(visit.service.database, visit.argument, visit.now_us, visit.service.session_days)


def stranger(visit: Visit, why: str = "") -> Response:
    """How to get the page. `why`: how a session ended, or that a link did not work (`link`)."""
    return visit.page("stranger.html", 401, why=why)


def static(visit: Visit) -> Response:
    """A file that pages load."""
    if visit.argument not in _TYPES:
        return visit.page("problem.html", 404, what="missing")
    return Response((STATIC / visit.argument).read_bytes(), media_type=_TYPES[visit.argument])

"""One request for a page, as the functions that make pages see it; and how they answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ledger.clock import ZONE
from ledger.pages.words import LANGUAGES, Words
from ledger.service import Service
from ledger.sessions import Session
from protocol.names import harmless

STATIC = Path(__file__).parent / "static"
SEE_OTHER = 303


class Visit(NamedTuple):
    """Who asks for what. `path`: with what a parameter in it was; `now_us`: µs UTC."""

    service: Service
    words: Words
    now_us: int
    path: str
    argument: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    session: Session | None

    @property
    def member(self) -> str:
        """Of a page that asks for a session."""
        assert self.session is not None
        return self.session.member

    def page(self, template: str, status: int = 200, **facts: Any) -> Response:
        """A template of the folder `templates`, with these facts."""
        text = environment().get_template(template).render(
            facts, _=self.words.say, either=self.words.either, language=self.words.language, languages=LANGUAGES,
            path=self.path, is_inside=self.session is not None and not self.session.ended,
        )  # fmt: skip
        return HTMLResponse(text, status)

    def go(self, path: str) -> Response:
        """After a form was taken: the address of what is to be seen."""
        return RedirectResponse(path, SEE_OTHER)


@cache
def environment() -> Environment:
    """Whatever comes from outside is escaped, and loses what turns or hides text (`protocol.names.harmless`)."""
    made = Environment(
        loader=PackageLoader("ledger.pages"), autoescape=True, undefined=StrictUndefined, finalize=_harmless,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"points": _points, "moment": _moment}
    made.globals["static"] = static_address
    return made


@cache
def static_address(name: str) -> str:
    """Of a file that pages load; another one when its bytes are others."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


def _harmless(value: object) -> object:
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _points(number: int) -> str:
    return f"{number:,}"


def _moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")

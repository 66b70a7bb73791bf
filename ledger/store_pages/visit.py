"""One request for a page of a store, as the functions that make pages see it; and how they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import HTMLResponse, RedirectResponse, Response

from ledger.pages.visit import SEE_OTHER, environment
from ledger.pages.words import LANGUAGES, Words
from ledger.service import Service
from ledger.staff_sessions import Who, stores_for
from ledger.store_pages.menu import menu_for


class StaffVisit(NamedTuple):
    """Who asks for what. `path`: with what a parameter in it was; `now_us`: µs UTC."""

    service: Service
    words: Words
    now_us: int
    path: str
    argument: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    session: Who | None

    @property
    def who(self) -> Who:
        """Of a page that asks for a session."""
        assert self.session is not None
        return self.session

    def page(self, template: str, status: int = 200, **facts: Any) -> Response:
        """A template of the folder `templates/store`, with these facts."""
        text = environment().get_template(f"store/{template}").render(
            facts, _=self.words.say, language=self.words.language, languages=LANGUAGES, path=self.path,
            who=self.session, menu=menu_for(self.session), stores=self._stores(), query=self.query,
        )  # fmt: skip
        return HTMLResponse(text, status)

    def _stores(self) -> list[tuple[str, str]]:
        """To choose from."""
        if self.session is None:
            return []
        with self.service.database.read() as connection:
            return stores_for(connection, self.session)

    def go(self, path: str) -> Response:
        """After a form was taken: the address of what is to be seen."""
        return RedirectResponse(path, SEE_OTHER)

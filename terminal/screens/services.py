"""F9: services that were booked at this till: what is open, and what was to be or was done today."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import DataTable

from terminal import commands
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.text import cut
from till.events import DecisionsArrived, Event, MembersChanged, OutcomesArrived
from till.refusals import REFUSALS
from till.service_words import service_row

MOST_SHOWN = 500
"""A table of more rows is slow (STYLE, traps); a till books fewer services than that."""


class ServicesScreen(TillScreen[None]):
    """A line each, by when it is. Nothing is ticked off here: using the voucher does."""

    KEYS: ClassVar = (commands.HELP, commands.BACK)
    AUTO_FOCUS = "DataTable"
    CSS = """
    ServicesScreen DataTable { height: 1fr; background: $background; }
    """

    def body(self) -> ComposeResult:
        yield DataTable[Text](cursor_type="row", zebra_stripes=False)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in (
            (_("When"), 11), (_("Member"), 12), (_("Service"), 15), (_("With"), 12), (_("State"), 18),
        ):  # fmt: skip
            table.add_column(Text(label), width=width)
        self._fill()

    def _fill(self) -> None:
        """Anew, with the cursor where it was."""
        try:
            today, found = self.counter.services()
        except REFUSALS as error:
            self.refuse(error)
            return
        table = self.query_one(DataTable)
        place = table.cursor_row
        table.clear()
        for service in found[:MOST_SHOWN]:
            style = {"missed": "bold", "booked": ""}.get(service.state, "dim")
            cells = zip(service_row(service, self.counter.store, today), (11, 12, 15, 12, 18), strict=True)
            table.add_row(*(Text(cut(text, width), style) for text, width in cells))
        if found:
            table.move_cursor(row=min(place, len(found) - 1))
        self.next_line.step = (
            _("Booked at this till. Done when its voucher is used; F4 and another booking move it")
            if found
            else _("No service is open")
        )

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived | DecisionsArrived | MembersChanged):
            self._fill()

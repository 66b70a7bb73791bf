"""What waits for a person: each entry that the ledger did not book, with a reason that can be read and acted on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from terminal import commands
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.text import harmless
from terminal.widgets.panel import quiet, strong
from terminal.words import reason_sentence, sentence_of
from till.counter import REFUSALS
from till.events import Event

MOST_SHOWN = 200


class QuarantineScreen(TillScreen[None]):
    """Oldest first."""

    KEYS: ClassVar = (commands.HELP, commands.BACK)
    CSS = """
    QuarantineScreen VerticalScroll { height: 1fr; padding: 1 2; }
    """

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("The manager decides at the ledger. Nothing is lost; sales go on")

    def _text(self) -> Content:
        try:
            waiting = self.counter.quarantined()
        except REFUSALS as error:
            return Content.styled(sentence_of(error), "$warning")
        if not waiting:
            return strong(_("Nothing waits for a manager"))
        rows = [strong(_("{n} entries wait for a manager").format(n=len(waiting))), Content("")]
        for outcome in waiting[:MOST_SHOWN]:
            number = _("Entry {seq}").format(seq=outcome.seq)
            rows.append(
                Content.assemble((f"{number}  ", "$primary"), reason_sentence(outcome.reason, outcome.detail))
            )
            if outcome.detail:
                rows.append(quiet(f"    {harmless(outcome.detail, 120)}"))
        return Content("\n").join(rows)

    def take(self, event: Event) -> None:
        super().take(event)
        self.query_one(Static).update(self._text())

"""Listening on a port: the technician scans a test code from the screen, and reads what the scanner makes of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.text import harmless
from terminal.widgets.panel import quiet, strong
from terminal.widgets.qr_panel import QrPanel
from terminal.words import sentence
from till.events import Event, ListeningChanged, ScanHeard
from till.port_words import heard_rows, suggestion_rows

if TYPE_CHECKING:
    from terminal.technician import Found, Port, Workbench
    from till.hearing_words import Heard

OTHER_ROWS = 4
"""Status, next step and keys."""

MOST_HEX = 39 * 3
"""Three rows of it; the rest is in the line monitor."""


class ListenScreen(TillScreen[bool]):
    """Answers whether a profile was assigned."""

    KEYS: ClassVar = (commands.HELP, commands.USE, commands.PROBE, commands.BACK)
    AUTO_FOCUS = "OptionList"

    CSS = """
    ListenScreen Horizontal { height: 1fr; }
    ListenScreen .heard { width: 1fr; height: 1fr; padding: 0 1; }
    ListenScreen Static { height: auto; }
    ListenScreen OptionList { height: auto; max-height: 7; border: none; background: $background; padding: 0; }
    """

    def __init__(self, port: Port) -> None:
        super().__init__()
        self._port = port
        self._heard: Heard | None = None
        self._is_asking = self._is_left = False

    @property
    def _bench(self) -> Workbench:
        bench = self.host.workbench
        assert bench is not None
        return bench

    def body(self) -> ComposeResult:
        with Horizontal():
            yield QrPanel(self._bench.test_code, self.app.size.height - OTHER_ROWS)
            with Vertical(classes="heard"):
                yield Static(markup=False, id="what")
                yield OptionList(markup=False)

    def on_mount(self) -> None:
        self._show([strong(harmless(self._port.device)), quiet(_("Opening the port"))])
        self.next_line.step = _("Scan the code on the left; a scanner without 2D scans any product")
        bench, port = self._bench, self._port.ref
        ask_apart(self, "listen", lambda: bench.listen(port, self._is_wanted))

    def _is_wanted(self) -> bool:
        return not self._is_left

    def on_unmount(self) -> None:
        """The port goes back to the scanner in use. Not waited for: closing takes up to half a second."""
        self._is_left = True
        self.host.run_worker(partial(self._bench.stop_listening, self._is_wanted), thread=True, exclusive=False)

    def _show(self, rows: list[Content]) -> None:
        self.query_one("#what", Static).update(Content("\n").join(rows))

    # --- what arrives --------------------------------------------------------------------------------------------------

    def take(self, event: Event) -> None:
        super().take(event)
        match event:
            case ListeningChanged(line, code):
                self._changed(line, code)
            case ScanHeard(heard):
                self._heard = heard
                self._show_heard(heard)
            case _:
                pass

    def _changed(self, line: str, code: str) -> None:
        if self._is_asking:
            return
        if code:
            self.refuse_code(code)
        elif self._heard is None:
            self._show([strong(harmless(self._port.device)), Content(_("Listening at {line}").format(line=line))])
        elif line != self._heard.line:
            self.say(_("Now listening at {line}. Scan the same code again").format(line=line))

    def _show_heard(self, heard: Heard) -> None:
        self.next_line.notice = None
        rows = [Content.assemble(strong(harmless(self._port.device)), f"  {heard.line}")]
        said, *parts = heard_rows(heard)
        rows.append(Content.styled(said, "bold $success" if heard.is_test_code else ""))
        rows += [Content(part) for part in parts]
        rows.append(quiet(heard.hex[:MOST_HEX] + (" .." if len(heard.hex) > MOST_HEX else "")))
        rows += [Content.styled(sentence(trouble), "$warning") for trouble in heard.troubles]
        if heard.suggestions:
            rows.append(strong(_("Profiles that read it right:")))
            self.next_line.step = _("F2 uses the chosen profile; scan again to compare")
        self._show(rows)
        self._offer(heard)

    def _offer(self, heard: Heard) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        for row in suggestion_rows(heard):
            options.add_option(Option(Content(row)))
        if heard.suggestions:
            options.highlighted = 0

    def on_answered(self, message: Answered) -> None:
        """The profile is in use."""
        if message.asked == "assign":
            self.dismiss(result=True)
        elif message.asked == "probe":
            self._answered(cast("Found | None", message.value))

    def _answered(self, found: Found | None) -> None:
        self._is_asking = False
        if found is None:
            self.say(_("No family answered. The profile that reads it right will do"))
            return
        said = harmless(
            " ".join(filter(None, (found.identity.model, found.identity.firmware))) or found.identity.text
        )
        self.say(_("{profile} answered: {said}").format(profile=found.profile, said=said), "success")
        suggested = [one.profile.id for one in self._heard.suggestions] if self._heard else []
        if found.profile in suggested:
            self.query_one(OptionList).highlighted = suggested.index(found.profile)

    def on_declined(self, message: Declined) -> None:
        """Said; it still listens."""
        self._is_asking = False
        self.refuse(message.error)

    def code_read(self, text: str) -> None:  # noqa: ARG002
        """A scanner that types, or the one that was in use: it is not at this port."""
        self.say(_("That scanner types like a keyboard: it needs no port. Esc, and choose keyboard"))

    # --- commands ------------------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def action_use(self) -> None:
        """F2."""
        chosen = self.query_one(OptionList).highlighted
        if self._heard is None or chosen is None or chosen >= len(self._heard.suggestions):
            self.say(_("Scan the code first: then the profiles that fit are listed"))
            return
        profile, bench, port = self._heard.suggestions[chosen].profile.id, self._bench, self._port.ref
        ask_apart(self, "assign", lambda: bench.use_heard(port, profile))

    def action_probe(self) -> None:
        """F5: what was heard here is a scanner; so it may be asked who it is."""
        if self._is_asking:
            return
        bench, port = self._bench, self._port.ref
        self._is_asking = True
        self.say(_("Asking; this takes some seconds"), "success")
        ask_apart(self, "probe", lambda: bench.probe(port))

    def action_back(self) -> None:
        """Esc."""
        self.dismiss(result=False)

"""Pairing a folder that is no till yet: the enrolment code is scanned, typed or pasted, and the till gets its name."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Middle, Vertical
from textual.widgets import Label

from protocol.prefixes import ENROLMENT_PREFIX
from terminal import commands, i18n
from terminal.bridge import ask_apart
from terminal.dialogs.told import Told
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.screens.store_tills import care_of
from terminal.text import harmless
from terminal.widgets.scan_field import ScanField
from terminal.words import code_of
from till.care import Standing
from till.pairing_words import before_pairing, ended_words

LONGEST_CODE = 512
_STANDING = "standing"


class PairingScreen(TillScreen[None]):
    """Ends in signing in."""

    KEYS: ClassVar = (commands.HELP, commands.LANGUAGE, commands.QUIT)
    AUTO_FOCUS = "#name"

    CSS = """
    PairingScreen .form { width: 74; height: auto; border: $frame $rule; padding: 1 2; }
    PairingScreen Label { width: 1fr; color: $quiet; }
    PairingScreen .ended { color: $foreground; text-style: bold; }
    PairingScreen #waits { margin: 0 0 1 0; }
    PairingScreen .title { color: $foreground; text-style: bold; height: 2; }
    PairingScreen ScanField { margin: 0 0 1 0; }
    """

    def body(self) -> ComposeResult:
        with Middle(), Center(), Vertical(classes="form"):
            if self.host.ended:
                yield Label(ended_words(self.host.ended), classes="ended", markup=False)
                yield Label("", id="waits", markup=False)
            else:
                yield Label(_("This computer is not a till yet"), classes="title", markup=False)
            yield Label(_("Name of this till, as people call it"), markup=False)
            yield ScanField(id="name", most=16, digits=False, value=_("Till 01"))
            yield Label(_("Enrolment code: begins with E1, from the ledger's screen"), markup=False)
            yield ScanField(id="code", most=LONGEST_CODE, digits=False)
            if not self.host.ended:
                yield Label(_("Only looking around? Close this and run: till demo"), markup=False)

    def on_mount(self) -> None:
        self.query_one("#name", ScanField).action_select_all()
        self._begin()
        care = care_of(self.host)
        if self.host.ended and care is not None:
            ask_apart(self, _STANDING, care.standing)

    def _begin(self) -> None:
        self._is_asking = False
        self.next_line.step = _("Scan or paste the enrolment code, Enter")

    @on(ScanField.Entered, "#name")
    def _named(self) -> None:
        self.query_one("#code").focus()

    @on(ScanField.Entered, "#code")
    def _typed(self, event: ScanField.Entered) -> None:
        self._pair(event.text)

    def code_read(self, text: str) -> None:
        """The code was scanned."""
        # Behind the first keys of the scan, which the field may still have before it.
        self.query_one("#code", ScanField).call_later(self._take_code, text)

    def _take_code(self, text: str) -> None:
        """On a busy machine the beginning of a scan looks typed: what stands in the field belongs before the rest."""
        field = self.query_one("#code", ScanField)
        begun = field.value.lstrip()
        if begun.upper().startswith(ENROLMENT_PREFIX) and not text.upper().startswith(ENROLMENT_PREFIX):
            text = begun + text
        field.value = text[:LONGEST_CODE]
        self._pair(text)

    def _pair(self, code: str) -> None:
        pair, name = self.host.pair, self.query_one("#name", ScanField).value.strip()
        if self._is_asking or pair is None:
            return
        if not name:
            self.say(_("The till needs a name"))
            return
        self._is_asking = True
        self.next_line.step = _("Asking the ledger...")
        close = self.host.opener.close

        def anew() -> object:
            close()  # one that has ended may be open still
            return pair(code.strip(), name)

        ask_apart(self, "pair", anew)

    def on_answered(self, fact: Answered) -> None:
        """Paired: what has to be done besides is read first, then the till opens."""
        if fact.asked == _STANDING:
            self._show_standing(fact.value)
        elif isinstance(fact.value, list) and fact.value:
            self.app.push_screen(Told(fact.value), lambda _read: self._open())
        else:
            self._open()

    def _open(self) -> None:
        self.host.ended = ""
        self.status.is_unpaired = False
        self.status.look()
        self.next_line.step = _("Paired. Opening the till")
        self.host.open_again()

    def _show_standing(self, standing: object) -> None:
        if isinstance(standing, Standing):
            self.query_one("#waits", Label).update(before_pairing(standing.waiting, standing.waiting_fen))
            name = self.query_one("#name", ScanField)
            name.value = harmless(standing.name, 16)
            name.action_select_all()

    def on_declined(self, message: Declined) -> None:
        """Say what would help."""
        if message.asked == _STANDING:
            return
        self._begin()
        if code_of(message.error) == "not-the-ledger":
            self.say(_("The answer does not fit the last part of the code: compare it with the ledger's root key"))
        else:
            self.refuse(message.error)

    def action_language(self) -> None:
        """F9: the other language."""
        self.host.speak("en" if i18n.language() == "zh-CN" else "zh-CN")

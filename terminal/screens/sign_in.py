"""Signing in by 工号 and PIN. The first paint of the program: what is typed here while the till opens is not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Middle, Vertical
from textual.widgets import Label

from terminal import commands, i18n
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.text import harmless
from terminal.widgets.scan_field import ScanField
from till.training_words import mark_in_full

if TYPE_CHECKING:
    from till.events import Event


class SignInScreen(TillScreen[None]):
    """Also the locked counter: `staff` is who locked it; a sale that is on the screen stays behind it."""

    KEYS: ClassVar = (commands.HELP, commands.LANGUAGE, commands.SOMEONE_ELSE, commands.QUIT)
    AUTO_FOCUS = "#staff"
    TYPED = 8
    """The longest PIN. No code of ours is that short, and none is used here."""

    CSS = """
    SignInScreen .form { width: 44; height: auto; border: $frame $rule; padding: 1 2; }
    SignInScreen .form Horizontal { height: 2; }
    SignInScreen .form Label { width: 14; color: $quiet; }
    SignInScreen .form .title { width: 1fr; color: $foreground; text-style: bold; height: 2; }
    SignInScreen ScanField { width: 1fr; }
    """

    def __init__(self, staff: str = "") -> None:
        super().__init__()
        self._staff = staff
        self._is_asking = self._is_waiting = False

    def body(self) -> ComposeResult:
        with Middle(), Center(), Vertical(classes="form"):
            yield Label(self._title(), classes="title", markup=False)
            with Horizontal():
                yield Label(_("Staff number"), markup=False)
                yield ScanField(id="staff", most=16, digits=False, value=self._staff)
            with Horizontal():
                yield Label(_("PIN"), markup=False)
                yield ScanField(id="pin", most=16, secret=True)

    def _title(self) -> str:
        if self._staff:
            return _("Locked")
        if self.is_training:
            return mark_in_full()
        counter = self.host.counter
        if counter is not None and counter.is_ready:
            return harmless(counter.store.settings.name, 40)
        return _("Points counter")

    def on_key(self, event: events.Key) -> None:
        """From the PIN back to the staff number: Up, or Backspace where no PIN is typed. Down goes to the PIN."""
        pin = self.query_one("#pin", ScanField)
        if pin.has_focus and (event.key == "up" or (event.key == "backspace" and not pin.value)):
            self.query_one("#staff").focus()
            event.stop()
        elif event.key == "down":
            pin.focus()

    def on_mount(self) -> None:
        self.next_line.step = self._step()
        if self._staff:
            self.query_one("#pin").focus()

    def _step(self) -> str:
        demo = self.host.demo
        demo = None if demo is not None and demo.is_training else demo
        if self._staff and (demo is None or self._staff != demo.staff):
            return _("{staff}: type your PIN, Enter; somebody else: F10").format(staff=harmless(self._staff, 16))
        if demo is None:
            return _("Type your staff number and PIN, Enter")
        return _("Demo: staff number {staff}, Enter, PIN {pin}, Enter").format(staff=demo.staff, pin=demo.pin)

    @on(ScanField.Entered, "#staff")
    def _staff_typed(self, event: ScanField.Entered) -> None:
        if event.text:
            self.query_one("#pin").focus()

    @on(ScanField.Entered, "#pin")
    def _pin_typed(self) -> None:
        if self._is_asking:
            return
        if not self.query_one("#staff", ScanField).typed:
            self.query_one("#staff").focus()
            return
        counter, self._is_waiting = self.host.counter, False
        if counter is None:
            self._wait(_("Opening the till; you are signed in as soon as it is open"))
        elif not counter.is_ready:
            self._wait(
                _("The rules are on their way; you are signed in as soon as they are here (needs the network)")
            )
        else:
            self._sign_in()

    def _wait(self, sentence: str) -> None:
        self._is_waiting = True
        self.next_line.step = sentence

    def _sign_in_who_waited(self) -> None:
        counter = self.host.counter
        if self._is_waiting and counter is not None and counter.is_ready:
            self._pin_typed()

    def _sign_in(self) -> None:
        staff, pin = (self.query_one(f"#{name}", ScanField).typed for name in ("staff", "pin"))
        counter = self.counter
        self._is_asking = True
        ask_apart(self, "sign-in", lambda: counter.sign_in(staff, pin))

    def on_answered(self, message: Answered) -> None:
        """Signed in."""
        from till.shifts import Session

        self._is_asking = False
        if isinstance(message.value, Session):
            self.work.session = message.value
            self.host.go_home()

    def on_declined(self, message: Declined) -> None:
        """Wrong, or locked: the PIN is typed anew."""
        self._is_asking = False
        pin = self.query_one("#pin", ScanField)
        pin.value = ""
        pin.focus()
        self.refuse(message.error)

    def till_opened(self) -> None:
        """The till is open: show where we are, and sign in who has typed already."""
        self.status.follow(self.host.counter, self.host.work)
        self.query_one(".title", Label).update(self._title())
        if self._is_waiting:
            self._pin_typed()

    def take(self, event: Event) -> None:
        super().take(event)
        self.query_one(".title", Label).update(self._title())
        self._sign_in_who_waited()

    def code_read(self, text: str) -> None:
        """A staff card says who; the PIN is typed. Nothing else is of use before somebody has signed in."""
        counter = self.host.counter
        if counter is None or not counter.is_ready or text not in counter.store.staff:
            self.say(_("Sign in first; the scan was not used"))
            return
        self.query_one("#staff", ScanField).value = text
        pin = self.query_one("#pin", ScanField)
        pin.value = ""
        pin.focus()

    def action_someone_else(self) -> None:
        """F10."""
        for field in self.query(ScanField):
            field.value = ""
        self.query_one("#staff").focus()

    def action_language(self) -> None:
        """F9: the other language."""
        self.host.speak("en" if i18n.language() == "zh-CN" else "zh-CN")

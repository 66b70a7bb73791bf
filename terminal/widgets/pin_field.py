"""The member's PIN as it is typed: its digits are counted on the screen and never shown.

Not an `Input`, which posts its value in messages and keeps it to be undone. A scan that comes by the keyboard is taken out
again exactly, though signs that are no digits never stood in the field.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Callable

from textual import events
from textual.content import Content
from textual.widget import Widget

from devices.wedge import MIN_LENGTH
from terminal.messages import Retracted


class PinField(Widget, can_focus=True):
    """`entered` is called with what was typed, in the order of the keys; the field is empty then."""

    DEFAULT_CSS = """
    PinField { height: 1; background: $panel; padding: 0 1; margin: 1 1; }
    """

    def __init__(self, most: int, entered: Callable[[str], None]) -> None:
        super().__init__()
        self._most, self._entered = most, entered
        self._digits = ""
        self._latest: deque[int] = deque(maxlen=MIN_LENGTH)
        """How many digits each of the last keys added."""

    def on_key(self, event: events.Key) -> None:
        """Digits, Backspace and Enter belong here; other keys go on to the dialog's commands."""
        if event.key == "enter":
            self.enter()
        elif event.key in ("backspace", "delete"):
            self._keep(self._digits[:-1] if event.key == "backspace" else "")
            self._latest.clear()
        elif event.is_printable and event.character:
            self._type(event.character)
        else:
            return
        event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """A PIN is typed by who knows it."""
        event.stop()

    def on_retracted(self, message: Retracted) -> None:
        """The last keys were the beginning of a scan."""
        added = sum(self._latest.pop() for _ in range(min(message.characters, len(self._latest))))
        self._keep(self._digits[: len(self._digits) - added])

    def enter(self) -> None:
        """Hand on what was typed."""
        typed = self._digits
        self._keep("")
        self._latest.clear()
        self._entered(typed)

    def _type(self, character: str) -> None:
        # A Chinese input method may type full-width digits.
        digit = unicodedata.normalize("NFKC", character)
        is_taken = digit.isascii() and digit.isdigit() and len(self._digits) < self._most
        self._latest.append(int(is_taken))
        if is_taken:
            self._keep(self._digits + digit)

    def _keep(self, digits: str) -> None:
        self._digits = digits
        self.refresh()

    def render(self) -> Content:
        """A star for each digit."""
        return Content.assemble(("*" * len(self._digits), "bold"), ("_", "$quiet"))

"""A one-line field beside a scanner that types: Enter is taken in the order of the keys, and a scan is taken out again."""

from __future__ import annotations

import unicodedata

from textual import events
from textual.message import Message
from textual.widgets import Input

from terminal.messages import Retracted


class ScanField(Input):
    """A stock `Input` handles Enter behind the keys that follow it: ten fast scans came out as none (STYLE, traps)."""

    DEFAULT_CSS = """
    ScanField { border: none; height: 1; background: $panel; padding: 0 1; }
    ScanField:focus { border: none; background: $panel; }
    """

    class Entered(Message):
        """Enter was pressed by a person."""

        def __init__(self, field: ScanField, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

        @property
        def control(self) -> ScanField:
            """For `@on(ScanField.Entered, "#pin")`."""
            return self.field

    def __init__(self, *, id: str, most: int, digits: bool = True, secret: bool = False, value: str = "") -> None:  # noqa: A002
        super().__init__(
            value,
            id=id,
            max_length=most,
            restrict=r"[0-9０-９]*" if digits else None,
            password=secret,
            select_on_focus=False,
        )
        self.cursor_blink = False

    @property
    def typed(self) -> str:
        """What was typed, at half width: an input method that was left on is no wrong number, and stars would not show it."""
        return unicodedata.normalize("NFKC", self.value).strip()

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Entered(self, self.typed))
        else:
            await super()._on_key(event)

    def on_retracted(self, message: Retracted) -> None:
        """The last characters were the beginning of a scan."""
        self.value = self.value[: max(0, len(self.value) - message.characters)]

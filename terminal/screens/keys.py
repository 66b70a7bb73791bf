"""Press each key once: which keys of this keyboard reach the till, through terminal and window.

Every key is only counted here, Esc and F10 too; Esc twice in a row leaves.
"""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from terminal.commands import Command
from terminal.i18n import _, msg
from terminal.screens.base import TillScreen
from terminal.widgets.panel import quiet, strong

ROWS: Final = (
    ("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10"),
    ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0", ".", "-", "/"),
    ("enter", "backspace", "escape", "up", "down"),
)
"""What the counter asks a cashier to press."""

_NAMES: Final = {
    "enter": msg("Enter"), "backspace": msg("Backspace"), "escape": "Esc", "up": msg("Up"), "down": msg("Down"),
}  # fmt: skip


class KeysScreen(TillScreen[str]):
    """Answers the keys that did not arrive, as people read them; empty where all did."""

    KEYS: ClassVar[tuple[Command, ...]] = ()
    TYPED = 99
    """Whoever sweeps over the keys is no scanner."""

    CSS = """
    KeysScreen Static { height: 1fr; padding: 1 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._arrived: set[str] = set()
        self._last = ""

    def body(self) -> ComposeResult:
        yield Static(markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Press each key once, in any order. Esc twice ends")
        self._show()

    def on_key(self, event: events.Key) -> None:
        """Every key ends here."""
        event.stop()
        key = event.character if event.is_printable and event.character else event.key
        if key == self._last == "escape":
            self.dismiss(self._missing())
            return
        self._last = key
        self._arrived.add(key)
        self._show()

    def heard_key(self, key: str = "") -> None:
        """None of them does anything here."""

    def code_read(self, text: str) -> None:  # noqa: ARG002
        self.say(_("That was a scan. Esc twice ends, then test the scanner"))

    def _show(self) -> None:
        rows = [Content("  ").join([self._shown(key) for key in row]) for row in ROWS]
        wanted = [key for row in ROWS for key in row]
        count = sum(key in self._arrived for key in wanted)
        rows.append(strong(_("{n} of {all} keys have arrived").format(n=count, all=len(wanted))))
        if count == len(wanted):
            rows.append(Content.styled(_("All keys arrive. Esc twice ends"), "bold $success"))
        elif self._last and self._last not in wanted:
            rows.append(quiet(_("This key is not used by the till: {key}").format(key=self._last)))
        self.query_one(Static).update(Content("\n\n").join(rows))

    def _shown(self, key: str) -> Content:
        name = _name(key)
        return Content.styled(f"[{name}]", "bold $success") if key in self._arrived else quiet(f" {name} ")

    def _missing(self) -> str:
        return " ".join(_name(key) for row in ROWS for key in row if key not in self._arrived)


def _name(key: str) -> str:
    return _(_NAMES[key]) if key in _NAMES else key.upper()

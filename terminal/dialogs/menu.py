"""A short list to choose from, by number or by arrow keys and Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, NamedTuple, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from terminal import commands
from terminal.choosing import DigitChoice
from terminal.i18n import _
from terminal.messages import Retracted
from terminal.screens.base import Dialog
from terminal.text import harmless

V = TypeVar("V")


class Entry(NamedTuple, Generic[V]):
    """What is read and what it stands for."""

    label: str
    value: V


MOST_DIGITS = 9


class Menu(Dialog[V | None], Generic[V]):
    """Answers the chosen value, or None."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "OptionList"

    CSS = """
    Menu .title { padding: 0 1; text-style: bold; }
    Menu OptionList { height: auto; max-height: 12; border: none; background: $surface; padding: 0; }
    """

    def __init__(self, title: str, entries: Sequence[Entry[V]]) -> None:
        super().__init__()
        self._title, self._entries = title, entries
        self._digit = DigitChoice(self, self._choose)

    def body(self) -> ComposeResult:
        yield Label(self._title, classes="title", markup=False)
        options = [
            # A digit chooses at once, so what stands behind the ninth has none: `10` would take the first.
            Option(Content(f"{number if number <= MOST_DIGITS else ' '}  {harmless(entry.label)}"))
            for number, entry in enumerate(self._entries, start=1)
        ]
        yield OptionList(*options, markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Press the number, or arrows and Enter")

    def on_key(self, event: events.Key) -> None:
        """A digit chooses, unless it turns out to be the first of a scan."""
        self._digit.press(event)

    def on_retracted(self, _: Retracted) -> None:
        """It was a scan."""
        self._digit.forget()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._entries) and self.is_current:
            self.dismiss(self._entries[place].value)

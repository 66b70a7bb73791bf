"""Choosing by a digit beside a scanner that types: a digit counts once nothing follows it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events
from textual.screen import Screen
from textual.timer import Timer

from terminal.keyboard import SILENCE_S


class DigitChoice:
    """`choose` gets the place, 0 for the digit 1. The first digits of a scan choose nothing."""

    def __init__(self, screen: Screen[Any], choose: Callable[[int], None]) -> None:
        self._screen, self._choose = screen, choose
        self._settling: Timer | None = None

    def press(self, event: events.Key) -> None:
        """Take a key of the screen."""
        if event.character and event.character.isascii() and event.character.isdigit():
            event.stop()
            is_alone = self._settling is None
            self.forget()
            place = int(event.character) - 1
            self._settling = self._screen.set_timer(SILENCE_S, lambda: self._settled(place if is_alone else -1))

    def forget(self) -> None:
        """It was a scan."""
        if self._settling is not None:
            self._settling.stop()
            self._settling = None

    def _settled(self, place: int) -> None:
        self._settling = None
        if place >= 0 and self._screen.is_current:
            self._choose(place)

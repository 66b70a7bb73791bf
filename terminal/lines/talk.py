"""Lines in, lines out: what is said stands on a line of its own, and nothing is written over or comes in between.

A scanner on a port of its own is heard where a code makes sense; one that types is a keyboard.
"""

from __future__ import annotations

import getpass
import queue
import threading
from typing import Final, NamedTuple, TextIO

from terminal.i18n import _
from terminal.text import harmless

PROMPT: Final = "> "
MOST: Final = 1_000
"""Characters of a line: more than any code has."""


class _Heard(NamedTuple):
    text: str
    is_scan: bool


class Talk:
    """`read` and `write` are text streams. `ask` and `secret` raise `EOFError` where the input ends."""

    def __init__(self, read: TextIO, write: TextIO) -> None:
        self._read, self._write = read, write
        self._heard: queue.Queue[_Heard | None] = queue.Queue()
        self._is_reading = False

    def say(self, text: str) -> None:
        """A sentence, or several lines of them."""
        self._write.write(text + "\n")
        self._write.flush()

    def scanned(self, text: str) -> None:
        """A scan by a scanner on a port; from its thread."""
        self._heard.put(_Heard(text, is_scan=True))

    def ask(self, question: str = "", *, takes_scans: bool = False) -> str:
        """The next line, or the next scan where one is taken."""
        if question:
            self.say(question)
        self._write.write(PROMPT)
        self._write.flush()
        while True:
            heard = self._next()
            if not heard.is_scan:
                return harmless(heard.text.strip(), MOST)
            if takes_scans:
                self.say(_("Scanned"))
                return heard.text
            self.say(_("The scan was not used: finish here first, or press Enter"))

    def secret(self, question: str) -> str:
        """A PIN. On a terminal nothing of it is shown; from a pipe it is a line like any other."""
        if not self._read.isatty():
            return self.ask(question)
        while (
            self._is_reading
        ):  # a scan answered the question before: its line is still open, and shows what is typed
            self.ask(_("Press Enter first"))
        return getpass.getpass(f"{question} ")

    def _next(self) -> _Heard:
        if not self._is_reading:
            self._is_reading = True
            threading.Thread(target=self._read_line, daemon=True).start()
        heard = self._heard.get()
        if heard is None:
            raise EOFError
        if not heard.is_scan:
            self._is_reading = False
        return heard

    def _read_line(self) -> None:
        line = self._read.readline()
        self._heard.put(_Heard(line, is_scan=False) if line else None)


def choose(talk: Talk, title: str, labels: list[str]) -> int | None:
    """The place of what is chosen by its number; None for an empty line."""
    talk.say(title)
    for number, label in enumerate(labels, start=1):
        talk.say(f"{number}  {label}")
    while text := talk.ask(_("Type the number, or Enter to leave it")):
        if text.isdecimal() and 1 <= int(text) <= len(labels):
            return int(text) - 1
    return None


def confirmed(talk: Talk, question: str) -> bool:
    """Enter never does it: what gives or takes points is confirmed by F2, here as on the screen."""
    return talk.ask(f"{question} " + _("Type f2 to confirm; Enter leaves it as it is")).lower() == "f2"

"""What stands on the glass of a customer display that got some bytes: the commands as their manuals have them.

It knows the displays and not the writer, so that a test reads what a customer would read. CD5220: after `ESC Q` only the same
command and `CLR` are obeyed (manualsdump.com 170863 p. 15, 27). DM-D: Epson's DM-D110 manual p. 49, 59. LED8: eight figures,
four lamps (public code for displays of JOOYTEC, 中科英泰 and 海信).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

Family: TypeAlias = Literal["cd5220", "epson-dmd", "led8"]
ROWS: Final = 2
COLUMNS: Final = 20
DIGITS: Final = 8
_LAMPS: Final = {"0": "", "1": "单价", "2": "合计", "3": "收款", "4": "找零"}
_CLR, _CR, _ESC, _US = 0x0C, 0x0D, 0x1B, 0x1F


class Seen(NamedTuple):
    """Rows of text, or figures with the name of their lamp. `unknown`: how many bytes made no sense."""

    rows: tuple[str, ...]
    lamp: str
    unknown: int


class Glass:
    """One display, switched on and empty."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._columns, self._rows = (DIGITS, 1) if family == "led8" else (COLUMNS, ROWS)
        self._text = [""] * self._rows
        self._at, self._lamp, self._unknown = 0, "", 0
        self._is_in_quick_mode = False
        """CD5220 after `ESC Q`."""
        self._pending = b""

    @property
    def seen(self) -> Seen:
        """As a customer sees it now."""
        return Seen(tuple(row.rstrip() for row in self._text), self._lamp, self._unknown)

    def feed(self, data: bytes) -> None:
        """Bytes as they come; a command may be cut anywhere."""
        self._pending += data
        while self._pending:
            taken = self._take(self._pending)
            if taken == 0:
                return
            self._pending = self._pending[taken:]

    def _take(self, data: bytes) -> int:
        """How many bytes the first command has; 0 while it is not whole."""
        first = data[0]
        if first == _CLR:
            self._blank()
            return 1
        if first == _ESC:
            return self._escape(data)
        if first == _CR:
            self._at -= self._at % self._columns
            return 1
        if self._is_in_quick_mode:
            return self._strange(1)
        if first == _US and self._family == "epson-dmd":
            return self._unit(data)
        return self._write(first)

    def _blank(self) -> None:
        self._text, self._at, self._is_in_quick_mode = [""] * self._rows, 0, False
        self._lamp = self._lamp if self._family == "led8" else ""

    def _escape(self, data: bytes) -> int:
        if len(data) < 2:
            return 0
        name = data[1:2]
        if name == b"Q" and self._family != "epson-dmd":
            return self._quick(data)
        if self._is_in_quick_mode and self._family == "cd5220":
            return self._strange(1)
        if name == b"@":
            self._blank()
            self._lamp = ""
            return 2
        if name == b"s" and self._family == "led8":
            if len(data) < 3:
                return 0
            lamp = _LAMPS.get(chr(data[2]))
            self._lamp = self._lamp if lamp is None else lamp
            return 3 if lamp is not None else self._strange(3)
        return self._strange(1)

    def _quick(self, data: bytes) -> int:
        """`ESC Q A text CR`."""
        end = data.find(_CR)
        if end < 0:
            return 0 if len(data) < 64 else self._strange(1)
        row, text = data[2] - ord("A"), data[3:end]
        if not 0 <= row < self._rows:
            return self._strange(2)
        self._is_in_quick_mode = self._family == "cd5220"
        if self._family == "led8":
            self._text[0] = _eight(text)
        else:
            self._text[row] = text.decode("ascii", "replace")[: self._columns]
        return end + 1

    def _unit(self, data: bytes) -> int:
        """`US $ x y` moves, `US X n` sets the brightness, `US E n` blinks, `US 01` overwrites."""
        if len(data) < 2:
            return 0
        lengths = {ord("$"): 4, ord("X"): 3, ord("E"): 3, 1: 2}
        length = lengths.get(data[1])
        if length is None:
            return self._strange(1)
        if len(data) < length:
            return 0
        if data[1] == ord("$"):
            self._at = (data[3] - 1) * self._columns + data[2] - 1
        return length

    def _write(self, char: int) -> int:
        if not 0x20 <= char < 0x7F:
            return self._strange(1)
        row, column = divmod(self._at, self._columns)
        if self._family == "led8" or not 0 <= row < self._rows:
            return self._strange(1)
        text = self._text[row].ljust(self._columns)
        self._text[row] = text[:column] + chr(char) + text[column + 1 :]
        self._at = (self._at + 1) % (self._rows * self._columns)
        return 1

    def _strange(self, length: int) -> int:
        self._unknown += length
        return length


def _eight(text: bytes) -> str:
    """The last eight figures, each with its point; from the right, as such a display fills up."""
    shown: list[str] = []
    for char in text.decode("ascii", "replace"):
        if char == "." and shown and not shown[-1].endswith("."):
            shown[-1] += "."
        else:
            shown.append(char)
    return "".join(shown[-DIGITS:])

"""What bytes of ESC/POS look like on paper: a reader of what `devices.escpos` writes, made of the commands and not of it.

The preview on the screen is drawn from it and the tests judge by it, so what they show is what the bytes say. What a printer
would not understand, or would do beside printing, is listed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple


class Cell(NamedTuple):
    """A character of one or two columns, `scale` times as large."""

    character: str
    columns: int
    scale: int
    is_bold: bool


class TextRow(NamedTuple):
    """A line of print."""

    cells: tuple[Cell, ...]
    is_centred: bool

    @property
    def text(self) -> str:
        return "".join(cell.character for cell in self.cells)

    @property
    def columns(self) -> int:
        """How wide it is."""
        return sum(cell.columns * cell.scale for cell in self.cells)


class CodeRow(NamedTuple):
    """A QR code that the printer draws itself."""

    text: str
    module_dots: int
    level: str
    is_centred: bool


class ImageRow(NamedTuple):
    """Dots, True = black."""

    dots: tuple[tuple[bool, ...], ...]
    is_centred: bool


@dataclass
class Sheet:
    """All that came out, and what else the bytes would have done."""

    rows: list[TextRow | CodeRow | ImageRow] = field(default_factory=list)
    cuts: int = 0
    drawer_openings: int = 0
    asked: list[bytes] = field(default_factory=list)
    """Status questions, in the order in which a printer meets them."""
    unknown: list[bytes] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words, one row a line."""
        return "\n".join(row.text for row in self.rows if isinstance(row, TextRow))


@dataclass
class _Style:
    is_chinese: bool = False
    is_bold: bool = False
    letter_scale: int = 1
    chinese_scale: int = 1
    is_centred: bool = False


@dataclass
class _Symbol:
    text: bytes = b""
    module_dots: int = 3
    level: str = "L"


_DOUBLE_LETTERS: Final = 0x30
_DOUBLE_CHINESE: Final = 0x0C
_LEVELS: Final = {48: "L", 49: "M", 50: "Q", 51: "H"}
_WITH_ONE: Final = {b"\x1ba", b"\x1bE", b"\x1b!", b"\x1c!", b"\x1cW", b"\x1d!", b"\x1bd", b"\x1dr", b"\x1da"}
"""Commands of one parameter byte."""


def read_sheet(data: bytes) -> Sheet:
    """What `data` prints. Any bytes will do; a character that a printer has not is drawn as it draws it: `?`."""
    return _Reader(data).read()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._sheet, self._style, self._symbol = Sheet(), _Style(), _Symbol()
        self._cells: list[Cell] = []

    def read(self) -> Sheet:
        while self._at < len(self._data):
            byte = self._data[self._at]
            if byte in (0x1B, 0x1C, 0x1D, 0x10):
                self._command()
            elif byte == 0x0A:
                self._take(1)
                self._end_row()
            elif byte < 0x20 or byte == 0x7F:
                self._sheet.unknown.append(self._take(1))
            else:
                self._draw()
        if self._cells:
            self._end_row()
        return self._sheet

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def _end_row(self) -> None:
        self._sheet.rows.append(TextRow(tuple(self._cells), self._style.is_centred))
        self._cells = []

    def _draw(self) -> None:
        style = self._style
        if style.is_chinese and 0x81 <= self._data[self._at] <= 0xFE and self._at + 1 < len(self._data):
            pair = self._take(2)
            try:
                character, columns = pair.decode("gb18030"), 2
            except UnicodeDecodeError:  # the first half of four bytes: a printer of two knows no such character
                self._at -= 1
                character, columns = "?", 1
            self._cells.append(Cell(character, columns, style.chinese_scale, style.is_bold))
            return
        byte = self._take(1)
        character = byte.decode("ascii") if byte.isascii() else "?"
        self._cells.append(Cell(character, 1, style.letter_scale, style.is_bold))

    def _command(self) -> None:
        name = self._data[self._at : self._at + 2]
        if name == b"\x1b@":
            self._take(2)
            self._style = _Style(is_chinese=True)
        elif name in (b"\x1c&", b"\x1c."):
            self._take(2)
            self._style.is_chinese = name == b"\x1c&"
        elif name in _WITH_ONE:
            self._take(2)
            self._set(name, int.from_bytes(self._take(1)))
        elif name == b"\x10\x04":
            self._sheet.asked.append(self._take(3))
        elif name == b"\x1bp":
            self._take(5)
            self._sheet.drawer_openings += 1
        elif name == b"\x1dV":
            self._take(4 if self._data[self._at + 2 : self._at + 3] in (b"A", b"B") else 3)
            self._sheet.cuts += 1
        elif name == b"\x1d(":
            self._take(3)
            self._symbol_function(self._take(int.from_bytes(self._take(2), "little")))
        elif name == b"\x1dv":
            self._image()
        else:
            self._sheet.unknown.append(self._take(2))

    def _set(self, name: bytes, value: int) -> None:
        style = self._style
        if name == b"\x1ba":
            style.is_centred = value == 1
        elif name == b"\x1bE":
            style.is_bold = bool(value & 1)
        elif name == b"\x1b!":
            style.letter_scale = 2 if value & _DOUBLE_LETTERS == _DOUBLE_LETTERS else 1
            style.is_bold = bool(value & 8)
        elif name == b"\x1c!":
            style.chinese_scale = 2 if value & _DOUBLE_CHINESE == _DOUBLE_CHINESE else 1
        elif name == b"\x1bd":
            self._sheet.rows += [TextRow((), is_centred=False)] * value
        elif name == b"\x1dr":
            self._sheet.asked.append(name + bytes([value]))
        else:
            self._sheet.unknown.append(name + bytes([value]))

    def _symbol_function(self, body: bytes) -> None:
        if len(body) < 3 or body[0] != 49:
            self._sheet.unknown.append(b"\x1d(k" + body)
            return
        match body[1]:
            case 65:
                pass
            case 67:
                self._symbol.module_dots = body[2]
            case 69:
                self._symbol.level = _LEVELS.get(body[2], "?")
            case 80:
                self._symbol.text = body[3:]
            case 81:
                symbol = self._symbol
                text = symbol.text.decode("utf-8", "replace")
                self._sheet.rows.append(CodeRow(text, symbol.module_dots, symbol.level, self._style.is_centred))
            case _:
                self._sheet.unknown.append(b"\x1d(k" + body)

    def _image(self) -> None:
        self._take(4)
        across = int.from_bytes(self._take(2), "little")
        down = int.from_bytes(self._take(2), "little")
        dots = []
        for _row in range(down):
            line = self._take(across)
            dots.append(tuple(bool(byte >> (7 - bit) & 1) for byte in line for bit in range(8)))
        self._sheet.rows.append(ImageRow(tuple(dots), self._style.is_centred))

"""What bytes of ESC/POS look like, for people: as rows of a terminal, and as a PNG, dot for dot.

Both are drawn from the `Sheet` that was read from the bytes, so they show what a printer would be told, and not what was meant.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from devices.escpos import Paper
from devices.paper_sheet import CodeRow, ImageRow, Sheet, TextRow
from devices.qr import Level, Matrix, half_blocks, qr_matrix

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

_CELL_DOTS: Final = (12, 24)
"""A column and a row of font A and of the Chinese font, on every printer of 203 dpi."""
_ROW_DOTS: Final = 30
_MARGIN_DOTS: Final = 16
_LEVELS: Final[dict[str, Level]] = {"L": "L", "M": "M", "Q": "Q", "H": "H"}
_QUIET: Final = 2
"""Modules around a code on the screen; the paper around it is white too."""

_FONTS: Final = {
    "win32": ("C:/Windows/Fonts/simsun.ttc", "C:/Windows/Fonts/msyh.ttc"),
    "darwin": ("/System/Library/Fonts/PingFang.ttc", "/System/Library/Fonts/STHeiti Medium.ttc"),
}
_FONT_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts")
_FONT_NAMES: Final = (
    "wqy-zenhei.*",
    "wqy-microhei.*",
    "NotoSansCJK*-Regular.*",
    "SourceHanSans*-Regular.*",
    "uming.*",
)


class PreviewRow(NamedTuple):
    """A row of a terminal. `is_code`: dark on white whatever the theme, see `devices.qr`."""

    text: str
    is_bold: bool = False
    is_code: bool = False


def preview_rows(sheet: Sheet, paper: Paper) -> list[PreviewRow]:
    """The paper in a terminal: as many columns, codes in half blocks. What is twice as large is as wide as that, and bold."""
    return [row for part in sheet.rows for row in _rows(part, paper.columns)]


def preview_png(sheet: Sheet, paper: Paper, font: Path) -> bytes:
    """The paper as a picture, one pixel a dot, with a margin. Raises `OSError` for a file that is no font."""
    from PIL import Image

    parts = [_picture(row, font) for row in sheet.rows]
    width = max([paper.dots, *(part.width for part in parts)]) + 2 * _MARGIN_DOTS
    picture = Image.new("L", (width, sum(part.height for part in parts) + 2 * _MARGIN_DOTS), 255)
    down = _MARGIN_DOTS
    for row, part in zip(sheet.rows, parts, strict=True):
        picture.paste(part, ((width - part.width) // 2 if row.is_centred else _MARGIN_DOTS, down))
        down += part.height
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def find_font() -> Path | None:
    """A font of this machine that has Chinese characters."""
    known = (Path(name) for name in _FONTS.get(sys.platform, ()))
    found = (path for folder in _FONT_FOLDERS for name in _FONT_NAMES for path in sorted(Path(folder).rglob(name)))
    return next((path for path in (*known, *found) if path.is_file()), None)


def _rows(row: TextRow | CodeRow | ImageRow, columns: int) -> Iterator[PreviewRow]:
    if isinstance(row, TextRow):
        text = "".join(cell.character + " " * (cell.columns * (cell.scale - 1)) for cell in row.cells)
        indent = (columns - row.columns) // 2 if row.is_centred else 0
        yield PreviewRow(" " * max(0, indent) + text.rstrip(), any(c.is_bold or c.scale > 1 for c in row.cells))
        return
    for line in half_blocks(_modules(row), _QUIET):
        indent = (columns - len(line)) // 2 if row.is_centred else 0
        yield PreviewRow(" " * max(0, indent) + line, is_code=True)


def _modules(row: CodeRow | ImageRow) -> Matrix:
    """Of dots that were sent: the squares that they make."""
    if isinstance(row, CodeRow):
        return qr_matrix(row.text, _LEVELS.get(row.level, "M"))
    side = max(1, math.gcd(*_run_lengths(row.dots), *(run for line in row.dots for run in _run_lengths(line))))
    squares = [line[::side] for line in row.dots[::side]]
    dark = [index for index, line in enumerate(squares) if any(line)]
    across = [index for line in squares for index, is_dark in enumerate(line) if is_dark]
    if not dark:
        return []
    return [line[min(across) : max(across) + 1] for line in squares[dark[0] : dark[-1] + 1]]


def _run_lengths(of: Iterable[object]) -> list[int]:
    return [len(list(same)) for _value, same in groupby(of)]


def _picture(row: TextRow | CodeRow | ImageRow, font: Path) -> Image:
    if isinstance(row, TextRow):
        return _text_picture(row, font)
    dots = row.dots if isinstance(row, ImageRow) else _enlarged(_modules(row), row.module_dots)
    return _dots_picture(dots)


def _text_picture(row: TextRow, font: Path) -> Image:
    from PIL import Image, ImageDraw

    wide, high = _CELL_DOTS
    scale = max((cell.scale for cell in row.cells), default=1)
    picture = Image.new("L", (max(1, row.columns * wide), (scale - 1) * high + _ROW_DOTS), 255)
    draw, across = ImageDraw.Draw(picture), 0
    for cell in row.cells:
        face = _face(font, high * cell.scale)
        room = cell.columns * cell.scale * wide
        place = (across + (room - face.getlength(cell.character)) / 2, (scale - cell.scale) * high)
        draw.text(place, cell.character, font=face, fill=0, stroke_width=int(cell.is_bold))
        across += room
    return picture


def _face(font: Path, size: int) -> FreeTypeFont:
    """A glyph as high as its cell."""
    from PIL import ImageFont

    return ImageFont.truetype(str(font), round(size * 0.92))


def _enlarged(matrix: Matrix, side: int) -> list[list[bool]]:
    margin = [[False] * (len(matrix[0]) * side)] * side if matrix else []
    lines = [[dot for dot in line for _ in range(side)] for line in matrix for _ in range(side)]
    return [*margin, *lines, *margin]


def _dots_picture(dots: Iterable[Iterable[bool]]) -> Image:
    from PIL import Image

    lines = [bytes(0 if dot else 255 for dot in line) for line in dots]
    return Image.frombytes("L", (len(lines[0]) if lines else 1, max(1, len(lines))), b"".join(lines) or b"\xff")

"""QR codes on the till's own screen, and as PNG. The only file that knows `qrcode`.

A reader needs dark modules on light ground whatever the theme: draw the rows with `INK` on `PAPER`, with a border.
The block characters are of ambiguous width; where a terminal draws them wide, colour two spaces per module from `runs`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from devices.errors import QrTooLongError

INK = "#000000"
PAPER = "#ffffff"

Level = Literal["L", "M", "Q", "H"]
Matrix = Sequence[Sequence[bool]]

_MASK = 3
"""Fixed: choosing the best of eight takes 4 to 10 ms for versions 4 to 9, this 0.7 to 1.7 ms; all tested texts are read."""

_HALF = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class Run(NamedTuple):
    """Modules of one colour side by side."""

    is_dark: bool
    length: int


def qr_matrix(text: str, level: Level = "M", *, max_version: int = 40) -> tuple[tuple[bool, ...], ...]:
    """The modules of `text`, True = dark, without border; 17 + 4 x version rows of as many.

    Raises `QrTooLongError` when it needs more than `max_version` (4 fits a terminal of 80x24: 62 bytes at level M).
    """
    from qrcode import QRCode, constants
    from qrcode.exceptions import DataOverflowError

    levels = {
        "L": constants.ERROR_CORRECT_L,
        "M": constants.ERROR_CORRECT_M,
        "Q": constants.ERROR_CORRECT_Q,
        "H": constants.ERROR_CORRECT_H,
    }
    code = QRCode(error_correction=levels[level], border=0, mask_pattern=_MASK)
    code.add_data(text)
    try:
        version = code.best_fit(start=1)
    except (DataOverflowError, ValueError) as exc:
        raise QrTooLongError(len(text), max_version) from exc
    if version > max_version:
        raise QrTooLongError(len(text), max_version)
    code.make(fit=False)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def fitting_matrix(text: str, max_version: int) -> tuple[tuple[bool, ...], ...]:
    """`qr_matrix` at level M, or at L where the text is too long for that. Raises `QrTooLongError` where it is for both."""
    try:
        return qr_matrix(text, "M", max_version=max_version)
    except QrTooLongError:
        return qr_matrix(text, "L", max_version=max_version)


def half_blocks(matrix: Matrix, border: int = 4) -> list[str]:
    """Rows of text, two rows of modules in each, one character per module. Draw them with `INK` on `PAPER`."""
    framed = _framed(matrix, border)
    if len(framed) % 2:
        framed.append([False] * len(framed[0]))
    return [
        "".join(_HALF[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(framed[::2], framed[1::2], strict=True)
    ]


def runs(matrix: Matrix, border: int = 4) -> list[list[Run]]:
    """Rows of modules as runs of one colour, for drawing by background colour alone."""
    return [[Run(is_dark, len(list(same))) for is_dark, same in groupby(row)] for row in _framed(matrix, border)]


def qr_png(matrix: Matrix, *, scale: int = 8, border: int = 4) -> bytes:
    """A black and white PNG (1 bit grey), `scale` pixels per module."""
    rows = [_packed([module for module in row for _ in range(scale)]) for row in _framed(matrix, border)]
    side = (len(matrix) + 2 * border) * scale
    pixels = b"".join((b"\0" + row) * scale for row in rows)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _framed(matrix: Matrix, border: int) -> list[list[bool]]:
    side = len(matrix) + 2 * border
    empty = [[False] * side for _ in range(border)]
    margin = [False] * border
    return [*empty, *([*margin, *row, *margin] for row in matrix), *([False] * side for _ in range(border))]


def _packed(row: Sequence[bool]) -> bytes:
    """One bit per pixel, 1 = white, filled up to whole bytes."""
    bits = "".join("0" if dark else "1" for dark in row)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

"""ESC/POS for Chinese receipt printers: a slip as bytes.

Commands and their sources: docs/technician.md, "Receipt printers". Not python-escpos: it prints `，` and `￥` as `?`, passes
control bytes through, and takes "no answer" for "plenty of paper" (3.1, observed).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec

from devices.qr import Matrix, qr_matrix
from devices.slip import Code, Line, Slip, rows_of

RESET: Final = b"\x1b@"
CHINESE_ON: Final = b"\x1c&"
"""Chinese models have it on from the start; a till that switched it off left it so."""
CUT: Final = b"\x1dVB\x00"
"""Feeds to the knife and cuts; printers without one feed."""
END_OF_JOB: Final = b"\x1dr\x01"
"""Paper status, asked in line: its one byte comes when all before it is printed, and never where paper is out."""

_CENTRED, _LEFT = b"\x1ba\x01", b"\x1ba\x00"
_BOLD, _PLAIN = b"\x1bE\x01", b"\x1bE\x00"
_BIG, _SMALL = b"\x1b!\x30\x1c!\x0c", b"\x1b!\x00\x1c!\x00"
"""`ESC !` is for the letters and `FS !` for the Chinese characters; `GS !` is for one of them or both, by model."""

_QR_BORDER = 4


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What fits across, and how a code gets there."""

    columns: Annotated[int, msgspec.Meta(ge=24, le=64)] = 32
    dots: Annotated[int, msgspec.Meta(ge=256, le=1024)] = 384
    qr: Literal["native", "raster"] = "native"
    """Drawn by the printer, or sent as dots: 8 kB, 9 s at 9,600 baud."""
    module_dots: Annotated[int, msgspec.Meta(ge=3, le=16)] = 6
    """Of a code: 6 are 0.75 mm."""


def encode(slip: Slip, paper: Paper) -> bytes:
    """All of one piece of paper, from reset to cut. Raises `QrTooLongError`."""
    body = b"".join(_encoded(row, paper) for row in rows_of(slip, paper.columns))
    return RESET + CHINESE_ON + body + CUT


def _encoded(row: Line | Code, paper: Paper) -> bytes:
    if isinstance(row, Code):
        return _CENTRED + b"".join(_code(row.text, paper)) + _LEFT
    text = row.text.encode("gb18030") + b"\n"
    if row.is_big:
        text = _BIG + text + _SMALL
    if row.is_bold:
        text = _BOLD + text + _PLAIN
    return _CENTRED + text + _LEFT if row.is_centred else text


def _code(text: str, paper: Paper) -> Iterator[bytes]:
    matrix = qr_matrix(text)
    dots = min(paper.module_dots, paper.dots // (len(matrix) + 2 * _QR_BORDER))
    if paper.qr == "raster":
        yield _raster(matrix, dots)
        return
    data = text.encode()
    yield _symbol(65, b"2\x00")  # model 2
    yield _symbol(67, bytes([min(dots, 16)]))
    yield _symbol(69, b"1")  # level M
    yield _symbol(80, b"0" + data)
    yield _symbol(81, b"0")
    yield b"\n"


def _symbol(function: int, parameters: bytes) -> bytes:
    """`GS ( k`, the functions of QR codes (49)."""
    body = bytes([49, function]) + parameters
    return b"\x1d(k" + len(body).to_bytes(2, "little") + body


def _raster(matrix: Matrix, dots: int) -> bytes:
    """`GS v 0`: rows of dots, eight in a byte, with a quiet zone."""
    side = (len(matrix) + 2 * _QR_BORDER) * dots
    across = -(-side // 8)
    empty = bytes(across)
    rows = [empty] * (_QR_BORDER * dots)
    for modules in matrix:
        bits = "0" * (_QR_BORDER * dots) + "".join(("1" if dark else "0") * dots for dark in modules)
        rows += [int(bits.ljust(across * 8, "0"), 2).to_bytes(across, "big")] * dots
    rows += [empty] * (_QR_BORDER * dots)
    return b"\x1dv0\x00" + across.to_bytes(2, "little") + len(rows).to_bytes(2, "little") + b"".join(rows)

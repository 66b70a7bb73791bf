"""A frame into what was scanned: symbology, character set, and a label without control characters.

A code is text from outside. ESC bytes would reach the terminal and the printer (BadBarcode, PacSec 2015), so Unicode's
category C is stripped from the label; `raw` keeps every byte, for evidence and for GS1 separators.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Symbology(StrEnum):
    """Kinds of codes, as AIM identifiers name them (ISO/IEC 15424)."""

    EAN_UPC = "ean-upc"
    EAN_8 = "ean-8"
    CODE_128 = "code-128"
    GS1_128 = "gs1-128"
    CODE_39 = "code-39"
    ITF = "itf"
    CODABAR = "codabar"
    GS1_DATABAR = "gs1-databar"
    QR = "qr"
    GS1_QR = "gs1-qr"
    DATA_MATRIX = "data-matrix"
    GS1_DATA_MATRIX = "gs1-data-matrix"
    PDF417 = "pdf417"
    AZTEC = "aztec"
    HAN_XIN = "han-xin"
    OTHER = "other"


class Charset(StrEnum):
    """How the bytes of a label are read. `auto`: strict UTF-8, else GB18030 (wrong for 18 % of single hanzi in GBK)."""

    ASCII = "ascii"
    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ScanData:
    """UnifiedPOS ScanData, ScanDataLabel and ScanDataType in one value.

    `symbology` is None when the scanner does not say; `charset` is the one that was used, never `auto`. A byte outside
    of it shows in `label` as U+FFFD.
    """

    raw: bytes
    label: str
    symbology: Symbology | None
    charset: Charset

    @property
    def is_readable(self) -> bool:
        """False when a byte did not fit the character set: a wrong baud rate or setting, never a member's code."""
        return "\N{REPLACEMENT CHARACTER}" not in self.label


def decode(
    raw: bytes,
    *,
    aim_prefix: bool = False,
    code_ids: Mapping[str, Symbology] = MappingProxyType({}),
    charset: Charset = Charset.ASCII,
) -> ScanData:
    """Read the bytes of one frame. The AIM prefix `]cm` goes only where the scanner sends one: `]` is legal data too.

    `code_ids`: the prefixes of a vendor's own table; the longest one that fits is taken off.
    """
    match = _AIM.match(raw) if aim_prefix else None
    code_id = _longest(raw, code_ids)
    body = raw[match.end() if match else len(code_id) :]
    used = _detected(body) if charset is Charset.AUTO else charset
    text = body.decode(used, errors="replace")
    label = "".join(char for char in text if not unicodedata.category(char).startswith("C"))
    kind = _symbology(match.group().decode()) if match else code_ids.get(code_id)
    return ScanData(raw, label, kind, used)


_CONTROLS = bytes(range(0x20))
_EAN_LENGTHS = frozenset((6, 7, 8, 12, 13, 14, 15, 17, 18))
"""UPC-E, EAN-8, UPC-A and EAN-13, alone or with a supplement of two or five digits."""
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")

# The code letter alone decides, but where the modifier tells a GS1 code (FNC1 in first position) or a length apart.
_EXACT = {
    "]C1": Symbology.GS1_128,
    "]E4": Symbology.EAN_8,
    "]Q3": Symbology.GS1_QR,
    "]Q4": Symbology.GS1_QR,
    "]d2": Symbology.GS1_DATA_MATRIX,
}
_BY_LETTER = {
    "A": Symbology.CODE_39,
    "C": Symbology.CODE_128,
    "E": Symbology.EAN_UPC,
    "F": Symbology.CODABAR,
    "I": Symbology.ITF,
    "L": Symbology.PDF417,
    "Q": Symbology.QR,
    "d": Symbology.DATA_MATRIX,
    "e": Symbology.GS1_DATABAR,
    "h": Symbology.HAN_XIN,
    "z": Symbology.AZTEC,
}


def _longest(raw: bytes, code_ids: Mapping[str, Symbology]) -> str:
    fitting = (prefix for prefix, kind in code_ids.items() if _fits(raw, prefix.encode(), kind))
    return max(fitting, key=len, default="")


def _fits(raw: bytes, prefix: bytes, kind: Symbology) -> bool:
    """A prefix of EAN or UPC stands before digits alone: what only begins like it is another code, and stays whole."""
    rest = raw.removeprefix(prefix).strip(_CONTROLS)
    if kind in (Symbology.EAN_UPC, Symbology.EAN_8) and not (rest.isdigit() and len(rest) in _EAN_LENGTHS):
        return False
    return raw.startswith(prefix)


def _symbology(aim: str) -> Symbology:
    return _EXACT.get(aim) or _BY_LETTER.get(aim[1], Symbology.OTHER)


def _detected(body: bytes) -> Charset:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return Charset.GB18030
    return Charset.ASCII if body.isascii() else Charset.UTF_8

"""What a receipt printer is given: lines, pairs, rules, codes; and how they fall on paper that is so many columns wide.

A column is half a Chinese character. Both papers that shops use are meant: 58 mm (32 columns) and 80 mm (48).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

MISSING: Final = "〓"
"""The typesetter's mark for a character that is not in the case; it is in every Chinese printer."""

_SAME: Final = str.maketrans(
    {"¥": "￥", "−": "-", "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "\u3000": "  ", "\t": " ", "…": "..."}
)
"""What GB18030 writes with four bytes, or a printer draws as something else, by what looks the same."""


class Line(NamedTuple):
    """Words. `is_big`: twice as wide and high."""

    text: str
    is_big: bool = False
    is_bold: bool = False
    is_centred: bool = False


class Pair(NamedTuple):
    """What it is on the left, how much on the right; on two lines where one has no room for both."""

    label: str
    value: str
    is_bold: bool = False


class Rule(NamedTuple):
    """A line across."""


class Code(NamedTuple):
    """A QR code in the middle, and beneath it what it is for."""

    text: str
    caption: str = ""


Block: TypeAlias = Line | Pair | Rule | Code
Slip: TypeAlias = tuple[Block, ...]
"""One piece of paper, cut at its end."""


def printable(text: str) -> str:
    """What a printer of GB18030's one- and two-byte characters prints of it: no control character, nothing it reads as one.

    A name that comes from elsewhere can hold any: `\\x1bp\\x00` would open the drawer.
    """
    return "".join(_drawn(character) for character in unicodedata.normalize("NFC", text).translate(_SAME))


def columns_of(text: str) -> int:
    """How wide a `printable` text is."""
    return len(text.encode("gb18030"))


def wrapped(text: str, columns: int) -> list[str]:
    """A `printable` text in rows of at most so many columns; at least one row. Breaks at a space where there is one."""
    rows, row, width = list[str](), "", 0
    for character in text:
        wide = columns_of(character)
        if width + wide > columns:
            kept, space, rest = row.rpartition(" ")
            if not space or not kept.strip():
                kept, rest = row, ""
            rows.append(kept.rstrip())
            row = rest
            width = columns_of(row)
        row += character
        width += wide
    return [*rows, row.rstrip()]


def paired(pair: Pair, columns: int) -> list[str]:
    """Label and value, `printable`, in rows of exactly or at most so many columns."""
    label, value = printable(pair.label), printable(pair.value)
    room = columns - columns_of(label) - columns_of(value)
    if room >= 1:
        return [label + " " * room + value]
    return [*wrapped(label, columns), *(_pushed(row, columns) for row in wrapped(value, columns))]


def rows_of(slip: Iterable[Block], columns: int) -> Iterator[Line | Code]:
    """The slip as rows, each `printable` and no wider than the paper."""
    for block in slip:
        match block:
            case Line(text, is_big, is_bold, is_centred):
                for row in wrapped(printable(text), columns // 2 if is_big else columns):
                    yield Line(row, is_big, is_bold, is_centred)
            case Pair():
                for row in paired(block, columns):
                    yield Line(row, is_bold=block.is_bold)
            case Rule():
                yield Line("-" * columns)
            case Code(text, caption):
                yield Code(text)
                for row in wrapped(printable(caption), columns) if caption else ():
                    yield Line(row, is_centred=True)


def _pushed(row: str, columns: int) -> str:
    return " " * (columns - columns_of(row)) + row


def _drawn(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else ""
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Mn"):  # control, invisible, or drawn upon the character before
        return ""
    try:
        is_in_case = category[0] != "C" and len(character.encode("gb18030")) == 2
    except UnicodeEncodeError:  # half of a surrogate pair
        is_in_case = False
    return character if is_in_case else MISSING

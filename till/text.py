"""Text that a person reads: harmless, and figures as they are written."""

from __future__ import annotations

import unicodedata

from till.i18n import language

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def harmless(text: str, most: int = 200) -> str:
    """`text` on one line, without anything that a terminal obeys (Unicode categories C*, Zl, Zp), at most `most` long.

    Names and texts from outside are data. Control, format and bidirectional characters are taken out here once more, whatever
    the border before this one did: an ESC in a name would reach the terminal as it is.
    """
    kept = (char for char in text[: 4 * most] if unicodedata.category(char) not in _OBEYED)
    return "".join(kept)[:most]


def cells(text: str) -> int:
    """How many columns a text takes in a terminal: a Chinese character two."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def points_text(points: int) -> str:
    """`1050` → `1,050`."""
    return f"{points:,}"


def money(fen: int) -> str:
    """`12850` → `128.50元`, `¥128.50` in English."""
    from points import format_fen

    return f"¥{format_fen(fen)}" if language() == "en" else f"{format_fen(fen)}元"


def day_text(iso: str) -> str:
    """`2026-12-31` → `2026年12月31日`, `31 Dec 2026`."""
    parts = iso.split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return iso
    month, day = int(parts[1]), int(parts[2])
    return f"{day} {_MONTHS[month - 1]} {parts[0]}" if language() == "en" else f"{parts[0]}年{month}月{day}日"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

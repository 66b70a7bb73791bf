"""Text that can be put on a screen: harmless, and as wide as its place.

Names and texts from outside are data. Control, format and bidirectional characters are taken out here once more, whatever
the border before this one did: an ESC in a name would reach the terminal as it is.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from till.text import day_text, harmless, points_text

__all__ = ["column", "column_right", "cut", "day_text", "harmless", "line", "moment", "points_text", "spaced"]


def cut(text: str, cells: int) -> str:
    """At most `cells` wide; what is cut off is shown by two dots (one glyph would be of ambiguous width)."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 2)).rstrip() + ".." if cells > 2 else set_cell_size(text, cells)


def column(text: str, cells: int) -> str:
    """Exactly `cells` wide, left-aligned."""
    return set_cell_size(cut(text, cells), cells)


def column_right(text: str, cells: int) -> str:
    """Exactly `cells` wide, right-aligned."""
    shown = cut(text, cells)
    return " " * (cells - cell_len(shown)) + shown


def line(left: Content | str, right: Content | str, width: int) -> Content:
    """One line, exactly `width` wide: `right` at its end is whole, `left` is cut when both do not fit."""
    left, right = (
        Content(left) if isinstance(left, str) else left,
        Content(right) if isinstance(right, str) else right,
    )
    right = right.truncate(width)
    room = max(0, width - right.cell_length - (1 if right.cell_length else 0))
    if left.cell_length > room:
        left = left.truncate(max(0, room - 2)).append(".." if room > 2 else "")
    gap = width - left.cell_length - right.cell_length
    return Content.assemble(left, " " * max(0, gap), right)


def spaced(number: str) -> str:
    """`1,050` → `1 , 0 5 0`: the large figure of a one-row place."""
    return " ".join(number)


def moment(at: str, now: str) -> str:
    """The store's time `2026-11-21 14:20:05` as `14:20`; as `11-20 14:20` where it is not of the day of `now`."""
    return at[11:16] if at[:10] == now[:10] else at[5:16]

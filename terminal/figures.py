"""Figures three rows high, for the two numbers that are read from a metre away: points that can be spent, and the amount.

Drawn with box characters, which a terminal set to wide ambiguous characters breaks: the ASCII theme spaces the digits out
on one row instead.
"""

from __future__ import annotations

from textual.renderables.digits import DIGITS3X3, DIGITS3X3_BOLD

from terminal.text import spaced

_DRAWN = "0123456789"
_FIRST_DIGIT = 3
"""Textual's table begins with the three rows of a space."""


def rows_of(number: str, *, heavy: bool = False, ascii_only: bool = False) -> tuple[str, str, str]:
    """Three rows of one width that show `number`; characters that have no drawing stand on the last row."""
    if ascii_only or any(not (char in _DRAWN or char in ".,") for char in number):
        shown = spaced(number)
        return " " * len(shown), shown, " " * len(shown)
    table = DIGITS3X3_BOLD if heavy else DIGITS3X3
    drawn = [_glyph(char, table) for char in number]
    first, second, third = ("".join(glyph[row] for glyph in drawn) for row in range(3))
    return first, second, third


def _glyph(char: str, table: list[str]) -> tuple[str, str, str]:
    if char not in _DRAWN:
        return " ", " ", char
    top = _FIRST_DIGIT + 3 * int(char)
    return table[top].ljust(3), table[top + 1].ljust(3), table[top + 2].ljust(3)

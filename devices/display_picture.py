"""What a customer display is to show, and its bytes.

A figure is shown whole or not at all: a label makes room for it, and an amount that has no room is a row of dashes, because one
with its first digits cut off would be another amount.
"""

from __future__ import annotations

from typing import NamedTuple

from devices.display_profiles import DisplayProfile


class PictureRow(NamedTuple):
    """A label at the left that may be cut, a figure at the right that is not."""

    label: str = ""
    figure: str = ""


class Picture(NamedTuple):
    """For two rows of text, and for figures alone: an amount in fen, None for dark."""

    upper: PictureRow = PictureRow()
    lower: PictureRow = PictureRow()
    amount_fen: int | None = None


DARK = Picture()


def pattern(number: int = 8) -> Picture:
    """`88888888`: a segment that is missing is seen. Another digit tells several profiles apart."""
    digits = str(number) * 6
    return Picture(PictureRow("TEST", digits), PictureRow("0123456789", digits), int(digits))


def encode(picture: Picture, profile: DisplayProfile) -> bytes:
    """From a state that `profile.begin` or another picture left it in. Nothing is cleared first, so that nothing flickers."""
    if profile.lamps is None:
        texts = [_row(row, profile.columns) for row in (picture.upper, picture.lower)]
        lamp = b""
    elif picture.amount_fen is None:
        return bytes(profile.lamps.none + profile.clear)
    else:
        texts, lamp = [_figures(picture.amount_fen, profile.columns)], bytes(profile.lamps.total)
    return lamp + b"".join(
        row.before + text.encode("ascii") + row.after for row, text in zip(profile.rows, texts, strict=True)
    )


def _row(row: PictureRow, columns: int) -> str:
    """Exactly `columns` characters, none of which a display obeys."""
    label, figure = _plain(row.label), _plain(row.figure)
    if len(figure) > columns:
        figure = "-" * columns
    room = columns - len(figure) - bool(figure)
    return label[: max(0, room)].ljust(columns - len(figure)) + figure


def _plain(text: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def _figures(fen: int, digits: int) -> str:
    """`128.50`: the display draws the point into the digit before it."""
    text = f"{fen // 100}.{fen % 100:02}"
    return text if len(text) - 1 <= digits else "-" * digits

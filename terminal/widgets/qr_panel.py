"""A QR code on the screen: dark on explicit white whatever the theme, with its margin.

Two characters a module of background colour where there is room: no glyph, so no font and no terminal setting can break it;
half blocks where there is not.
"""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from devices.qr import INK, PAPER, fitting_matrix, half_blocks, runs

MARGIN = 2
_DARK, _LIGHT = Style(bgcolor=INK), Style(bgcolor=PAPER)
_BLOCKS = Style(color=INK, bgcolor=PAPER)


class QrPanel(Widget):
    """Its size is that of the code. Raises `devices.errors.QrTooLongError` where a terminal of 80x24 has no room for it."""

    MAX_VERSION = 4

    def __init__(self, text: str, room_rows: int) -> None:
        super().__init__()
        matrix = fitting_matrix(text, self.MAX_VERSION)
        wide = [
            Strip([Segment("  " * run.length, _DARK if run.is_dark else _LIGHT) for run in row])
            for row in runs(matrix, MARGIN)
        ]
        small = [Strip([Segment(row, _BLOCKS)]) for row in half_blocks(matrix, MARGIN)]
        self._strips = wide if len(wide) <= room_rows else small
        self.styles.height, self.styles.width = len(self._strips), self._strips[0].cell_length

    def render_line(self, y: int) -> Strip:
        """One row."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

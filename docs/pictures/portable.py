"""Rich's SVG of a terminal, made fit for every viewer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from rich.cells import cell_len

_TEXT = re.compile(
    r'(<text class="[^"]*" )x="([\d.]+)"( y="[^"]*") textLength="[^"]*"(?: clip-path="[^"]*")?>([^<]*)</text>'
)
_RUN = re.compile(r"[\u2e80-\uffef]|\s+|[^\u2e80-\uffef\s]+")
_CELL, _WIDE_INSET = 12.2, 2.2
"""Of Rich's picture: a cell is 12.2 wide, a Chinese character 20 in the place of two."""


def portable(svg: str) -> str:
    """A picture that asks nobody for a font, and whose columns hold in every viewer.

    Rich writes each run of text with a `textLength`, which some viewers ignore; a Chinese character is narrower than two
    cells, so each gets a place of its own.
    """
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace(
        "font-family: Fira Code", "font-family: 'Fira Code', 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC'"
    )
    svg = _TEXT.sub(lambda found: "".join(_placed(found[1], float(found[2]), found[3], unescape(found[4]))), svg)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def _placed(before: str, x: float, after: str, text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        cells = cell_len(run)
        is_wide = cells == 2 * len(run)
        at = x + (_WIDE_INSET if is_wide else 0)
        length = f' textLength="{cells * _CELL:g}"' if not is_wide else ""
        if not run.isspace():
            yield f'{before}x="{at:g}"{length}{after}>{escape(run)}</text>'
        x += cells * _CELL

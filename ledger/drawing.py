"""QR codes as a terminal and as a page show them: dark on explicit white, with the border of four that readers need."""

from __future__ import annotations

from itertools import groupby

_BLACK_ON_WHITE, _PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
"""Explicit colours of the 256: a theme may show "black" as grey, and scanners read dark on light alone."""

_MASK = 3
"""Fixed: choosing the best of eight takes six times as long, and a page is drawn anew every 15 s."""


def half_blocks(text: str) -> str:
    """Lines for a terminal."""
    matrix = _matrix(text)
    if len(matrix) % 2:
        matrix.append([False] * len(matrix[0]))
    lines = []
    for upper, lower in zip(matrix[::2], matrix[1::2], strict=True):
        halves = (" ▀▄█"[is_upper + 2 * is_lower] for is_upper, is_lower in zip(upper, lower, strict=True))
        lines.append(f"{_BLACK_ON_WHITE}{''.join(halves)}{_PLAIN}")
    return "\n".join(lines)


def svg(text: str, max_version: int) -> str:
    """An SVG image, as wide as what is around it. Raises `ValueError` for a text that needs more than `max_version`."""
    matrix = _matrix(text, max_version)
    side = len(matrix)
    path = "".join(_row(y, row) for y, row in enumerate(matrix))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def _row(y: int, row: list[bool]) -> str:
    """The dark runs of a row, as parts of a path."""
    drawn, x = "", 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            drawn += f"M{x} {y}h{length}v1h-{length}z"
        x += length
    return drawn


def _matrix(text: str, max_version: int = 40) -> list[list[bool]]:
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, mask_pattern=_MASK)
    code.add_data(text)
    if code.best_fit(start=1) > max_version:
        raise ValueError(f"{len(text)} characters need more than QR version {max_version}")
    code.make(fit=False)
    return [[bool(module) for module in row] for row in code.get_matrix()]

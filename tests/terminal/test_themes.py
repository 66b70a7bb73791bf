"""What is read can be read: the contrast of every letter that is painted, by WCAG 2.2, in every theme."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import Color
from textual.geometry import Region

from terminal.screens.base import Dialog
from terminal.themes import THEMES
from tests.terminal import walk
from tests.terminal.stage import Stage
from tests.terminal.walk import Act

LEAST = {"till-contrast": 7.0}
WANTED = 4.5
STOPS: tuple[Act, ...] = (
    walk.signing_in, walk.waiting, walk.basket, walk.refused, walk.asked, walk.explained, walk.more, walk.disclosure,
    walk.devices, walk.shift, walk.receipts,
)  # fmt: skip


def luminance(colour: Color) -> float:
    """Relative luminance (WCAG 2.2, 'relative luminance')."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour.get_truecolor())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: Color, paper: Color) -> float:
    """From 1 to 21."""
    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def is_read(text: str) -> bool:
    """Letters and figures; borders and blocks are not."""
    return any(char.isalnum() for char in text)


def seen_region(stage: Stage) -> Region:
    """All of a screen, or the box of a dialog: what lies dimmed below it waits."""
    screen = stage.app.screen
    return screen.query_one(".box").region if isinstance(screen, Dialog) else screen.region


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_letter_can_be_read(tmp_path: Path, theme: str) -> None:
    """4.5:1, in high contrast 7:1."""
    faint: list[tuple[str, str, float]] = []
    read = 0

    async def look(stage: Stage, name: str) -> None:
        nonlocal read
        region = seen_region(stage)
        for y, strip in enumerate(stage.app.screen._compositor.render_strips()):
            if not region.y <= y < region.bottom:
                continue
            for text, style, _control in strip.crop(region.x, region.right):
                if style is None or style.color is None or style.bgcolor is None or not is_read(text):
                    continue
                read += 1
                ink, paper = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
                if (found := contrast(ink, paper)) < LEAST.get(theme, WANTED):
                    faint.append((name, text.strip(), round(found, 2)))

    await walk.walk(tmp_path, "en", (80, 24), look=look, stops=STOPS, theme=theme)
    assert read > 300
    assert faint == []

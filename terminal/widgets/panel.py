"""A framed part of a screen, drawn line by line to its exact width."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from terminal.text import line


class Panel(Widget):
    """`lines` says what stands in it; the border's title is set as `Content`, so that no name is read as markup."""

    DEFAULT_CSS = """
    Panel { border: $frame $rule; border-title-color: $quiet; padding: 0 1; height: auto; }
    """

    def lines(self, width: int) -> list[Content]:
        """The rows, each at most `width` cells wide."""
        raise NotImplementedError

    def title(self) -> str:
        """What the border says; empty for nothing."""
        return ""

    def entitle(self) -> None:
        """Write the title anew."""
        self.border_title = Content(self.title())

    def on_mount(self) -> None:
        """A title is there from the first paint on."""
        self.entitle()

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """Where the height follows the content: all rows."""
        return len(self.lines(width))

    def render(self) -> Content:
        """All rows that there is room for."""
        rows = self.lines(self.content_size.width)
        height = self.content_size.height
        return Content("\n").join(rows[:height] if height else rows)

    @staticmethod
    def row(left: Content | str, right: Content | str, width: int) -> Content:
        """One row with two ends."""
        return line(left, right, width)


def quiet(text: str) -> Content:
    """Said softly: labels, ages, conditions."""
    return Content.styled(text, "$quiet")


def strong(text: str, style: str = "$foreground") -> Content:
    """What is read first."""
    return Content.styled(text, f"bold {style}")

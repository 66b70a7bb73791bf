"""A report on the screen, page by page: as many of its sections as there is room for, and a section is parted only where it is
longer than a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from terminal.widgets.panel import Panel, quiet, strong
from till.report_words import ReportRow, Section


class ReportView(Panel):
    """`show` says what, `turn` shows the next page."""

    DEFAULT_CSS = """
    ReportView { height: 1fr; border-subtitle-color: $quiet; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._heading, self._sections, self._page = "", list[Section](), 0

    def show(self, heading: str, sections: Sequence[Section]) -> None:
        """Another report, or the same with newer figures: then the page stays."""
        if heading != self._heading:
            self._page = 0
        self._heading, self._sections = heading, [*sections]
        self.entitle()
        self.refresh()

    def turn(self, by: int = 1) -> None:
        """The next page; after the last one the first."""
        self._page = (self._page + by) % max(1, len(self._pages()))
        self.entitle()
        self.refresh()

    @property
    def is_long(self) -> bool:
        """Whether there is more than one page."""
        return len(self._pages()) > 1

    def title(self) -> str:
        return self._heading

    def entitle(self) -> None:
        """With the number of the page below, where there are more."""
        super().entitle()
        pages = len(self._pages())
        self.border_subtitle = Content(f"{self._page % max(1, pages) + 1}/{pages}" if pages > 1 else "")

    def on_resize(self) -> None:
        """Another height has other pages."""
        self.entitle()

    def lines(self, width: int) -> list[Content]:
        pages = self._pages()
        rows = pages[self._page % len(pages)] if pages else []
        return [drawn(row, width) if row is not None else Content("") for row in rows]

    def _pages(self) -> list[list[ReportRow | None]]:
        return paged((section.shown for section in self._sections), self.content_size.height or 1)


def paged(groups: Iterable[Sequence[ReportRow]], height: int) -> list[list[ReportRow | None]]:
    """Groups with an empty row between them, at most `height` rows on a page."""
    pages: list[list[ReportRow | None]] = []
    for group in groups:
        if pages and len(pages[-1]) + 1 + len(group) <= height:
            pages[-1] += [None, *group]
            continue
        pages += [[*group[first : first + height]] for first in range(0, len(group), height)]
    return pages


def drawn(row: ReportRow, width: int) -> Content:
    """One row, as loud as it is."""
    match row.tone:
        case "strong":
            return Panel.row(strong(row.drawn), strong(row.value), width)
        case "points":
            return Panel.row(strong(row.drawn), strong(row.value, "$accent"), width)
        case "quiet":
            return Panel.row(quiet(row.drawn), quiet(row.value), width)
        case "detail":
            return Panel.row(quiet(row.drawn), row.value, width)
        case "warning":
            return Panel.row(Content.styled(row.drawn, "$warning"), row.value, width)
        case _:
            return Panel.row(row.drawn, row.value, width)

"""F1: what this screen is for, what comes next, and what each key does here, from the same declarations as the keys."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from terminal import commands
from terminal.commands import Command, key_name
from terminal.help_words import WORDS
from terminal.i18n import _, msg
from terminal.screens.base import TillScreen
from terminal.text import column

ALSO: tuple[tuple[str, str], ...] = (
    (msg("Digits"), msg("The amount of this sale; a point for the decimals.")),
    (msg("Enter"), msg("Books the sale of the member on the screen. Never a redemption.")),
    ("*  +", msg("Behind an amount they multiply and add: 12.5*3+8.")),
    ("/  *", msg("Begins the reference of this sale: receipt, table or work order.")),
    ("-", msg("Begins what another pays of this bill, where the rules name somebody: an insurer, a platform.")),
    (msg("Backspace"), msg("Takes back a digit; in an empty field the last product.")),
    (msg("Scan"), msg("A member, a product: scan at any time, the focus does not matter.")),
)


class HelpScreen(TillScreen[None]):
    """`shown`: the commands of the screen that F1 was pressed on, and `of` its class, for the words about it."""

    KEYS: ClassVar = (commands.PAGE, commands.BACK)
    AUTO_FOCUS = "VerticalScroll"
    CSS = """
    HelpScreen VerticalScroll { padding: 0 2; height: 1fr; scrollbar-size-vertical: 0; }
    HelpScreen Static { width: 1fr; margin: 1 0 0 0; }
    """

    def __init__(self, shown: tuple[Command, ...], of: str = "") -> None:
        super().__init__()
        self._shown, self._words = shown, WORDS.get(of)

    def body(self) -> ComposeResult:
        with VerticalScroll():
            if self._words is not None:
                yield Static(Content.styled(_(self._words.title), "bold $primary"))
                yield Static(Content(_(self._words.purpose)))
                yield Static(Content.assemble((_("What comes next"), "bold"), "  ", _(self._words.next)))
            yield Static(Content("\n").join(self._keys()))

    def _keys(self) -> list[Content]:
        keys = [(key_name(command, self.host.keys_by_id), command) for command in self._shown if self._may(command)]
        rows = [_row(key, _(command.label), _(command.help)) for key, command in keys]
        if commands.REDEEM in self._shown:
            rows += [Content(""), *(_row(_(key), "", _(text)) for key, text in ALSO)]
        return rows

    def on_mount(self) -> None:
        self.next_line.step = _("Esc goes back")
        self.call_after_refresh(self._say_pages)

    def _say_pages(self) -> None:
        if self.query_one(VerticalScroll).max_scroll_y:
            self.next_line.step = _("F5 shows the next page, arrows move line by line; Esc goes back")

    def action_page(self) -> None:
        """F5: a page on, and from the end to the beginning."""
        text = self.query_one(VerticalScroll)
        if text.scroll_y >= text.max_scroll_y:
            text.scroll_home(animate=False)
        else:
            text.scroll_page_down(animate=False)


def _row(key: str, label: str, text: str) -> Content:
    return Content.assemble(
        (column(key, 10), "bold $primary"), (column(label, 14 if label else 0), "bold"), (text, "$foreground")
    )

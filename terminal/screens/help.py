"""F1: what each key does here, from the same declarations as the keys themselves."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from terminal import commands
from terminal.commands import Command, key_name
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
    """`shown`: the commands of the screen that F1 was pressed on."""

    KEYS: ClassVar = (commands.BACK,)
    CSS = """
    HelpScreen VerticalScroll { padding: 1 2; height: 1fr; }
    """

    def __init__(self, shown: tuple[Command, ...]) -> None:
        super().__init__()
        self._shown = shown

    def body(self) -> ComposeResult:
        keys = [(key_name(command, self.host.keys_by_id), command) for command in self._shown if self._may(command)]
        rows = [_row(key, _(command.label), _(command.help)) for key, command in keys]
        if commands.REDEEM in self._shown:
            rows += [Content(""), *(_row(_(key), "", _(text)) for key, text in ALSO)]
        with VerticalScroll():
            yield Static(Content("\n").join(rows), markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Esc goes back")


def _row(key: str, label: str, text: str) -> Content:
    return Content.assemble(
        (column(key, 10), "bold $primary"), (column(label, 14 if label else 0), "bold"), (text, "$foreground")
    )

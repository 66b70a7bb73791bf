"""The store's template as a code: the next till scans it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal

from terminal import commands
from terminal.bridge import ask_apart
from terminal.commands import Command
from terminal.dialogs.ask import Ask
from terminal.dialogs.qr_dialog import OTHER_ROWS, QrDialog
from terminal.i18n import _
from terminal.messages import Answered
from terminal.text import harmless
from terminal.widgets.qr_panel import QrPanel
from till.refusals import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.screens.base import TillScreen
    from terminal.technician import Change

MOST_CHANGES = 6


class TemplateDialog(QrDialog[None]):
    """Settings only: no key, no secret."""

    KEYS: ClassVar[tuple[Command, ...]] = (commands.SAVE, commands.BACK)

    def __init__(self) -> None:
        super().__init__(
            _("The store's template"),
            _("On the next till: F9, Devices, then scan this code. What it changes is shown first."),
            _("It says which scanner, printer and settings. It holds no key and no secret."),
        )

    def on_mount(self) -> None:
        self.next_line.step = _("F2 saves it as a file; another template is scanned here")
        bench = self.host.workbench
        assert bench is not None
        ask_apart(self, "code", bench.template.code)

    def on_answered(self, message: Answered) -> None:
        """The text of the code, or where the file is."""
        if message.asked == "code":
            try:
                self.draw(str(message.value))
            except REFUSALS:
                self.add(_("These settings are too long for a code on this screen. F2 writes them into a file."))
        else:
            self.say(_("Saved: {file}").format(file=harmless(str(message.value), 200)), "success")

    def draw(self, text: str) -> None:
        """Here alone: it is nothing for a member's screen. Raises `devices.errors.QrTooLongError`."""
        self.query_one(Horizontal).mount(QrPanel(text, self.app.size.height - OTHER_ROWS), before=0)

    def action_save(self) -> None:
        """F2."""
        bench = self.host.workbench
        assert bench is not None
        ask_apart(self, "file", bench.template.save)

    def code_read(self, text: str) -> None:
        """A template of another till."""
        take_template(self, text)


def take_template(screen: TillScreen[None], text: str) -> bool:
    """Ask whether to use a scanned template; False where the scan is none."""
    bench = screen.host.workbench
    if bench is None or not bench.template.is_code(text):
        return False
    try:
        changes = bench.template.would_change(text)
    except REFUSALS as error:
        screen.refuse(error)
        return True
    if not changes:
        screen.say(_("This till is set up like that already"), "success")
        return True

    def answered(is_wanted: bool | None) -> None:
        if is_wanted:
            ask_apart(screen, "template", lambda: bench.template.apply(text))

    screen.app.push_screen(Ask(_question(changes), yes=_("Use it"), no=_("Leave as it is")), answered)
    return True


def _question(changes: Sequence[Change]) -> str:
    rows = [
        f"{change.setting}: {harmless(change.before, 60) or '-'} -> {harmless(change.after, 60) or '-'}"
        for change in changes[:MOST_CHANGES]
    ]
    more = len(changes) - MOST_CHANGES
    return "\n".join(
        [_("Set this till up by the template?"), *rows, *([_("and {n} more").format(n=more)] * (more > 0))]
    )

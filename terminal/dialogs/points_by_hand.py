"""手工加分: how many points a member gets by hand."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from terminal import commands
from terminal.i18n import _
from terminal.screens.base import Dialog
from terminal.widgets.scan_field import ScanField
from terminal.words import name_of
from till.counting import amount_of
from till.members import MemberView


class PointsByHand(Dialog[int | None]):
    """Answers how many, at least one."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "ScanField"

    CSS = """
    PointsByHand .title { padding: 0 1 1 1; text-style: bold; }
    PointsByHand Label { padding: 0 1; }
    PointsByHand ScanField { margin: 1 1; }
    """

    def __init__(self, member: MemberView, kind: str) -> None:
        super().__init__()
        self._member, self._kind = member, kind

    def body(self) -> ComposeResult:
        title = _("Points by hand for {name}").format(name=name_of(self._member))
        yield Label(title, classes="title", markup=False)
        most = amount_of(
            self.counter.store.programme, self._kind, self.counter.store.settings.approvals.manual_points
        )
        yield Label(_("At most {points} at once. A supervisor approves next.").format(points=most), markup=False)
        yield ScanField(id="points", most=9)

    def on_mount(self) -> None:
        self.next_line.step = _("Type the points and Enter")

    @on(ScanField.Entered)
    def _entered(self, event: ScanField.Entered) -> None:
        if int(event.text or "0"):
            self.dismiss(int(event.text))

    def action_back(self) -> None:
        """Esc."""
        self.dismiss(None)

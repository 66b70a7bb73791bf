"""How many points the member draws from his household's pool."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from protocol.households import PooledKind
from terminal import commands
from terminal.i18n import _
from terminal.screens.base import Dialog
from terminal.widgets.scan_field import ScanField


class DrawPoints(Dialog[int | None]):
    """`who` draws, in words; `there` in the pool, which the screen calls `kind`. Answers the points, or None."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "#points"

    CSS = """
    DrawPoints .title { padding: 0 1; text-style: bold; }
    DrawPoints Label { padding: 0 1; width: 1fr; }
    DrawPoints ScanField { margin: 1 1; }
    """

    def __init__(self, who: str, kind: str, there: PooledKind) -> None:
        super().__init__()
        self._who, self._kind, self._there = who, kind, there

    def body(self) -> ComposeResult:
        there = self._there
        yield Label(
            "  ".join([self._who, _("Household points")]) + f"  {there.points:,} {self._kind}",
            classes="title",
            markup=False,
        )
        yield Label(_("The member can draw {points} now").format(points=f"{there.drawable:,}"), markup=False)
        yield Label(_("What is drawn is the member's own. Online only; the member agrees next."), markup=False)
        yield ScanField(id="points", most=12)

    def on_mount(self) -> None:
        self.next_line.step = _("Type the points and Enter")

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        points = int(event.text or "0")
        if 1 <= points <= self._there.drawable:
            self.dismiss(points)
        else:
            self.say(_("The member can draw {points} now").format(points=f"{self._there.drawable:,}"))

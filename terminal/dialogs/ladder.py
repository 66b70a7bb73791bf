"""How many points: any step between the least and the most that this sale and the member allow."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from points import Offer, Programme
from terminal import commands
from terminal.i18n import _, either
from terminal.screens.base import Dialog
from terminal.text import harmless, points_text
from terminal.widgets.scan_field import ScanField
from terminal.words import money
from till.counting import pieces_of


class Ladder(Dialog[int | None]):
    """Answers the points. The most possible stands in the field: it is what is mostly wanted."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "#points"

    CSS = """
    Ladder .title { padding: 0 1; text-style: bold; }
    Ladder Label { padding: 0 1; width: 1fr; }
    Ladder ScanField { margin: 1 1; }
    """

    def __init__(self, programme: Programme, offer: Offer, most: int) -> None:
        super().__init__()
        self._programme, self._offer, self._most = programme, offer, most

    def body(self) -> ComposeResult:
        offer = self._offer
        yield Label(harmless(either(offer.disclosure.name)), classes="title", markup=False)
        worth = money(offer.terms.value_of(self._most))
        text = _("{least} to {all} in steps of {step}; {most} are worth {worth}").format(
            least=points_text(offer.points), most=points_text(self._most), step=points_text(offer.step_points),
            all=pieces_of(self._programme, offer.kind, self._most), worth=worth,
        )  # fmt: skip
        yield Label(text, markup=False)
        yield ScanField(id="points", most=9, value=str(self._most))

    def on_mount(self) -> None:
        self.next_line.step = _("Enter shows everything before anything is redeemed")
        field = self.query_one(ScanField)
        field.action_select_all()

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        offer, points = self._offer, int(event.text or 0)
        event.field.action_select_all()
        if points < offer.points or points > self._most or points % offer.step_points:
            self.say(_("Between {least} and {most}, in steps of {step}").format(
                least=points_text(offer.points), most=points_text(self._most),
                step=points_text(offer.step_points)))  # fmt: skip
            return
        self.dismiss(points)

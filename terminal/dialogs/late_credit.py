"""补积分: the slip's number, what was paid, and the day. What it would have earned is said before F2."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from points import AmountError, Quote, parse_amount
from terminal import commands
from terminal.i18n import _
from terminal.screens.base import Dialog
from terminal.widgets.scan_field import ScanField
from terminal.words import name_of
from till.counting import amount_of
from till.giving import MOST_REFERENCE, Earlier, day_typed
from till.members import MemberView
from till.refusals import REFUSALS


class LateCredit(Dialog[Earlier | None]):
    """Answers the earlier sale, once its points are shown and F2 is pressed."""

    KEYS: ClassVar = (commands.CONFIRM, commands.BACK)
    AUTO_FOCUS = "ScanField"

    CSS = """
    LateCredit .title { padding: 0 1 1 1; text-style: bold; }
    LateCredit Horizontal { height: 2; }
    LateCredit Horizontal Label { width: 22; padding: 0 1; color: $quiet; }
    LateCredit ScanField { width: 1fr; margin: 0 1 0 0; }
    LateCredit .points { padding: 0 1; text-style: bold; height: 1; }
    """

    def __init__(self, member: MemberView) -> None:
        super().__init__()
        self._member = member
        self._quote: Quote | None = None

    def body(self) -> ComposeResult:
        title = _("Late credit for {name}").format(name=name_of(self._member))
        yield Label(title, classes="title", markup=False)
        with Horizontal():
            yield Label(_("Receipt number"), markup=False)
            yield ScanField(id="reference", most=MOST_REFERENCE, digits=False)
        with Horizontal():
            yield Label(_("Amount"), markup=False)
            yield ScanField(id="amount", most=12, digits=False)
        with Horizontal():
            yield Label(_("Day (empty: today)"), markup=False)
            yield ScanField(id="day", most=10, digits=False)
        yield Label("", classes="points", markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Type what is on the slip; Enter goes on, F2 confirms")

    def on_key(self, event: events.Key) -> None:
        """Up and Down between the fields."""
        if event.key in ("up", "down"):
            self.focus_next(ScanField) if event.key == "down" else self.focus_previous(ScanField)
            event.stop()

    @on(ScanField.Entered)
    def _entered(self, event: ScanField.Entered) -> None:
        fields = list(self.query(ScanField))
        if event.field is fields[-1]:
            self._reckon()
        else:
            fields[fields.index(event.field) + 1].focus()

    @on(ScanField.Changed)
    def _changed(self) -> None:
        self._quote = None
        self.query_one(".points", Label).update("")

    @property
    def _earlier(self) -> Earlier:
        """Raises `AmountError`."""
        reference, amount, day = (
            self.query_one(f"#{name}", ScanField).typed for name in ("reference", "amount", "day")
        )
        return Earlier(reference, parse_amount(amount), day_typed(day, self.counter.approvals.day))

    def _reckon(self) -> None:
        session = self.work.session
        if session is None:
            return
        try:
            self._quote = self.counter.approvals.reckon_late(session, self._member, self._earlier)
        except (*REFUSALS, AmountError) as error:
            self.refuse(error)
            return
        programme = self.counter.store.programme
        points = ", ".join(f"+{amount_of(programme, award.kind, award.points)}" for award in self._quote.awards)
        self.query_one(".points", Label).update(points)
        self.next_line.step = _("F2 credits it: a supervisor approves next")

    def action_confirm(self) -> None:
        """F2: first what it comes to, then yes."""
        if self._quote is None:
            self._reckon()
        else:
            self.dismiss(self._earlier)

    def code_read(self, text: str) -> None:
        """The slip's number, scanned."""
        self.query_one("#reference", ScanField).value = text[:MOST_REFERENCE]
        self.query_one("#amount", ScanField).focus()

    def action_back(self) -> None:
        """Esc."""
        self.dismiss(None)

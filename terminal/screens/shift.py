"""F8: totals of the shift so far (X), and closing it (Z). Points by authority, and what is not confirmed yet, with its ¥."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive

from points import format_fen
from terminal import commands
from terminal.dialogs.ask import Ask
from terminal.i18n import _, either
from terminal.screens.base import TillScreen
from terminal.text import harmless, points_text
from terminal.widgets.panel import Panel, quiet, strong
from terminal.words import money
from till.counter import REFUSALS
from till.events import Event, OutcomesArrived
from till.shifts import ShiftReport

if TYPE_CHECKING:
    from till.counter import Counter


class ReportView(Panel):
    """X while the shift is open, Z once it is closed."""

    DEFAULT_CSS = """
    ReportView { height: auto; min-height: 16; }
    """

    report: reactive[ShiftReport | None] = reactive(None, layout=True, always_update=True)

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def title(self) -> str:
        report = self.report
        if report is None:
            return ""
        name = _("Closing report (Z)") if report.closed_at else _("Interim report (X)")
        return "  ".join([name, _("shift {n}").format(n=report.number)])

    def watch_report(self) -> None:
        """The title says which it is."""
        self.entitle()

    def lines(self, width: int) -> list[Content]:
        report = self.report
        if report is None:
            return []
        return [*self._money(report, width), Content(""), *self._points(report, width), Content(""),
                *self._open_ends(report, width)]  # fmt: skip

    def _money(self, report: ShiftReport, width: int) -> list[Content]:
        opened = self._counter.local(report.opened_at)[:16]
        closed = self._counter.local(report.closed_at)[:16] if report.closed_at else _("still open")
        return [
            self.row(quiet(f"{opened} - {closed}"), quiet(harmless(report.opened_by)), width),
            self.row(strong(_("Sales")), strong(f"{report.sales}"), width),
            self.row(_("Voided"), f"{report.voids}", width),
            self.row(_("Amount before points"), format_fen(report.gross_fen), width),
            self.row(_("Paid with points"), format_fen(-report.redeemed_off_bill_fen), width),
            self.row(strong(_("To pay")), strong(format_fen(report.due_fen)), width),
        ]

    def _points(self, report: ShiftReport, width: int) -> list[Content]:
        rows = [self.row(strong(_("Points given")), strong(self._sum(report.awarded), "$accent"), width),
                self.row(strong(_("Points redeemed")), strong(self._sum(report.redeemed), "$accent"), width)]  # fmt: skip
        names = {
            "online": _("confirmed online"), "floor": _("small amount, offline"), "allowance": _("offline allowance"),
            "authorised": _("authorised by the member's phone"),
        }  # fmt: skip
        for authority, points in sorted(report.redeemed_by_authority.items()):
            rows.append(self.row(quiet(f"  {names.get(authority, authority)}"), points_text(points), width))
        return rows

    def _worth(self, points: int) -> int:
        """Fen that points are worth in the store's own voucher; 0 where it has none."""
        rewards = self._counter.store.programme.rewards
        ladder = next((reward for reward in rewards if reward.form in ("voucher", "offset")), None)
        return points * ladder.value_fen // ladder.points if ladder else 0

    def _sum(self, by_kind: dict[str, int]) -> str:
        kinds = self._counter.store.programme.kind_by_code
        if not by_kind:
            return "0"
        return "  ".join(f"{points_text(points)} {harmless(either(kinds[kind].name)) if kind in kinds else kind}"
                         for kind, points in by_kind.items())  # fmt: skip

    def _open_ends(self, report: ShiftReport, width: int) -> list[Content]:
        share = 100 * report.unconfirmed // max(1, report.sales + 2 * report.voids)
        rows = [
            self.row(_("Not yet confirmed"), _("{n} entries, {share} %").format(n=report.unconfirmed, share=share), width),
            self.row(
                quiet(_("  points in them, and what they are worth redeemed")),
                f"{report.unconfirmed_points:+,}  {money(self._worth(report.unconfirmed_points))}", width,
            ),
        ]  # fmt: skip
        if report.quarantined:
            rows.append(self.row(Content.styled(_("Wait for a manager"), "$warning"), f"{report.quarantined}", width))
        if report.shortfall:
            rows.append(self.row(
                Content.styled(_("Overdrawn, borne by the shop"), "$warning"), points_text(report.shortfall), width
            ))  # fmt: skip
        return rows


class ShiftScreen(TillScreen[None]):
    """F8 again asks for closing."""

    KEYS: ClassVar = (commands.HELP, commands.CLOSE_SHIFT, commands.BACK)
    CSS = """
    ShiftScreen VerticalScroll { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_closed = False

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield ReportView(self.counter)

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        session = self.work.session
        if session is None or self._is_closed:
            return
        try:
            self.query_one(ReportView).report = self.counter.shift_report(session.shift)
        except REFUSALS as error:
            self.refuse(error)
        self.next_line.step = _("F8 closes the shift, Esc goes back")

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived):
            self._show()

    def action_close_shift(self) -> None:
        """F8."""
        if self._is_closed:
            self.say(_("The shift is closed. Esc: sign in for the next one"))
            return
        if not self.work.is_idle or self.work.held:
            self.refuse_code("sales-held")
            return
        self.app.push_screen(Ask(_("Close the shift for good?"), yes=_("Close shift"), no=_("Not yet")), self._close)

    def _close(self, is_sure: bool | None) -> None:
        session = self.work.session
        if not is_sure or session is None:
            return
        try:
            self.query_one(ReportView).report = self.counter.close_shift(session)
        except REFUSALS as error:
            self.refuse(error)
            return
        self._is_closed = True
        self.work.last = None
        self.next_line.step = _("The shift is closed. Esc: sign in for the next one")

    def action_back(self) -> None:
        """Esc; after closing nobody is signed in any more."""
        if self._is_closed:
            self.work.session = None
            self.host.go_home()
        else:
            self.dismiss()

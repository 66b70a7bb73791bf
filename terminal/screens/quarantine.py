"""What waits for a person: entries that were not simply booked, why, and what each choice will do with them; F2 decides."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Static

from protocol.cases import Decision
from protocol.claims import is_claim_account
from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.decide import choose
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.text import harmless, points_text
from terminal.widgets.panel import quiet, strong
from terminal.words import choice_name, reason_sentence
from till.cases import WaitingEntry, Wish
from till.events import DecisionsArrived, Event, OutcomesArrived
from till.refusals import REFUSALS


class QuarantineScreen(TillScreen[None]):
    """The oldest first, on the left; the chosen one on the right. More are read when the last one is reached."""

    KEYS: ClassVar = (commands.HELP, commands.DECIDE, commands.BACK)
    AUTO_FOCUS = "DataTable"
    CSS = """
    QuarantineScreen Horizontal { height: 1fr; }
    QuarantineScreen DataTable { width: 34; height: 1fr; background: $background; }
    QuarantineScreen VerticalScroll { width: 1fr; border: $frame $rule; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[WaitingEntry] = []
        self._count = 0
        self._is_asking = False

    def body(self) -> ComposeResult:
        with Horizontal():
            yield DataTable[Text](cursor_type="row", zebra_stripes=False)
            with VerticalScroll():
                yield Static(markup=False)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in ((_("Entry"), 6), (_("Time"), 11), (_("Points"), 7)):
            table.add_column(Text(label), width=width)
        self._fill()

    def _fill(self) -> None:
        """Anew, with the cursor where it was."""
        table = self.query_one(DataTable)
        place = table.cursor_row
        table.clear()
        self._entries = []
        self._read_on()
        if self._entries:
            table.move_cursor(row=min(place, len(self._entries) - 1))
        self._show_chosen()

    def _read_on(self) -> None:
        try:
            page = self.counter.waiting(self._entries[-1].seq if self._entries else 0)
            self._count = self.counter.waiting_count()
        except REFUSALS as error:
            self.refuse(error)
            return
        self._entries += page
        table = self.query_one(DataTable)
        for entry in page:
            points = sum(entry.awarded.values()) - sum(entry.redeemed.values())
            table.add_row(
                Text(str(entry.seq)),
                Text(self.counter.local(entry.at)[5:16]),
                Text(f"{points:+,}" if points else "", justify="right"),
            )

    @on(DataTable.RowHighlighted)
    def _moved(self) -> None:
        if self._entries and self.query_one(DataTable).cursor_row == len(self._entries) - 1 < self._count - 1:
            self._read_on()
        self._show_chosen()

    def _show_chosen(self) -> None:
        entry = self._chosen()
        self.query_one(Static).update(self._text(entry) if entry else strong(_("Nothing waits for a manager")))
        self.next_line.step = (
            _("{n} entries wait for a manager. Nothing is lost; sales go on").format(n=self._count) if entry else ""
        )

    def _chosen(self) -> WaitingEntry | None:
        row = self.query_one(DataTable).cursor_row
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def _text(self, entry: WaitingEntry) -> Content:
        outcome = entry.outcome
        rows = [Content.styled(reason_sentence(outcome.reason or outcome.status, outcome.detail), "$warning")]
        if outcome.detail:
            rows.append(quiet(harmless(outcome.detail, 120)))
        rows += [Content(""), quiet(f"{self.counter.local(entry.at)[:16]}  {harmless(self._who(entry), 40)}")]
        if entry.member:
            number = _("Member {member}").format(member=harmless(entry.member, 24))
            rows.append(Content(_("No member") if is_claim_account(entry.member) else number))
        if entry.reference:
            rows.append(Content(harmless(entry.reference, 40)))
        for label, sums in ((_("Points earned"), entry.awarded), (_("Points redeemed"), entry.redeemed)):
            if sums:
                rows.append(Content(f"{label}  {', '.join(map(points_text, sums.values()))}"))
        rows += [Content(""), strong(_state(entry)), Content("")]
        return Content("\n").join([*rows, *(Content(_help(entry, one)) for one in _choices(entry))])

    def _who(self, entry: WaitingEntry) -> str:
        person = self.counter.store.staff.get(entry.by)
        return f"{person.name}({entry.by})" if person else entry.by

    # --- deciding ------------------------------------------------------------------------------------------------------

    @on(DataTable.RowSelected)
    def action_decide(self) -> None:
        """F2, or Enter: it decides nothing yet."""
        entry, session = self._chosen(), self.work.session
        if entry is None or session is None or self._is_asking:
            return
        if not session.may("manager"):
            self.refuse_code("role-manager")
        elif not self.counter.is_online:
            self.refuse_code("decide-offline")
        else:
            choose(self, entry, self._wished)

    def _wished(self, wish: Wish) -> None:
        counter, session = self.counter, self.work.session
        assert session is not None
        self._is_asking = True
        self.say(_("Asking the ledger..."), "primary")
        ask_apart(self, "decide", lambda: counter.decide(session, wish))

    def on_answered(self, message: Answered) -> None:
        """It is decided, and in the journal."""
        self._is_asking = False
        self._fill()
        if isinstance(message.value, Decision):
            self.say(
                _("Entry {seq}: {choice}").format(seq=message.value.seq, choice=choice_name(message.value.choice)),
                "success",
            )

    def on_declined(self, message: Declined) -> None:
        """Refused, or somebody else was faster."""
        self._is_asking = False
        self._fill()
        self.refuse(message.error)

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived | DecisionsArrived):
            self._fill()


def _choices(entry: WaitingEntry) -> list[str]:
    return [*(["accepted"] if entry.can_be_accepted else []), "corrected", "written-off"]


def _state(entry: WaitingEntry) -> str:
    outcome = entry.outcome
    if outcome.status == "shortfall":
        return _("Booked; {n} points that nobody had are the shop's").format(n=points_text(outcome.shortfall))
    if outcome.position:
        return _("What it took has been booked; what it gives waits")
    if entry.redeemed:
        return _("Nothing of it is booked; what was handed out is counted as gone here")
    return _("Nothing of it is booked")


def _help(entry: WaitingEntry, choice: str) -> str:
    outcome, gone = entry.outcome, points_text(sum(entry.redeemed.values()))
    match choice:
        case "accepted" if outcome.status == "shortfall":
            return _("Accept: you have seen it; the shop bears the points")
        case "accepted":
            return _("Accept: it is booked as it stands, at the shop's expense")
        case "corrected":
            return _("Correct: another sale stands for it, or you give or take points")
        case _ if entry.redeemed and not outcome.position:
            return _("Write off: the member loses nothing; {n} points are the shop's").format(n=gone)
        case _:
            return _("Write off: nothing more of it is booked")

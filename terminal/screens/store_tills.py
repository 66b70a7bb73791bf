"""The tills of this store: how each stands and what waits there; end one, pair this one anew, write a file for who helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import DataTable, Static

from protocol.fleet import ENDINGS, Ending, EndTillRequest, StoreTill, TillEnded
from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.ask import Ask
from terminal.dialogs.end_till import Confirmed, EndTill
from terminal.dialogs.menu import Entry, Menu
from terminal.dialogs.told import Told
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.pairing_anew import pair_anew
from terminal.screens.base import TillScreen
from terminal.text import harmless, moment
from terminal.words import money
from till.care import Care, Listed, Standing, ended_by
from till.pairing_words import STATUS, after_ending, before_pairing, ending_name

if TYPE_CHECKING:
    from terminal.app import TillApp

_LISTED, _ENDED, _STANDING, _BUNDLE = "tills", "end", "standing", "bundle"


def care_of(app: TillApp) -> Care | None:
    """What can be done with the folder of this till; None in a demo, or where a test has none."""
    return app.pair if isinstance(app.pair, Care) else None


class StoreTillsScreen(TillScreen[None]):
    """Asks the ledger; without a network this till's own rows of keys still work."""

    KEYS: ClassVar = (
        commands.HELP, commands.END_TILL, commands.PAIR_ANEW, commands.REFRESH_TILLS, commands.SUPPORT, commands.BACK,
    )  # fmt: skip
    AUTO_FOCUS = "DataTable"
    CSS = """
    StoreTillsScreen DataTable { height: 1fr; background: $background; }
    StoreTillsScreen Static { height: 3; padding: 0 1; color: $quiet; }
    """

    def __init__(self, care: Care) -> None:
        super().__init__()
        self._care = care
        self._listed: Listed | None = None
        self._is_asking = False
        self._own_end = ""
        """How this very till was ended here, before its background knows."""

    def body(self) -> ComposeResult:
        yield DataTable[Text](cursor_type="row", zebra_stripes=False)
        yield Static(markup=False)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        columns = (
            (_("Till"), 18), (_("Called"), 10), (_("Stands"), 13), (_("Last heard"), 11), (_("Waiting"), 15),
        )  # fmt: skip
        for label, width in columns:
            table.add_column(Text(label), width=width)
        self.action_refresh_tills()

    # --- what is asked ---------------------------------------------------------------------------------------------------

    def action_refresh_tills(self) -> None:
        """F5."""
        self._ask(_LISTED, self._care.store_tills)

    def action_pair_anew(self) -> None:
        """F4: only once this till has ended."""
        self._ask(_STANDING, self._care.standing)

    def action_support(self) -> None:
        """F6."""
        self._ask(_BUNDLE, self._care.write_support)

    def action_end_till(self) -> None:
        """F2: which way, then why and the PIN."""
        till, listed = self._chosen(), self._listed
        if till is None or listed is None:
            self.say(_("No till is chosen"))
            return
        ways = [way for way in ENDINGS[till.status] if way == "retired" or till.terminal != listed.own]
        if not ways:
            self.refuse_code("end-till-ended")
            return
        entries = [Entry(ending_name(way), way) for way in ways]
        title = _("{till}: what becomes of it?").format(till=till.terminal)
        self.app.push_screen(Menu(title, entries), lambda way: self._confirm(till, way) if way else None)

    def _confirm(self, till: StoreTill, how: Ending) -> None:
        session = self.work.session
        if session is None:
            return

        def confirmed(given: Confirmed | None) -> None:
            if given is None:
                return
            request = EndTillRequest(
                terminal=till.terminal, how=how, staff=session.staff, pin=given.pin, reason=given.reason
            )  # fmt: skip
            self._ask(_ENDED, lambda: self._care.end_till(request))

        self.app.push_screen(EndTill(till, how, session.staff), confirmed)

    def _ask(self, asked: str, call: object) -> None:
        if self._is_asking:
            return
        self._is_asking = True
        self.next_line.step = _("Asking the ledger...") if asked in (_LISTED, _ENDED) else _("One moment...")
        ask_apart(self, asked, call)  # type: ignore[arg-type]  # each has its own answer

    # --- what comes ------------------------------------------------------------------------------------------------------

    def on_answered(self, message: Answered) -> None:
        """What was asked for."""
        message.stop()
        self._rest()
        match message.value:
            case Listed() as listed:
                self._listed = listed
                self._fill()
            case TillEnded() as ended:
                self.app.push_screen(Told([after_ending(ended)]), lambda _read: self._took(ended))
            case Standing() as standing:
                self._offer(standing)
            case written:
                where = _("{file} is in the till's folder: send it to whoever helps; nobody's data are in it")
                self.app.push_screen(Told([where.format(file=getattr(written, "name", ""))]))

    def on_declined(self, message: Declined) -> None:
        """Not now, or not by him."""
        message.stop()
        self._rest()
        self.refuse(message.error)

    def _rest(self) -> None:
        self._is_asking = False
        self.next_line.step = _("F2 ends the chosen till, F4 pairs this one anew, F6 writes a file for whoever helps")

    def _took(self, ended: TillEnded) -> None:
        """This very till is told no more of the others once it has ended; its background finds out by itself."""
        listed = self._listed
        if listed is None or ended.terminal != listed.own:
            self.action_refresh_tills()
            return
        self._own_end = f"terminal-{ended.status}"
        self._listed = listed.with_own(ended.status)
        self._fill()

    def _offer(self, standing: Standing) -> None:
        ended = ended_by(standing.ended, self.counter.link.stuck, self._own_end)
        if not ended:
            self.refuse_code("already-enrolled")
            return
        question = before_pairing(standing.waiting, standing.waiting_fen)
        asked = Ask(question, yes=_("Pair anew"), no=_("Not now"))
        self.app.push_screen(asked, lambda yes: pair_anew(self.host, ended) if yes else None)

    # --- what is shown ---------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        table, counter = self.query_one(DataTable), self.counter
        table.clear()
        for till in self._listed.tills if self._listed else ():
            heard = moment(counter.local(till.contact_at), counter.local()) if till.contact_at else ""
            waits = f"{till.waiting:,}  {money(till.waiting_fen)}" if till.waiting else ""
            cells = (till.terminal, harmless(till.name, 10), _(STATUS[till.status]), heard, waits)
            table.add_row(*map(Text, cells))
        self._look()

    @on(DataTable.RowHighlighted)
    def _look(self) -> None:
        till, lines = self._chosen(), list[str]()
        if till is not None and self._listed is not None:
            if till.terminal == self._listed.own:
                lines.append(_("This very till."))
            if till.lying:
                lines.append(_("{points} points lie in its reservations.").format(points=f"{till.lying:,}"))
            if till.waiting:
                lines.append(_("What waits is what it said when it was last heard."))
        self.query_one(Static).update(Content("\n".join(lines)))

    def _chosen(self) -> StoreTill | None:
        row = self.query_one(DataTable).cursor_row
        tills = self._listed.tills if self._listed else ()
        return tills[row] if 0 <= row < len(tills) else None

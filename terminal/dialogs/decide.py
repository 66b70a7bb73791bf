"""Deciding about an entry that waits: which way, for how many points or which sale, and why. F2 confirms, Enter never."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from protocol.cases import Choice
from protocol.claims import is_claim_account
from terminal import commands
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _
from terminal.screens.base import Dialog, TillScreen
from terminal.widgets.last_result import summary
from terminal.widgets.scan_field import ScanField
from till.cases import WaitingEntry, Wish
from till.history import PastSale

MOST_SALES = 9
"""To choose from by a digit."""


class _Way(NamedTuple):
    """A choice, and what it needs: a sale, or points with a sign."""

    choice: Choice
    title: str
    sign: int = 0
    needs_sale: bool = False


def choose(screen: TillScreen[None], entry: WaitingEntry, wished: Callable[[Wish], None]) -> None:
    """Ask which way, then for its words; `wished` gets what was confirmed."""

    def chosen(way: _Way | None) -> None:
        if way is None:
            return
        if way.needs_sale:
            _choose_sale(screen, entry, way, done)
        else:
            screen.app.push_screen(Decide(entry, way), done)

    def done(wish: Wish | None) -> None:
        if wish is not None:
            wished(wish)

    ways = [Entry(way.title, way) for way in _ways(entry)]
    screen.app.push_screen(Menu(_("Entry {seq}: what becomes of it?").format(seq=entry.seq), ways), chosen)


def _ways(entry: WaitingEntry) -> list[_Way]:
    ways = [_Way("accepted", _("Accept it as it stands"))] if entry.can_be_accepted else []
    ways.append(_Way("corrected", _("The sale was typed anew: choose it"), needs_sale=True))
    if entry.member and not is_claim_account(entry.member):
        ways.append(_Way("corrected", _("Give the member points instead"), sign=1))
        ways.append(_Way("corrected", _("Take points from the member instead"), sign=-1))
    return [*ways, _Way("written-off", _("Write it off"))]


def _choose_sale(
    screen: TillScreen[None], entry: WaitingEntry, way: _Way, done: Callable[[Wish | None], None]
) -> None:
    session = screen.work.session
    sales = screen.counter.sales(session) if session else []
    fitting = [
        past
        for past in sales
        if past.state in ("booked", "shortfall") and past.seq != entry.seq
        and (not entry.member or past.receipt.member == entry.member)
    ]  # fmt: skip
    if not fitting:
        screen.refuse_code("no-choice")
        return

    def chosen(past: PastSale | None) -> None:
        if past is not None:
            screen.app.push_screen(Decide(entry, way, past), done)

    listed = [Entry(f"{past.seq}  {summary(past.receipt)}", past) for past in fitting[:MOST_SALES]]
    screen.app.push_screen(Menu(_("Which sale stands for it?"), listed), chosen)


class Decide(Dialog[Wish | None]):
    """Answers the wish, once its words are there."""

    KEYS: ClassVar = (commands.CONFIRM, commands.BACK)
    AUTO_FOCUS = "ScanField"

    CSS = """
    Decide Label { width: 1fr; padding: 0 1; }
    Decide .title { text-style: bold; padding: 0 1 1 1; }
    Decide ScanField { margin: 0 1 1 1; }
    """

    def __init__(self, entry: WaitingEntry, way: _Way, sale: PastSale | None = None) -> None:
        super().__init__()
        self._entry, self._way, self._sale = entry, way, sale

    def body(self) -> ComposeResult:
        yield Label(self._way.title, classes="title", markup=False)
        if self._sale is not None:
            yield Label(f"{self._sale.seq}  {summary(self._sale.receipt)}", markup=False)
        if self._way.sign:
            yield Label(_("How many points"), markup=False)
            yield ScanField(id="points", most=6)
        yield Label(_("Why, in words that somebody understands in a year"), markup=False)
        yield ScanField(id="why", most=100, digits=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Type, then F2 decides. It is once and for ever")

    @on(ScanField.Entered)
    def _entered(self) -> None:
        """On to the next field."""
        self.query_one("#why", ScanField).focus()

    def action_confirm(self) -> None:
        """F2."""
        why = self.query_one("#why", ScanField).typed
        points = int(self.query_one("#points", ScanField).typed or 0) * self._way.sign if self._way.sign else 0
        if not why:
            self.refuse_code("case-why")
        elif self._way.sign and not points:
            self.refuse_code("case-correction")
        else:
            kind = next(iter((*self._entry.awarded, *self._entry.redeemed, *self._kinds())), "")
            by = self._sale.receipt.id if self._sale else None
            self.dismiss(Wish(self._entry, self._way.choice, why, by, points, kind))

    def _kinds(self) -> list[str]:
        return [kind.code for kind in self.counter.store.programme.kinds]

    def action_back(self) -> None:
        """Esc."""
        self.dismiss(None)

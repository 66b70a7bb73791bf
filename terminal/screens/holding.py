"""F6: a sale is put aside for the next customer, and taken back when there is nothing on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from points import format_fen
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _
from terminal.words import name_of
from till.refusals import REFUSALS

if TYPE_CHECKING:
    from terminal.screens.counter import CounterScreen
    from till.holding import HeldSale


def hold_or_fetch(screen: CounterScreen) -> None:
    """What F6 does now."""
    try:
        if not screen.work.is_idle:
            _hold(screen)
        else:
            _list(screen)
    except REFUSALS as error:
        screen.refuse(error)


def count_held(screen: CounterScreen) -> None:
    """How many are put aside, asked when the screen is built and after each change, not at every key."""
    session = screen.work.session
    try:
        screen.work.held = len(screen.counter.held(session)) if session else 0
    except REFUSALS as error:
        screen.refuse(error)


def _hold(screen: CounterScreen) -> None:
    work = screen.work
    assert work.session is not None
    screen.counter.hold(work.session, work.draft, work.typed)
    work.clear()
    count_held(screen)
    screen.fetched()
    screen.say(_("Put aside ({n}); F6 takes it back").format(n=work.held), "success")


def _list(screen: CounterScreen) -> None:
    session = screen.work.session
    sales = screen.counter.held(session) if session else []
    if not sales:
        screen.say(_("Nothing is put aside, and there is no sale on the screen to put aside"))
        return
    entries = [Entry(label(screen, sale), sale) for sale in sales]
    screen.app.push_screen(Menu(_("Sales put aside"), entries), lambda sale: _fetch(screen, sale))


def _fetch(screen: CounterScreen, sale: HeldSale | None) -> None:
    if sale is None:
        return
    try:
        screen.work.draft, screen.work.typed = screen.counter.take_back(sale), sale.typed
    except REFUSALS as error:
        screen.refuse(error)
        return
    count_held(screen)
    screen.fetched()


def label(screen: CounterScreen, sale: HeldSale) -> str:
    """When, whose, how much."""
    draft = screen.counter.draft_of(sale)
    name = name_of(draft.member) if draft.member else _("no member")
    at, now = screen.counter.local(sale.at), screen.counter.local()
    when = at[11:16] if at[:10] == now[:10] else at[5:16]
    return f"{when}  {name}  {sale.typed or format_fen(draft.basket.gross_fen)}"

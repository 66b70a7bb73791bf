"""F6: a sale is put aside for the next customer, and taken back when there is nothing on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from points import format_fen
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _
from terminal.text import harmless
from terminal.work import MOST_HELD, Held

if TYPE_CHECKING:
    from terminal.screens.counter import CounterScreen


def hold_or_fetch(screen: CounterScreen) -> None:
    """What F6 does now."""
    work = screen.work
    if not work.is_idle:
        _hold(screen)
    elif work.held:
        entries = [Entry(_label(held), place) for place, held in enumerate(work.held)]
        screen.app.push_screen(Menu(_("Sales put aside"), entries), lambda place: _fetch(screen, place))
    else:
        screen.say(_("Nothing is put aside, and there is no sale on the screen to put aside"))


def _hold(screen: CounterScreen) -> None:
    work = screen.work
    if len(work.held) >= MOST_HELD:
        screen.say(_("{n} sales are put aside already; finish one first").format(n=MOST_HELD))
        return
    work.held.append(Held(work.draft, work.typed, screen.counter.local()[11:16]))
    work.clear()
    screen.fetched()
    screen.say(_("Put aside ({n}); F6 takes it back").format(n=len(work.held)), "success")


def _fetch(screen: CounterScreen, place: int | None) -> None:
    if place is not None:
        held = screen.work.held.pop(place)
        screen.work.draft, screen.work.typed = held.draft, held.typed
        screen.fetched()


def _label(held: Held) -> str:
    member = held.draft.member
    name = (harmless(member.name) or harmless(member.member, 24)) if member else _("no member")
    amount = held.typed or format_fen(held.draft.basket.gross_fen)
    return f"{held.at}  {name}  {amount}"

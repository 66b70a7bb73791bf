"""回到上一单? The sale that was on the screen when the program ended, offered to whoever comes to the counter next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.dialogs.ask import Ask
from terminal.i18n import _
from terminal.screens.holding import count_held, label
from till.refusals import REFUSALS

if TYPE_CHECKING:
    from terminal.screens.counter import CounterScreen
    from till.holding import HeldSale


def keep_unfinished(screen: CounterScreen) -> None:
    """What is on the screen now outlives the program."""
    work = screen.work
    if work.session is not None:
        screen.counter.unfinished.keep(work.session.shift, work.draft, work.typed)


def ask_unfinished(screen: CounterScreen) -> None:
    """Once a run, where there is one. A no puts it aside: nothing is lost by an answer."""
    sale = screen.counter.unfinished.left
    if sale is None or not screen.work.is_idle:
        return
    try:
        question = _("The last sale was not finished: {sale}. Go on with it?").format(sale=label(screen, sale))
    except REFUSALS as error:  # members are being loaded again: the next sign-in asks
        screen.refuse(error)
        return
    screen.app.push_screen(
        Ask(question, yes=_("Go on with it"), no=_("Put it aside")),
        lambda is_yes: _answered(screen, sale, is_yes=is_yes),
    )


def _answered(screen: CounterScreen, sale: HeldSale, *, is_yes: bool | None) -> None:
    session, unfinished = screen.work.session, screen.counter.unfinished
    if session is None:
        return
    try:
        if is_yes:
            screen.work.draft, screen.work.typed = unfinished.go_on(sale), sale.typed
        else:
            unfinished.put_aside(session.shift, sale)
    except REFUSALS as error:
        screen.refuse(error)
        return
    count_held(screen)
    screen.fetched()

"""F9: late credit and points by hand, for the member on the screen. A supervisor approves; the receipt is the last result."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from protocol.entries import Approval
from terminal.dialogs.approve import approving
from terminal.dialogs.late_credit import LateCredit
from terminal.dialogs.menu import Entry, Menu
from terminal.dialogs.points_by_hand import PointsByHand
from terminal.i18n import _, either
from terminal.screens.base import TillScreen
from terminal.screens.counter import CounterScreen
from terminal.widgets.last_result import summary
from terminal.work import LastSale
from till.giving import Earlier
from till.members import MemberView
from till.receipts import Receipt
from till.refusals import REFUSALS


def credit_late(screen: TillScreen[Any]) -> None:
    """补积分."""
    member = screen.work.draft.member
    if member is None:
        screen.refuse_code("no-member")
        return

    def typed(earlier: Earlier | None) -> None:
        session = screen.work.session
        if earlier is not None and session is not None:
            _give(screen, partial(screen.counter.approvals.credit_late, session, member, earlier))

    screen.app.push_screen(LateCredit(member), typed)


def give_by_hand(screen: TillScreen[Any]) -> None:
    """手工加分: of which kind, where the programme has several, and how many."""
    member, session = screen.work.draft.member, screen.work.session
    kinds = [kind for kind in screen.counter.store.programme.kinds if kind.unit is None]
    if member is None or session is None:
        screen.refuse_code("no-member")
    elif len(kinds) == 1:
        _how_many(screen, member, kinds[0].code)
    else:
        entries = [Entry(either(kind.name), kind.code) for kind in kinds]
        screen.app.push_screen(
            Menu(_("Points by hand: which?"), entries),
            lambda kind: _how_many(screen, member, kind) if kind is not None else None,
        )


def _how_many(screen: TillScreen[Any], member: MemberView, kind: str) -> None:
    def typed(points: int | None) -> None:
        session = screen.work.session
        if points is not None and session is not None:
            _give(screen, partial(screen.counter.approvals.give_by_hand, session, member, kind, points))

    screen.app.push_screen(PointsByHand(member, kind), typed)


def _give(
    screen: TillScreen[Any], act: Callable[[Approval | None], Receipt], approval: Approval | None = None
) -> None:
    try:
        receipt = act(approval)
    except REFUSALS as error:
        if not approving(screen, error, lambda approval: _give(screen, act, approval)):
            screen.refuse(error)
        return
    screen.work.last = LastSale(receipt)
    if isinstance(screen, CounterScreen):
        screen.fetched()
    screen.say(_("Given: {what}").format(what=summary(receipt)), "success")

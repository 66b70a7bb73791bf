"""A voucher's code: scanned at the counter, its reward is shown at once; of a sale that issued some, F5 shows theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from points import Choice, Offer
from terminal.dialogs.menu import Entry, Menu
from terminal.dialogs.voucher import VoucherCodeDialog
from terminal.i18n import _
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.identifying import take_member
from terminal.standings import Standings
from terminal.text import day_text
from terminal.words import sentence, sentence_of
from till.counting import amount_of
from till.refusals import REFUSALS

if TYPE_CHECKING:
    from terminal.screens.base import TillScreen
    from terminal.screens.counter import CounterScreen
    from till.draft import SaleDraft
    from till.scanning import VoucherScanned
    from till.vouchers import Issued


def take_voucher(screen: CounterScreen, scan: VoucherScanned) -> None:
    """Its owner stands here, and what it buys is shown; where that cannot be had now, why.

    Where several rewards take it, F2 lists them. Whatever is not done with it, it stays the member's.
    """
    take_member(screen, scan.member, None, lambda: _taken(screen, scan))


def _taken(screen: CounterScreen, scan: VoucherScanned) -> None:
    screen.work.draft = replace(screen.work.draft, proof=scan.proof)
    screen.show()
    sale, rewards, kind = screen.as_typed(), scan.rewards, scan.proof.kind
    offers = [
        replace(one, kind=kind, points=1)
        for one in (screen.quoted.offers if screen.quoted else ())
        if one.reward_id in rewards
    ]
    possible = [offer for offer in offers if not _obstacle(screen, sale, offer)]
    if len(possible) == 1:
        _show(screen, sale, possible[0])
    elif possible:
        screen.action_redeem()
    elif offers:
        screen.say(_obstacle(screen, sale, offers[0]))
    elif screen.quoted is not None:
        screen.refuse_code("voucher-no-offer")


def _obstacle(screen: CounterScreen, sale: SaleDraft, offer: Offer) -> str:
    if offer.obstacle is not None:
        return sentence_of(offer.obstacle, screen.counter.store.programme)
    why = Standings(screen.counter).of(sale, offer, offer.points).why
    return sentence(why) if why else ""


def _show(screen: CounterScreen, sale: SaleDraft, offer: Offer) -> None:
    chosen = sale.with_choice(Choice(offer.reward_id, offer.points, offer.kind))
    try:
        before, after = screen.counter.quote(sale), screen.counter.quote(chosen)
    except REFUSALS as error:
        screen.refuse(error)
        return
    if before is not None and after is not None:
        screen.app.push_screen(DisclosureScreen(chosen, offer, before.quote, after.quote))


def show_issued(screen: TillScreen[Any], seq: int) -> None:
    """The code of a voucher that a sale of this till gave; of several, the one that is chosen."""
    try:
        issued = screen.counter.issued(seq)
    except REFUSALS as error:
        screen.refuse(error)
        return
    if len(issued) == 1:
        _show_code(screen, issued[0])
    else:
        entries = [
            Entry(f"{_name(screen, one)}  {number}/{len(issued)}", one) for number, one in enumerate(issued, start=1)
        ]
        screen.app.push_screen(
            Menu(_("Which voucher?"), entries), lambda chosen: _show_code(screen, chosen) if chosen else None
        )


def _show_code(screen: TillScreen[Any], issued: Issued) -> None:
    until = _("valid until {day}").format(day=day_text(issued.last_day)) if issued.last_day else ""
    screen.app.push_screen(VoucherCodeDialog(issued.text, _name(screen, issued), until))


def _name(screen: TillScreen[Any], issued: Issued) -> str:
    return amount_of(screen.counter.store.programme, issued.kind, 1)

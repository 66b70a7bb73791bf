"""What a member is told before he agrees to a redemption (A1), in words: the cashier's page and his own screen say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from points import Offer, Programme, Quote, RedemptionQuote, format_fen
from till.counting import amount_of, pieces_of
from till.i18n import _, either
from till.receipt_words import booked_for
from till.text import day_text, harmless, money, points_text

if TYPE_CHECKING:
    from protocol.entries import Appointment, Authority
    from till.store import Store


class Term(NamedTuple):
    """One line: what it is about, and what is said of it."""

    label: str
    text: str


def conditions_of(store: Store, offer: Offer, appointment: Appointment | None, stands_on: str) -> list[Term]:
    """All that is agreed to beside the figures, in the order in which it is read."""
    said = offer.disclosure
    rows = [
        *([Term(_("Booked for"), booked_for(store, appointment))] if appointment else []),
        *([Term(_("For whom"), either(said.limits))] if said.limits else []),
        Term(_("Conditions"), either(said.conditions)),
        Term(_("Valid"), either(said.validity)),
        Term(_("On return"), either(said.refund)),
        Term(_("Stands on"), stands_on),
    ]
    return [Term(row.label, harmless(row.text, 400)) for row in rows]


def authority_sentence(authority: Authority) -> str:
    """On what a redemption would stand."""
    match authority:
        case "allowance":
            return _("Offline allowance: these points are set aside at this till for the member and not used twice")
        case "online":
            return _("Online: the ledger confirms it at once, or nothing happens")
        case "authorised":
            return _("By phone: the ledger sets the points aside once the member allows it, also for a till offline")
        case "floor":
            return _("Offline, small amount: the shop's own limit allows it; what turns out uncovered is the shop's")


def cost_name(programme: Programme, kind: str) -> str:
    """Of what is given for it: points, or pieces of another kind."""
    known = programme.kind_by_code[kind]
    return _("Points used") if known.unit is None else _("Uses {kind}").format(kind=harmless(either(known.name)))


def count_of(programme: Programme, kind: str, points: int) -> str:
    """A bare number for points, `3 vouchers` for what is counted in pieces."""
    is_counted = programme.kind_by_code[kind].unit is not None
    return pieces_of(programme, kind, points) if is_counted else points_text(points)


def worth_of(programme: Programme, before: Quote, after: Quote, taken: RedemptionQuote) -> tuple[str, str]:
    """What it is worth, and what becomes of the bill or of what is issued."""
    pays = _("Amount {gross}, to pay {due}").format(gross=format_fen(before.due_fen), due=money(after.due_fen))
    if taken.off_bill_fen:
        return _("Takes off {amount}").format(amount=money(taken.off_bill_fen)), pays
    if taken.units:
        ends = next((award.expires_on for award in after.awards if award.kind == taken.gives), None)
        until = _("valid until {day}").format(day=day_text(ends.isoformat())) if ends else ""
        gets = amount_of(programme, taken.gives, taken.units)
        return _("gets {vouchers}").format(vouchers=gets), until or _("valid for ever")
    worth = _("Worth {amount}").format(amount=money(taken.value_fen))
    if taken.cash_fen:
        beside = _("and {amount} in money").format(amount=money(taken.cash_fen))
        return f"{worth}  {beside}", pays
    return worth, _("Handed over beside the bill")

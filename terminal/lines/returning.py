"""What is taken back without a screen: F3 a sale of this shift, F4 goods of any sale; F7 reads a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from points import AmountError, format_fen, parse_amount
from terminal.i18n import _, either
from terminal.lines.people import with_approval
from terminal.lines.talk import Talk, choose, confirmed
from terminal.text import harmless
from terminal.widgets.last_result import state_words, summary
from terminal.words import sentence_of
from till.counting import pieces_of
from till.receipt_words import receipt_rows

if TYPE_CHECKING:
    from protocol.entries import Approval
    from till.counter import Counter
    from till.receipts import Receipt
    from till.refundable import Refundable
    from till.shifts import Session


def void(talk: Talk, counter: Counter, session: Session) -> None:
    """F3: one of the shift, the newest first. Raises one of `REFUSALS`."""
    sales = [
        one for one in counter.sales(session) if one.state not in ("voided", "refunded") and not one.receipt.refund
    ]
    if not sales:
        talk.say(_("No sale in this shift yet"))
        return
    place = choose(talk, _("Take back which sale?"), [_line(counter, one.receipt) for one in sales])
    if place is None:
        return
    receipt = sales[place].receipt
    if not confirmed(talk, _("Take back {sale}? The points go back both ways.").format(sale=summary(receipt))):
        return

    def take_back(approval: Approval | None) -> bool:
        counter.void(session, receipt.id, approval=approval)
        return True

    if with_approval(talk, counter, session, take_back):
        talk.say(_("Taken back: {sale}").format(sale=summary(receipt)))


def refund(talk: Talk, counter: Counter, session: Session) -> None:
    """F4: which sale, how much of each kind of goods, what comes back; then F2. Raises one of `REFUSALS`."""
    found = _find(talk, counter)
    if found is None:
        return
    returned: dict[str, int] = {}
    for category, left in found.left_fen.items():
        named = counter.store.programme.category_by_code.get(category)
        name = harmless(either(named.name)) if named else harmless(category)
        returned[category] = _amount(talk, name, left)
    reckoned = counter.returns.reckon(found, returned)
    programme, back = counter.store.programme, reckoned.back
    talk.say(f"{_('Money back')}: {format_fen(back.money_fen)}")
    for kind, points in back.given_back.items():
        talk.say(f"{_('Redeemed points back')}: +{pieces_of(programme, kind, points)}")
    for kind, points in back.taken_back.items():
        talk.say(f"{_('Earned points taken back')}: -{pieces_of(programme, kind, points)}")
    for kind, points in reckoned.owed.items():
        owed = pieces_of(programme, kind, points)
        talk.say(_("the member has fewer: {points} will be owed").format(points=owed))
    if confirmed(talk, _("Take these goods back?")):
        receipt = counter.returns.refund(session, found, returned)
        talk.say(_("Came back: {sale}").format(sale=summary(receipt)))


def receipts(talk: Talk, counter: Counter, session: Session) -> None:
    """F7: one of the shift is read, with what has become of it. Raises one of `REFUSALS`."""
    sales = counter.sales(session)
    if not sales:
        talk.say(_("No sale in this shift yet"))
        return
    place = choose(talk, _("Which receipt?"), [_line(counter, one.receipt) for one in sales])
    if place is None:
        return
    past = sales[place]
    rows = receipt_rows(past.receipt, counter.store, counter.local)
    for row in (*rows.head, *rows.goods, *rows.points):
        talk.say(f"{row.label.strip()}: {row.value}" if row.label.strip() and row.value else row.label + row.value)
    talk.say(state_words(past.state, is_online=counter.is_online)[0])


def _find(talk: Talk, counter: Counter) -> Refundable | None:
    newest: Sequence[Receipt] = counter.returns.newest_sales()[:9]
    text = talk.ask(
        "\n".join(
            [
                _("Which sale comes back?"),
                *(f"{number}  {_line(counter, one)}" for number, one in enumerate(newest, start=1)),
                _("Type the number; or scan or type a receipt or a member of any till; Enter leaves it"),
            ]
        ),
        takes_scans=True,
    )
    if not text:
        return None
    if text.isdecimal() and 1 <= int(text) <= len(newest):
        return counter.returns.find(newest[int(text) - 1].id)
    found = counter.returns.look_up(text)
    place = choose(talk, _("Which sale comes back?"), [_line(counter, one.receipt) for one in found])
    return None if place is None else found[place]


def _amount(talk: Talk, name: str, left: int) -> int:
    while True:
        can = _("{name}: at most {left} comes back; Enter for all of it, 0 for none").format(
            name=name, left=format_fen(left)
        )
        text = talk.ask(can)
        if not text:
            return left
        try:
            return parse_amount(text) if text.strip("0.") else 0
        except AmountError as error:
            talk.say(sentence_of(error))


def _line(counter: Counter, receipt: Receipt) -> str:
    return f"{counter.local(receipt.at)[5:16]}  {summary(receipt)}"

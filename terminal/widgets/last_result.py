"""The last sale and the truth about it. It stays until the next one replaces it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from terminal.i18n import _
from terminal.text import cut, line
from terminal.widgets.panel import quiet, strong
from terminal.words import money
from terminal.work import LastSale
from till.approval_words import allowed_name
from till.counting import on_receipt
from till.receipt_words import holder_name

if TYPE_CHECKING:
    from till.history import State
    from till.receipts import Receipt


class LastResult(Widget):
    """One line; empty before the first sale."""

    DEFAULT_CSS = """
    LastResult { height: 1; padding: 0 1; }
    """

    last: reactive[LastSale | None] = reactive(None)
    is_online: reactive[bool] = reactive(False)

    def render(self) -> Content:
        last = self.last
        if last is None:
            return Content("")
        words, style = state_words(last.state, is_online=self.is_online)
        label, undo = (
            quiet(_("Last sale") + " "),
            quiet(_("F3 undoes")) if last.state not in ("voided", "refunded") else Content(""),
        )
        # A sale of many kinds is cut, what has become of it never.
        room = self.content_size.width - label.cell_length - cell_len(words) - undo.cell_length - 3
        left = Content.assemble(label, strong(cut(summary(last.receipt), room)), "  ", Content.styled(words, style))
        return line(left, undo, self.content_size.width)


def summary(receipt: Receipt) -> str:
    """李* 98.00元 +98积分  洗车券 +1张."""
    changes = changes_of(receipt)
    own = [on_receipt(receipt, kind, points, is_signed=True) for kind, points in changes if kind not in receipt.kinds]
    others = [on_receipt(receipt, kind, points, is_signed=True) for kind, points in changes if kind in receipt.kinds]
    name = holder_name(receipt)
    said = _("{name} {money} {points} points").format(
        name=name,
        money=allowed_name((receipt.given,))
        if receipt.given
        else money(receipt.due_fen - (receipt.refund.money_fen if receipt.refund else 0)),
        points=" ".join(own or ["+0"]),
    )
    return "  ".join([said, *others])


def changes_of(receipt: Receipt) -> list[tuple[str, int]]:
    """(kind, points) that it gave and, below zero, took."""
    changes = [*receipt.awarded.items(), *((taken.kind, -taken.points) for taken in receipt.redemptions)]
    if back := receipt.refund:
        changes += [*back.given_back.items(), *((kind, -points) for kind, points in back.taken_back.items())]
    return changes


def state_words(state: State, *, is_online: bool) -> tuple[str, str]:
    """What is known of a sale, and the colour to say it in."""
    match state:
        case "booked":
            return _("booked"), "$success"
        case "shortfall":
            return _("booked; the shop bears what was missing"), "$warning"
        case "quarantined":
            return _("waits for a manager (F9)"), "$warning"
        case "awards-wait":
            return _("what it took is booked; its points wait for a manager (F9)"), "$warning"
        case "corrected":
            return _("corrected by a manager"), "$success"
        case "written-off":
            return _("written off by a manager"), "$warning"
        case "voided":
            return _("voided"), "$quiet"
        case "refunded":
            return _("goods came back"), "$quiet"
        case "stored":
            return (_("stored here, being sent") if is_online else _("stored here, sent once online")), "$success"

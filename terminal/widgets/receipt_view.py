"""A receipt on the screen, as it was when the sale was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from points import format_fen
from terminal.appointments import booked_for
from terminal.explaining import with_factor
from terminal.i18n import _, either, language
from terminal.text import day_text, harmless, line, points_text
from terminal.widgets.panel import quiet, strong
from terminal.words import reference_name, refund_name
from till.counting import on_receipt, units_text
from till.receipts import Receipt, ReceiptExpiry, ReceiptRedemption, ReceiptRefund, ReceiptStep, earned
from till.report_words import authority_name

if TYPE_CHECKING:
    from till.counter import Counter


class ReceiptView(Widget):
    """Height by content; whoever shows it scrolls."""

    DEFAULT_CSS = """
    ReceiptView { height: auto; }
    """

    receipt: reactive[Receipt | None] = reactive(None, layout=True)
    state: reactive[str] = reactive("")

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def render(self) -> Content:
        receipt = self.receipt
        if receipt is None:
            return Content("")
        # Before the first layout there is no width yet.
        width = self.size.width or 32
        body = self._back(receipt, receipt.refund, width) if receipt.refund else (
            *self._lines(receipt, width), *self._points(receipt, width)
        )  # fmt: skip
        rows = [*self._head(receipt, width), *body]
        return Content("\n").join([*rows, Content(""), quiet(f"{receipt.seq}  {receipt.code}")])

    def _head(self, receipt: Receipt, width: int) -> list[Content]:
        name = harmless(receipt.name) or harmless(receipt.member, 24)
        last4 = _("ends {last4}").format(last4=harmless(receipt.last4, 4)) if receipt.last4 else ""
        rows = [
            strong(harmless(receipt.store)),
            line(
                quiet(self._counter.local(receipt.at)[:16]),
                quiet(f"{harmless(receipt.terminal)} {receipt.by}"),
                width,
            ),
            line(name, quiet(last4), width),
        ]
        if receipt.reference:
            label = reference_name(self._counter.store.settings.reference)
            rows.append(line(quiet(label), harmless(receipt.reference), width))
        return [*rows, Content("")]

    def _back(self, receipt: Receipt, back: ReceiptRefund, width: int) -> list[Content]:
        """Marked as what it is; what is paid back stands where a sale has what is paid."""
        rows = [
            strong(refund_name(self._counter.store.settings.reference)),
            line(quiet(_("of the sale of")), quiet(self._counter.local(back.sale_at)[:16]), width),
            Content(""),
            line(_("Goods, before discounts"), format_fen(-receipt.gross_fen), width),
            line(strong(_("Money back")), strong(format_fen(-back.money_fen)), width),
            Content(""),
        ]
        rows += [line(label, on_receipt(receipt, kind, points, is_signed=True), width)
                 for label, kind, points in refund_changes(back, receipt.awarded)]  # fmt: skip
        return [*rows, line(quiet(_("State")), self.state, width)]

    def _lines(self, receipt: Receipt, width: int) -> list[Content]:
        rows = [
            line(f"{harmless(one.name)}{f' x{one.quantity}' if one.quantity > 1 else ''}", format_fen(one.amount_fen), width)
            for one in receipt.lines if one.name
        ]  # fmt: skip
        rows.append(line(_("Amount"), format_fen(receipt.gross_fen), width))
        rows += [
            line(harmless(either(step.name)), format_fen(step.amount_fen), width)
            for step in receipt.steps
            if step.rule in ("payer", "discount")
        ]
        for taken in receipt.redemptions:
            rows += _redeemed(receipt, taken, width)
            if taken.appointment:
                rows.append(strong(f"  {booked_for(self._counter.store, taken.appointment)}"))
        return [*rows, line(strong(_("Paid")), strong(format_fen(receipt.due_fen)), width), Content("")]

    def _points(self, receipt: Receipt, width: int) -> list[Content]:
        steps = [
            line(quiet(_step(step)), quiet(step.points), width)
            for step in receipt.steps
            if step.points and step.rule != "issued"
        ]
        got = [on_receipt(receipt, kind, points, is_signed=True) for kind, points in earned(receipt).items()]
        has = sorted(receipt.spendable_after.items(), key=lambda one: one[0] in receipt.kinds)
        after = [on_receipt(receipt, kind, points) for kind, points in has]
        return [
            *steps,
            line(strong(_("Points earned")), strong(", ".join(got) or "0", "$accent"), width),
            *(line(_("can spend now") if place == 0 else "", what, width) for place, what in enumerate(after)),
            *(quiet(_ends(receipt, first)) for first in receipt.expiring),
            line(quiet(_("State")), self.state, width),
        ]


def refund_changes(back: ReceiptRefund, added: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(label, kind, points) of what a refund does to points."""
    why = harmless(either(back.reason)) if back.reason else _("Points added")
    return [
        *((_("Redeemed points back"), kind, points) for kind, points in back.given_back.items()),
        *((_("Earned points taken back"), kind, -points) for kind, points in back.taken_back.items()),
        *((why, kind, points) for kind, points in added.items()),
    ]


def _redeemed(receipt: Receipt, taken: ReceiptRedemption, width: int) -> list[Content]:
    """What was taken, on what it stood, and what the member has for a later visit, with its last day."""
    name = harmless(either(taken.name))
    if taken.kind in receipt.kinds:
        label = f"{name}  {on_receipt(receipt, taken.kind, -taken.points, is_signed=True)}"
    else:
        label = _("{reward} for {points} points").format(reward=name, points=points_text(taken.points))
    money = taken.cash_fen - taken.off_bill_fen
    rows = [line(label, f"{'+' if money > 0 else ''}{format_fen(money)}" if money else "", width)]
    if taken.units:
        got = _("gets {vouchers}").format(vouchers=on_receipt(receipt, taken.gives, taken.units))
        rows.append(strong(f"  {got}"))
        if taken.gives_until:
            until = _("valid until {day}").format(day=day_text(taken.gives_until, language()))
            rows.append(quiet(f"  {until}"))
    return [*rows, quiet(f"  {authority_name(taken.authority)}")]


def _ends(receipt: Receipt, first: ReceiptExpiry) -> str:
    if first.kind in receipt.kinds:
        until = _("valid until {day}").format(day=day_text(first.on, language()))
        return f"{on_receipt(receipt, first.kind, first.points)}  {until}"
    return _("{points} points expire on {day}").format(
        points=points_text(first.points), day=day_text(first.on, language())
    )


def _step(step: ReceiptStep) -> str:
    name = harmless(either(step.name))
    if step.rule in ("quantity", "attribute"):
        return f"{name}  {units_text(step.count, step.unit)}"
    return with_factor(name, step.factor) if step.rule in ("tier", "campaign") else name

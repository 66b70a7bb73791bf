"""A receipt on the screen, as it was when the sale was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from points import format_fen
from terminal.explaining import with_factor
from terminal.i18n import _, either, language
from terminal.text import day_text, harmless, line, points_text
from terminal.widgets.panel import quiet, strong
from terminal.words import reference_name
from till.receipts import Receipt, ReceiptExpiry, ReceiptStep
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
        rows = [*self._head(receipt, width), *self._lines(receipt, width), *self._points(receipt, width)]
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

    def _lines(self, receipt: Receipt, width: int) -> list[Content]:
        rows = [
            line(f"{harmless(one.name)}{f' x{one.quantity}' if one.quantity > 1 else ''}", format_fen(one.amount_fen), width)
            for one in receipt.lines if one.name
        ]  # fmt: skip
        rows.append(line(_("Amount"), format_fen(receipt.gross_fen), width))
        for taken in receipt.redemptions:
            points = points_text(taken.points)
            label = _("{reward} for {points} points").format(reward=harmless(either(taken.name)), points=points)
            rows.append(line(label, f"-{format_fen(taken.off_bill_fen)}" if taken.off_bill_fen else "", width))
            rows.append(quiet(f"  {authority_name(taken.authority)}"))
        return [*rows, line(strong(_("Paid")), strong(format_fen(receipt.due_fen)), width), Content("")]

    def _points(self, receipt: Receipt, width: int) -> list[Content]:
        steps = [line(quiet(_step(step)), quiet(step.points), width) for step in receipt.steps if step.points]
        earned = ", ".join(f"+{points_text(points)}" for points in receipt.awarded.values()) or "0"
        after = ", ".join(points_text(points) for points in receipt.spendable_after.values())
        return [
            *steps,
            line(strong(_("Points earned")), strong(earned, "$accent"), width),
            line(_("can spend now"), after, width),
            *(quiet(_ends(first)) for first in receipt.expiring),
            line(quiet(_("State")), self.state, width),
        ]


def _ends(first: ReceiptExpiry) -> str:
    return _("{points} points expire on {day}").format(
        points=points_text(first.points), day=day_text(first.on, language())
    )


def _step(step: ReceiptStep) -> str:
    name = harmless(either(step.name))
    return with_factor(name, step.factor) if step.rule in ("tier", "campaign") else name

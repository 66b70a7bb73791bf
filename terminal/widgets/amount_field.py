"""The amount of this sale, typed or scanned together: three-row figures, and the one field that has the focus.

Not a stock `Input`: that handles Enter behind the keys that follow it. Here keys are taken in the order in which they came.
A slash begins the external reference (小票号, 桌号, 工单号) instead; an amount that is typed already waits beside it.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from points import format_fen
from terminal.figures import rows_of
from terminal.i18n import _
from terminal.messages import Retracted
from terminal.text import cut, harmless, line
from terminal.widgets.panel import quiet, strong
from till.draft import SaleDraft

LONGEST = 24
LONGEST_REFERENCE = 40
REFERENCE_KEYS = ("/", "*", "、", "／", "＊")
"""The first two lie on a number pad; the others are what a Chinese input method makes of them."""
AMOUNT_SIGNS = "0123456789."


class AmountField(Widget, can_focus=True):
    """`enter` is called with Enter, in the order of the keys, and answers what stays in the field."""

    DEFAULT_CSS = """
    AmountField { height: 3; width: 1fr; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft())
    value: reactive[str] = reactive("")
    reference: reactive[str | None] = reactive(None)
    """What is typed as the reference; None while the amount is."""

    class Changed(Message):
        """Something else stands in the field."""

    class LineTakenOut(Message):
        """Backspace in an empty field: the last product goes out again."""

    class ReferenceTyped(Message):
        """A reference was typed or scanned."""

        def __init__(self, reference: str) -> None:
            super().__init__()
            self.reference = reference

    def __init__(self, typed: str, enter: Callable[[str], str], reference_name: Callable[[], str]) -> None:
        super().__init__(id="amount")
        self._enter, self._reference_name = enter, reference_name
        self.set_reactive(AmountField.value, typed)

    def on_key(self, event: events.Key) -> None:
        """Digits, the point, backspace and Enter belong here; other keys go on to the screen's commands."""
        if event.key == "enter":
            self._entered()
        elif event.key == "backspace" and not self.value and self.reference is None:
            self.post_message(self.LineTakenOut())
        elif event.key in ("backspace", "delete"):
            self._edit(lambda text: text[:-1] if event.key == "backspace" else "")
        elif event.key == "escape" and self.reference is not None:
            self.reference = None
        elif event.is_printable and event.character:
            self._type(event.character)
        else:
            return
        event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text: its first line."""
        for char in harmless(event.text.strip().split("\n")[0], LONGEST):
            self._type(char)
        event.stop()

    def on_retracted(self, message: Retracted) -> None:
        """The last characters were the beginning of a scan; the sign that began a reference may be one of them."""
        count = message.characters
        if self.reference is not None and count > len(self.reference):
            count -= len(self.reference) + 1
            self.reference = None
        self._edit(lambda text: text[: max(0, len(text) - count)])

    def take_reference(self, text: str) -> None:
        """A reference that came by the scanner."""
        self.reference = None
        self.post_message(self.ReferenceTyped(harmless(text.strip(), LONGEST_REFERENCE)))

    def _type(self, char: str) -> None:
        if self.reference is None and char in REFERENCE_KEYS and not self.value.strip(AMOUNT_SIGNS):
            self.reference = ""
            return
        # A Chinese input method types its own full stop.
        self._edit(lambda text: text + ("." if char == "。" and self.reference is None else char))

    def _edit(self, change: Callable[[str], str]) -> None:
        if self.reference is not None:
            self.reference = change(self.reference)[:LONGEST_REFERENCE]
            return
        self.value = change(self.value)[:LONGEST]
        self.post_message(self.Changed())

    def _entered(self) -> None:
        if self.reference is not None:
            self.take_reference(self.reference)
        else:
            self.value = self._enter(self.value)
            self.post_message(self.Changed())

    def render(self) -> Content:
        """Three rows: label and figures, and on the left what the basket holds."""
        width = self.size.width
        left = self._left(width // 2)
        figures = self._figures(_("yuan"))
        return Content("\n").join([line(left[row], figures[row], width) for row in range(3)])

    def _figures(self, unit: str) -> list[Content]:
        is_typed = bool(self.value)
        number = self.value or (format_fen(self.draft.basket.gross_fen) if self.draft.lines else "0.00")
        style = "bold $accent" if is_typed or self.draft.lines else "$rule"
        rows = rows_of(harmless(number, LONGEST), heavy=True, ascii_only=self.app.has_class("-ascii"))
        # The bar after the figures: the next digit comes here.
        cursor = "_" if is_typed else " "
        beside = " " * (2 + cell_len(unit))
        return [
            Content.assemble((rows[0], style), beside),
            Content.assemble((rows[1], style), beside),
            Content.assemble((rows[2], style), (cursor, "$quiet"), " ", (unit, "$quiet")),
        ]

    def _left(self, width: int) -> list[Content]:
        if self.reference is not None:
            name = self._reference_name()
            return [strong(name, "$primary"), strong(f"{self.reference}_"), quiet(_("Enter keeps it, Esc leaves"))]
        rows = [quiet(_("Amount")), Content(""), Content("")]
        if self.draft.lines and self.draft.lines[-1].product:
            newest = self.draft.lines[-1]
            pieces = sum(one.quantity for one in self.draft.lines)
            times = f" x{newest.quantity}" if newest.quantity > 1 else ""
            price = format_fen(newest.amount_fen)
            rows[1] = Content(cut(f"{harmless(newest.name)}{times}  {price}", width))
            rows[2] = quiet(_("{n} articles; Backspace takes the last one out").format(n=pieces))
        return rows

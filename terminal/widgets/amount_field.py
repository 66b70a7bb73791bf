"""The amount of this sale, typed or scanned together: three-row figures, and the one field that has the focus.

Not a stock `Input`: that handles Enter behind the keys that follow it. Here keys are taken in the order in which they came.
Prices are multiplied and added where they are typed: `12.5*3+8`. A slash begins the external reference (小票号, 桌号, 工单号)
instead, a minus what another pays of this bill (保险理赔); an amount that is typed already waits beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from points import AmountError, Payer, format_fen, parse_sum
from terminal.figures import rows_of
from terminal.i18n import _, either
from terminal.messages import Retracted
from terminal.text import cut, harmless, line
from terminal.widgets.panel import quiet, strong
from till.draft import SaleDraft

LONGEST = 24
LONGEST_REFERENCE = 40
REFERENCE_KEYS = ("/", "*", "、", "／", "＊")
"""The first two lie on a number pad; the others are what a Chinese input method makes of them."""
SIGNS = {"*": "*", "＊": "*", "×": "*", "+": "+", "＋": "+"}
"""Behind an amount they multiply and add."""
PART_KEYS = ("-", "－", "—")
AMOUNT_SIGNS = "0123456789."
_SUM_SIGNS = AMOUNT_SIGNS + "*+"


class Part(NamedTuple):
    """What another pays, as it is typed. `place` among those who may."""

    place: int = 0
    typed: str = ""


class AmountField(Widget, can_focus=True):
    """`enter` is called with Enter, in the order of the keys, and answers what stays in the field."""

    DEFAULT_CSS = """
    AmountField { height: 3; width: 1fr; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft())
    value: reactive[str] = reactive("")
    reference: reactive[str | None] = reactive(None)
    """What is typed as the reference; None while the amount is."""
    part: reactive[Part | None] = reactive(None)
    """What is typed as another's part; None while it is not."""

    class Changed(Message):
        """Something else stands in the field."""

    class LineTakenOut(Message):
        """Backspace in an empty field: the last product goes out again."""

    class ReferenceTyped(Message):
        """A reference was typed or scanned."""

        def __init__(self, reference: str) -> None:
            super().__init__()
            self.reference = reference

    class PartTyped(Message):
        """What another pays, `typed` as an amount; empty: nothing any more."""

        def __init__(self, payer: str, typed: str) -> None:
            super().__init__()
            self.payer, self.typed = payer, typed

    def __init__(
        self,
        typed: str,
        enter: Callable[[str], str],
        reference_name: Callable[[], str],
        payers: Callable[[], Sequence[Payer]],
    ) -> None:
        super().__init__(id="amount")
        self._enter, self._reference_name, self._payers = enter, reference_name, payers
        self.set_reactive(AmountField.value, typed)

    def on_key(self, event: events.Key) -> None:
        """Digits, the point, backspace and Enter belong here; other keys go on to the screen's commands."""
        if event.key == "enter":
            self._entered()
        elif event.key == "backspace" and not self.value and not self._is_beside:
            self.post_message(self.LineTakenOut())
        elif event.key in ("backspace", "delete"):
            self._edit(lambda text: text[:-1] if event.key == "backspace" else "")
        elif event.key == "escape" and self._is_beside:
            self.reference = self.part = None
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
        beside = self.reference if self.part is None else self.part.typed
        if beside is not None and count > len(beside):
            count -= len(beside) + 1
            self.reference = self.part = None
        self._edit(lambda text: text[: max(0, len(text) - count)])

    def take_reference(self, text: str) -> None:
        """A reference that came by the scanner."""
        self.reference = None
        self.post_message(self.ReferenceTyped(harmless(text.strip(), LONGEST_REFERENCE)))

    @property
    def _is_beside(self) -> bool:
        """Something else than the amount is being typed."""
        return self.reference is not None or self.part is not None

    def _type(self, char: str) -> None:
        may_begin = not self._is_beside and not self.value.strip(_SUM_SIGNS)
        if may_begin and self.value and char in SIGNS:
            self._edit(lambda text: text + SIGNS[char])
        elif may_begin and char in REFERENCE_KEYS:
            self.reference = ""
        elif may_begin and char in PART_KEYS and self._payers():
            self.part = Part()
        elif self.part is not None and char in PART_KEYS:
            self.part = Part((self.part.place + 1) % len(self._payers()), self.part.typed)
        else:
            # A Chinese input method types its own full stop.
            self._edit(lambda text: text + ("." if char == "。" and self.reference is None else char))

    def _edit(self, change: Callable[[str], str]) -> None:
        if self.part is not None:
            self.part = Part(self.part.place, change(self.part.typed)[:LONGEST])
            return
        if self.reference is not None:
            self.reference = change(self.reference)[:LONGEST_REFERENCE]
            return
        self.value = change(self.value)[:LONGEST]
        self.post_message(self.Changed())

    def _entered(self) -> None:
        if self.part is not None:
            payer, typed = self._payers()[self.part.place], self.part.typed
            self.part = None
            self.post_message(self.PartTyped(payer.code, typed))
        elif self.reference is not None:
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
        style = "bold $accent" if is_typed or self.draft.lines else "$quiet"
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
        if self.part is not None:
            payers = self._payers()
            name = _("{payer} pays").format(payer=harmless(either(payers[self.part.place].name), 40))
            keys = _("Enter keeps it, - the next, Esc leaves") if len(payers) > 1 else _("Enter keeps it, Esc leaves")
            return [strong(name, "$primary"), strong(f"{harmless(self.part.typed)}_"), quiet(keys)]
        if self.reference is not None:
            name = self._reference_name()
            return [strong(name, "$primary"), strong(f"{self.reference}_"), quiet(_("Enter keeps it, Esc leaves"))]
        rows = [quiet(_("Amount")), Content(""), Content("")]
        if fen := self._summed():
            rows[1] = strong(f"= {format_fen(fen)}")
            return rows
        if self.draft.lines and self.draft.lines[-1].product:
            newest = self.draft.lines[-1]
            pieces = sum(one.quantity for one in self.draft.lines)
            times = f" x{newest.quantity}" if newest.quantity > 1 else ""
            price = format_fen(newest.amount_fen)
            rows[1] = Content(cut(f"{harmless(newest.name)}{times}  {price}", width))
            rows[2] = quiet(_("{n} articles; Backspace takes the last one out").format(n=pieces))
        return rows

    def _summed(self) -> int:
        """Fen of what is added or multiplied so far; 0 where nothing is, or the last sign has nothing behind it yet."""
        try:
            return parse_sum(self.value) if self.value.strip(AMOUNT_SIGNS) else 0
        except AmountError:
            return 0

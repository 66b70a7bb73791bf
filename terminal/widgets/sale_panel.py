"""This sale: its amount, how its points come about, and how many they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from points import Payer, Quote, counted, format_fen
from terminal.explaining import Step, steps_of
from terminal.figures import rows_of
from terminal.i18n import _, either
from terminal.text import harmless, line, points_text, spaced
from terminal.widgets.amount_field import AmountField
from terminal.widgets.panel import quiet, strong
from till.draft import SaleDraft
from till.receipt_words import reference_name
from till.selling import Quoted

if TYPE_CHECKING:
    from till.counter import Counter


TALL_ROWS = 6
"""From here on the points too are drawn three rows high."""


class Explanation(Widget):
    """How the points come about, and the points: exact figures through all factors, rounded once, at the end."""

    DEFAULT_CSS = """
    Explanation { height: 1fr; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft())
    quoted: reactive[Quoted | None] = reactive(None)

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def render(self) -> Content:
        width, height = self.size.width, max(1, self.size.height)
        award = self._award(width, is_tall=height >= TALL_ROWS)
        room = height - len(award)
        steps = self._steps()
        rows = [line(quiet(f"  {step.left}"), quiet(step.right), width) for step in steps[:room]]
        if len(steps) > room > 0:
            hidden = len(steps) - room + 1
            rows[-1] = quiet("  " + _("and {n} more lines, on the receipt").format(n=hidden))
        rows += [Content("")] * (room - len(rows))
        return Content("\n").join([*rows, *award])

    def _steps(self) -> list[Step]:
        if self.quoted is None or not self.draft.earns:
            return []
        return steps_of(self.quoted.quote, self._counter.store.programme)

    def _award(self, width: int, *, is_tall: bool) -> list[Content]:
        quote = self.quoted.quote if self.quoted else None
        programme = self._counter.store.programme
        kind = programme.kinds[0]
        if quote is None or not self.draft.earns:
            return [line(quiet(_("This sale earns")), quiet("-"), width)]
        others = [a for a in quote.awards if a.kind != kind.code]
        also = "".join(
            f"  {harmless(either(counted(programme.kind_by_code[a.kind], a.points, is_signed=True)))}" for a in others
        )
        unit, number = " " + _("points") + also, points_text(quote.awarded(kind.code))
        label = _earns(quote, width - cell_len(spaced(number) + unit) - 1)
        if not is_tall:
            figure = Content.assemble(strong(spaced(number), "$accent"), quiet(unit))
            return [line(Content(label), figure, width)]
        rows = rows_of(number, heavy=True, ascii_only=self.app.has_class("-ascii"))
        beside = " " * cell_len(unit)
        return [
            line("", Content.assemble((rows[0], "bold $accent"), beside), width),
            line("", Content.assemble((rows[1], "bold $accent"), beside), width),
            line(Content(label), Content.assemble((rows[2], "bold $accent"), quiet(unit)), width),
        ]


def _earns(quote: Quote, room: int) -> str:
    """What the line says before the figures: that parts of a point are dropped only where there is room for what is due."""
    is_rounded = any(step.rule == "rounding" for step in quote.lines)
    due = "  " + _("to pay {yuan}").format(yuan=format_fen(quote.due_fen)) if quote.due_fen != quote.gross_fen else ""
    full = _("This sale earns (parts of a point are dropped)") + due
    return full if is_rounded and cell_len(full) <= room else _("This sale earns") + due


class SalePanel(Vertical):
    """The frame around both. Its title carries the reference."""

    DEFAULT_CSS = """
    SalePanel { border: $frame $rule; border-title-color: $quiet; padding: 0 1; height: 8; }
    SalePanel:focus-within { border: $frame $primary; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft())
    quoted: reactive[Quoted | None] = reactive(None)

    def __init__(self, counter: Counter, typed: str, enter: Callable[[str], str]) -> None:
        super().__init__()
        self._counter, self._typed, self._enter = counter, typed, enter

    def compose(self) -> ComposeResult:
        yield AmountField(self._typed, self._enter, self.reference_name, self.payers).data_bind(SalePanel.draft)
        yield Explanation(self._counter).data_bind(SalePanel.draft, SalePanel.quoted)

    def reference_name(self) -> str:
        """What the external reference is called in this store."""
        return reference_name(self._counter.store.settings.reference)

    def payers(self) -> Sequence[Payer]:
        """Who may pay a part of a bill here."""
        return self._counter.store.programme.payers

    def watch_draft(self) -> None:
        """The title follows the reference."""
        reference = harmless(self.draft.reference, 40)
        name = self.reference_name()
        text = f"{name} {reference}" if reference else _("{name}: type /").format(name=name)
        self.border_title = Content("  ".join([_("This sale"), text]))

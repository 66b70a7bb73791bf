"""A list of sales on the left, the receipt of the chosen one on the right: what F7 and F4 begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable

from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.text import cut
from terminal.widgets.receipt_view import ReceiptView
from till.receipt_words import holder_name
from till.receipts import Receipt
from till.refusals import REFUSALS

_Item = TypeVar("_Item")
_NAME_CELLS = 10


class ReceiptListScreen(TillScreen[None], Generic[_Item]):
    """Newest first. A subclass says what is found, a row's cells, and what is shown of the chosen one."""

    AUTO_FOCUS = "DataTable"
    # Without its name before them: what a screen says is scoped to its own class, and a subclass has another name.
    CSS = """
    Horizontal { height: 1fr; }
    DataTable { width: 42; height: 1fr; background: $background; }
    VerticalScroll { width: 1fr; border: $frame $rule; padding: 0 1; }
    """
    COLUMNS: ClassVar[Sequence[tuple[str, int]]] = ()
    """Labels, as messages for `_`, and widths."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[_Item] = []

    def find(self) -> list[_Item]:
        """What is listed. Raises one of `REFUSALS`."""
        raise NotImplementedError

    def cells(self, item: _Item) -> tuple[Text, ...]:
        """Of a row."""
        raise NotImplementedError

    def show(self, view: ReceiptView, item: _Item | None) -> None:
        """The chosen one on the right; None: there is none."""
        raise NotImplementedError

    def step(self, *, is_empty: bool) -> str:
        """What can be done next."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        with Horizontal():
            yield DataTable[Text](cursor_type="row", zebra_stripes=False)
            with VerticalScroll():
                yield ReceiptView(self.counter)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in self.COLUMNS:
            table.add_column(Text(_(label)), width=width)
        self.fill()

    def fill(self) -> None:
        """Look again; the cursor stays on its row."""
        try:
            self._items = self.find()
        except REFUSALS as error:
            self.refuse(error)
            return
        table = self.query_one(DataTable)
        place = table.cursor_row
        table.clear()
        for item in self._items:
            table.add_row(*self.cells(item))
        if self._items:
            table.move_cursor(row=min(place, len(self._items) - 1))
        self._show_chosen()
        self.next_line.step = self.step(is_empty=not self._items)

    @property
    def chosen(self) -> _Item | None:
        """Under the cursor."""
        row = self.query_one(DataTable).cursor_row
        return self._items[row] if 0 <= row < len(self._items) else None

    def choose(self, wanted: Callable[[_Item], bool]) -> bool:
        """Put the cursor on the first that is wanted; False where none is."""
        row = next((row for row, item in enumerate(self._items) if wanted(item)), None)
        if row is not None:
            self.query_one(DataTable).move_cursor(row=row)
        return row is not None

    @on(DataTable.RowHighlighted)
    def _show_chosen(self) -> None:
        self.show(self.query_one(ReceiptView), self.chosen)


def name_of(receipt: Receipt) -> str:
    """Of the member, in the width of its column."""
    return cut(holder_name(receipt), _NAME_CELLS)

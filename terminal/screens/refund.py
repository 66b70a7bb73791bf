"""F4: goods come back. First which sale, then how much of each category, with everything that follows from it; F2 confirms."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive

from points import AmountError, format_fen, parse_amount
from terminal import commands
from terminal.commands import Command
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _, either
from terminal.screens.base import TillScreen
from terminal.text import harmless
from terminal.widgets.amount_field import AMOUNT_SIGNS
from terminal.widgets.last_result import summary
from terminal.widgets.panel import Panel, quiet, strong
from terminal.work import LastSale
from till.counter import Counter
from till.counting import pieces_of
from till.receipt_words import refund_name
from till.receipts import Receipt
from till.refundable import Refundable
from till.refunding import Reckoned
from till.refusals import REFUSALS
from till.settling import note_paid, notes_given_back, notes_taken_back

LONGEST = 12


class Goods(Panel, can_focus=True):
    """The categories with what comes back of each, and what goes with it. Digits type the amount of the chosen one."""

    DEFAULT_CSS = """
    Goods { height: auto; min-height: 100%; }
    """

    reckoned: reactive[Reckoned | None] = reactive(None, layout=True)
    place: reactive[int] = reactive(0)

    def __init__(self, counter: Counter, found: Refundable, changed: Callable[[], None]) -> None:
        super().__init__()
        self._counter, self._found, self._changed = counter, found, changed
        self.left = dict(found.left_fen)
        self.typed = {category: format_fen(fen).replace(",", "") for category, fen in self.left.items()}
        self._is_fresh = True
        """What stands there is the default: the first digit replaces it."""

    def title(self) -> str:
        sale = self._found.receipt
        at = self._counter.local(sale.at)[5:16]
        return f"{refund_name(self._counter.store.settings.reference)}  {at}  {summary(sale)}"

    def lines(self, width: int) -> list[Content]:
        rows = [self.row(quiet(_("Goods, before discounts")), quiet(_("comes back")), width)]
        for place, (category, left) in enumerate(self.left.items()):
            named = self._counter.store.programme.category_by_code.get(category)
            name = harmless(either(named.name)) if named else harmless(category)
            can = _("{name}   at most {left}").format(name=name, left=format_fen(left))
            typed = self.typed[category] or "0"
            is_here = place == self.place
            rows.append(self.row(f"{'> ' if is_here else '  '}{can}", strong(typed) if is_here else typed, width))
        if not self.left:
            rows.append(quiet(_("Nothing was paid for; its points come back")))
        return [*rows, Content(""), *self._effects(width)]

    def _effects(self, width: int) -> list[Content]:
        reckoned = self.reckoned
        if reckoned is None:
            return []
        back, programme = reckoned.back, self._counter.store.programme
        rows = [self.row(strong(_("Money back")), strong(format_fen(back.money_fen), "$accent"), width)]
        said = partial(pieces_of, programme)

        def noted(notes: Iterator[str]) -> list[Content]:
            return [quiet(f"  {note}") for note in notes]

        for kind, points in back.given_back.items():
            rows.append(self.row(_("Redeemed points back"), f"+{said(kind, points)}", width))
        rows += noted(notes_given_back(reckoned.uncovered, reckoned.may_be_uncovered, said))
        for kind, points in back.taken_back.items():
            rows.append(self.row(_("Earned points taken back"), f"-{said(kind, points)}", width))
        rows += noted(notes_taken_back(reckoned.ended, reckoned.may_have_ended, said))
        for kind, points in reckoned.owed.items():
            less = _("the member has fewer: {points} will be owed").format(points=said(kind, points))
            rows.append(Content.styled(f"  {less}", "$warning"))
        if reckoned.added is not None and reckoned.why is not None:
            added = pieces_of(programme, reckoned.added.kind, reckoned.added.points)
            rows.append(self.row(harmless(either(reckoned.why.name)), f"+{added}", width))
        return rows + noted(note_paid(reckoned.paid, said))

    def on_key(self, event: events.Key) -> None:
        """Arrows choose, digits and the point type, backspace takes out; other keys are the screen's."""
        categories = list(self.left)
        if event.key in ("up", "down") and categories:
            self.place = (self.place + (1 if event.key == "down" else -1)) % len(categories)
            self._is_fresh = True
        elif event.key in ("backspace", "delete") and categories:
            self._edit(categories[self.place], self.typed[categories[self.place]][:-1])
        elif categories and event.character and event.character in AMOUNT_SIGNS:
            before = "" if self._is_fresh else self.typed[categories[self.place]]
            self._edit(categories[self.place], (before + event.character)[:LONGEST])
        else:
            return
        event.stop()

    def _edit(self, category: str, typed: str) -> None:
        self.typed[category], self._is_fresh = typed, False
        self._changed()

    def returned_fen(self) -> dict[str, int]:
        """What is typed. Raises `AmountError`."""
        return {category: _fen(typed) for category, typed in self.typed.items()}


def _fen(typed: str) -> int:
    return parse_amount(typed) if typed.strip("0.") else 0


class RefundScreen(TillScreen[Receipt | None]):
    """Answers the receipt of what came back."""

    KEYS: ClassVar = (commands.HELP, commands.CONFIRM, commands.COMPENSATE, commands.BACK)
    AUTO_FOCUS = "Goods"
    CSS = """
    RefundScreen VerticalScroll { height: 1fr; }
    """

    def __init__(self, found: Refundable) -> None:
        super().__init__()
        self._found, self._compensation = found, ""
        self._opened_s = time.monotonic()

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield Goods(self.counter, self._found, self._reckon)

    def on_mount(self) -> None:
        self.next_line.step = _("Arrows choose, digits change what comes back; F2 confirms, Esc cancels")
        self._reckon()

    def has_use(self, command: Command) -> bool:
        """Reasons are those of the store's rules."""
        return command != commands.COMPENSATE or bool(self.counter.store.programme.compensations)

    def _reckon(self) -> None:
        goods = self.query_one(Goods)
        try:
            goods.reckoned = self.counter.returns.reckon(self._found, goods.returned_fen(), self._compensation)
        except (*REFUSALS, AmountError) as error:
            goods.reckoned = None
            self.refuse(error)
        goods.refresh(layout=True)

    def action_compensate(self) -> None:
        """F5."""
        rules = self.counter.store.programme.compensations
        if not rules:
            self.say(_("The store's rules add no points to a refund"))
            return
        programme = self.counter.store.programme
        entries = [
            Entry(f"{either(rule.reason)}  +{pieces_of(programme, rule.kind, rule.points)}", rule.id)
            for rule in rules
        ]

        def chosen(rule: str | None) -> None:
            if rule is not None:
                self._compensation = rule
                self._reckon()

        self.app.push_screen(Menu(_("Why are points added?"), [*entries, Entry(_("None are added"), "")]), chosen)

    def action_confirm(self) -> None:
        """F2; not the same press that opened this page."""
        session, goods = self.work.session, self.query_one(Goods)
        if session is None or goods.reckoned is None or time.monotonic() - self._opened_s < self.host.guard_s:
            return
        try:
            returned = goods.returned_fen()
            receipt = self.counter.returns.refund(session, self._found, returned, self._compensation)
        except (*REFUSALS, AmountError) as error:
            self.refuse(error)
            return
        work = self.work
        if work.last is not None and work.last.receipt.id == self._found.sale.id:
            work.last = LastSale(work.last.receipt, "refunded")
        self.dismiss(receipt)

    def on_key(self, event: events.Key) -> None:
        """Enter is for sales: say so, rather than nothing."""
        if event.key == "enter":
            self.say(_("Enter never takes goods back: F2 confirms, Esc cancels"))

    def action_back(self) -> None:
        """Esc."""
        self.dismiss(None)

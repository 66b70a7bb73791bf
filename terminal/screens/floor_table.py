"""What redeeming without the ledger would bring and cost this store, policy by policy: read before it is switched on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive

from protocol.floor_table import FloorLine, FloorTable
from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.text import day_text, harmless, points_text
from terminal.widgets.panel import Panel, quiet, strong
from terminal.words import money
from till.counter import Counter

ASKED = "floor-table"
_EXAMPLES_MEMBERS = 312
"""Overdrawn in the published example, which tells no share for balances that are trusted."""


class FloorView(Panel):
    """A line for each policy, and what the store has now."""

    DEFAULT_CSS = """
    FloorView { height: auto; min-height: 16; }
    """

    table: reactive[FloorTable | None] = reactive(None, layout=True)

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def title(self) -> str:
        return _("Redeeming small amounts offline: what it brings and costs")

    def lines(self, width: int) -> list[Content]:
        table = self.table
        if table is None:
            return []
        known = [Content(text).wrap(width) for text in (*_heading(table), "", *map(_policy(table), table.lines), "")]
        return [*(row for rows in known for row in rows), *self._now(width), Content(""), *_meaning(width)]

    def _now(self, width: int) -> list[Content]:
        floor = self._counter.store.settings.floor
        if not floor.per_redemption:
            said = _("Now: not switched on")
        else:
            said = _("Now: at most {points} points at once").format(points=points_text(floor.per_redemption))
        if floor.signed_by:
            day = day_text(self._counter.local(floor.signed_at)[:10])
            said += _(", signed by {name} on {day}").format(name=harmless(floor.signed_by, 40), day=day)
        return strong(said).wrap(width)


def _heading(table: FloorTable) -> tuple[str, ...]:
    if table.is_example:
        return (
            _("EXAMPLE, not this store: too little was redeemed here ({n} in {days} days).").format(
                n=points_text(table.redemptions), days=table.days
            ),
            _("Invented: 20,000 members, 50 stores, all offline; limits beside allowances."),
        )
    return (
        _("This store's last {days} days, {n} redemptions; {hours} h offline, {times} times a year:").format(
            days=table.days, n=points_text(table.redemptions), hours=table.hours, times=table.outages_a_year
        ),
    )


def _policy(table: FloorTable) -> Callable[[FloorLine], str]:
    """What makes a line of this table."""

    def line(one: FloorLine) -> str:
        share = one.accepted // 100
        match one.policy:
            case "allowance":
                return _("Allowances instead: {share} % redeemable, nothing lost").format(share=share)
            case "balance":
                name = _("No limit (not offered)")
            case _:
                name = _("At most {points} points").format(points=points_text(one.per_redemption))
        if one.policy == "balance" and table.is_example:
            return _("{name}: {share} % redeemable, {n} members overdrawn").format(
                name=name, share=share, n=_EXAMPLES_MEMBERS
            )
        said = _("{name}: {share} % redeemable, about {lost} % lost").format(
            name=name, share=share, lost=_tenths(one.uncovered)
        )
        return said if table.is_example else said + _(" ({amount} a year)").format(amount=money(one.a_year_fen))

    return line


def _tenths(share: int) -> str:
    """1/10,000 as percent, rounded up: a loss is never told too small."""
    tenths = -(-share // 10)
    return f"{tenths // 10}.{tenths % 10}"


def _meaning(width: int) -> list[Content]:
    texts = (
        _("Lost: points that were spent elsewhere meanwhile. The shop bears them."),
        _("The merchant has it switched on by the operator, who sees the same table."),
    )
    return [row for text in texts for row in quiet(text).wrap(width)]


class FloorTableScreen(TillScreen[None]):
    """Asks the ledger, which may take a while the first time of a day."""

    KEYS: ClassVar = (commands.HELP, commands.BACK)
    CSS = """
    FloorTableScreen VerticalScroll { height: 1fr; }
    """

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield FloorView(self.counter)

    def on_mount(self) -> None:
        counter, session = self.counter, self.work.session
        self.next_line.step = _("The ledger is adding up...")
        if session is not None:
            ask_apart(self, ASKED, lambda: counter.reports.store.floor_table(session))

    def on_answered(self, message: Answered) -> None:
        """The table."""
        message.stop()
        if isinstance(message.value, FloorTable):
            self.query_one(FloorView).table = message.value
            self.next_line.step = _("Esc goes back")

    def on_declined(self, message: Declined) -> None:
        """Not now."""
        message.stop()
        self.next_line.step = _("Esc goes back")
        self.refuse(message.error)

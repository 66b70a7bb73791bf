"""What the counter is at: who is signed in, the sale on the screen, how many are put aside, the last one.

It outlives every screen: changing the language or locking the counter builds the screens anew from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from till.draft import SaleDraft
from till.events import Event, OutcomesArrived, ScannerChanged
from till.history import State, state_of
from till.receipts import Receipt
from till.shifts import Session


@dataclass(frozen=True)
class LastSale:
    """The last result and what is known of it."""

    receipt: Receipt
    state: State = "stored"


@dataclass
class Work:
    """The state of one counter. `draft` holds member, products and reference; `typed` the amount as it is typed."""

    session: Session | None = None
    draft: SaleDraft = field(default_factory=SaleDraft)
    typed: str = ""
    held: int = 0
    """How many sales of the shift are put aside; they lie with the till, not here."""
    last: LastSale | None = None
    is_scanner_away: bool = False
    """The scanner that was assigned is not there: codes are typed meanwhile."""
    without_member: SaleDraft | None = None
    """The sale as it stood when Enter was pressed with nobody on the screen: Enter again records it for whoever claims it."""
    is_redeeming: bool = False
    """A call for points is under way: nothing else may start one."""

    @property
    def is_idle(self) -> bool:
        """Nothing on the screen that could be lost."""
        return self.draft.is_empty and not self.typed

    @property
    def has_begun(self) -> bool:
        """There is more of this sale than who it is of."""
        draft = self.draft
        return bool(self.typed or draft.earns or draft.reference or draft.others_fen)

    def sale(self) -> SaleDraft:
        """The draft with the amount that is typed; products wait behind a typed amount. Raises `AmountError`."""
        from points import parse_sum

        return self.draft.with_amount(parse_sum(self.typed)) if self.typed else self.draft

    def finish(self, receipt: Receipt) -> None:
        """A sale is in the journal: it is the last result, and the next customer may come."""
        self.last, self.is_redeeming = LastSale(receipt), False
        self.clear()

    def take(self, event: Event) -> None:
        """Outcomes tell what has become of the last sale."""
        if isinstance(event, ScannerChanged):
            self.is_scanner_away = not event.is_online
        if not isinstance(event, OutcomesArrived) or self.last is None or self.last.state in ("voided", "refunded"):
            return
        for outcome in event.outcomes:
            if outcome.seq == self.last.receipt.seq and outcome.status != "recorded":
                self.last = LastSale(self.last.receipt, state_of(outcome))

    def clear(self) -> None:
        """The next customer."""
        self.draft, self.typed, self.without_member = SaleDraft(), "", None

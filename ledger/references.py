"""External references (小票号, 工单号): one reference earns once in a store.

The first entry booked under it has it; a void gives it free, because the cashier types the sale anew with the same slip.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger import rows
from ledger.receiving import Till
from ledger.schema_received import ReferenceClaim


class References:
    """The claims that matter to one batch. Locked in rising order by claiming them."""

    def __init__(
        self, connection: Connection, till: Till, wanted: Sequence[tuple[str, int]], freed: Sequence[str]
    ) -> None:
        self._till = till
        first: dict[str, int] = {}
        for reference, seq in wanted:
            if reference:
                first.setdefault(reference, seq)
        claims = [(till.store, reference, till.terminal, seq) for reference, seq in sorted(first.items())]
        unknown = {reference for reference in freed if reference} - set(first)
        if rows.insert_missing(connection, ReferenceClaim, claims) < len(claims):
            unknown.update(first)
        self._holders: dict[str, tuple[str, int] | None] = {ref: (terminal, seq) for _s, ref, terminal, seq in claims}
        keys = [(till.store, reference) for reference in unknown]
        if keys:
            found = rows.find(connection, ReferenceClaim, ("store", "reference"), keys)
            self._holders |= {reference: (terminal, seq) for _store, reference, terminal, seq in found}
        self._changed: set[str] = set()

    def is_free(self, reference: str, seq: int) -> bool:
        """Whether entry `seq` may have it; then it has it."""
        if not reference:
            return True
        mine = self._till.terminal, seq
        if self._holders.get(reference) is None:
            self._holders[reference] = mine
            self._changed.add(reference)
        return self._holders[reference] == mine

    def let_go(self, reference: str, seq: int) -> None:
        """Entry `seq` was not booked: it has earned nothing, so the next one under this reference may."""
        if self._holders.get(reference) == (self._till.terminal, seq):
            self.free(reference)

    def free(self, reference: str) -> None:
        """The sale under it was voided."""
        if reference:
            self._holders[reference] = None
            self._changed.add(reference)

    def store(self, connection: Connection) -> None:
        """Write what changed."""
        held = {reference: self._holders[reference] for reference in self._changed}
        taken = [(self._till.store, reference, *holder) for reference, holder in held.items() if holder]
        rows.put(connection, ReferenceClaim, taken)
        gone = [(self._till.store, reference) for reference, holder in held.items() if not holder]
        rows.delete(connection, ReferenceClaim, gone)

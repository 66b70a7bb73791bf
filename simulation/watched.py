"""One till, and all that it ever committed, as far as it was seen from outside."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import msgspec

from protocol.entries import MemberEntry, ShiftClosed, ShiftOpened, decode_entry
from protocol.feed import MemberRow
from protocol.push import Outcome
from simulation.files import Seen
from simulation.till_host import TillHost


class Watched:
    """Filled by the oracle."""

    def __init__(self, till: TillHost) -> None:
        self.till = till
        self.rows: list[tuple[UUID, bytes, bytes]] = []
        """By seq - 1: id, payload, hash."""
        self.entries: dict[str, list[tuple[int, MemberEntry]]] = defaultdict(list)
        """By member, as (seq, entry)."""
        self.outcomes: dict[int, Outcome] = {}
        self.shown: set[UUID] = set()
        """Entries whose success a screen said."""
        self.returned: set[UUID] = set()
        """Reservations that this till has returned."""
        self.seen: Seen | None = None
        """What the files said when they were looked at last."""
        self.terminal = ""

    def has_quarantined(self, member: str) -> bool:
        """Whether a person has to decide about an entry of his."""
        return any(
            seq in self.outcomes and self.outcomes[seq].status == "quarantined" for seq, _ in self.entries[member]
        )

    def has_open_shift(self) -> bool:
        """By its last entry about one."""
        kinds = (type(decode_entry(payload)) for _id, payload, _hash in reversed(self.rows))
        return next((kind is ShiftOpened for kind in kinds if kind in (ShiftOpened, ShiftClosed)), False)

    def spendable_here(self, member: str, kind: str) -> set[int]:
        """How many of a member's reserved points a screen here may call spendable, by his cached row.

        What is set aside here, and with it what his phone has reserved for the sale that is being made.
        """
        row = self.seen.rows.get(member) if self.seen else None
        lying = (
            [one for one in _row.decode(row[2]).lying if (one.terminal, one.kind) == (self.terminal, kind)]
            if row
            else []
        )
        set_aside = sum(one.points for one in lying if one.authority == "allowance")
        return {set_aside, *(set_aside + one.points for one in lying if one.authority == "authorised")}


_row = msgspec.json.Decoder(MemberRow)

"""The member as the counter sees him: the ledger's row, and what this till did that the row cannot contain yet.

Shown = the row + this till's entries without an outcome or booked after the row (DESIGN, promise 4). That is exact in every
state of the link, whichever of push and pull comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

from local_db.journal import JournalReader
from points import HoldingGap, MemberFacts, Programme, holding_gaps
from protocol.entries import Identified
from protocol.feed import Expiring, Lying, MemberRow
from till.own_entries import own_effect


@dataclass(frozen=True)
class KindBalance:
    """Of one kind of points. `own` is what this till did and the row does not contain; `owed` is paid by the next awards."""

    kind: str
    available: int
    own: int
    reserved: int
    owed: int

    @property
    def spendable(self) -> int:
        """What can be spent: never below zero on a screen."""
        return max(0, self.available + self.own)


@dataclass(frozen=True)
class MemberView:
    """A member at the counter. One who is not known here still earns."""

    member: str
    name: str
    last4: str
    tier: str
    balances: tuple[KindBalance, ...]
    expiring: tuple[Expiring, ...]
    lying: tuple[Lying, ...]
    position: int
    as_of_us: int | None
    """Until when the row is known to be the newest; None for a member unknown here."""
    is_known: bool
    is_blocked: bool
    gaps: tuple[HoldingGap, ...]
    identified: Identified

    def spendable(self, kind: str) -> int:
        """Points of a kind that can be spent."""
        return next((balance.spendable for balance in self.balances if balance.kind == kind), 0)

    @property
    def facts(self) -> MemberFacts:
        """What the rules want to know."""
        amounts = {balance.kind: balance.spendable for balance in self.balances}
        return MemberFacts(tier=self.tier, held=amounts, spendable=amounts)


def view(
    row: MemberRow | None, member: str, journal: JournalReader, programme: Programme, as_of_us: int | None,
    identified: Identified,
) -> MemberView:  # fmt: skip
    """Put row and journal together. `row` is None for a member of whom the ledger has not told this till."""
    known = row or MemberRow(member=member, position=0)
    own = own_effect(journal, known)
    kinds = dict.fromkeys([kind.code for kind in programme.kinds] + sorted(known.balances))
    balances = tuple(_balance(known, kind, own.get(kind, 0)) for kind in kinds)
    tier = (
        known.tier if known.tier in programme.tier_by_code else (programme.tiers[0].code if programme.tiers else "")
    )
    facts = MemberFacts(tier=tier, held={balance.kind: balance.spendable for balance in balances})
    return MemberView(
        member=member, name=known.name, last4=known.last4, tier=tier, balances=balances, expiring=known.expiring,
        lying=known.lying, position=known.position, as_of_us=as_of_us if row else None, is_known=row is not None,
        is_blocked=known.status in ("blocked", "revoked", "left"), gaps=holding_gaps(programme, facts),
        identified=identified,
    )  # fmt: skip


def _balance(row: MemberRow, kind: str, own: int) -> KindBalance:
    balance = row.balances.get(kind)
    if balance is None:
        return KindBalance(kind, 0, own, 0, 0)
    return KindBalance(kind, balance.available, own, balance.reserved, balance.owed)

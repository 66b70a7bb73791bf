"""The member as the counter sees him: the ledger's row, and what this till did that the row cannot contain yet.

What is set aside for him at this till can be spent here: nothing looks split.

Shown = the row + this till's entries without an outcome or booked after the row (DESIGN, promise 4). That is exact in every
state of the link, whichever of push and pull comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from points import HoldingGap, MemberFacts, Programme, holding_gaps
from points.asked import asked
from points.counts import SPENT, STAFF, VISITS
from points.tiers import TierGap, highest, next_tier
from protocol.counts import counted, counts_on
from protocol.entries import Identified
from protocol.feed import Balance, Expiring, Lying, MemberRow
from till.desk import Desk
from till.own_entries import reckon
from till.persons import works_here
from till.provisional_account import Reckoned


@dataclass(frozen=True)
class KindBalance:
    """Of one kind of points. `own` is what this till did and the row does not contain; `owed` is paid by the next awards.

    `available` and `own` are with what is set aside at this till, `reserved` is without; `set_aside` is what is left of that.
    `owed` is the row's, `own_owed` what this till's entries add to it.
    """

    kind: str
    available: int
    own: int
    reserved: int
    owed: int
    set_aside: int = 0
    own_owed: int = 0

    @property
    def owes(self) -> int:
        """With what this till did."""
        return max(0, self.owed + self.own_owed)

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
    """Without what is set aside at this till."""
    position: int
    as_of_us: int | None
    """Until when the row is known to be the newest; None for a member unknown here."""
    is_known: bool
    is_blocked: bool
    gaps: tuple[HoldingGap, ...]
    identified: Identified
    counts: Mapping[str, int] = field(default_factory=dict)
    """What rules with a memory ask for, of the business day on which he was identified."""
    tier_gap: TierGap | None = None
    """What he lacks to the next tier that comes by itself."""
    usual: str = ""
    """The reward that he takes most often here."""
    is_new: bool = False
    """He joined at this till, and the ledger has not told of him yet."""

    def spendable(self, kind: str) -> int:
        """Points of a kind that can be spent."""
        return next((balance.spendable for balance in self.balances if balance.kind == kind), 0)

    @property
    def facts(self) -> MemberFacts:
        """What the rules want to know."""
        amounts = {balance.kind: balance.spendable for balance in self.balances}
        return MemberFacts(tier=self.tier, held=amounts, spendable=amounts, counts=self.counts)


def view(desk: Desk, row: MemberRow | None, member: str, as_of_us: int | None, identified: Identified) -> MemberView:
    """Put row and journal together. `row` is None for a member of whom the ledger has not told this till."""
    known, programme = row or MemberRow(member=member, position=0), desk.store.programme
    reckoned = reckon(desk.journal, known, asked=asked(programme))
    here = (*set_aside_at(desk.terminal, known), *_allowed(desk, known))
    kinds = dict.fromkeys([kind.code for kind in programme.kinds] + sorted(known.balances))
    balances = tuple(_balance(known, kind, here, reckoned) for kind in kinds)
    tier = highest(programme.tiers, (known.tier, known.standing.tier))
    facts = MemberFacts(tier=tier, held={balance.kind: balance.spendable for balance in balances})
    return MemberView(
        member=member, name=known.name, last4=known.last4, tier=tier, balances=balances, expiring=known.expiring,
        lying=tuple(lying for lying in known.lying if lying not in here), position=known.position,
        as_of_us=as_of_us if row else None, is_known=row is not None,
        is_blocked=known.status in ("blocked", "revoked", "left"), gaps=holding_gaps(programme, facts),
        identified=identified, counts=_counts(desk, known, reckoned),
        tier_gap=_tier_gap(known, reckoned, programme, tier, desk.business_day), usual=known.usual,
    )  # fmt: skip


def _counts(desk: Desk, row: MemberRow, reckoned: Reckoned) -> dict[str, int]:
    """What the rules are told of him; that he works here too, where it matters to them."""
    programme = desk.store.programme
    told = counts_on(row, asked(programme), desk.business_day, reckoned.counts)
    return told | ({STAFF: 1} if not programme.staff_earn and works_here(desk, row) else {})


def _tier_gap(row: MemberRow, reckoned: Reckoned, programme: Programme, tier: str, day: str) -> TierGap | None:
    """None too where the window has moved since the row was made: what left it nobody here knows."""
    standing = row.standing
    if standing.month and standing.month != day[:7]:
        return None
    own = (reckoned.counts.get(str(counted(name, day)), 0) for name in (SPENT, VISITS))
    spent_fen, visits = (max(0, sum(both)) for both in zip((standing.spent_fen, standing.visits), own, strict=True))
    return next_tier(programme.tiers, tier, spent_fen, visits)


def _allowed(desk: Desk, row: MemberRow) -> tuple[Lying, ...]:
    """What his phone has reserved for the redemption that is being made here: no entry names it yet."""
    awaited = desk.awaited.get(row.member)
    return tuple(lying for lying in row.lying if awaited is not None and lying.id == awaited.id)


def set_aside_at(terminal: str, row: MemberRow) -> tuple[Lying, ...]:
    """The allowances that `terminal` has of a member; those of numbers that were merged into his belong to nobody's sale."""
    return tuple(
        lying
        for lying in row.lying
        if (lying.terminal, lying.authority) == (terminal, "allowance") and not lying.member
    )


def _balance(row: MemberRow, kind: str, here: tuple[Lying, ...], reckoned: Reckoned) -> KindBalance:
    balance = row.balances.get(kind, Balance())
    lying = [one for one in here if one.kind == kind]
    before = sum(one.points for one in lying)
    left = sum(reckoned.left.get(one.id, 0) if one.authority == "allowance" else one.points for one in lying)
    return KindBalance(
        kind, balance.available + before, reckoned.change.get(kind, 0) + left - before,
        max(0, balance.reserved - before), balance.owed, max(0, left), reckoned.owed.get(kind, 0),
    )  # fmt: skip

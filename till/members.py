"""The member as the counter sees him: the ledger's row, and what this till did that the row cannot contain yet.

Shown = the row + this till's entries without an outcome or booked after the row (DESIGN, promise 4). That is exact in every
state of the link, whichever of push and pull comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local_db.journal import JournalReader, Row
from points import HoldingGap, MemberFacts, Programme, holding_gaps
from protocol.entries import Identified, MemberEntry, Sale, Void, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.feed import Expiring, Lying, MemberRow


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


def own_effect(journal: JournalReader, row: MemberRow, *, with_awards: bool = True) -> dict[str, int]:
    """Points per kind that this till's entries change and `row` does not contain. Without awards: for the floor."""
    effect: dict[str, int] = {}
    for stored in journal.not_counted(row.member, row.position):
        for kind, points in _effect_of(stored, row.lying, journal, with_awards=with_awards).items():
            effect[kind] = effect.get(kind, 0) + points
    return effect


def _effect_of(
    stored: Row, lying: Iterable[Lying], journal: JournalReader, *, with_awards: bool
) -> Mapping[str, int]:
    entry = read_entry(stored)
    if isinstance(entry, Sale):
        return sale_effect(entry, lying, with_awards=with_awards)
    if isinstance(entry, Void):
        voided = journal.entry(entry.voids)
        sale = read_entry(voided) if voided else None
        if isinstance(sale, Sale):
            return {kind: -points for kind, points in sale_effect(sale, (), with_awards=with_awards).items()}
    return {}


def sale_effect(sale: Sale, lying: Iterable[Lying] = (), *, with_awards: bool = True) -> dict[str, int]:
    """What a sale does to what can be spent. What lies reserved for it has left `available` in the row already."""
    effect: dict[str, int] = {}
    covered = {reserved.kind: reserved.points for reserved in lying if reserved.id == sale.id}
    for redemption in sale.redemptions:
        from_reserved = min(redemption.points, covered.get(redemption.kind, 0))
        covered[redemption.kind] = covered.get(redemption.kind, 0) - from_reserved
        effect[redemption.kind] = effect.get(redemption.kind, 0) - redemption.points + from_reserved
    if with_awards:
        for award in sale.awards:
            effect[award.kind] = effect.get(award.kind, 0) + award.points
    return effect


def read_entry(stored: Row) -> MemberEntry | None:
    """A member's entry from the journal; None for one whose payload was damaged: the ledger decides about it."""
    try:
        entry = decode_entry(stored.payload)
    except UnreadableEntryError:
        return None
    return entry if isinstance(entry, MemberEntry) else None

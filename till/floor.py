"""The last rung: what nobody reserved, within what the merchant signed for (DESIGN, section 4)."""

from __future__ import annotations

from uuid import UUID

from points import Offer
from protocol.entries import Sale
from protocol.feed import MemberRow
from till.desk import Desk
from till.draft import MemberProof
from till.members import MemberView
from till.own_entries import own_effect, read_entry, reckon
from till.persons import is_hot, led, numbers_of

PROOF_MISSING = "offline-proof-missing"


def floor_obstacle(
    desk: Desk, member: MemberView, proof: MemberProof | None, offer: Offer, points: int, entry_id: UUID | None = None
) -> str:
    """Why the floor does not carry this many points of a redemption, those that no allowance covers; empty if it does.

    It is bounded per redemption, per member and per terminal by the sums not yet booked, by the age of the balance and by
    the hot list. Awards that are not booked do not count. It stands on the clock, and on a proof that can be checked here:
    not on a PIN. `PROOF_MISSING` comes last: then the proof is all that is missing.
    """
    policy = desk.store.settings.floor
    if not policy.per_redemption or not offer.floor_allowed:
        return "offline-not-possible"
    if not desk.clock.is_trusted:
        return "clock-untrusted"
    return (
        _balance_obstacle(desk, member, offer.kind, points)
        or ("floor-per-redemption" if points > policy.per_redemption else "")
        or _sums_obstacle(desk, member, offer.kind, points)
        or ("" if proof is not None and proves_here(desk, proof, entry_id) else PROOF_MISSING)
    )


def booked(desk: Desk, row: MemberRow, kind: str) -> int:
    """What the ledger has of a member's points that nothing is set aside of: without what entries not booked yet will bring."""
    available = row.balances[kind].available if kind in row.balances else 0
    return available + own_effect(desk.journal, row, with_gains=False).get(kind, 0)


def proves_here(desk: Desk, proof: MemberProof, entry_id: UUID | None = None) -> bool:
    """Whether it is a dynamic code that was found good here.

    One that the ledger was shown for a sale that then was none proves no other: there it would be the merchant's loss.
    """
    return proof.proof == "dynamic" and proof.is_timely and desk.asked.get(proof.nonce, entry_id) == entry_id


def _balance_obstacle(desk: Desk, member: MemberView, kind: str, points: int) -> str:
    found = desk.cached_member(member.member)
    if not member.is_known or found is None or found.as_of_us is None:
        return "offline-member-unknown"
    if is_hot(desk, member.member):
        return "member-hot"
    row = found.row
    if desk.clock.now_us() - found.as_of_us > desk.store.settings.floor.balance_age_s * 1_000_000:
        return "balance-too-old"
    return "" if booked(desk, row, kind) >= points else "not-enough-booked"


def _sums_obstacle(desk: Desk, member: MemberView, kind: str, points: int) -> str:
    policy = desk.store.settings.floor
    of_member = of_terminal = points
    numbers = numbers_of(desk, member.member)
    for stored in desk.journal.unbooked_floor():
        entry = read_entry(stored)
        if not isinstance(entry, Sale):
            continue
        taken = _on_floor(desk, entry, kind)
        of_terminal += taken
        of_member += taken if entry.member in numbers else 0
    if of_member > policy.per_member:
        return "floor-per-member"
    return "floor-per-terminal" if of_terminal > policy.per_terminal else ""


def _on_floor(desk: Desk, sale: Sale, kind: str) -> int:
    """What a sale took on the floor: without what its allowance paid, as far as the member's row still tells."""
    lines = [line for line in sale.redemptions if line.authority == "floor" and line.kind == kind]
    taken = sum(line.points for line in lines)
    found = led(desk, sale.member) if any(line.reservation for line in lines) else None
    return reckon(desk.journal, found.row).uncovered.get(sale.id, taken) if found else taken

"""The last rung: what nobody reserved, within what the merchant signed for (DESIGN, section 4)."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple
from uuid import UUID

from local_db.cache import CacheReader
from points import Offer, in_points
from protocol.entries import Sale
from protocol.feed import MemberRow
from protocol.floor_table import FloorTable
from sync.errors import TransientSyncError
from till.desk import Desk
from till.draft import MemberProof
from till.errors import RefusedError
from till.members import MemberView
from till.own_entries import own_effect, read_entry, reckon
from till.persons import is_hot, led, numbers_of
from till.shifts import Session

PROOF_MISSING = "offline-proof-missing"


def floor_obstacle(
    desk: Desk, member: MemberView, proof: MemberProof | None, offer: Offer, points: int, entry_id: UUID | None = None
) -> str:
    """Why the floor does not carry this many points of a redemption, those that no allowance covers; empty if it does.

    It is bounded per redemption, per member and per terminal by the sums not yet booked, vouchers by what they are worth, by
    the age of the balance and by the hot list. Awards that are not booked do not count. It stands on the clock, and on a proof
    that can be checked here: not on a PIN. `PROOF_MISSING` comes last: then the proof is all that is missing.
    """
    policy = desk.store.settings.floor
    if not policy.per_redemption or not offer.floor_allowed:
        return "offline-not-possible"
    if not desk.clock.is_trusted:
        return "clock-untrusted"
    weight = weight_of(desk, offer.reward_id, points)
    return (
        _balance_obstacle(desk, member, offer.kind, points)
        or ("floor-per-redemption" if weight > most_at_once(desk) else "")
        or _sums_obstacle(desk, member, offer.kind, weight)
        or ("" if proof is not None and proves_here(desk, proof, entry_id) else PROOF_MISSING)
    )


def cost_table(desk: Desk, session: Session) -> FloorTable:
    """What redeeming offline would cost; waits for the ledger. Raises `RefusedError`: `role`, `floor-table-unanswered`."""
    if not session.may("manager", "supervisor"):
        raise RefusedError("role", roles=("manager", "supervisor"))
    try:
        return desk.ledger.floor_table()
    except TransientSyncError as error:
        raise RefusedError("floor-table-unanswered") from error


def booked(desk: Desk, row: MemberRow, kind: str) -> int:
    """What the ledger has of a member's points that nothing is set aside of: without what entries not booked yet will bring."""
    available = row.balances[kind].available if kind in row.balances else 0
    return available + own_effect(desk.journal, row, with_gains=False).get(kind, 0)


def most_at_once(desk: Desk) -> int:
    """The bound of one redemption: what the merchant signed for, or what somebody who may approve it can make of it."""
    settings = desk.store.settings
    return max(settings.floor.per_redemption, settings.approvals.floor_points)


def weight_of(desk: Desk, reward: str, points: int) -> int:
    """What the bounds count for it. A reward that the programme has no more counts as it is in the entry."""
    known = desk.store.programme.reward_by_id.get(reward)
    return in_points(desk.store.programme, known, points) if known else points


def proves_here(desk: Desk, proof: MemberProof, entry_id: UUID | None = None) -> bool:
    """Whether it is a voucher or a dynamic code that was found good here.

    A dynamic code that the ledger was shown for a sale that then was none proves no other: there it would be the merchant's
    loss. A voucher is free again there.
    """
    if proof.proof == "voucher":
        return proof.is_timely
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
    by_member = _sums(desk).get(kind, Counter())
    if points + sum(by_member[number] for number in numbers_of(desk, member.member)) > policy.per_member:
        return "floor-per-member"
    return "floor-per-terminal" if points + by_member.total() > policy.per_terminal else ""


_Sums = dict[str, Counter[str]]
"""By kind and number of a member, pieces as points."""


class _Kept(NamedTuple):
    """Sums that hold while the journal has no further entry, and the cache no other row."""

    last_seq: int
    cache: CacheReader
    version: int
    sums: _Sums


def _sums(desk: Desk) -> _Sums:
    """What was taken on the floor and is not booked yet: reckoned once an entry, not once a reward and number of points."""
    with desk.journal.alone():
        last_seq, cache = desk.journal.last_seq(), desk.cache()
        version = cache.version()
        kept = desk.journal.kept.get(_Kept)
        if not isinstance(kept, _Kept) or kept[:3] != (last_seq, cache, version):
            kept = desk.journal.kept[_Kept] = _Kept(last_seq, cache, version, _reckon_sums(desk))
        return kept.sums


def _reckon_sums(desk: Desk) -> _Sums:
    sums: _Sums = {}
    for stored in desk.journal.unbooked_floor():
        if isinstance(sale := read_entry(stored), Sale):
            rewards = {line.kind: line.reward for line in sale.redemptions}
            for kind, points in _on_floor(desk, sale).items():
                sums.setdefault(kind, Counter())[sale.member] += weight_of(desk, rewards[kind], points)
    return sums


def _on_floor(desk: Desk, sale: Sale) -> dict[str, int]:
    """What a sale took on the floor, by kind: without what its allowance paid, as far as the member's row still tells."""
    taken: Counter[str] = Counter()
    drawn_on: set[str] = set()
    for line in sale.redemptions:
        if line.authority == "floor":
            taken[line.kind] += line.points
            drawn_on |= {line.kind} if line.reservation else set()
    found = led(desk, sale.member) if drawn_on else None
    uncovered = reckon(desk.journal, found.row).uncovered if found else {}
    return {kind: uncovered.get(sale.id, points) if kind in drawn_on else points for kind, points in taken.items()}

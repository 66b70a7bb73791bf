"""The ladder: on which authority points leave a member's balance (DESIGN, section 4).

`online` is asked for with one bounded call under the sale's own id. A yes: go. A no: refused, and nothing below is tried; a
member who typed a wrong PIN tries again under a new id.
Silence, and anything that the ledger did not sign: the next rung with the same id. A late yes then appears in the feed as a
reservation that the booked sale consumes; a late no changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from points import Offer
from protocol.entries import Authority, Sale
from protocol.reservations import Granted, Refused, ReserveRequest
from sync.errors import FinalSyncError, SyncError
from till.desk import Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.members import MemberView
from till.own_entries import own_effect, read_entry
from till.receipts import Receipt
from till.selling import check_draft, commit_sale, quote_draft, sale_id
from till.shifts import Session

PROOF_MISSING = "offline-proof-missing"


@dataclass(frozen=True)
class Standing:
    """On what a redemption would stand now, shown before anything is chosen. `why`: the refusal's code, if it is none."""

    authority: Literal["online", "floor", ""]
    why: str = ""
    needs: Literal["", "code", "pin"] = ""
    """What the member has still to show: his dynamic code, or that or his PIN."""


def standing(desk: Desk, draft: SaleDraft, offer: Offer, points: int, *, is_online: bool) -> Standing:
    """What is possible for an offer at this moment, without asking anyone."""
    member = draft.member
    if member is None:
        return Standing("", "no-member")
    if desk.ended:
        return Standing("", desk.ended)
    if desk.clock.now_us() > desk.store.redeems_until_us:
        return Standing("", "programme-outdated")
    if is_online:
        return Standing("online", needs="" if _proves_online(desk, draft, member, points) else "pin")
    why = floor_obstacle(desk, member, draft.proof, offer, points)
    if why == PROOF_MISSING:
        return Standing("floor", needs="code")
    return Standing("", why) if why else Standing("floor")


def _proves_online(desk: Desk, draft: SaleDraft, member: MemberView, points: int) -> bool:
    """Whether the ledger may take what the member has shown so far, as far as it is known here.

    A static code carries what the merchant allows a day; every reservation of the day counts, and of other tills' this one
    does not know. Then the ledger says `proof-missing`.
    """
    if draft.proof is not None and draft.proof.proof != "static":
        return True
    today, limit = desk.clock.local().date().isoformat(), desk.store.settings.static_daily_points
    entries = map(read_entry, desk.journal.not_counted(member.member, 0)) if limit else ()
    sales = [entry for entry in entries if isinstance(entry, Sale) and entry.business_day == today]
    taken = sum(line.points for sale in sales for line in sale.redemptions if line.authority == "online")
    return taken + points <= limit


def redeem_and_commit(desk: Desk, session: Session, draft: SaleDraft, *, is_online: bool) -> Receipt:
    """Take the chosen reward and commit the sale in one entry. May wait for one bounded call.

    Raises `RefusedError` with the reason and what is spendable, a `points.RedemptionError`, or a `local_db` error.
    """
    member = check_draft(desk, draft)
    quoted = quote_draft(desk, draft)
    assert quoted is not None
    if not quoted.quote.redemptions:
        raise RefusedError("nothing-chosen")
    taken = quoted.quote.redemptions[0]
    offer = next(offer for offer in quoted.offers if offer.reward_id == taken.reward_id)
    if desk.clock.now_us() > desk.store.redeems_until_us:
        raise RefusedError("programme-outdated")
    entry_id = sale_id(desk, member)
    try:
        asked = _ask(desk, draft, member, entry_id, offer.kind, taken.points) if is_online else None
        # What the floor's bounds were looked at for is in the journal before somebody else looks at them.
        with desk.journal.alone():
            authority = asked or _floor(desk, draft, member, entry_id, offer, taken.points)
            return commit_sale(desk, session, draft, authority, entry_id)
    except Exception:
        # Whatever kept the sale from being: what the ledger may have granted for it goes back.
        if is_online:
            desk.ledger.give_up(entry_id)
        raise


def _floor(
    desk: Desk, draft: SaleDraft, member: MemberView, entry_id: UUID, offer: Offer, points: int
) -> Authority:  # fmt: skip
    why = floor_obstacle(desk, member, draft.proof, offer, points, entry_id)
    if why and draft.proof is not None and draft.proof.proof == "pin":
        raise RefusedError("pin-unanswered-code" if why == PROOF_MISSING else "pin-unanswered")
    if why:
        raise RefusedError(why)
    return "floor"


def _ask(
    desk: Desk, draft: SaleDraft, member: MemberView, entry_id: UUID, kind: str, points: int
) -> Authority | None:
    """The online call; None when nobody who counts has answered."""
    proof = draft.proof or MemberProof("static")
    request = ReserveRequest(
        id=entry_id, member=member.member, kind=kind, points=points, proof=proof.proof, evidence=proof.evidence
    )
    if proof.nonce:
        desk.asked.setdefault(proof.nonce, entry_id)
    try:
        verdict = desk.ledger.reserve(request)
    except FinalSyncError as error:
        raise RefusedError("ledger-refuses", reason=error.code) from error
    except SyncError:
        return None
    match verdict:
        case Granted():
            return "online"
        case Refused(reason=reason, spendable=spendable, tries_left=left):
            raise RefusedError(f"reserve-{reason}", spendable=spendable, left=left)


def floor_obstacle(
    desk: Desk, member: MemberView, proof: MemberProof | None, offer: Offer, points: int, entry_id: UUID | None = None
) -> str:
    """Why the floor does not carry this redemption; empty if it does.

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
        or ("" if proof is not None and _proves_here(desk, proof, entry_id) else PROOF_MISSING)
    )


def _proves_here(desk: Desk, proof: MemberProof, entry_id: UUID | None) -> bool:
    """A code that the ledger was shown for a sale that then was none proves no other: there it would be the merchant's loss."""
    return proof.proof == "dynamic" and proof.is_timely and desk.asked.get(proof.nonce, entry_id) == entry_id


def _balance_obstacle(desk: Desk, member: MemberView, kind: str, points: int) -> str:
    found = desk.cached_member(member.member)
    if not member.is_known or found is None or found.as_of_us is None:
        return "offline-member-unknown"
    if member.member in desk.store.hot:
        return "member-hot"
    row = found.row
    if desk.clock.now_us() - found.as_of_us > desk.store.settings.floor.balance_age_s * 1_000_000:
        return "balance-too-old"
    available = row.balances[kind].available if kind in row.balances else 0
    return (
        ""
        if available + own_effect(desk.journal, row, with_gains=False).get(kind, 0) >= points
        else "not-enough-booked"
    )


def _sums_obstacle(desk: Desk, member: MemberView, kind: str, points: int) -> str:
    policy = desk.store.settings.floor
    of_member = of_terminal = points
    for stored in desk.journal.unbooked_floor():
        entry = read_entry(stored)
        if not isinstance(entry, Sale):
            continue
        taken = sum(r.points for r in entry.redemptions if r.authority == "floor" and r.kind == kind)
        of_terminal += taken
        of_member += taken if entry.member == member.member else 0
    if of_member > policy.per_member:
        return "floor-per-member"
    return "floor-per-terminal" if of_terminal > policy.per_terminal else ""

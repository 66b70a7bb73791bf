"""The ladder: on which authority points leave a member's balance (DESIGN, section 4).

`allowance` comes first: points that were set aside here need no call. What they lack is asked for `online` with one bounded
call under the sale's own id. A yes: go. A no: refused, and nothing below is tried; a member who typed a wrong PIN tries
again under a new id.
Silence, and anything that the ledger did not sign: the next rung with the same id. A late yes then appears in the feed as a
reservation that the booked sale consumes; a late no changes nothing.
`authorised` is the cashier's choice where the till cannot ask: the member's phone does (`till.authorising`).
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from points import Offer
from protocol.entries import Authority, Sale
from protocol.reservations import Granted, Refused, ReserveRequest
from sync.errors import FinalSyncError, SyncError
from till.allowances import Cover, check_pin, cover_of, drawing, has_tries_left
from till.approving import redemption_approved
from till.authorising import permitted_id, phone_obstacle
from till.bounds import bounded, hear, needs_ledger
from till.desk import Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.floor import PROOF_MISSING, floor_obstacle, proves_here
from till.members import MemberView
from till.own_entries import read_entry
from till.persons import numbers_of
from till.receipts import Receipt
from till.selling import check_draft, commit_sale, quote_draft, sale_id
from till.shifts import Session

Needs = Literal["", "code", "pin", "typed", "phone"]


@dataclass(frozen=True)
class Standing:
    """On what a redemption would stand now, shown before anything is chosen. `why`: the refusal's code, if it is none."""

    authority: Authority | Literal[""]
    why: str = ""
    needs: Needs = ""
    """What the member has still to show: his dynamic code, that or his PIN, his PIN because no code can be checked, or the
    permission on his phone."""


class _Wanted(NamedTuple):
    """A redemption that is being made, and what is set aside here for it."""

    desk: Desk
    draft: SaleDraft
    member: MemberView
    offer: Offer
    points: int
    entry_id: UUID
    cover: Cover | None

    @property
    def proof(self) -> MemberProof:
        return self.draft.proof or MemberProof("static")

    @property
    def is_covered(self) -> bool:
        """Whether a proof is all that it takes."""
        return self.cover is not None and self.cover.left >= self.points


def standing(desk: Desk, draft: SaleDraft, offer: Offer, points: int, *, is_online: bool) -> Standing:
    """What is possible for an offer at this moment, without asking anyone."""
    draft = draft.proving(offer.kind, points)
    member = draft.member
    if member is None:
        return Standing("", "no-member")
    if desk.ended:
        return Standing("", desk.ended)
    if desk.suspended:
        return Standing("", desk.suspended)
    if not desk.has_rules_in_force:
        return Standing("", "programme-outdated")
    why = needs_ledger(desk, offer.reward_id)
    if why and not is_online:
        return Standing("", why)
    cover = None if why else cover_of(desk, member.member, offer.kind)
    left = cover.left if cover else 0
    if points <= left and draft.proof is not None and proves_here(desk, draft.proof):
        return Standing("allowance")
    if is_online:
        if _proves_online(desk, draft, member, offer.kind, points, left):
            return Standing("online")
        return Standing("allowance" if points <= left else "online", needs="pin")
    return _standing_offline(desk, draft, member, offer, points, cover)


def _standing_offline(
    desk: Desk, draft: SaleDraft, member: MemberView, offer: Offer, points: int, cover: Cover | None
) -> Standing:
    """What lies here, then what the shop's own limit carries; where neither does, the member's phone may."""
    left = cover.left if cover else 0
    if cover and points <= left:
        if needs := _provable_here(desk, cover):
            return Standing("allowance", needs=needs)
        why = "clock-untrusted"
    elif (why := floor_obstacle(desk, member, draft.proof, offer, points - min(points, left))) == PROOF_MISSING:
        return Standing("floor", needs="code")
    if why and not phone_obstacle(desk, member.member, offer.kind, points):
        return Standing("authorised", needs="phone")
    return Standing("", why) if why else Standing("floor")


def _provable_here(desk: Desk, cover: Cover) -> Needs:
    """What a member can prove himself with while nobody can be asked; nothing, if nothing would do."""
    if has_tries_left(desk, cover):
        return "pin" if desk.clock.is_trusted else "typed"
    return "code" if desk.clock.is_trusted else ""


def _proves_online(desk: Desk, draft: SaleDraft, member: MemberView, kind: str, points: int, set_aside: int) -> bool:
    """Whether the ledger may take what the member has shown so far, as far as it is known here.

    A static code carries what the merchant allows a day; every reservation of the day counts, and of other tills' this one
    does not know. Then the ledger says `proof-missing`. It does not draw on what is set aside here, nor on vouchers.
    """
    if draft.proof is not None and draft.proof.proof != "static":
        return True
    known = desk.store.programme.kind_by_code.get(kind)
    if (set_aside and points > member.spendable(kind) - set_aside) or (known is not None and known.unit is not None):
        return False
    today, limit = desk.business_day, desk.store.settings.static_daily_points
    stored = (
        [one for number in numbers_of(desk, member.member) for one in desk.journal.not_counted(number, 0)]
        if limit
        else []
    )
    sales = [entry for entry in map(read_entry, stored) if isinstance(entry, Sale) and entry.business_day == today]
    taken = sum(line.points for sale in sales for line in sale.redemptions if line.authority == "online")
    return taken + points <= limit


def redeem_and_commit(desk: Desk, session: Session, draft: SaleDraft, *, is_online: bool) -> Receipt:
    """Take the chosen reward and commit the sale in one entry. May wait for one bounded call.

    Raises `RefusedError` with the reason and what is spendable, a `points.RedemptionError`, or a `local_db` error.
    """
    member = check_draft(desk, draft, session.staff)
    quoted = quote_draft(desk, draft)
    assert quoted is not None
    if not quoted.quote.redemptions:
        raise RefusedError("nothing-chosen")
    taken = quoted.quote.redemptions[0]
    draft = draft.proving(taken.kind, taken.points)
    offer = next(offer for offer in quoted.offers if offer.reward_id == taken.reward_id)
    desk.need_rules_in_force()
    with desk.journal.alone():
        # Before anybody else is asked.
        approved = redemption_approved(desk, session, draft, offer.reward_id, taken.points)
        if draft.proof and draft.proof.proof == "authorisation":
            reserved = permitted_id(desk, draft, draft.proof.evidence)
            return commit_sale(desk, session, approved, "authorised", reserved)
    with nullcontext() if needs_ledger(desk, offer.reward_id) else drawing(desk, member.member, offer.kind) as cover:
        wanted = _Wanted(desk, draft, member, offer, taken.points, sale_id(desk, member), cover)
        drawn = _drawn(wanted, is_online=is_online)
        return _redeem(wanted, session, drawn, is_online=is_online and drawn < taken.points)


def _redeem(wanted: _Wanted, session: Session, drawn: int, *, is_online: bool) -> Receipt:
    """`drawn` points come from what is set aside here, the rest from where it can."""
    desk, entry_id = wanted.desk, wanted.entry_id
    try:
        granted = _ask(wanted, wanted.points - drawn) if is_online else None
        # What bounds and allowance were looked at for is in the journal before somebody else looks at them.
        with desk.journal.alone():
            draws_on = _still_there(wanted).id if drawn else None
            authority: Authority = (
                "allowance" if drawn == wanted.points else "online" if granted else _floor(wanted, drawn)
            )
            others = granted.others if granted else 0
            on_floor = wanted.points - drawn if authority == "floor" else 0
            reward = wanted.offer.reward_id
            draft = redemption_approved(desk, session, wanted.draft, reward, wanted.points, on_floor)
            return commit_sale(desk, session, draft, authority, entry_id, draws_on, others)
    except Exception:
        # Whatever kept the sale from being: what the ledger may have granted for it goes back.
        if is_online:
            desk.ledger.give_up(entry_id)
        raise


def _still_there(wanted: _Wanted) -> Cover:
    """What was found set aside, unless another sale has drawn on it since. Raises `RefusedError`."""
    cover = cover_of(wanted.desk, wanted.member.member, wanted.offer.kind)
    if cover is None or cover != wanted.cover:
        raise RefusedError("redemption-without-authority")
    return cover


def _drawn(wanted: _Wanted, *, is_online: bool) -> int:
    """How many points what is set aside here can pay, by what the member has shown. Raises `RefusedError` for a wrong PIN.

    For a part the rest decides: whoever proves himself to the ledger, or for the floor, has proved himself for it too.
    """
    cover, proof = wanted.cover, wanted.proof
    if cover is None or proof.proof == "static":
        return 0
    if cover.left < wanted.points:
        return cover.left
    if proof.proof == "pin" and (has_tries_left(wanted.desk, cover) or not is_online):
        if not cover.pin_verifier:
            raise RefusedError("reserve-pin-not-set")
        check_pin(wanted.desk, cover, proof.evidence)
        return wanted.points
    return wanted.points if proves_here(wanted.desk, proof) else 0


def _floor(wanted: _Wanted, drawn: int) -> Authority:
    """The rung for what is not drawn. Raises `RefusedError`."""
    desk, proof = wanted.desk, wanted.draft.proof
    if why := needs_ledger(desk, wanted.offer.reward_id):
        raise RefusedError(why)
    why = floor_obstacle(desk, wanted.member, proof, wanted.offer, wanted.points - drawn, wanted.entry_id)
    if not why:
        return "floor"
    if why != PROOF_MISSING and not phone_obstacle(desk, wanted.member.member, wanted.offer.kind, wanted.points):
        raise RefusedError("unanswered-phone")
    if wanted.proof.proof == "pin":
        raise RefusedError("pin-unanswered-code" if why == PROOF_MISSING else "pin-unanswered")
    if wanted.is_covered:
        raise RefusedError(PROOF_MISSING if desk.clock.is_trusted else "clock-untrusted")
    raise RefusedError(why)


def _ask(wanted: _Wanted, points: int) -> Granted | None:
    """The online call; None when nobody who counts has answered."""
    desk, proof = wanted.desk, wanted.proof
    request = ReserveRequest(
        id=wanted.entry_id, member=wanted.member.member, kind=wanted.offer.kind, points=points, proof=proof.proof,
        evidence=proof.evidence, own=wanted.offer.own_points, bounded=bounded(desk, wanted.offer),
    )  # fmt: skip
    if proof.nonce:
        desk.asked.setdefault(proof.nonce, wanted.entry_id)
    try:
        verdict = desk.ledger.reserve(request)
    except FinalSyncError as error:
        raise RefusedError("ledger-refuses", reason=error.code) from error
    except SyncError:
        return None
    hear(desk, wanted.offer, verdict)
    if isinstance(verdict, Refused):
        raise _refused(wanted, verdict)
    return verdict


def _refused(wanted: _Wanted, refused: Refused) -> RefusedError:
    """In words: what is set aside here can be spent too, and what is elsewhere is on its way."""
    cover, proof = wanted.cover, wanted.proof.proof
    if refused.lying:
        first = max(refused.lying, key=lambda one: one.points)
        return RefusedError(
            "points-set-aside" if len(refused.lying) == 1 else "points-set-aside-widely",
            points=sum(one.points for one in refused.lying), store=first.store, till=first.till,
        )  # fmt: skip
    if refused.reason == "not-enough-points" and proof == "voucher":
        return RefusedError("reserve-voucher-used")
    if refused.reason == "not-enough-points" and wanted.member.member in wanted.desk.awaited:
        return RefusedError("reserve-allowed-by-phone")
    spendable = refused.spendable + (cover.left if cover else 0)
    if refused.reason == "not-enough-points" and wanted.points <= spendable:
        # There are enough, and this proof does not reach what is set aside.
        return RefusedError(
            {"static": "reserve-proof-missing", "pin": "reserve-pin-locked"}.get(proof, "reserve-proof-wrong")
        )
    return RefusedError(f"reserve-{refused.reason}", spendable=spendable, left=refused.tries_left)

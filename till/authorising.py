"""The rung `authorised`: the member allows a redemption with his phone while the till has no network (DESIGN, section 4).

The till shows what it asks for; the ledger reserves it for the phone, under the id that the sale will carry; the till scans the
ledger's signed word and checks it by its own keys. No clock is asked: a reservation ends by none.
"""

from __future__ import annotations

from uuid import UUID

from points import Quote
from protocol import authorisations
from protocol.authorisations import Challenge, challenge_text, kind_tag, quote_tag, terminal_tag
from protocol.ids import bucket_in, bucket_of
from sync.own_reservations import is_returned
from till.bounds import needs_ledger
from till.desk import Awaited, Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.floor import booked
from till.persons import is_one_person, row_of
from till.selling import check_draft, quote_draft, sale_id


def phone_obstacle(desk: Desk, member: str, kind: str, points: int) -> str:
    """Why a member's phone cannot allow this many points, as far as it is known here; empty if it can.

    What is set aside at tills, here too, and what is not booked yet the ledger cannot reserve.
    """
    if not desk.store.settings.member_page:
        return "no-member-page"
    row = row_of(desk, member)
    return "not-enough-booked" if row and booked(desk, row, kind) < points else ""


def ask(desk: Desk, draft: SaleDraft) -> Awaited:
    """What the member's phone is shown for the redemption that `draft` has chosen.

    For the same points it is the same id again, also for another bill: so whoever looks away and comes back finds what the
    member may have allowed meanwhile. Raises what `till.selling.commit_sale` raises before anything is written, and
    `RefusedError`: `nothing-chosen`, `programme-outdated`, `own-points-online`, `bounded-online`, `no-member-page`,
    `not-enough-booked`.
    """
    member = check_draft(desk, draft)
    desk.need_rules_in_force()
    quote = _quote(desk, draft)
    taken = quote.redemptions[0]
    if why := needs_ledger(desk, taken.reward_id):
        raise RefusedError(why)
    identity = _awaited_id(desk, member.member, taken.kind, taken.points)
    if identity is None:
        if why := phone_obstacle(desk, member.member, taken.kind, taken.points):
            raise RefusedError(why)
        desk.let_go(member.member)
        identity = sale_id(desk, member)
    challenge = Challenge(
        identity, taken.points, terminal_tag(desk.terminal), kind_tag(taken.kind), _tag(identity, quote)
    )
    text = challenge_text(desk.store.settings.member_page, challenge)
    awaited = desk.awaited[member.member] = Awaited(identity, taken.kind, taken.points, text)
    desk.ledger.expect(identity)
    return awaited


def permission(desk: Desk, draft: SaleDraft, text: str) -> MemberProof:
    """What a scanned authorisation proves of the redemption that `draft` has chosen.

    Raises `CodeError` for one that the ledger did not sign, and `RefusedError`: `authorisation-of-another-till`,
    `authorisation-used`, `authorisation-not-awaited`, `authorisation-of-another`, `authorisation-changed`,
    `authorisation-returned`.
    """
    permitted_id(desk, draft, text)
    return MemberProof("authorisation", text)


def permitted_id(desk: Desk, draft: SaleDraft, text: str) -> UUID:
    """The id of the sale that it allows: this one. Raises as `permission` does.

    Everything that it must say is in it and in the draft, so it is good after a restart too.
    """
    given = authorisations.read(text, desk.keys)
    if given.terminal != desk.terminal:
        raise RefusedError("authorisation-of-another-till")
    if desk.journal.entry(given.id) is not None:
        raise RefusedError("authorisation-used")
    member = draft.member
    if member is None or not draft.choices:
        raise RefusedError("authorisation-not-awaited")
    if not is_one_person(desk, member.member, given.member) or bucket_in(given.id) != bucket_of(member.member):
        raise RefusedError("authorisation-of-another")
    quote = _quote(desk, draft)
    taken = quote.redemptions[0]
    if (given.kind, given.points, given.quote) != (taken.kind, taken.points, _tag(given.id, quote)):
        raise RefusedError("authorisation-changed")
    if is_returned(desk.journal, member.member, given.id):
        raise RefusedError("authorisation-returned")
    return given.id


def _awaited_id(desk: Desk, member: str, kind: str, points: int) -> UUID | None:
    awaited = desk.awaited.get(member)
    return awaited.id if awaited and (awaited.kind, awaited.points) == (kind, points) else None


def _quote(desk: Desk, draft: SaleDraft) -> Quote:
    quoted = quote_draft(desk, draft)
    if quoted is None or not quoted.quote.redemptions:
        raise RefusedError("nothing-chosen")
    return quoted.quote


def _tag(identity: UUID, quote: Quote) -> bytes:
    taken = quote.redemptions[0]
    return quote_tag(identity, taken.reward_id, taken.kind, taken.points, quote.due_fen)

"""A link that opens the member's page on his own phone: asked of the ledger with his own proof, shown once, kept nowhere."""

from __future__ import annotations

from uuid import UUID

from protocol.member_links import MemberLink, MemberLinkRequest
from protocol.reservations import RefusalReason, Refused
from sync.errors import FinalSyncError, SyncError
from till.desk import Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.members import MemberView
from till.selling import sale_id

_IN_OTHER_WORDS: dict[RefusalReason, str] = {
    "pin-locked": "link-pin-locked",
    "pin-not-set": "link-pin-not-set",
    "proof-missing": "link-proof-missing",
    "unknown-member": "link-unknown-member",
}
"""Where another thing helps than in a redemption."""


def link_member(desk: Desk, draft: SaleDraft, proof: MemberProof, *, is_online: bool) -> MemberLink:
    """The link for the member of `draft`, who has shown `proof` for it; may wait for one bounded call.

    A code that he showed for his sale is none: whoever stands at the till could open his account with it. Raises
    `RefusedError`: `no-member`, `link-no-page`, `link-offline`, `link-unanswered`, `link-too-many`, `ledger-refuses`,
    or why the proof is none, in the words of a redemption (`reserve-pin-wrong` with the tries that are `left`) or in its own.
    """
    member = draft.member
    if member is None:
        raise RefusedError("no-member")
    if not desk.store.settings.member_page:
        raise RefusedError("link-no-page")
    if proof.nonce and draft.proof is not None and proof.nonce == draft.proof.nonce:
        raise RefusedError("link-proof-missing")
    if not is_online:
        raise RefusedError("link-offline")
    identity = asked_id(desk, member, proof)
    request = MemberLinkRequest(id=identity, member=member.member, proof=proof.proof, evidence=proof.evidence)
    try:
        verdict = desk.ledger.link_member(request)
    except FinalSyncError as error:
        if error.code == "no-member-page":
            raise RefusedError("link-no-page") from error
        raise RefusedError("ledger-refuses", reason=error.code) from error
    except SyncError as error:
        raise RefusedError("link-too-many" if error.cause == "too-many" else "link-unanswered") from error
    if isinstance(verdict, Refused):
        code = _IN_OTHER_WORDS.get(verdict.reason, f"reserve-{verdict.reason}")
        raise RefusedError(code, left=verdict.tries_left, spendable=verdict.spendable)
    return verdict


def asked_id(desk: Desk, member: MemberView, proof: MemberProof) -> UUID:
    """With which id a proof goes to the ledger: a code that went there before with the same one again, to which it belongs."""
    identity = sale_id(desk, member)
    return desk.asked.setdefault(proof.nonce, identity) if proof.nonce else identity

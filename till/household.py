"""The pool that the member at the counter shares with his household (A8): what is there, and points out of it for him.

Online alone: the ledger moves the points, and the feed tells the member's new balance. They are redeemed as any other then.
"""

from __future__ import annotations

from protocol.households import Drawn, DrawRequest, Pool, PoolRequest
from protocol.reservations import Refused
from sync.errors import FinalSyncError, SyncError
from till.desk import Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.member_linking import asked_id
from till.members import MemberView
from till.selling import sale_id

_SAID = {f"household-{why}" for why in ("not-enough", "monthly", "owing", "changing")}
"""What the ledger may say to a till that asks for what it was shown; the rest is for nobody at a counter."""


class Household:
    """Of the member of a draft. All raise `RefusedError`: `no-member`, `household-offline`, `household-unanswered`, and what
    the ledger says (`household-unknown`, `household-monthly`, `household-not-enough`, `household-owing`…).
    """

    def __init__(self, desk: Desk, *, is_online: bool) -> None:
        self._desk, self._is_online = desk, is_online

    def pool(self, draft: SaleDraft) -> Pool:
        """What is there, and how much of it he can draw now."""
        member = self._member(draft)
        try:
            return self._desk.ledger.pool(PoolRequest(member=member.member))
        except SyncError as error:
            raise _refusal(error) from error

    def draw(self, draft: SaleDraft, kind: str, points: int, proof: MemberProof) -> Drawn:
        """With his own proof, as for redeeming online. A proof that is none is refused in the words of a redemption."""
        member = self._member(draft)
        request = DrawRequest(
            id=asked_id(self._desk, member, proof), draw=sale_id(self._desk, member), member=member.member, kind=kind,
            points=points, proof=proof.proof, evidence=proof.evidence,
        )  # fmt: skip
        try:
            verdict = self._desk.ledger.draw(request)
        except SyncError as error:
            raise _refusal(error) from error
        if isinstance(verdict, Refused):
            raise RefusedError(f"reserve-{verdict.reason}", left=verdict.tries_left, spendable=verdict.spendable)
        return verdict

    def _member(self, draft: SaleDraft) -> MemberView:
        if draft.member is None:
            raise RefusedError("no-member")
        if not self._is_online:
            raise RefusedError("household-offline")
        return draft.member


def _refusal(error: SyncError) -> RefusedError:
    if not isinstance(error, FinalSyncError):
        return RefusedError("household-unanswered")
    if error.code in ("unknown-household", "household-none", "household-off"):
        return RefusedError("household-unknown")
    if error.code == "household-blocked":
        return RefusedError("member-blocked")
    return RefusedError(error.code if error.code in _SAID else "ledger-refuses", reason=error.code)

"""自助积分 at the counter: a sale without a member gets a receipt whose points can be claimed, and a claim comes back with one.

Recording is a sale as any other, and needs no network. Claiming at a till does: the ledger alone knows who was first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from points.asked import asked
from protocol.claims import ClaimRequest, ClaimState, new_claim
from protocol.feed import MemberRow
from sync.errors import FinalSyncError, SyncError
from till.desk import Desk
from till.draft import SaleDraft
from till.errors import RefusedError
from till.members import MemberView, view

_EVER: Final = 1 << 50


@dataclass(frozen=True)
class Claimed:
    """What a member got with a receipt: points by kind; `waits`: with the sale, once its till has sent it."""

    points: Mapping[str, int]
    waits: bool


class Claims:
    """What the counter does with sales that have no member."""

    def __init__(self, desk: Desk, *, is_online: bool) -> None:
        self._desk, self._is_online = desk, is_online

    @property
    def are_offered(self) -> bool:
        """Whether a sale without a member can be recorded in this store."""
        return self._desk.is_ready and self._desk.store.settings.claim_days > 0

    def without_member(self, draft: SaleDraft) -> SaleDraft:
        """The draft as it is recorded without a member: on an account that is nobody's until its receipt is claimed.

        Raises `RefusedError("no-member")` where this store records none.
        """
        if draft.member is not None:
            return draft
        if not self.are_offered:
            raise RefusedError("no-member")
        desk = self._desk
        last = date.fromisoformat(desk.business_day) + timedelta(desk.store.settings.claim_days)
        claim = new_claim(desk.random_bits, last.isoformat())
        return replace(draft, member=_nobody(desk, claim.account), proof=None, choices=(), claim=claim)

    def give(self, draft: SaleDraft, code: str) -> Claimed:
        """The points of a receipt to the member of `draft`; waits for the network.

        Raises `RefusedError`: `claim-no-member`, `claim-offline`, `claim-unanswered`, `ledger-refuses`, and what it says:
        `claim-taken`, `claim-ended` with `until`, `claim-voided`, `claim-not-yours`, `claim-too-many`, `claim-unknown`.
        """
        if draft.member is None:
            raise RefusedError("claim-no-member")
        if not self._is_online:
            raise RefusedError("claim-offline")
        try:
            answer = self._desk.ledger.claim(ClaimRequest(member=draft.member.member, code=code))
        except FinalSyncError as error:
            raise RefusedError("ledger-refuses", reason=error.code) from error
        except SyncError as error:
            raise RefusedError("claim-unanswered") from error
        if answer.state not in ("claimed", "waits"):
            raise RefusedError(_CODES[answer.state], until=answer.until)
        return Claimed(answer.points, answer.state == "waits")


_CODES: Final[Mapping[ClaimState, str]] = {
    "taken": "claim-taken",
    "ended": "claim-ended",
    "voided": "claim-voided",
    "not-yours": "claim-not-yours",
    "too-many": "claim-too-many",
    "unknown": "claim-unknown",
}


def _nobody(desk: Desk, account: str) -> MemberView:
    """Of no tier, with nothing. What one member gains so often and no more, nobody gains: he would with each receipt anew."""
    nobody = view(desk, MemberRow(member=account, position=0), account, None, "none")
    bounded = {name: _EVER for name in asked(desk.store.programme) if name.startswith("gained/")}
    return replace(nobody, is_known=False, counts=bounded)

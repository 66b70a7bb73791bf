"""自助积分 at a counter: the member stands there with a receipt whose points nobody has claimed."""

from __future__ import annotations

from ledger.auth import Caller
from ledger.claiming import claim
from ledger.service import Service
from protocol.claims import ClaimAnswer, ClaimRequest


def claim_points(service: Service, caller: Caller, request: ClaimRequest) -> ClaimAnswer:
    """For the member who is named; whoever holds the receipt first has its points."""
    service.look_ups.take(caller.terminal, service.clock())
    return claim(service.database, request.member, request.code, service.clock())

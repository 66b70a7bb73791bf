"""Calls of a counter on connections of their own: an online redemption never waits behind a push."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.cases import DecideRequest, Decision
from protocol.claims import ClaimAnswer, ClaimRequest
from protocol.feed import MemberRow
from protocol.floor_table import FloorTable
from protocol.households import DrawRequest, DrawVerdict, Pool, PoolRequest
from protocol.joining import NUMBERS_PATH, NumberBlock, NumbersRequest
from protocol.look_up import LookUpKey, LookUpRequest
from protocol.member_links import MemberLinkRequest, MemberLinkVerdict
from protocol.reservations import ReserveRequest, Verdict
from protocol.sales import SalesAnswer, SalesRequest
from sync.chain_guard import ChainGuard
from sync.errors import TransientSyncError
from sync.identity import Identity
from sync.machine import THIS_MACHINE, Machine

if TYPE_CHECKING:
    from sync.client import LedgerClient


CONFIRM_TIMEOUT_S = 10.0


class Calls:
    """Made when it is first needed, or before: httpx takes a tenth of a second to import."""

    def __init__(
        self, identity: Identity, key: Ed25519PrivateKey, guard: ChainGuard, machine: Machine = THIS_MACHINE
    ) -> None:
        self._identity, self._key, self._guard, self._machine = identity, key, guard, machine
        self._client: LedgerClient | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def prepare(self) -> LedgerClient:
        """The client, made now if it was not. Raises `TransientSyncError` after `close`."""
        from sync.client import LedgerClient

        with self._lock:
            if self._is_closed:
                raise TransientSyncError("no-answer", "this till is being closed")
            if self._client is None:
                self._client = LedgerClient(self._identity, self._key, machine=self._machine)
            return self._client

    def reserve(self, request: ReserveRequest, timeout_s: float) -> tuple[Verdict, int]:
        """The verdict, and what the call took in µs. Raises `SyncError`.

        Where the ledger has not yet said in this run that the journal is its own, that comes first, within the same time.
        """
        client = self.prepare()
        until = self._machine.monotonic() + timeout_s
        self._guard.confirm(client, timeout_s)
        verdict = client.reserve(request, until - self._machine.monotonic())
        return verdict, client.contact.took_us if client.contact else 0

    def allowances(self, shift: str) -> tuple[int, int]:
        """How many allowances were granted now, and what the call took in µs. No counter waits for it. Raises `SyncError`."""
        client = self.prepare()
        self._guard.confirm(client, CONFIRM_TIMEOUT_S)
        granted = client.allowances(shift)
        return len(granted), client.contact.took_us if client.contact else 0

    def numbers(self, have: int) -> tuple[NumberBlock, int]:
        """Numbers for new members, beside the `have` that are here, and what the call took in µs. Raises `SyncError`."""
        client = self.prepare()
        self._guard.confirm(client, CONFIRM_TIMEOUT_S)
        block = client.ask(NUMBERS_PATH, NumbersRequest(have=have), NumberBlock)
        return block, client.contact.took_us if client.contact else 0

    def decide(self, request: DecideRequest) -> tuple[Decision, int]:
        """The decision about an entry, and what the call took in µs; a manager waits for it. Raises `SyncError`."""
        client = self.prepare()
        decision = client.decide(request)
        return decision, client.contact.took_us if client.contact else 0

    def look_up(self, by: LookUpKey, value: str) -> tuple[MemberRow | None, int]:
        """The member, or None for nobody, and what the call took in µs. Raises `SyncError`."""
        client = self.prepare()
        row = client.look_up(LookUpRequest(by=by, value=value))
        return row, client.contact.took_us if client.contact else 0

    def sales(self, request: SalesRequest) -> tuple[SalesAnswer, int]:
        """Sales of our merchant, and what the call took in µs; a supervisor waits for it. Raises `SyncError`."""
        client = self.prepare()
        answer = client.sales(request)
        return answer, client.contact.took_us if client.contact else 0

    def link_member(self, request: MemberLinkRequest) -> tuple[MemberLinkVerdict, int]:
        """The link or why not, and what the call took in µs; a member waits for it. Raises `SyncError`."""
        client = self.prepare()
        verdict = client.link_member(request)
        return verdict, client.contact.took_us if client.contact else 0

    def pool(self, request: PoolRequest) -> tuple[Pool, int]:
        """What the member's household shares, and what the call took in µs; a member waits for it. Raises `SyncError`."""
        client = self.prepare()
        pool = client.pool(request)
        return pool, client.contact.took_us if client.contact else 0

    def draw(self, request: DrawRequest) -> tuple[DrawVerdict, int]:
        """Yes or why not, and what the call took in µs; a member waits for it. Raises `SyncError`."""
        client = self.prepare()
        verdict = client.draw(request)
        return verdict, client.contact.took_us if client.contact else 0

    def claim(self, request: ClaimRequest) -> tuple[ClaimAnswer, int]:
        """What became of it, and what the call took in µs; a member waits for it. Raises `SyncError`."""
        client = self.prepare()
        answer = client.ask("/v1/claim", request, ClaimAnswer)
        return answer, client.contact.took_us if client.contact else 0

    def floor_table(self) -> tuple[FloorTable, int]:
        """What redeeming in an outage would cost, and what the call took in µs; a manager waits for it. Raises `SyncError`."""
        client = self.prepare()
        table = client.floor_table()
        return table, client.contact.took_us if client.contact else 0

    def trust(self, identity: Identity) -> None:
        """Go on with more certificates."""
        with self._lock:
            self._identity = identity
            if self._client is not None:
                self._client.trust(identity)

    def close(self) -> None:
        """End what is under way."""
        with self._lock:
            self._is_closed = True
            if self._client is not None:
                self._client.abort()
                self._client.close()
            self._client = None

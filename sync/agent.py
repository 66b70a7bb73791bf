"""The background of a till: pushes, supervises the process that pulls, knows the link, and tells the counter.

Threads post facts into one inbox; the agent's own thread takes them out and reacts (`sync.reactions`). Nothing of it is on the
way of a sale, except `reserve`, which has a connection of its own so that it never waits behind a push.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CacheReader
from local_db.errors import LocalDbError
from local_db.journal import Journal
from protocol.cases import DecideRequest, Decision
from protocol.claims import ClaimAnswer, ClaimRequest
from protocol.feed import MemberRow
from protocol.floor_table import FloorTable
from protocol.households import DrawRequest, DrawVerdict, Pool, PoolRequest
from protocol.look_up import LookUpKey
from protocol.member_links import MemberLinkRequest, MemberLinkVerdict
from protocol.reservations import Refused, ReserveRequest, Verdict
from protocol.sales import SalesAnswer, SalesRequest
from sync import cache_files
from sync.allowance_asking import AllowanceAsking
from sync.backoff import Backoff
from sync.calls import Calls
from sync.chain_guard import ChainGuard
from sync.errors import JournalConflictError, SyncError
from sync.events import (
    CacheChanged,
    Event,
    KeysLearned,
    LinkChanged,
    OffsetMeasured,
    OutcomesMarked,
    ReservationFound,
    ReservationsChecked,
    TerminalEnded,
)
from sync.identity import Identity
from sync.link import Answered, Failed, LinkState, Refreshed
from sync.machine import THIS_MACHINE, Inbox, Machine, Pull
from sync.number_asking import NumberAsking
from sync.own_reservations import BY_PHONE_S
from sync.pull_process import PullEnded
from sync.push_loop import CEILING_S, PushFailed, PushLoop
from sync.reactions import ChainConfirmed, Committed, EpochBegan, Fact, Reactions
from sync.reports import OwnReservation, Pulled

if TYPE_CHECKING:
    from sync.client import LedgerClient
    from sync.push import Pusher

__all__ = [
    "CacheChanged", "Event", "KeysLearned", "LinkChanged", "OffsetMeasured", "OutcomesMarked", "ReservationFound",
    "ReservationsChecked", "SyncAgent", "TerminalEnded",
]  # fmt: skip

ONLINE_TIMEOUT_S = 0.8
POLL_S = 30.0
_JOIN_S = 0.3
_RESTART_FIRST_S, _RESTART_CEILING_S = 1.0, 60.0

_log = logging.getLogger("sync")

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Stop:
    """Take nothing more out of the inbox."""


class SyncAgent:
    """One till's background. `on_event` is called from the agent's thread; every method may be called from any thread.

    The caller holds `till.lock`. `clock` gives till time (µs UTC), for the times in `link`.
    """

    def __init__(
        self, folder: Path, journal: Journal, identity: Identity, key: Ed25519PrivateKey,
        on_event: Callable[[Event], None], *, online_timeout_s: float = ONLINE_TIMEOUT_S, poll_s: float = POLL_S,
        clock: Callable[[], int] | None = None, machine: Machine = THIS_MACHINE,
    ) -> None:  # fmt: skip
        self._machine = machine
        self._folder, self._journal, self._identity, self._key = folder, journal, identity, key
        self._online_timeout_s, self._poll_s = online_timeout_s, poll_s
        self._inbox: Inbox = machine.inbox()
        self._reactions = Reactions(folder, journal, identity, on_event, clock, self, machine)
        self._guard = ChainGuard(journal, identity, lambda: self._inbox.put(ChainConfirmed()))
        self._calls = Calls(identity, key, self._guard, machine)
        self._asking = AllowanceAsking(self._calls, self._allowances_granted, self._failed, machine)
        self.want_numbers = NumberAsking(journal, identity.terminal, self._calls, machine).want
        self._pushing = PushLoop(
            self._pusher, self._inbox.put, Backoff(ceiling_s=CEILING_S, uniform=machine.uniform), machine
        )
        self._push_client: LedgerClient | None = None
        self._pull: Pull | None = None
        self._restarts = Backoff(_RESTART_FIRST_S, _RESTART_CEILING_S, machine.uniform)
        self._restart_at: float | None = None
        self._is_ended = False
        self._thread = machine.task(self._run, "sync")

    # --- asked by the counter ----------------------------------------------------------------------------------------

    @property
    def link(self) -> LinkState:
        """The link as last known."""
        return self._reactions.link

    def start(self) -> None:
        """Begin to push and to pull."""
        self._thread.start()
        self._pushing.start()

    def stop(self) -> None:
        """End within a second. What is under way is cut off; it is taken up again at the next start."""
        self._dismiss()
        self._inbox.put(_Stop())
        if self._thread.is_alive() and not self._machine.is_current(self._thread):
            self._pushing.join(_JOIN_S)
            self._thread.join(1.0 - _JOIN_S)

    def wake(self) -> None:
        """An entry was appended: push it, and count it."""
        self._inbox.put(Committed())
        self._pushing.wake()

    def poll_now(self) -> None:
        """Ask the ledger now what moved, and push what waits."""
        self.ask_pull()
        self.wake()

    def reserve(self, request: ReserveRequest) -> Verdict:
        """One bounded call. `TransientSyncError`: nobody answered, the next rung with the same id.

        A yes, or a silence, keeps the id *pending*: until an entry has it, `give_up` is called, or two minutes pass, the
        feed's word of it is not told as `ReservationFound`.
        """
        self._reactions.reservations.asked(request.id)
        try:
            verdict, took_us = self._calls.reserve(request, self._online_timeout_s)
        except JournalConflictError as error:
            self._inbox.put(PushFailed(error))
            raise
        except SyncError as error:
            self._failed(error)
            raise
        self._inbox.put(Answered(took_us))
        if isinstance(verdict, Refused):
            self._reactions.reservations.given_up(request.id)
        return verdict

    def expect(self, reservation: UUID) -> None:
        """A member's phone may ask for it: *pending*, as in `reserve`, for a quarter of an hour from now."""
        self._reactions.reservations.asked(reservation, BY_PHONE_S)

    def give_up(self, reservation: UUID) -> None:
        """No entry will name this reservation: if it was granted, it is told as `ReservationFound`."""
        self._reactions.reservations.given_up(reservation)
        self._inbox.put(Committed())

    def want_allowances(self, shift: str, *, at_once: bool = False) -> None:
        """Ask in the background for what members usually take here, at most every ten minutes; the feed tells what came."""
        self._asking.want(shift, at_once=at_once)

    def allowances(self) -> list[OwnReservation]:
        """What the feed told of allowances of this till, without those that are `allowance_gone`."""
        return self._reactions.reservations.allowances()

    def allowance_gone(self, allowance: UUID) -> None:
        """It was returned, or it is used up."""
        self._reactions.reservations.gone(allowance)

    def rebuild(self) -> None:
        """The cache cannot be read or believed: a new one is wanted. What can still be read of it stays in use until then."""
        self._journal.set_fact(cache_files.FACT, cache_files.NONE)
        self.ask_pull()

    def look_up(self, by: LookUpKey, value: str) -> MemberRow | None:
        """A member by phone, plate or number; None for nobody. Raises `SyncError`; `FinalSyncError` for a bad value."""
        return self._told(lambda: self._calls.look_up(by, value))

    def sales(self, request: SalesRequest) -> SalesAnswer:
        """Sales of our merchant, with what came back of them. Waits for the network. Raises `SyncError`."""
        return self._told(lambda: self._calls.sales(request))

    def link_member(self, request: MemberLinkRequest) -> MemberLinkVerdict:
        """A link to the member's page, or why not. Waits for the network. Raises `SyncError`."""
        return self._told(lambda: self._calls.link_member(request))

    def pool(self, request: PoolRequest) -> Pool:
        """What the member's household shares. Waits for the network. Raises `SyncError`."""
        return self._told(lambda: self._calls.pool(request))

    def draw(self, request: DrawRequest) -> DrawVerdict:
        """Points from the pool, or why not; the feed is asked at once for what they make. Waits for the network, as above."""
        verdict = self._told(lambda: self._calls.draw(request))
        self.ask_pull()
        return verdict

    def claim(self, request: ClaimRequest) -> ClaimAnswer:
        """The points of a receipt for a member, as `draw`."""
        answer = self._told(lambda: self._calls.claim(request))
        self.ask_pull()
        return answer

    def floor_table(self) -> FloorTable:
        """What redeeming in an outage would cost this store. Waits for the network. Raises `SyncError`."""
        return self._told(self._calls.floor_table)

    def decide(self, request: DecideRequest) -> Decision:
        """What is decided about an entry of this till, in the journal on return. Waits for the network. Raises `SyncError`."""
        decision = self._told(lambda: self._calls.decide(request))
        self._journal.mark_decisions([decision], self._machine.wall_us())
        self._inbox.put(Committed())
        self.ask_pull()
        return decision

    def _told(self, call: Callable[[], tuple[_T, int]]) -> _T:
        """What a call answers; the link hears how long it took, or how it failed."""
        try:
            answer, took_us = call()
        except SyncError as error:
            self._failed(error)
            raise
        self._inbox.put(Answered(took_us))
        return answer

    # --- asked by reactions ------------------------------------------------------------------------------------------

    def ask_pull(self) -> None:
        """Poll now, if there is a process that can."""
        if (pull := self._pull) is not None:
            pull.ask()

    def wake_push(self) -> None:
        """Push now."""
        self._pushing.wake()

    def ask_again(self) -> None:
        """Ask the ledger what it has of us, and push."""
        self._pushing.ask_again()

    def trust(self, identity: Identity) -> None:
        """Go on with more certificates; the process that pulls found them and has them."""
        self._identity = identity
        self._calls.trust(identity)
        if self._push_client is not None:
            self._push_client.trust(identity)

    def end(self) -> None:
        """Push and pull nothing more: in the agent's own thread."""
        self._dismiss()
        self._pushing.join(_JOIN_S)
        if self._pull is not None:
            self._pull.stop()
            self._pull = None

    def _allowances_granted(self, count: int, took_us: int) -> None:
        self._inbox.put(Answered(took_us))
        if count:
            self.ask_pull()

    def _failed(self, error: SyncError) -> None:
        """A refusal of one request, or of one more look-up, says nothing about the link."""
        if error.cause not in ("refused", "too-many"):
            self._inbox.put(Failed(error.cause))

    # --- threads -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._reactions.become(Refreshed(self._cached_as_of()))
        self._start_pull()
        while True:
            try:
                fact = self._inbox.get(timeout=self._until_restart())
            except queue.Empty:
                self._start_pull()
                continue
            if isinstance(fact, _Stop):
                break
            if not self._is_ended:
                self._take(fact)
        self.end()

    def _take(self, fact: Fact | PullEnded) -> None:
        """The outermost loop's body: what fails is said, and must not end the background."""
        try:
            if isinstance(fact, PullEnded):
                _log.info("the process that pulls ended with %d", fact.code)
                self._pull = None
                self._restart_at = self._machine.monotonic() + self._restarts.failed(_RESTART_FIRST_S)
                return
            if isinstance(fact, Pulled):
                self._restarts.succeeded()
            self._reactions.take(fact)
        except Exception:  # noqa: BLE001
            _log.exception("a fact of the background was not taken up")

    def _start_pull(self) -> None:
        self._restart_at = None
        if self._is_ended:
            return
        self._pull = self._machine.pull(self._folder, self._poll_s, self._inbox.put)

    def _until_restart(self) -> float | None:
        return None if self._restart_at is None else max(0.0, self._restart_at - self._machine.monotonic())

    def _dismiss(self) -> None:
        """Everybody is told at once, so that they end side by side."""
        self._is_ended = True
        self._pushing.stop()
        if (pull := self._pull) is not None:
            pull.dismiss()
        if self._push_client is not None:
            self._push_client.abort()
        self._calls.close()

    def _cached_as_of(self) -> int:
        path = cache_files.current_file(self._folder, self._journal.fact(cache_files.FACT))
        if path is not None:
            with suppress(LocalDbError), closing(CacheReader.open(path)) as cache:
                return int(cache.fact("as_of") or 0)
        return 0

    def _pusher(self) -> Pusher:
        from sync.client import LedgerClient
        from sync.ledger_receipts import LedgerReceipts
        from sync.push import Pusher

        self._calls.prepare()
        self._push_client = LedgerClient(self._identity, self._key, machine=self._machine)
        receipts = LedgerReceipts(
            self._journal, lambda epoch, entries: self._inbox.put(EpochBegan(epoch, entries)), self._machine
        )
        return Pusher(self._journal, self._push_client, self._guard, self._machine, receipts)

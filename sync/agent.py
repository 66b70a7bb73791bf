"""The background of a till: pushes, supervises the process that pulls, knows the link, and tells the counter.

Threads post facts into one inbox; the agent's own thread takes them out, changes state and calls `on_event`. Nothing of it is
on the way of a sale, except `reserve`, which has a connection of its own so that it never waits behind a push.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CacheReader
from local_db.errors import LocalDbError
from local_db.journal import Journal
from protocol.errors import SignatureError
from protocol.feed import MemberRow
from protocol.reservations import Refused, ReserveRequest, Verdict
from protocol.signing import Signed
from sync import cache_files
from sync.backoff import Backoff
from sync.calls import Calls
from sync.errors import FinalSyncError, SyncError
from sync.events import CacheChanged, Event, LinkChanged, OffsetMeasured, OutcomesMarked, ReservationFound
from sync.identity import Identity, save_identity, wipe_key
from sync.link import Answered, Counted, Failed, Happening, LinkState, Refreshed, after
from sync.own_reservations import OwnReservations
from sync.pull_process import PullEnded, PullProcess
from sync.push_loop import CEILING_S, PushFailed, PushLoop, PushSucceeded
from sync.reports import CacheTrouble, CertificatesSeen, FileReady, Pulled, PullFailed, Report, ReservationsSeen

if TYPE_CHECKING:
    from sync.client import LedgerClient
    from sync.push import Pusher

__all__ = [
    "CacheChanged", "Event", "LinkChanged", "OffsetMeasured", "OutcomesMarked", "ReservationFound", "SyncAgent",
]  # fmt: skip

ONLINE_TIMEOUT_S = 0.8
POLL_S = 30.0
_JOIN_S = 0.3
_REVOKED = "terminal-revoked"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Committed:
    """The counter appended an entry."""


@dataclass(frozen=True)
class _Stop:
    """Take nothing more out of the inbox."""


_Fact = Report | PullEnded | PushSucceeded | PushFailed | Answered | Failed | _Committed | _Stop


class SyncAgent:
    """One till's background. `on_event` is called from the agent's thread; every other method from any thread.

    `clock` gives till time (µs UTC); without one it is this machine's clock and the last measured offset.
    """

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        identity: Identity,
        key: Ed25519PrivateKey,
        on_event: Callable[[Event], None],
        *,
        online_timeout_s: float = ONLINE_TIMEOUT_S,
        poll_s: float = POLL_S,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._folder, self._journal, self._identity, self._key = folder, journal, identity, key
        self._on_event, self._online_timeout_s, self._poll_s = on_event, online_timeout_s, poll_s
        self._offset_us = 0
        self._clock = clock or (lambda: time.time_ns() // 1_000 + self._offset_us)
        self._inbox: queue.Queue[_Fact] = queue.Queue()
        self._reservations = OwnReservations(journal)
        self._calls = Calls(identity, key)
        self._pushing = PushLoop(self._pusher, self._inbox.put, Backoff(ceiling_s=CEILING_S))
        self._push_client: LedgerClient | None = None
        self._pull: PullProcess | None = None
        self._restarts = Backoff(first_s=1.0, ceiling_s=60.0)
        self._restart_at: float | None = None
        self._sending = 0
        self._is_stopping = False
        self._link = LinkState(
            since_us=self._clock(), waiting=journal.waiting(), quarantined=len(journal.quarantined())
        )
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    # --- asked by the counter ----------------------------------------------------------------------------------------

    @property
    def link(self) -> LinkState:
        """The link as last known."""
        return self._link

    def start(self) -> None:
        """Begin to push and to pull."""
        self._thread.start()
        self._pushing.start()

    def stop(self) -> None:
        """End within a second. What is under way is cut off; it is taken up again at the next start."""
        self._is_stopping = True
        self._pushing.stop()
        if self._push_client is not None:
            self._push_client.abort()
        self._calls.close()
        self._inbox.put(_Stop())
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._pushing.join(_JOIN_S)
            self._thread.join(1.0 - _JOIN_S)

    def wake(self) -> None:
        """An entry was appended: push it, and count it."""
        self._inbox.put(_Committed())
        self._pushing.wake()

    def poll_now(self) -> None:
        """Ask the ledger now what moved, and push what waits."""
        if self._pull is not None:
            self._pull.ask()
        self.wake()

    def reserve(self, request: ReserveRequest) -> Verdict:
        """One bounded call. `TransientSyncError`: nobody answered, the next rung with the same id.

        A yes, or a silence, keeps the id *pending*: until an entry has it, `give_up` is called, or two minutes pass, the
        feed's word of it is not told as `ReservationFound`.
        """
        self._reservations.asked(request.id)
        try:
            verdict, took_us = self._calls.reserve(request, self._online_timeout_s)
        except SyncError as error:
            self._inbox.put(Failed(error.cause))
            raise
        self._inbox.put(Answered(took_us))
        if isinstance(verdict, Refused):
            self._reservations.given_up(request.id)
        return verdict

    def give_up(self, reservation: UUID) -> None:
        """No entry will name this reservation: if it was granted, it is told as `ReservationFound`."""
        self._reservations.given_up(reservation)
        self._inbox.put(_Committed())

    def look_up(self, by: str, value: str) -> MemberRow | None:
        """A member by phone, plate or room; None for nobody. Raises `SyncError`; `FinalSyncError` for a bad value."""
        try:
            row, took_us = self._calls.look_up(by, value)
        except FinalSyncError:
            raise
        except SyncError as error:
            self._inbox.put(Failed(error.cause))
            raise
        self._inbox.put(Answered(took_us))
        return row

    # --- the agent's thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._become(Refreshed(self._cached_as_of()))
        self._start_pull()
        while True:
            try:
                fact = self._inbox.get(timeout=self._until_restart())
            except queue.Empty:
                self._start_pull()
                continue
            if isinstance(fact, _Stop):
                break
            try:
                if not self._is_stopping:
                    self._take(fact)
            except Exception:  # noqa: BLE001  # the outermost loop: a handler that fails must not end the background
                _log.exception("a fact of the background was not taken up")
        if self._pull is not None:
            self._pull.stop()

    def _take(self, fact: _Fact) -> None:
        match fact:
            case PushSucceeded():
                self._pushed(fact)
            case PushFailed(error=error):
                self._push_failed(error)
            case Answered() | Failed():
                self._heard(fact)
            case _Committed():
                self._count()
                self._tell_reservations()
            case PullEnded(code=code):
                _log.info("the process that pulls ended with %d", code)
                self._pull = None
                self._restart_at = time.monotonic() + self._restarts.failed(retry_after_s=0.5)
            case _Stop():
                pass
            case _:
                self._take_report(fact)

    def _take_report(self, report: Report) -> None:
        match report:
            case Pulled():
                self._pulled(report)
            case PullFailed(cause=cause, code=code, why=why):
                _log.info("pull: %s", why)
                self._heard(Failed(cause))
                if code == _REVOKED:
                    self._revoked()
            case FileReady(file=file):
                self._journal.set_fact(cache_files.FACT, file)
                self._on_event(CacheChanged(file))
            case ReservationsSeen(reservations=reservations):
                self._reservations.saw(reservations)
                self._tell_reservations()
            case CertificatesSeen(certificates=certificates):
                self._learn(certificates)
            case CacheTrouble(code=code, why=why):
                _log.error("the cache is not kept up: %s: %s", code, why)

    def _pushed(self, pushed: PushSucceeded) -> None:
        was_reachable = self._link.is_reachable
        self._sending = max(self._sending, pushed.left + len(pushed.outcomes))
        self._become(Answered(pushed.took_us))
        self._count()
        self._on_event(OutcomesMarked(pushed.outcomes, pushed.again))
        if self._pull is not None and (pushed.left == 0 or not was_reachable):
            self._pull.ask()  # rows that waited for these outcomes can be put in place

    def _push_failed(self, error: SyncError | LocalDbError) -> None:
        if isinstance(error, LocalDbError):
            _log.error("nothing is pushed any more: %s", error)
            self._become(Failed("journal"))
            return
        _log.info("push: %s", error)
        self._heard(Failed(error.cause))
        if isinstance(error, FinalSyncError) and error.code == _REVOKED:
            self._revoked()

    def _pulled(self, pulled: Pulled) -> None:
        self._restarts.succeeded()
        self._offset_us = pulled.offset_us
        self._on_event(OffsetMeasured(pulled.offset_us))
        self._heard(Answered(pulled.took_us))
        self._become(Refreshed(pulled.as_of_us))
        if pulled.rows or pulled.has_documents:
            file = self._journal.fact(cache_files.FACT) or ""
            self._on_event(CacheChanged(file, pulled.members, is_whole=pulled.has_documents))
        self._tell_reservations()

    def _heard(self, happening: Answered | Failed) -> None:
        """A call ended; who waits for the network is told when it is back."""
        was_reachable = self._link.is_reachable
        self._become(happening)
        if self._link.is_reachable and not was_reachable:
            self._pushing.wake()
            if self._pull is not None:
                self._pull.ask()

    def _count(self) -> None:
        waiting = self._journal.waiting()
        self._sending = max(self._sending, waiting) if waiting and self._sending else 0
        self._become(Counted(waiting, len(self._journal.quarantined()), self._sending))

    def _become(self, happening: Happening) -> None:
        link = after(self._link, happening, self._clock())
        if link != self._link:
            self._link = link
            self._on_event(LinkChanged(link))

    def _tell_reservations(self) -> None:
        for found in self._reservations.unknown():
            self._on_event(ReservationFound(found.id, found.member))

    def _learn(self, certificates: tuple[Signed, ...]) -> None:
        try:
            self._identity = self._identity.with_certificates(certificates)
        except SignatureError as error:
            _log.error("certificates that the pinned root did not sign: %s", error)
            return
        save_identity(self._journal, self._identity)
        self._calls.trust(self._identity)
        if self._push_client is not None:
            self._push_client.trust(self._identity)

    def _revoked(self) -> None:
        """This terminal was declared stolen (DESIGN 4): key and cache go, journal and signatures stay."""
        _log.error("this terminal was revoked: its key and its cache are wiped")
        self._pushing.stop()
        if self._pull is not None:
            self._pull.stop()
        self._is_stopping = True
        wipe_key(self._folder)
        self._journal.set_fact(cache_files.FACT, "")
        self._on_event(CacheChanged(""))
        cache_files.remove_others(self._folder, keep="")

    def _start_pull(self) -> None:
        self._restart_at = None
        self._pull = PullProcess(self._folder, self._poll_s, self._inbox.put)

    def _until_restart(self) -> float | None:
        return None if self._restart_at is None else max(0.0, self._restart_at - time.monotonic())

    def _cached_as_of(self) -> int:
        path = cache_files.current_file(self._folder, self._journal.fact(cache_files.FACT))
        if path is not None:
            with suppress(LocalDbError), closing(CacheReader.open(path)) as cache:
                return int(cache.fact("as_of") or 0)
        return 0

    # --- the thread that pushes --------------------------------------------------------------------------------------

    def _pusher(self) -> Pusher:
        from sync.client import LedgerClient
        from sync.push import Pusher

        self._calls.prepare()
        self._push_client = LedgerClient(self._identity, self._key)
        return Pusher(self._journal, self._push_client, self._key)

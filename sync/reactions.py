"""What the background does about a fact: the link's state, the journal's marks, the counter's events. One thread calls it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from local_db.errors import LocalDbError, StorageFullError
from local_db.journal import Journal
from protocol.cases import Decision
from protocol.errors import SignatureError
from protocol.signing import Signed
from sync import cache_files
from sync.errors import CONFLICTS, ENDING, FinalSyncError, SyncError, TransientSyncError
from sync.events import (
    CacheChanged,
    DecisionsMarked,
    Event,
    KeysLearned,
    LedgerRestored,
    LinkChanged,
    OffsetMeasured,
    OutcomesMarked,
    ReservationFound,
    ReservationsChecked,
    TerminalEnded,
)
from sync.identity import ENDED_FACT, Identity, save_identity, wipe_key
from sync.link import Answered, Counted, Failed, Happening, LinkState, NotKeptUp, Refreshed, Stuck, after
from sync.machine import THIS_MACHINE, Machine
from sync.own_reservations import OwnReservations
from sync.push_loop import PushFailed, PushSucceeded
from sync.reports import (
    CacheTrouble,
    CertificatesSeen,
    DecisionsSeen,
    EpochSeen,
    FileReady,
    Heard,
    PartDiscarded,
    Pulled,
    PullFailed,
    Report,
    ReservationsSeen,
)

_REVOKED = "terminal-revoked"

_log = logging.getLogger("sync")


@dataclass(frozen=True)
class Committed:
    """The counter appended an entry, or gave one up."""


@dataclass(frozen=True)
class ChainConfirmed:
    """The ledger's chain of this terminal is the beginning of this journal."""


@dataclass(frozen=True)
class EpochBegan:
    """The ledger's books were restored from a copy; outcomes that it had forgotten are put aside."""

    epoch: str
    entries: int


Fact = EpochBegan | Report | PushSucceeded | PushFailed | Answered | Failed | Committed | ChainConfirmed


class Workers(Protocol):
    """Who pushes and who pulls, as far as a reaction reaches."""

    def ask_pull(self) -> None:
        """Poll now."""

    def wake_push(self) -> None:
        """Try now."""

    def ask_again(self) -> None:
        """Ask the ledger what it has of us, and push."""

    def trust(self, identity: Identity) -> None:
        """Go on with more certificates."""

    def end(self) -> None:
        """Push and pull nothing more; returns when both have let go of their files."""


class Reactions:
    """`clock`: till time, µs UTC; without one, this machine's and the last measured offset."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        identity: Identity,
        on_event: Callable[[Event], None],
        clock: Callable[[], int] | None,
        workers: Workers,
        machine: Machine = THIS_MACHINE,
    ) -> None:
        self.reservations = OwnReservations(journal, machine.monotonic)
        self._folder, self._journal, self._identity = folder, journal, identity
        self._on_event, self._workers = on_event, workers
        self._offset_us = 0
        self._wall_us = machine.wall_us
        self._clock = clock or (lambda: machine.wall_us() + self._offset_us)
        self._sending = 0
        self._is_confirmed = self._is_caught_up = False
        self._ended = journal.fact(ENDED_FACT) or ""
        self.link = LinkState(
            since_us=self._clock(), waiting=journal.waiting(), quarantined=journal.quarantined_count(),
            stuck=self._ended,
        )  # fmt: skip

    def take(self, fact: Fact) -> None:
        """React to one fact. Raises `local_db` errors of the journal's disk."""
        match fact:
            case PushSucceeded():
                self._pushed(fact)
            case PushFailed(error=error):
                self._push_failed(error)
            case Answered():
                self._heard(fact)
            case Failed():
                self._call_failed(fact)
            case Committed():
                self._count()
                self._tell_reservations()
            case ChainConfirmed():
                self._confirmed()
            case DecisionsSeen(decisions=decisions, anew=anew):
                self._decided(decisions, anew=anew)
            case EpochBegan(entries=entries):
                self._count()
                self._on_event(LedgerRestored(entries))
                self._workers.ask_pull()
            case _:
                self._take_report(fact)

    def become(self, happening: Happening) -> None:
        """Move the link, and tell it where it says something else."""
        link = after(self.link, happening, self._clock())
        if link != self.link:
            self.link = link
            self._on_event(LinkChanged(link))

    def _take_report(self, report: Report) -> None:
        match report:
            case Heard():
                self._told_time(report)
            case Pulled():
                self._pulled(report)
            case PullFailed(cause=cause, code=code, why=why):
                _log.info("pull: %s", why)
                if cause != "refused":
                    self._heard(Failed(cause))
                self._end_by(code)
            case FileReady(file=file):
                self._journal.set_fact(cache_files.FACT, file)
                self._on_event(CacheChanged(file))
            case ReservationsSeen(reservations=reservations):
                self.reservations.saw(reservations)
                self._tell_reservations()
            case CertificatesSeen(certificates=certificates):
                self._learn(certificates)
            case _:
                self._take_trouble(report)

    def _take_trouble(self, report: Report) -> None:
        match report:
            case EpochSeen(epoch=epoch):
                _log.warning("the feed is of other books than the journal's outcomes: %s", epoch)
                self._workers.ask_again()
            case PartDiscarded(file=file, why=why):
                _log.warning("a part of a snapshot is loaded anew: %s: %s", file, why)
            case CacheTrouble(code=code, why=why):
                _log.error("the cache is not kept up: %s: %s", code, why)
                self.become(NotKeptUp("full" if code == StorageFullError.code else "failed"))

    def _pushed(self, pushed: PushSucceeded) -> None:
        was_reachable = self.link.is_reachable
        self._sending = max(self._sending, pushed.left + len(pushed.outcomes))
        self.become(Answered(pushed.took_us))
        self.become(Stuck(self._ended))
        self._count()
        self._on_event(OutcomesMarked(pushed.outcomes, pushed.again))
        if pushed.left == 0 or not was_reachable:
            self._workers.ask_pull()  # rows that waited for these outcomes can be put in place

    def _push_failed(self, error: SyncError | LocalDbError) -> None:
        _log.info("push: %s", error)
        if isinstance(error, LocalDbError | FinalSyncError):
            self.become(Stuck(error.code))
        if isinstance(error, TransientSyncError) or (isinstance(error, FinalSyncError) and error.is_about_the_link):
            self._heard(Failed(error.cause))
        if isinstance(error, FinalSyncError):
            self._end_by(error.code)

    def _pulled(self, pulled: Pulled) -> None:
        self._told_time(pulled)
        self.become(Refreshed(pulled.as_of_us))
        if pulled.rows or pulled.has_documents:
            file = self._journal.fact(cache_files.FACT) or ""
            self._on_event(CacheChanged(file, pulled.members, is_whole=pulled.has_documents))
        self._is_caught_up = True
        self._tell_reservations()

    def _told_time(self, told: Heard | Pulled) -> None:
        self._offset_us = told.offset_us
        self._on_event(OffsetMeasured(told.offset_us, told.bound_us))
        self._heard(Answered(told.took_us))

    def _heard(self, happening: Answered | Failed) -> None:
        """A call ended; who waits for the network is told when it is back."""
        was_reachable = self.link.is_reachable
        self.become(happening)
        if self.link.is_reachable and not was_reachable:
            self._workers.ask_again()  # it may have been restored meanwhile
            self._workers.ask_pull()

    def _call_failed(self, failed: Failed) -> None:
        """A call that the counter made. Whether it was one lost packet is asked at once, not at the next poll."""
        was_reachable = self.link.is_reachable
        self._heard(failed)
        if was_reachable:
            self._workers.ask_pull()

    def _count(self) -> None:
        waiting = self._journal.waiting()
        self._sending = max(self._sending, waiting) if waiting and self._sending else 0
        self.become(Counted(waiting, self._journal.quarantined_count(), self._sending))

    def _decided(self, decisions: tuple[Decision, ...], *, anew: bool) -> None:
        """Rows that waited for it can be put in place then."""
        self._journal.mark_decisions(decisions, self._wall_us(), anew=anew)
        self._count()
        self._on_event(DecisionsMarked(decisions))
        self._workers.ask_pull()

    def _confirmed(self) -> None:
        self._is_confirmed = True
        if self._ended in CONFLICTS and self._ended != "journal-damaged":
            self._become_ended("")
        self._tell_reservations()

    def _end_by(self, code: str) -> None:
        """What the ledger said, if it ends this terminal (DESIGN 4): the counter stops, the journal stays."""
        if code in ENDING:
            _log.error("this terminal has ended: %s", code)
            self._become_ended(code)
            self._count()
        if code == _REVOKED:
            self._revoked()

    def _become_ended(self, code: str) -> None:
        self._ended = code
        self._on_event(TerminalEnded(code))
        self.become(Stuck(code))
        self._journal.set_fact(ENDED_FACT, code)

    def _tell_reservations(self) -> None:
        """A journal that the ledger has not confirmed may be an older copy: what it does not know it may have used."""
        if self._ended or not self._is_confirmed:
            return
        for found in self.reservations.unknown():
            self._on_event(ReservationFound(found.id, found.member))
        self._on_event(ReservationsChecked(self._is_caught_up))

    def _learn(self, certificates: tuple[Signed, ...]) -> None:
        try:
            self._identity = self._identity.with_certificates(certificates)
        except SignatureError as error:
            _log.error("certificates that the pinned root did not sign: %s", error)
            return
        save_identity(self._journal, self._identity)
        self._workers.trust(self._identity)
        self._on_event(KeysLearned(self._identity.ring()))

    def _revoked(self) -> None:
        """This terminal was declared stolen (DESIGN 4): key and cache go, journal and signatures stay."""
        _log.error("this terminal was revoked: its key and its cache are wiped")
        self._workers.end()
        wipe_key(self._folder)
        self._journal.set_fact(cache_files.FACT, "")
        self._on_event(CacheChanged(""))
        cache_files.remove_others(self._folder, keep="")

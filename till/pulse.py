"""How this till is, for the ledger: facts about the machine and what waits, nothing about people."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Hashable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from local_db.journal_reader import JournalReader
from protocol.fleet import Heartbeat
from sync.heartbeat import Heartbeats
from sync.identity import ENDED_FACT, Identity
from till.app import DISTRIBUTION
from till.counter import Counter
from till.desk import Desk
from till.events import Event, OutcomesArrived, PrinterChanged
from till.scanners import ScannerStatus
from till.shifts import open_shift_of


class Pulse:
    """Gathers the facts of one till at work. Asked in the heartbeat's thread."""

    def __init__(self, folder: Path, desk: Desk, counter: Counter, scanner: Callable[[], ScannerStatus]) -> None:
        self._folder, self._desk, self._counter, self._scanner = folder, desk, counter, scanner
        self._printer_code = ""
        counter.subscribe(self._take)

    def heartbeats(self) -> Heartbeats:
        """What tells the ledger, not yet started."""
        beats = Heartbeats(self._folder, self.beat, news)

        def take(event: Event) -> None:
            # A shift was opened or closed: said before the machine is switched off for the night.
            if isinstance(event, OutcomesArrived) and any(one.status == "recorded" for one in event.outcomes):
                beats.wake()

        self._counter.subscribe(take)
        return beats

    def beat(self, journal: JournalReader, _identity: Identity) -> Heartbeat:
        """How it is now. Raises `local_db` errors."""
        waiting, clock, scanner = journal.waiting_sums(), self._desk.clock, self._scanner()
        store = self._desk.store if self._desk.is_ready else None
        return Heartbeat(
            version=_own_version(),
            system=f"{platform.system()} {platform.release()}"[:64],
            entries=journal.last_seq(),
            waiting=waiting.entries,
            waiting_fen=waiting.amount_fen,
            waiting_since=waiting.since_us,
            for_a_person=journal.quarantined_count(),
            is_shift_open=bool(open_shift_of(journal)[0]),
            ended=journal.fact(ENDED_FACT) or "",
            cache_as_of=self._counter.link.as_of_us,
            programme=store.programme.id if store else "",
            programme_version=store.programme.version if store else 0,
            rules_until=store.redeems_until_us if store else 0,
            offset_us=clock.read().offset_us,
            doubt=clock.doubt,
            scanner=scanner.profile if scanner.port else "",
            scanner_code=scanner.code if scanner.port and not scanner.is_online else "",
            scans=scanner.good_scans,
            scan_errors=scanner.errors,
            printer_code=self._printer_code,
            disk_free_bytes=shutil.disk_usage(self._folder).free,
        )

    def _take(self, event: Event) -> None:
        if isinstance(event, PrinterChanged):
            self._printer_code = event.code


def news(beat: Heartbeat) -> Hashable:
    """What is said at once when it is another: whether it is open, what is broken, whether anything waits."""
    return (
        beat.is_shift_open, beat.ended, beat.scanner_code, beat.printer_code, beat.doubt, bool(beat.for_a_person),
        beat.programme_version,
    )  # fmt: skip


@cache
def _own_version() -> str:
    return version(DISTRIBUTION)

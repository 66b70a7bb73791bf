"""The technician's workbench: what his screens and commands ask of a till, put together once.

Listening, templates, his card, questions to the scanner. It holds the scanner's post and, while it listens, the port.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final, Protocol

from devices.ear import LINES, Deaf, Ear, Listening, Told
from devices.hearing import TEST_CODE, Hearing
from devices.ports import PortRef
from devices.profiles import ScannerProfile
from devices.scanner import Scanner
from devices.suggesting import suggest
from devices.transport import LineSettings
from local_db.device_log import DeviceLog, DeviceLogReader
from protocol.prefixes import TECHNICIAN_PREFIX
from protocol.technician_cards import TechnicianCard, read
from till import asking, store_template
from till.asking import Found
from till.counter import Counter
from till.desk import Desk
from till.errors import RefusedError
from till.events import ListeningChanged, ScanHeard
from till.hearing_words import in_words, line_text
from till.line_monitor import LineMonitor
from till.scan_trail import KEYBOARD, ScanTrail
from till.scan_words import DeviceMonth, TracedScan, by_device, traced
from till.scanners import ListedPort


class Post(store_template.Post, Protocol):
    """What is asked of `till.scanners.ScannerPost`."""

    @property
    def scanner(self) -> Scanner | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def assign(self, port: str, profile: str) -> None: ...
    def list_ports(self) -> Sequence[ListedPort]: ...


Wanted = Callable[[], bool]
"""Whether somebody still wants to listen."""


class Workbench:
    """`tell` gets what is heard, from the port's thread."""

    test_code: Final = TEST_CODE

    def __init__(self, folder: Path, scanner: Post, desk: Desk, counter: Counter) -> None:
        self._scanner, self._desk, self._tell = scanner, desk, counter.tell
        self._log, self._reader = DeviceLog(folder), DeviceLogReader(folder)
        self.trail = ScanTrail(desk, self._log, self._device)
        self._folder, self._lines = folder, LineMonitor()
        counter.subscribe(self.trail.take)
        counter.subscribe(self._lines.take)
        self.template = store_template.StoreTemplate(folder, scanner)
        self._listening = threading.RLock()
        self._has_left = threading.Event()
        self._ear: Ear | None = None
        self._wanted: Wanted | None = None
        self._hearing: Hearing | None = None

    def start(self) -> None:
        """Write down how scans go, from now on."""
        self._log.start()

    def stop(self) -> None:
        """Give back a port that is listened to, and write what is left."""
        self.stop_listening()
        self._log.stop()

    def _device(self) -> str:
        """How the scanner in use is called where things are counted: the profile, and what its reference follows."""
        settings = self._scanner.settings
        return f"{settings.scanner_profile} {settings.scanner_port}" if settings.scanner_port else KEYBOARD

    # --- the way of scans ----------------------------------------------------------------------------------------------

    def scans(self, limit: int) -> list[TracedScan]:
        """The newest first, each with what has become of its entry."""
        self._log.flush()
        return traced(self._reader.scans(limit), self._desk.journal)

    def counted(self) -> list[DeviceMonth]:
        """Of each device, by month, the newest first."""
        self._log.flush()
        return by_device(self._reader.counted())

    def save_lines(self) -> Path:
        """Write what the line monitor has seen into the folder of the till, as a hex dump. Raises `RefusedError`."""
        return self._lines.save(self._folder, self._desk.clock.now_us())

    # --- the card --------------------------------------------------------------------------------------------------

    def is_card(self, text: str) -> bool:
        """Whether a scan is a technician's card, good or not."""
        return text[:3].upper() == TECHNICIAN_PREFIX

    def open_card(self, text: str) -> TechnicianCard:
        """Check a scanned card here and now. Raises `CodeError` or `RefusedError`, both with `code`."""
        now_us = self._desk.clock.now_us() if self._desk.clock.is_trusted else None
        store = self._desk.store.settings.store if self._desk.is_ready else ""
        return read(text.strip().upper(), self._desk.keys, now_us, store)

    # --- listening ---------------------------------------------------------------------------------------------------

    def listen(self, port: str, is_wanted: Wanted = lambda: True) -> None:
        """Listen on `port` (a reference) until `stop_listening`; the scanner in use is let go meanwhile.

        `ListeningChanged` and `ScanHeard` follow. Not if `is_wanted` says no by then: who asked may have left before it began.
        It is also who listens, for `stop_listening`.
        Raises `devices.errors.PortInvalidError`.
        """
        ref = PortRef.parse(port)
        with self._listening:
            if is_wanted():
                self.stop_listening()
                self._scanner.stop()
                self._wanted = is_wanted
                self._listen_on(ref)

    def _listen_on(self, ref: PortRef, *first: LineSettings) -> None:
        usb_id = self._usb_id(str(ref))
        self._hearing = None
        self._ear = ear = Ear(ref, lambda told: self._heard(ear, told, usb_id), lines=(*first, *LINES))
        ear.start()

    def _usb_id(self, port: str) -> str:
        return next((known.usb_id for known in self._scanner.list_ports() if known.ref == port), "")

    def stop_listening(self, who: Wanted | None = None) -> None:
        """Give the port back, and take the scanner into use again. Nothing where nobody listens, or another than `who`:
        somebody who comes back at once may be listening before the one who left has ended.

        Who leaves in the middle of a question waits a second for one family, not for all of them.
        """
        if who in (None, self._wanted):
            self._has_left.set()
        with self._listening:
            self._has_left.clear()
            if self._ear is not None and who in (None, self._wanted):
                self._ear.stop()
                self._ear = None
                self._scanner.start()

    def use_heard(self, port: str, profile: str) -> None:
        """End listening and use this scanner from now on. Raises what `ScannerPost.assign` raises."""
        with self._listening:
            self.stop_listening()
            self._scanner.assign(port, profile)

    def probe(self, port: str) -> Found | None:
        """Ask the scanner that was just heard on `port` who it is, each family in its own words; then listen again.

        Takes a second a family. Raises `RefusedError`: `ask-scan-first`, `ask-other-device`.
        """
        with self._listening:
            hearing = self._hearing
            if self._ear is None or hearing is None or not hearing.is_readable:
                raise RefusedError("ask-scan-first")
            self._ear.stop()
            families = takewhile(lambda _family: not self._has_left.is_set(), self._families(hearing, port))
            try:
                return asking.probe(PortRef.parse(port), self._scanner.list_ports(), families)
            finally:
                self._listen_on(PortRef.parse(port), hearing.line)

    def _families(self, hearing: Hearing, port: str) -> list[ScannerProfile]:
        """Those that read it right, and then all others at these line settings."""
        suggested = [found.profile for found in suggest(hearing, self._scanner.profiles(), self._usb_id(port))]
        others = [one for one in self._scanner.profiles() if one.line == hearing.line and one not in suggested]
        return suggested + others

    # --- questions to the scanner in use -------------------------------------------------------------------------------

    def ask(self, question: asking.Question) -> list[str]:
        """In rows for people; may take half a minute. Raises `RefusedError`; see `till.asking.ask`."""
        return asking.ask(self._scanner, question)

    def _heard(self, ear: Ear, told: Told, usb_id: str) -> None:
        if ear is not self._ear:
            return  # it was stopped while it opened its port: nobody listens there
        match told:
            case Listening(line=line):
                self._tell(ListeningChanged(line_text(line)))
            case Deaf(error=error):
                self._tell(ListeningChanged("", error.code, error.detail))
            case Hearing():
                self._hearing = told
                self._tell(ScanHeard(in_words(told, suggest(told, self._scanner.profiles(), usb_id))))

"""The technician's workbench: what his screens and commands ask of a till, put together once.

Listening, templates, his card, questions to the scanner. It holds the scanner's post and, while it listens, the port.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from devices.ear import Deaf, Ear, Listening, Told
from devices.hearing import TEST_CODE, Hearing
from devices.ports import PortRef
from devices.suggesting import suggest
from protocol.prefixes import TECHNICIAN_PREFIX
from protocol.technician_cards import TechnicianCard, read
from till import store_template
from till.desk import Desk
from till.events import Event, ListeningChanged, ScanHeard
from till.hearing_words import in_words, line_text
from till.scanners import ListedPort


class Post(store_template.Post, Protocol):
    """What is asked of `till.scanners.ScannerPost`."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def assign(self, port: str, profile: str) -> None: ...
    def list_ports(self) -> Sequence[ListedPort]: ...


class Workbench:
    """`tell` gets what is heard, from the port's thread."""

    test_code: Final = TEST_CODE

    def __init__(self, folder: Path, scanner: Post, desk: Desk, tell: Callable[[Event], None]) -> None:
        self._scanner, self._desk, self._tell = scanner, desk, tell
        self.template = store_template.StoreTemplate(folder, scanner)
        self._ear: Ear | None = None

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

    def listen(self, port: str) -> None:
        """Listen on `port` (a reference) until `stop_listening`; the scanner in use is let go meanwhile.

        `ListeningChanged` and `ScanHeard` follow. Raises `devices.errors.PortInvalidError`.
        """
        ref = PortRef.parse(port)
        self.stop_listening()
        self._scanner.stop()
        usb_id = next((known.usb_id for known in self._scanner.list_ports() if known.ref == port), "")
        self._ear = Ear(ref, lambda told: self._heard(told, usb_id))
        self._ear.start()

    def stop_listening(self) -> None:
        """Give the port back, and take the scanner into use again. Nothing where nobody listens."""
        if self._ear is not None:
            self._ear.stop()
            self._ear = None
            self._scanner.start()

    def use_heard(self, port: str, profile: str) -> None:
        """End listening and use this scanner from now on. Raises what `ScannerPost.assign` raises."""
        self.stop_listening()
        self._scanner.assign(port, profile)

    def _heard(self, told: Told, usb_id: str) -> None:
        match told:
            case Listening(line=line):
                self._tell(ListeningChanged(line_text(line)))
            case Deaf(error=error):
                self._tell(ListeningChanged("", error.code, error.detail))
            case Hearing():
                self._tell(ScanHeard(in_words(told, suggest(told, self._scanner.profiles(), usb_id))))

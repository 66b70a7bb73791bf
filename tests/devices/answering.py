"""A simulated scanner that answers commands."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from devices.simulators import ScannerSimulator


class Answering:
    """The scanner's end: answers what it is asked, in a thread of its own."""

    def __init__(self, simulator: ScannerSimulator, answers: Mapping[bytes, bytes]) -> None:
        self._simulator, self._answers, self._heard = simulator, answers, b""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._heard += self._simulator.received(0.01)
            for command, answer in self._answers.items():
                if command in self._heard:
                    self._heard = self._heard.replace(command, b"")
                    self._simulator.type_bytes(answer)

    def stop(self) -> None:
        """Answer nothing any more."""
        self._stop.set()
        self._thread.join()

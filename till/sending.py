"""What was kept without a network is told the ledger once it is heard again, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable


class SentLater:
    """`is_due` looks whether there is something to tell and returns at once; `send` may wait for the network."""

    def __init__(self, name: str, is_due: Callable[[], bool], send: Callable[[], object]) -> None:
        self._name, self._is_due, self._send = name, is_due, send
        self._is_sending = False

    def heard(self) -> None:
        """The ledger answers. Returns at once."""
        if not self._is_sending and self._is_due():
            self._is_sending = True
            threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        try:
            self._send()
        finally:
            self._is_sending = False

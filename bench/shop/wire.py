"""What goes over the wire: a TCP proxy on loopback that counts bytes in both directions."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import NamedTuple


class Counted(NamedTuple):
    """Since the start, or since another count was taken from it."""

    sent: int
    received: int
    requests: int

    def since(self, earlier: Counted) -> Counted:
        """The difference."""
        return Counted(self.sent - earlier.sent, self.received - earlier.received, self.requests - earlier.requests)


class Wire:
    """Listens on loopback at `port` and passes everything on to another port there.

    A request is counted where bytes begin to flow to the ledger: HTTP/1.1 without pipelining takes turns.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._sent = self._received = self._requests = 0
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    def count(self) -> Counted:
        """Bytes and requests so far, TCP's own headers left out."""
        with self._lock:
            return Counted(self._sent, self._received, self._requests)

    def close(self) -> None:
        """End it."""
        self._listener.close()
        for one in tuple(self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                till, _address = self._listener.accept()
            except OSError:
                return
            ledger = socket.create_connection(("127.0.0.1", self._target))
            turn = _Turn()
            self._sockets |= {till, ledger}
            for source, target, is_request in ((till, ledger, True), (ledger, till, False)):
                threading.Thread(target=self._carry, args=(source, target, turn, is_request), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, turn: _Turn, is_request: bool) -> None:
        with suppress(OSError), source, target:
            while piece := source.recv(65_536):
                with self._lock:
                    self._requests += is_request and not turn.is_asking
                    turn.is_asking = is_request
                    self._sent += len(piece) if is_request else 0
                    self._received += 0 if is_request else len(piece)
                target.sendall(piece)
            with suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)
        self._sockets -= {source, target}


class _Turn:
    """Whose turn it is on one connection."""

    is_asking = False

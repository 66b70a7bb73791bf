"""A network plug that can be pulled: a small TCP proxy on loopback between a till and its ledger."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress

_PIECE_BYTES = 64 * 1024
_LOOK_S = 0.2
"""How often a thread that waits for bytes looks whether it is still wanted."""


class Plug:
    """Listens on loopback at `port` and passes everything on to `host:port`, until it is cut.

    Cut, connections are reset and new ones refused, as by a switch that lost its power. All methods from any thread.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._loses_answer = False
        self._answer_lost = threading.Event()
        self._is_closed = False
        self._listener: socket.socket | None = None
        self.port = 0
        self.mend()

    @property
    def is_cut(self) -> bool:
        """Whether the plug is out."""
        return self._listener is None

    def cut(self) -> None:
        """Pull the plug: what is under way is torn off."""
        with self._lock:
            listener, self._listener = self._listener, None
            torn, self._sockets = self._sockets, set()
        if listener is not None:
            _tear(listener)
        for one in torn:
            _shut(one)  # its own thread closes it

    def mend(self) -> None:
        """Put it back, at the same port."""
        with self._lock:
            if self._listener is not None or self._is_closed:
                return
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(64)
            self.port = listener.getsockname()[1]
            self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), name="plug", daemon=True).start()

    def lose_next_answer(self) -> threading.Event:
        """The next request goes through and its answer does not come back. The event says that it happened."""
        with self._lock:
            self._loses_answer = True
            self._answer_lost = threading.Event()
            return self._answer_lost

    def close(self) -> None:
        """Cut for good."""
        self._is_closed = True
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                till, _address = listener.accept()
                ledger = socket.create_connection(self._target)
            except OSError:
                if self._listener is not listener:
                    return
                continue
            with self._lock:
                is_current = self._listener is listener
                if is_current:
                    self._sockets |= {till, ledger}
            if not is_current:
                _tear(till)
                _tear(ledger)
                return
            for one in (till, ledger):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._carry, args=(till, ledger), name="plug", daemon=True).start()

    def _carry(self, till: socket.socket, ledger: socket.socket) -> None:
        """Bytes in both directions, until either end or the plug closes."""
        other = {till: ledger, ledger: till}
        with selectors.DefaultSelector() as selector, suppress(OSError, ValueError, KeyError):
            for one in other:
                selector.register(one, selectors.EVENT_READ)
            while {till, ledger} <= self._sockets:
                for key, _events in selector.select(_LOOK_S):
                    one = till if key.fileobj is till else ledger
                    piece = one.recv(_PIECE_BYTES)
                    if not piece or (one is ledger and self._is_to_be_lost()):
                        raise OSError
                    other[one].sendall(piece)
        with self._lock:
            self._sockets -= {till, ledger}
        _tear(till)
        _tear(ledger)

    def _is_to_be_lost(self) -> bool:
        with self._lock:
            lost, self._loses_answer = self._loses_answer, False
        if lost:
            self._answer_lost.set()
        return lost


def _tear(one: socket.socket) -> None:
    _shut(one)
    one.close()


def _shut(one: socket.socket) -> None:
    """Wakes whoever waits for it, as closing alone does not on Linux."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)

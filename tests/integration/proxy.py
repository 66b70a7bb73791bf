"""A network between tills and their ledger that does everything a network may do, request by request: plain sockets."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from random import Random

_TIMEOUT_S = 10
_PIECE_BYTES = 64 * 1024

LOG_IN_PAGE = b"<!doctype html><title>Free Wi-Fi</title><form action=/login>"
NOBODYS_ANSWERS = (
    b'{"acknowledged":0,"again":0,"head":"","outcomes":[]}',
    b'{"verdict":"refused","reason":"not-enough-points","spendable":0,"tries_left":0,"lying":[]}',
    b'{"code":"terminal-revoked","detail":"","status":403,"title":"revoked","type":"urn:till:problem:terminal-revoked"}',
)
"""What the ledger could say; nobody has signed it."""

Fate = Callable[["Proxy", socket.socket, bytes], None]


class Proxy:
    """Listens on loopback at `port`. While `is_bad`, a part of the requests meets one of `FATES`; `met` counts them."""

    def __init__(self, target: int, chance: Random, share: float = 0.5) -> None:
        self.is_bad = True
        self.met: Counter[str] = Counter()
        self._target, self._chance, self._share = target, chance, share
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def close(self) -> None:
        """Nobody is let in any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                till, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(till,), name="proxy", daemon=True).start()

    def _serve(self, till: socket.socket) -> None:
        """One request, and its fate."""
        with closing(till), suppress(OSError):
            till.settimeout(_TIMEOUT_S)
            till.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if request := _request(till):
                fate = self._chance.choice(FATES) if self.is_bad and self._chance.random() < self._share else passed
                self.met[fate.__name__] += 1
                fate(self, till, request)

    def ask(self, request: bytes) -> bytes:
        """What the ledger answers: all of it. Empty where it does not."""
        with socket.create_connection(("127.0.0.1", self._target), _TIMEOUT_S) as ledger:
            ledger.sendall(request)
            answer = bytearray()
            while piece := ledger.recv(_PIECE_BYTES):
                answer += piece
        return bytes(answer)

    def part(self, of: bytes) -> bytes:
        """The beginning of something."""
        return of[: self._chance.randrange(len(of))] if of else of

    def pause_s(self) -> float:
        """Sometimes longer than a cashier waits."""
        return self._chance.choice((0.01, 0.1, 1.2))

    def unsigned(self) -> bytes:
        """One of the answers that anybody can make."""
        return self._chance.choice(NOBODYS_ANSWERS)


def passed(proxy: Proxy, till: socket.socket, request: bytes) -> None:
    """No fate at all."""
    till.sendall(proxy.ask(request))


def delayed(proxy: Proxy, till: socket.socket, request: bytes) -> None:
    """On both ways."""
    threading.Event().wait(proxy.pause_s())
    answer = proxy.ask(request)
    threading.Event().wait(proxy.pause_s())
    till.sendall(answer)


def request_cut(proxy: Proxy, _till: socket.socket, request: bytes) -> None:
    """The ledger gets the beginning of it, and then nothing."""
    with socket.create_connection(("127.0.0.1", proxy._target), _TIMEOUT_S) as ledger:
        ledger.sendall(proxy.part(request))


def answer_cut(proxy: Proxy, till: socket.socket, request: bytes) -> None:
    """The ledger did it; the till gets the beginning of the answer."""
    till.sendall(proxy.part(proxy.ask(request)))


def answer_lost(proxy: Proxy, _till: socket.socket, request: bytes) -> None:
    """The ledger did it; the till hears nothing, and the connection is gone."""
    proxy.ask(request)


def duplicated(proxy: Proxy, till: socket.socket, request: bytes) -> None:
    """Twice at the same moment, and once more later; the till gets the answer to the second."""
    first = threading.Thread(target=_ask_quietly, args=(proxy, request))
    first.start()
    till.sendall(proxy.ask(request))
    first.join()
    threading.Event().wait(proxy.pause_s())
    _ask_quietly(proxy, request)


def truncated(proxy: Proxy, till: socket.socket, request: bytes) -> None:
    """Less of the body, and a length that says so: nothing looks broken."""
    head, separator, body = proxy.ask(request).partition(b"\r\n\r\n")
    body = proxy.part(body)
    head = re.sub(rb"(?i)content-length: \d+", b"content-length: %d" % len(body), head)
    till.sendall(head + separator + body)


def log_in_page(_proxy: Proxy, till: socket.socket, _request: bytes) -> None:
    """200, for everybody."""
    till.sendall(_answer(b"200 OK", LOG_IN_PAGE, b"content-type: text/html"))


def redirected(_proxy: Proxy, till: socket.socket, _request: bytes) -> None:
    """To the log-in page."""
    till.sendall(_answer(b"302 Found", b"", b"location: http://wifi.example/login"))


def made_up(proxy: Proxy, till: socket.socket, _request: bytes) -> None:
    """JSON that looks right, with 200 or 403, and nobody's signature."""
    status = b"200 OK" if proxy.pause_s() < 1 else b"403 Forbidden"
    till.sendall(_answer(status, proxy.unsigned(), b"content-type: application/json"))


FATES: tuple[Fate, ...] = (
    delayed, request_cut, answer_cut, answer_lost, duplicated, truncated, log_in_page, redirected, made_up,
)  # fmt: skip


def _ask_quietly(proxy: Proxy, request: bytes) -> None:
    with suppress(OSError):
        proxy.ask(request)


def _answer(status: bytes, body: bytes, header: bytes) -> bytes:
    length = b"content-length: %d" % len(body)
    return b"\r\n".join((b"HTTP/1.1 " + status, header, length, b"connection: close", b"", body))


def _request(till: socket.socket) -> bytes:
    """A whole request that asks the ledger to close behind its answer; empty where none came."""
    read = bytearray()
    while b"\r\n\r\n" not in read:
        if not (piece := till.recv(_PIECE_BYTES)):
            return b""
        read += piece
    head, separator, body = bytes(read).partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    while len(body) < (int(found[1]) if found else 0):
        if not (piece := till.recv(_PIECE_BYTES)):
            return b""
        body += piece
    head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head) + b"\r\nconnection: close"
    return head + separator + body

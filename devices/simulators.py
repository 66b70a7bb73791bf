"""A scanner that needs no hardware: it types on a real port, which the product reads as it reads any other.

On a pseudo-terminal where the platform has them, else on a loopback socket (`socket://`).
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
import sys
import threading
import time
from types import TracebackType
from typing import Literal, Protocol, Self

from devices.ports import PortKind, PortRef

CableKind = Literal["pty", "socket"]

CABLE_KINDS: tuple[CableKind, ...] = ("socket",) if sys.platform == "win32" else ("pty", "socket")
"""What this platform can do, the better one first."""


class Cable(Protocol):
    """The scanner's end of a line."""

    port: PortRef

    def plug(self) -> None:
        """Appear."""

    def unplug(self) -> None:
        """Disappear under the reader's hands."""

    def write(self, data: bytes) -> None:
        """Send to the host; lost when nobody is there."""

    def read(self, timeout_s: float) -> bytes:
        """What the host has sent, or `b""`."""

    def close(self) -> None:
        """Unplug for good."""


class ScannerSimulator:
    """A scanner on a cable. `port` is what a `Scanner` opens."""

    def __init__(self, kind: CableKind | None = None, suffix: bytes = b"\r\n") -> None:
        self._cable = make_cable(kind or CABLE_KINDS[0])
        self._suffix = suffix

    @property
    def port(self) -> PortRef:
        """The same before and after a replug."""
        return self._cable.port

    def type_code(self, label: str, charset: str = "utf-8") -> None:
        """Scan a code: the label and the suffix in one go."""
        self.type_bytes(label.encode(charset) + self._suffix)

    def type_bytes(self, data: bytes, *, gap_s: float = 0.0, chunk: int = 1) -> None:
        """Send bytes as they are; with `gap_s`, in pieces of `chunk` bytes with that pause between them."""
        if not gap_s:
            self._cable.write(data)
            return
        for start in range(0, len(data), chunk):
            if start:
                time.sleep(gap_s)
            self._cable.write(data[start : start + chunk])

    def type_garbage(self, seed: int, length: int = 200) -> None:
        """What a wrong baud rate looks like: any bytes but a terminator."""
        source = random.Random(seed)  # noqa: S311
        self.type_bytes(bytes(source.choice(_NOISE) for _ in range(length)))

    def type_endless(self, length: int = 10_000) -> None:
        """A run of digits without an end."""
        self.type_bytes((b"0123456789" * (length // 10 + 1))[:length])

    def received(self, timeout_s: float = 0.0) -> bytes:
        """What the host has sent since the last call: commands, beeps. Waits up to `timeout_s` for the first byte."""
        return self._cable.read(timeout_s)

    def unplug(self) -> None:
        """Pull the cable."""
        self._cable.unplug()

    def replug(self) -> None:
        """Put it back."""
        self._cable.plug()

    def close(self) -> None:
        """Be gone for good."""
        self._cable.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class SocketCable:
    """A loopback server that keeps its number over a replug. One host at a time, the newest wins."""

    def __init__(self) -> None:
        self._server: socket.socket | None = None
        self._host: socket.socket | None = None
        self._number = 0
        self._greeting = threading.Lock()
        self.plug()
        self.port = PortRef(PortKind.URL, f"socket://127.0.0.1:{self._number}")

    def plug(self) -> None:
        """Listen again."""
        if self._server:
            return
        self._server = socket.create_server(("127.0.0.1", self._number))
        self._number = self._server.getsockname()[1]

    def unplug(self) -> None:
        """Hang up and refuse."""
        self._greet_host()
        for end in (self._host, self._server):
            if end:
                end.close()
        self._host = self._server = None

    def write(self, data: bytes) -> None:
        """Send to the connected host."""
        if host := self._greet_host():
            with contextlib.suppress(OSError):
                host.sendall(data)

    def read(self, timeout_s: float) -> bytes:
        """What the host has sent, or `b""`."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            host = self._greet_host()
            wait_s = max(0.0, min(0.05, deadline_s - time.monotonic()))
            ends = [end for end in (host, self._server) if end]
            ready = select.select(ends, [], [], wait_s)[0] if ends else []
            if host in ready:
                return self._receive()
            if time.monotonic() >= deadline_s:
                return b""

    def close(self) -> None:
        """Hang up for good."""
        self.unplug()

    def _receive(self) -> bytes:
        assert self._host
        data = b""
        with contextlib.suppress(OSError):
            data = self._host.recv(4096)
        if not data:
            self._host.close()
            self._host = None
        return data

    def _greet_host(self) -> socket.socket | None:
        """Accept who has called since. One thread at a time: the second would wait for a call that the first took."""
        with self._greeting:
            while self._server and select.select([self._server], [], [], 0)[0]:
                if self._host:
                    self._host.close()
                self._host = self._server.accept()[0]
            return self._host


_NOISE = bytes(byte for byte in range(1, 256) if byte not in b"\r\n")


def make_cable(kind: CableKind) -> Cable:
    """A line with a device's end to play with."""
    if sys.platform != "win32" and kind == "pty":
        from devices.pty_posix import PtyCable

        return PtyCable()
    return SocketCable()

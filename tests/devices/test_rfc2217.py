"""A scanner behind a serial server on the network (RFC 2217), with pyserial's own server side on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest
from serial import serial_for_url
from serial.rfc2217 import PortManager

from devices.events import PowerState
from devices.frames.ssi import DECODER, Opcode, frame
from devices.ports import PortRef
from devices.profiles import ScannerProfile
from tests.devices.conftest import MakeScanner
from tests.devices.harness import PATIENCE_S, Inbox, make_profile, wait_for

# pyserial 3.5 starts its threads the old way.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")


class SerialServer:
    """One serial port on the network. Its own line is `loop://`, which has the modem lines that the protocol asks for."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = PortRef.parse(f"rfc2217://127.0.0.1:{self._listener.getsockname()[1]}")
        self._client: socket.socket | None = None
        self._manager: PortManager | None = None
        self.commands = bytearray()
        self.has_commands = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """What the protocol sends to the client."""
        assert self._client is not None
        self._client.sendall(data)

    def type_bytes(self, data: bytes) -> None:
        """The scanner types."""
        assert self._manager is not None
        self.write(b"".join(self._manager.escape(data)))

    def die(self) -> None:
        """Hang up and refuse from now on."""
        for end in (self._client, self._listener):
            if end:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError), serial_for_url("loop://") as line:
            self._client, _ = self._listener.accept()
            self._manager = PortManager(cast(Any, line), cast(Any, self))
            while data := self._client.recv(1024):
                self.commands += b"".join(self._manager.filter(data))
                if self.commands:
                    self.has_commands.set()


@pytest.fixture
def server() -> Iterator[SerialServer]:
    """A serial server that is alive."""
    alive = SerialServer()
    yield alive
    alive.die()


@pytest.fixture
def profile() -> ScannerProfile:
    """A scanner with an enable command."""
    return make_profile("[commands]\nenable = '45'")


def test_a_scanner_behind_a_serial_server_is_read_and_commanded(
    server: SerialServer, profile: ScannerProfile, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """Codes come, bytes 0xFF included (doubled on the wire), and the enable command goes."""
    make_scanner(server.port, profile)
    inbox.until_online()
    server.type_bytes(b"M1.NET\r\n")
    assert inbox.next_label() == "M1.NET"
    server.type_bytes(b"A\xffB\r\n")
    assert inbox.next_label() == "A\N{REPLACEMENT CHARACTER}B"
    assert server.has_commands.wait(5.0)
    assert bytes(server.commands) == b"E"


def test_d17_a_serial_server_that_dies_is_a_lost_port(
    server: SerialServer, profile: ScannerProfile, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """Writes would still "succeed" for pyserial; the reader notices."""
    make_scanner(server.port, profile)
    inbox.until_online()
    server.die()
    assert inbox.until_status(PowerState.OFF_OFFLINE).error_code == "port-gone"


def test_an_answer_comes_over_the_network_too(server: SerialServer, make_scanner: MakeScanner, inbox: Inbox) -> None:
    """SSI's frames are full of FF, which the protocol doubles; a scan before the answer is a scan."""
    profile = make_profile(
        "[commands]\nidentify = '04 A3 04 00 FF 55'\n[replies]\nformat = 'ssi'\nanswered = ['identify']\ntimeout_ms = 5000"
    )
    scanner = make_scanner(server.port, profile)
    inbox.until_online()
    asked = scanner.identify()
    assert server.has_commands.wait(PATIENCE_S)
    wait_for(lambda: bytes(server.commands) == profile.commands.identify)
    server.type_bytes(b"6901\r\n" + frame(Opcode.REPLY_REVISION, b"NBRPUAAC", source=DECODER))
    identity = asked.result(PATIENCE_S)
    assert identity is not None
    assert identity.text == "NBRPUAAC"
    assert inbox.labels == ["6901"]

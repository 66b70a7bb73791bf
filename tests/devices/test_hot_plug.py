"""What ptys and sockets cannot show: the words of Windows, a second reader, a serial server that lost its power (D4 to D19)."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import serial

from devices import serial_port
from devices.errors import PortMissingError, PortStalledError, PortTakenError, SettingRefusedError, TransportLostError
from devices.events import PowerState
from devices.ports import PortRef
from devices.serial_port import SerialTransport
from devices.transport import LineSettings
from tests.devices.conftest import MakeScanner
from tests.devices.harness import Inbox

# pyserial 3.5 starts its threads the old way.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")


class WindowsPort:
    """A COM port as pyserial shows it on Windows: what it raises, with the words that come up there."""

    def __init__(self, says: Callable[[str], Exception | None]) -> None:
        self._says = says

    def _or_raise(self, call: str) -> None:
        if (error := self._says(call)) is not None:
            raise error

    def open(self) -> None:
        self._or_raise("open")

    def close(self) -> None:
        self._or_raise("close")

    @property
    def in_waiting(self) -> int:
        self._or_raise("in_waiting")
        return 1

    def read(self, size: int) -> bytes:
        self._or_raise("read")
        return b"1" * size

    def write(self, data: bytes) -> int:
        self._or_raise("write")
        return len(data)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """Calls of a COM port that fail, and how."""
    failing: dict[str, Exception] = {}
    monkeypatch.setattr(serial, "serial_for_url", lambda *_, **__: WindowsPort(failing.get))
    return failing


DENIED = serial.SerialException("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)")
NO_FILE = serial.SerialException(
    "could not open port 'COM3': FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)"
)
CLEAR = serial.SerialException(
    "ClearCommError failed (PermissionError(13, 'The device does not recognize the command.', None, 22))"
)


def test_d01_d03_windows_says_missing_and_taken_in_words_only(windows: dict[str, Exception]) -> None:
    """pyserial keeps the number in the text."""
    windows["open"] = NO_FILE
    with pytest.raises(PortMissingError):
        SerialTransport("COM3").open()
    windows["open"] = DENIED
    with pytest.raises(PortTakenError):
        SerialTransport("COM3").open()


def test_d05_an_unplug_on_windows_is_a_lost_port(windows: dict[str, Exception]) -> None:
    """`ClearCommError failed`, with a permission error inside, from whichever call meets it."""
    transport = SerialTransport("COM3")
    transport.open()
    assert transport.read(3, 1.0) == b"111"
    windows["in_waiting"] = windows["close"] = CLEAR
    with pytest.raises(TransportLostError) as caught:
        transport.read(3, 1.0)
    assert caught.value.code == "port-gone"
    transport.close()


def test_d07_a_write_after_an_unplug_on_windows_is_a_lost_port(windows: dict[str, Exception]) -> None:
    """And a time-out of a write is a stalled device, not a lost one."""
    transport = SerialTransport("COM3")
    transport.open()
    windows["write"] = serial.SerialException("WriteFile failed (PermissionError(13, 'Access is denied.', None, 5))")
    with pytest.raises(TransportLostError):
        transport.write(b"1")
    windows["write"] = serial.SerialTimeoutException("Write timeout")
    with pytest.raises(PortStalledError):
        transport.write(b"1")


def test_d19_access_denied_right_after_a_replug_is_waited_out(
    windows: dict[str, Exception], make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """Windows refuses a port that was closed a moment ago; the next attempt has it."""
    windows["open"] = DENIED
    make_scanner(PortRef.parse("COM3"))
    assert inbox.until_status(PowerState.OFF_OFFLINE).error_code == "port-taken"
    del windows["open"]
    inbox.until_online()


def test_d13_a_driver_that_hangs_in_its_close_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """As Windows does after a write that timed out (pyserial #513): the program ends without it."""
    hangs = threading.Event()
    closing = threading.Event()

    def says(call: str) -> Exception | None:
        if call == "close":
            closing.set()
            hangs.wait(10)
        return None

    monkeypatch.setattr(serial, "serial_for_url", lambda *_, **__: WindowsPort(says))
    scanner = make_scanner(PortRef.parse("COM3"))
    inbox.until_online()
    stopped = threading.Thread(target=scanner.close)
    stopped.start()
    stopped.join(2.0)
    assert not stopped.is_alive()
    assert closing.is_set()
    hangs.set()


@pytest.fixture
def mute_server() -> Iterator[tuple[str, list[socket.socket]]]:
    """A host that takes the call and never speaks RFC 2217; the address, and who called."""
    callers: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    callers.append(listener.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", callers
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for caller in callers:
        caller.close()


def test_d18_a_server_that_speaks_no_rfc2217_refuses_the_settings(mute_server: tuple[str, Any]) -> None:
    """It is there, so "no such port" would send the technician the wrong way: `socket://` is what it speaks."""
    with pytest.raises(SettingRefusedError) as caught:
        SerialTransport(f"rfc2217://{mute_server[0]}?timeout=0.2").open()
    assert caught.value.code == "setting-refused"


def test_d17_a_serial_server_without_power_is_asked_whether_it_lives(
    mute_server: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs nothing up: without these questions the till would wait for ever for a code."""
    asked: dict[int, int] = {}
    ask = serial_port._keep_alive

    def look(connection: socket.socket) -> None:
        ask(connection)
        asked[socket.SO_KEEPALIVE] = connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if sys.platform == "linux":
            asked[socket.TCP_KEEPIDLE] = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)

    monkeypatch.setattr(serial_port, "_keep_alive", look)
    transport = SerialTransport(f"socket://{mute_server[0]}")
    transport.open()
    transport.close()
    assert asked[socket.SO_KEEPALIVE]
    assert sys.platform != "linux" or asked[socket.TCP_KEEPIDLE] == 5


if sys.platform != "win32":
    import os
    import tty

    from devices.errors import PortSharedError

    def test_d04_bytes_that_a_second_program_took_are_no_unplug(monkeypatch: pytest.MonkeyPatch) -> None:
        """pyserial says the same of both; a line that has not hung up is read by somebody else too."""
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        transport = SerialTransport(os.ttyname(theirs))
        transport.open()
        assert isinstance(transport._port, serial.Serial)
        monkeypatch.setattr(os, "read", lambda *_: b"")  # ready to read, and somebody was faster
        os.write(ours, b"1")
        with pytest.raises(PortSharedError) as caught:
            transport.read(10, 1.0)
        assert caught.value.code == "port-shared"
        os.close(ours)
        with pytest.raises(TransportLostError) as gone:
            transport.read(10, 1.0)
        assert gone.value.code == "port-gone"
        transport.close()
        os.close(theirs)

    def test_a_cancelled_read_ends_at_once() -> None:
        """Not at the next tick: a beep, and what goes to a cash register, wait for it."""
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        transport = SerialTransport(os.ttyname(theirs), LineSettings())
        transport.open()
        assert transport._port is not None
        transport._port.timeout = 60
        reader = threading.Thread(target=transport.read, args=(10, 60.0))
        reader.start()
        transport.cancel()
        reader.join(5.0)
        assert not reader.is_alive()
        transport.close()
        for fd in (ours, theirs):
            os.close(fd)

    def test_d14_a_program_that_is_started_meanwhile_keeps_no_port() -> None:
        """A child that inherited the descriptor would keep the lock after us; ours are closed in children."""
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        first, second = SerialTransport(os.ttyname(theirs)), SerialTransport(os.ttyname(theirs))
        first.open()
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            first.close()
            second.open()
            second.close()
            child.communicate(b"\n")
        for fd in (ours, theirs):
            os.close(fd)

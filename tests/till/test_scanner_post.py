"""The till's scanner: what is kept of its port, and what a technician sees of it."""

from __future__ import annotations

import functools
import queue
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import Settings, read_settings
from devices import ports
from devices.errors import PortMissingError, TransportLostError
from devices.ports import PortInfo
from devices.scanner import Scanner
from devices.simulators import ScannerSimulator
from devices.transport import LineSettings
from protocol.ranges import CodeRange
from till import scanners
from till.errors import RefusedError
from till.events import CodeScanned, Event, RegisterChanged, ScannerChanged
from till.own_codes import OwnCodes
from till.scanners import ScannerPost

SCANNER = PortInfo("COM3", "Newland HR22", 0x1EAB, 0x0106, "A1", "1-1")
CARDS = CodeRange(id="plastic", prefix="88880", length=10, means="member")
BRIDGE = PortInfo("COM1", "built in")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[PortInfo]:
    """What the system lists; a test plugs things in and out."""
    infos = [BRIDGE, SCANNER]
    for module in (scanners, ports):
        monkeypatch.setattr(module, "list_ports", lambda *_: list(infos))
    return infos


def test_d09_a_typed_com_port_is_kept_as_the_device_that_is_there(tmp_path: Path, listed: list[PortInfo]) -> None:
    """So that it is found when Windows numbers it anew."""
    told: list[Event] = []
    post = ScannerPost(tmp_path, Settings(), told.append)
    post.assign("COM3", "newland-unified")
    post.stop()
    kept = read_settings(tmp_path).scanner_port
    assert kept == "usb:1EAB:0106:A1#1EAB:0106@1-1"
    listed[1] = replace(SCANNER, device="COM7", location="1-4")
    assert [(port.ref, port.device) for port in post.list_ports()] == [("device:COM1", "COM1"), (kept, "COM7")]
    post.assign("COM1", "generic-line")
    post.stop()
    assert read_settings(tmp_path).scanner_port == "device:COM1"


def test_d09_it_is_told_that_the_scanner_came_back_elsewhere(
    tmp_path: Path, listed: list[PortInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    """First there, then away, then there under another number."""
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()
    present = threading.Event()
    present.set()

    class Line:
        """A port that is there while `present` says so."""

        def __init__(self, target: str, _line: LineSettings) -> None:
            self._target = target

        def open(self) -> None:
            if not present.is_set():
                raise PortMissingError(self._target)

        def close(self) -> None:
            """Nothing to give back."""

        def read(self, max_bytes: int, timeout_s: float) -> bytes:
            time.sleep(0.001)
            if not present.is_set():
                raise TransportLostError(self._target)
            return b""

        def write(self, data: bytes) -> None:
            """Nobody listens."""

        def cancel(self) -> None:
            """No read waits."""

    monkeypatch.setattr(scanners, "Scanner", functools.partial(Scanner, transport_for=Line, backoff_s=(0.001,)))
    post = ScannerPost(tmp_path, Settings(scanner_port="usb:1EAB:0106:A1"), told.put)
    post.start()
    assert told.get(timeout=5) == ScannerChanged(is_online=True)
    present.clear()
    gone, missing = told.get(timeout=5), told.get(timeout=5)
    assert isinstance(gone, ScannerChanged)
    assert isinstance(missing, ScannerChanged)
    assert (gone.code, missing.code) == ("port-gone", "port-missing")
    listed[1] = replace(SCANNER, device="COM9")
    present.set()
    assert told.get(timeout=5) == ScannerChanged(is_online=True, code="scanner-moved")
    assert post.status().is_online
    assert post.status().code == ""
    post.stop()


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (Settings(scanner_port="by-id:../x"), "port-invalid"),
        (Settings(scanner_port="COM3", scanner_profile="none"), "profile-unknown"),
    ],
)
def test_a_setting_that_is_wrong_keeps_no_shop_closed(tmp_path: Path, settings: Settings, code: str) -> None:
    """It was written by hand: the till opens without a scanner, and says why."""
    told: list[Event] = []
    post = ScannerPost(tmp_path, settings, told.append)
    post.start()
    assert [event.code for event in told if isinstance(event, ScannerChanged)] == [code]
    assert post.status().code == code


def test_what_is_not_ours_goes_to_the_cash_register(tmp_path: Path) -> None:
    """A member stays; a product and a code that pays leave byte for byte, and the counter never hears of them."""
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with ScannerSimulator() as scanner, ScannerSimulator() as register:
        post = ScannerPost(tmp_path, Settings(), told.put, OwnCodes(lambda: (CARDS,)))
        post.assign(str(scanner.port), "generic-line", str(register.port))
        assert {type(told.get(timeout=5)), type(told.get(timeout=5))} == {ScannerChanged, RegisterChanged}
        foreign = b"6901234567892\r\n134567890123456789\r\n8888123456\r\n"
        for code in (*foreign.splitlines(keepends=True), b"M1100000000163\r\n", b"8888000001\r\n"):
            scanner.type_bytes(code)
        heard = [told.get(timeout=5) for _ in range(2)]
        assert [event.text for event in heard if isinstance(event, CodeScanned)] == ["M1100000000163", "8888000001"]
        got = b""
        while len(got) < len(foreign):
            got += register.received(5.0)
        assert got == foreign
        assert read_settings(tmp_path).register_port == str(register.port)
        with pytest.raises(RefusedError, match="register-is-scanner"):
            post.assign(str(scanner.port), "generic-line", str(scanner.port))
        register.unplug()
        codes = [
            event.code for event in (told.get(timeout=5), told.get(timeout=5)) if isinstance(event, RegisterChanged)
        ]
        assert codes == ["register-missing", "register-missing"]
        register.replug()
        assert told.get(timeout=5) == RegisterChanged("register-back")
        post.assign(str(scanner.port), "generic-line", "")
        assert read_settings(tmp_path).register_port == ""
        post.stop()

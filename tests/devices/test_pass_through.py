"""A till that holds the scanner and passes on what is the cash register's: real lines on both sides."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from config import data
from devices.events import RawEvent
from devices.outlet import Outlet, OutletChanged
from devices.ports import PortRef
from devices.profiles import ScannerProfile, read_profiles
from devices.scanner import Scanner
from devices.simulators import ScannerSimulator
from devices.transport import LineSettings
from tests.devices.harness import FAST_BACKOFF_S, Inbox, make_profile, wait_for
from tests.devices.test_rfc2217 import SerialServer
from tests.devices.test_sieve import EAN, OURS, BeginWithM

# pyserial 3.5 starts its threads the old way.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")

MakeRig = Callable[..., "Rig"]


class Rig:
    """A scanner whose foreign codes go to an outlet, and what the outlet tells."""

    def __init__(self, port: PortRef, register: PortRef, profile: ScannerProfile | None = None) -> None:
        self.inbox = Inbox()
        self.told: queue.SimpleQueue[OutletChanged] = queue.SimpleQueue()
        self.scanner = Scanner(port, profile or make_profile(), self.inbox, backoff_s=FAST_BACKOFF_S)
        self.outlet = Outlet(
            register, LineSettings(), self.told.put, self.scanner.hand_back, backoff_s=FAST_BACKOFF_S
        )
        self.scanner.share(BeginWithM(), self.outlet.pass_on)
        self.outlet.start()
        self.scanner.open()
        self.scanner.claim()
        self.scanner.enable()
        self.inbox.until_online()

    def close(self) -> None:
        self.scanner.close()
        self.outlet.stop()


@pytest.fixture
def make_rig() -> Iterator[MakeRig]:
    """Closed at the end."""
    made: list[Rig] = []

    def make(port: PortRef, register: PortRef, profile: ScannerProfile | None = None) -> Rig:
        made.append(Rig(port, register, profile))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def register() -> Iterator[ScannerSimulator]:
    """The register's end of its line: what it gets, and what it says to "its" scanner."""
    with ScannerSimulator() as plugged:
        yield plugged


def receive(register: ScannerSimulator, length: int) -> bytes:
    """At least so many bytes, as the register got them."""
    got = b""

    def has_all() -> bool:
        nonlocal got
        got += register.received(0.01)
        return len(got) >= length

    wait_for(has_all)
    return got


def test_the_register_gets_what_is_not_ours_byte_for_byte(
    simulator: ScannerSimulator, register: ScannerSimulator, make_rig: MakeRig
) -> None:
    """On every kind of line: control bytes and hanzi too, and never a code of ours."""
    rig = make_rig(simulator.port, register.port)
    assert rig.told.get(timeout=5) == OutletChanged(None)
    foreign = [EAN, b"\x00\x11\x13\xff\x1b]Q1\r", "会员\r".encode("gb18030"), b"6901234567892\n"]
    for code in foreign:
        simulator.type_bytes(code + OURS)
    assert receive(register, len(b"".join(foreign))) == b"".join(foreign)
    assert rig.inbox.next_label() == "M11000000001"
    assert set(rig.inbox.labels) == {"M11000000001"}


def test_what_the_register_says_reaches_the_scanner(
    simulator: ScannerSimulator, register: ScannerSimulator, make_rig: MakeRig
) -> None:
    """A register that beeps or disables its scanner goes on doing so."""
    rig = make_rig(simulator.port, register.port)
    assert rig.told.get(timeout=5).error_code is None
    register.type_bytes(b"\x07E")
    assert simulator.received(5.0) == b"\x07E"


def test_what_the_scanner_answers_goes_to_who_asked(
    simulator: ScannerSimulator, register: ScannerSimulator, make_rig: MakeRig
) -> None:
    """To the register where it asked, in the frames of the family; to us where we did; codes in between to whose they are."""
    rig = make_rig(simulator.port, register.port, read_profiles(data("scanners")).profiles["newland-unified"])
    assert rig.told.get(timeout=5).error_code is None
    answer = b"\x02\x010000@QRYSYSNewland\x06;\x03"
    register.type_bytes(b"\x7e\x010000@QRYSYS;\x03")
    assert b"QRYSYS" in simulator.received(5.0)
    simulator.type_bytes(answer + OURS + EAN)
    assert receive(register, len(answer + EAN)) == answer + EAN
    assert rig.inbox.next_label() == "M11000000001"
    asked = rig.scanner.command("identify")
    assert b"QRYSYS" in simulator.received(5.0)
    simulator.type_bytes(answer + EAN)
    assert asked.result(5).raw == answer
    assert receive(register, len(EAN)) == EAN


def test_d05_d08_a_register_that_is_away_gets_nothing_later(
    simulator: ScannerSimulator, register: ScannerSimulator, make_rig: MakeRig
) -> None:
    """Each scan that did not reach it is told, ours are read all the while, and after the replug it goes on."""
    rig = make_rig(simulator.port, register.port)
    assert rig.told.get(timeout=5).error_code is None
    register.unplug()
    assert rig.told.get(timeout=5).error_code == "port-gone"
    assert rig.told.get(timeout=5).error_code == "port-missing"
    simulator.type_bytes(EAN)
    assert rig.told.get(timeout=5).error_code == "port-missing"
    simulator.type_bytes(OURS)
    assert rig.inbox.next_label() == "M11000000001"
    register.replug()
    assert rig.told.get(timeout=5).error_code is None
    simulator.type_bytes(b"4006381333931\r\n")
    assert receive(register, 15) == b"4006381333931\r\n"


def test_d06_a_code_cut_off_by_an_unplug_is_not_finished_by_the_next_one(
    simulator: ScannerSimulator, register: ScannerSimulator, make_rig: MakeRig
) -> None:
    """Half a member's code, after the replug its rest and a product: the register gets the product alone."""
    rig = make_rig(simulator.port, register.port)
    assert rig.told.get(timeout=5).error_code is None
    rig.scanner.is_monitored = True
    simulator.type_bytes(b"M11000")
    wait_for(lambda: bool(rig.inbox.of(RawEvent)))
    simulator.unplug()
    wait_for(lambda: rig.scanner.power_state == "off-offline")
    simulator.replug()
    rig.inbox.until_online()
    simulator.type_bytes(b"00001\r\n" + EAN)
    assert receive(register, len(EAN)) == EAN
    assert rig.inbox.labels == []


def test_it_is_passed_on_while_the_till_takes_no_codes(
    simulator: ScannerSimulator, register: ScannerSimulator, make_rig: MakeRig
) -> None:
    """A till that is disabled must not stop the register."""
    rig = make_rig(simulator.port, register.port)
    assert rig.told.get(timeout=5).error_code is None
    rig.scanner.disable()
    simulator.type_bytes(EAN)
    assert receive(register, len(EAN)) == EAN


def test_a_register_behind_a_serial_server(simulator: ScannerSimulator, make_rig: MakeRig) -> None:
    """RFC 2217 on loopback."""
    server = SerialServer()
    try:
        rig = make_rig(simulator.port, server.port)
        assert rig.told.get(timeout=5).error_code is None
        simulator.type_bytes(OURS + EAN)
        wait_for(lambda: bytes(server.commands) == EAN)
        rig.close()
    finally:
        server.die()


class Wire:
    """A transport that notes who called it, and when it was asked to wait."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, float]] = []
        self.written = threading.Event()
        self.is_idle = threading.Event()

    def _note(self, call: str, timeout_s: float = 0.0) -> None:
        self.calls.append((call, threading.current_thread().name, timeout_s))

    def open(self) -> None:
        self._note("open")

    def close(self) -> None:
        self._note("close")

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        self._note("read", timeout_s)
        self.is_idle.set()
        return b""

    def write(self, data: bytes) -> None:
        self._note("write")
        self.written.set()

    def cancel(self) -> None:
        """Never needed: no read of this port waits."""
        self._note("cancel")


def test_what_is_passed_on_waits_for_nothing() -> None:
    """The 5 ms by the route: one thread has the port, none of its reads waits, and a byte that is handed over wakes it.

    (How long it takes is measured by `python -m bench line`.)
    """
    wire, online = Wire(), threading.Event()
    outlet = Outlet(
        PortRef.parse("/dev/any"), LineSettings(), lambda _: online.set(), lambda _: None,
        transport_for=lambda *_: wire,
    )  # fmt: skip
    outlet.start()
    assert online.wait(5)
    assert wire.is_idle.wait(5)
    outlet.pass_on(EAN)
    assert wire.written.wait(5)
    outlet.stop()
    wait_for(lambda: wire.calls[-1][0] == "close")
    assert len({name for _, name, _ in wire.calls}) == 1
    assert {timeout_s for _, _, timeout_s in wire.calls} == {0.0}

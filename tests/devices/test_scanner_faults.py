"""The scanner when things break: unplugged, taken, refused, closed at a bad moment."""

from __future__ import annotations

import logging
import socket
import threading
import time
from itertools import pairwise

import pytest

from devices.errors import PortStalledError, TransportLostError
from devices.events import DataEvent, PowerState, RawEvent, ScannerEvent, StatusUpdateEvent
from devices.ports import PortRef
from devices.scanner import Scanner
from devices.simulators import CABLE_KINDS, ScannerSimulator
from devices.transport import LineSettings
from tests.devices.conftest import MakeScanner
from tests.devices.harness import FAST_BACKOFF_S, Inbox, make_profile, wait_for

CLOSE_WITHIN_S = 0.5


def close_in_time(scanner: Scanner) -> None:
    began_s = time.monotonic()
    scanner.close()
    assert time.monotonic() - began_s < CLOSE_WITHIN_S


def has_thread(scanner: Scanner) -> bool:
    return any(str(scanner.port) in thread.name for thread in threading.enumerate())


def test_d05_d08_an_unplugged_scanner_comes_back_by_itself(
    scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """Offline is told once, with a code; after the replug codes arrive as before."""
    simulator.unplug()
    assert inbox.until_status(PowerState.OFF_OFFLINE).error_code == "port-gone"
    assert inbox.next(StatusUpdateEvent).error_code == "port-missing"
    assert scanner.power_state is PowerState.OFF_OFFLINE
    simulator.replug()
    inbox.until_online()
    simulator.type_code("M1.BACK")
    assert inbox.next_label() == "M1.BACK"
    assert scanner.statistics.communication_error_count == 1


def test_d06_an_unplug_in_the_middle_of_a_frame_makes_no_code(
    patient_scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """Half a code is dropped with the line: neither half, nor a mixture, is delivered."""
    patient_scanner.is_monitored = True
    simulator.type_bytes(b"M1.HALF")
    wait_for(lambda: b"".join(event.data for event in inbox.of(RawEvent)) == b"M1.HALF")
    simulator.unplug()
    inbox.until_status(PowerState.OFF_OFFLINE)
    simulator.replug()
    inbox.until_online()
    simulator.type_bytes(b"\r\nM1.WHOLE\r\n")
    assert inbox.next_label() == "M1.WHOLE"
    assert inbox.labels == ["M1.WHOLE"]


def test_d16_ten_unplugs_in_a_row_are_survived(scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox) -> None:
    """A hub reset: after the last replug the scanner reads."""
    for _ in range(10):
        simulator.unplug()
        inbox.until_status(PowerState.OFF_OFFLINE)
        simulator.replug()
        inbox.until_online()
    simulator.type_code("M1.OK")
    assert inbox.next_label() == "M1.OK"


def test_d01_a_scanner_that_is_not_there_yet_is_waited_for(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """Switched on after the till: the state is told once, however many attempts are made."""
    simulator.unplug()
    make_scanner(simulator.port, backoff_s=(0.001,))
    assert inbox.until_status(PowerState.OFF_OFFLINE).error_code == "port-missing"
    simulator.replug()
    inbox.until_online()
    assert [event.error_code for event in inbox.of(StatusUpdateEvent)] == ["port-missing", None]


def test_d03_a_taken_port_is_told_and_taken_over_when_free(make_scanner: MakeScanner, inbox: Inbox) -> None:
    """Two scanners on one port: the second says "taken", and reads as soon as the first lets go."""
    with ScannerSimulator(CABLE_KINDS[0]) as simulator:
        others = Inbox()
        first = Scanner(simulator.port, make_profile(), others)
        first.open()
        first.claim()
        others.until_online()
        make_scanner(simulator.port)
        if simulator.port.kind == "device":
            assert inbox.until_status(PowerState.OFF_OFFLINE).error_code == "port-taken"
        first.close()
        inbox.until_online()
        simulator.type_code("M1.MINE")
        assert inbox.next_label() == "M1.MINE"


def test_d30_what_was_typed_before_the_port_was_open_is_not_delivered(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """A code scanned before the till looked belongs to nobody's sale."""
    simulator.type_code("STALE")
    make_scanner(simulator.port)
    inbox.until_online()
    simulator.type_code("FRESH")
    assert inbox.next_label() == "FRESH"


def test_d13_close_during_a_read_is_prompt_and_silent(
    scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """The reader ends without an exception (pyserial alone raises TypeError), and nothing is delivered afterwards."""
    close_in_time(scanner)
    known = len(inbox.events)
    simulator.type_code("LATE")
    wait_for(lambda: not has_thread(scanner))
    assert len(inbox.events) == known


def test_close_is_prompt_while_the_port_is_away(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """Also in the middle of a pause of an hour."""
    simulator.unplug()
    scanner = make_scanner(simulator.port, backoff_s=(3600.0,))
    inbox.until_status(PowerState.OFF_OFFLINE)
    close_in_time(scanner)


def test_close_is_prompt_while_a_port_hangs_in_its_open(make_scanner: MakeScanner, inbox: Inbox) -> None:
    """A server that never answers the call: close does not wait for it, and its late end is not reported."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)  # the queue is full now: the next call hangs
            scanner = make_scanner(PortRef.parse(f"socket://127.0.0.1:{address[1]}"))
            close_in_time(scanner)
            assert has_thread(scanner)
    wait_for(lambda: not has_thread(scanner))
    assert inbox.events == []


def test_close_from_the_callback_itself_does_not_hang(simulator: ScannerSimulator) -> None:
    """A handler that gives the scanner up on its first code is in the reader's own thread."""
    closed = threading.Event()

    def close_at_once(event: ScannerEvent) -> None:
        if isinstance(event, StatusUpdateEvent):
            scanner.close()
            closed.set()

    scanner = Scanner(simulator.port, make_profile(), close_at_once, backoff_s=FAST_BACKOFF_S)
    scanner.open()
    scanner.claim()
    assert closed.wait(5.0)


def test_a_scanner_can_be_taken_into_use_again(scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox) -> None:
    """Closed and opened again it reads, and its counts go on."""
    simulator.type_code("ONE")
    assert inbox.next_label() == "ONE"
    scanner.close()
    scanner.open()
    scanner.claim()
    scanner.enable()
    inbox.until_online()
    simulator.type_code("TWO")
    assert inbox.next_label() == "TWO"
    assert scanner.statistics.good_scan_count == 2


def test_a_failing_listener_does_not_end_the_reader(
    simulator: ScannerSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake above is logged, without what was scanned, and the next code is delivered."""
    inbox = Inbox()

    def stumble(event: ScannerEvent) -> None:
        if isinstance(event, DataEvent) and event.data.label == "SECRET":
            raise LookupError
        inbox(event)

    scanner = Scanner(simulator.port, make_profile(), stumble, backoff_s=FAST_BACKOFF_S)
    scanner.open()
    scanner.claim()
    scanner.enable()
    inbox.until_online()
    with caplog.at_level(logging.ERROR):
        simulator.type_code("SECRET")
        simulator.type_code("NEXT")
        assert inbox.next_label() == "NEXT"
    scanner.close()
    assert "a listener failed on DataEvent: LookupError" in caplog.text
    assert "SECRET" not in caplog.text


class StallingTransport:
    """A line whose handshake holds back every write: ptys and sockets have no CTS."""

    def __init__(self, target: str, line: LineSettings) -> None:
        self._target = target
        self._to_read: list[bytes] = []
        self._cancelled = threading.Event()

    def open(self) -> None:
        """Always possible."""

    def close(self) -> None:
        """Nothing to give back."""

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        """A code after each command, else silence."""
        if self._to_read:
            return self._to_read.pop()
        self._cancelled.wait(timeout_s)
        return b""

    def write(self, data: bytes) -> None:
        """Never taken."""
        self._to_read.append(b"M1.STILL\r")
        raise PortStalledError(self._target)

    def cancel(self) -> None:
        """End the read."""
        self._cancelled.set()


def test_d73_a_device_that_takes_no_command_still_scans(make_scanner: MakeScanner, inbox: Inbox) -> None:
    """A wrong handshake setting is told as "stalled" and does not cost the scans."""
    make_scanner(
        PortRef.parse("/dev/any"), make_profile("[commands]\nenable = '45'"), transport_for=StallingTransport
    )
    inbox.until_online()
    assert inbox.next(StatusUpdateEvent).error_code == "port-stalled"
    assert inbox.next_label() == "M1.STILL"


def test_a_command_does_not_wait_for_the_next_scan(make_scanner: MakeScanner, inbox: Inbox) -> None:
    """A beep ends the read under way: here one that nothing but a cancellation ends."""
    sent: list[bytes] = []

    class Silent(StallingTransport):
        def read(self, max_bytes: int, timeout_s: float) -> bytes:
            self._cancelled.wait()
            self._cancelled.clear()
            return b""

        def write(self, data: bytes) -> None:
            sent.append(data)

    scanner = make_scanner(
        PortRef.parse("/dev/any"), make_profile("[commands]\ngood_beep = '07'"), transport_for=Silent
    )
    inbox.until_online()
    scanner.signal(is_good=True)
    wait_for(lambda: sent == [b"\x07"])


def test_an_unknown_exception_of_a_driver_is_a_loss_like_any_other(
    make_scanner: MakeScanner, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    """What no list of pyserial's exceptions foresees is logged, told as "gone", and tried again."""
    surprises = [AttributeError("M1.SECRET")]

    class Surprising(StallingTransport):
        def read(self, max_bytes: int, timeout_s: float) -> bytes:
            if surprises:
                raise surprises.pop()
            return super().read(max_bytes, timeout_s)

    with caplog.at_level(logging.ERROR):
        make_scanner(PortRef.parse("/dev/any"), make_profile("[commands]\nenable = '45'"), transport_for=Surprising)
        assert inbox.until_status(PowerState.OFF_OFFLINE).error_code == "port-gone"
        inbox.until_online()
    assert inbox.next_label() == "M1.STILL"
    assert "AttributeError at" in caplog.text
    assert "SECRET" not in caplog.text


def test_nothing_of_the_same_read_follows_a_close(simulator: ScannerSimulator) -> None:
    """Two codes in one read, and the first one makes the listener close: the second is nobody's."""
    inbox, done = Inbox(), threading.Event()

    def close_on_data(event: ScannerEvent) -> None:
        inbox(event)
        if isinstance(event, DataEvent):
            scanner.close()
            done.set()

    scanner = Scanner(simulator.port, make_profile(), close_on_data, backoff_s=FAST_BACKOFF_S)
    scanner.open()
    scanner.claim()
    scanner.enable()
    inbox.until_online()
    simulator.type_bytes(b"ONE\r\nTWO\r\n")
    assert done.wait(5.0)
    wait_for(lambda: not has_thread(scanner))
    assert inbox.labels == ["ONE"]


def test_the_pauses_between_attempts_grow_to_the_last_one(make_scanner: MakeScanner) -> None:
    """Attempts come after 1, 2, 4 and then every 4 units, never faster."""
    attempts_s: list[float] = []
    enough = threading.Event()

    class Missing(StallingTransport):
        def open(self) -> None:
            attempts_s.append(time.monotonic())
            if len(attempts_s) == 6:
                enough.set()
            raise TransportLostError(self._target)

    make_scanner(PortRef.parse("/dev/any"), backoff_s=(0.05, 0.1, 0.2), transport_for=Missing)
    assert enough.wait(10.0)
    pauses_s = [later - sooner for sooner, later in pairwise(attempts_s)]
    assert all(pause >= least for pause, least in zip(pauses_s, (0.05, 0.1, 0.2, 0.2, 0.2), strict=True))

"""The scanner on real ports: codes arrive whole, once, and only while it is enabled."""

from __future__ import annotations

import time

import pytest

from devices.decoding import Symbology
from devices.errors import ScannerStateError
from devices.events import DataEvent, ErrorEvent, PowerState, RawEvent, RepeatEvent, ReplyEvent
from devices.framing import FaultKind
from devices.ports import PortRef
from devices.scanner import Scanner, ScannerState
from devices.simulators import ScannerSimulator
from tests.devices.conftest import MakeScanner
from tests.devices.harness import Inbox, make_profile, wait_for


def test_a_scanned_code_arrives_with_its_time(scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox) -> None:
    """A label typed by the scanner becomes one data event, stamped between typing and now."""
    before_ns = time.monotonic_ns()
    simulator.type_code("M1.7K3M9QXZ2")
    event = inbox.next(DataEvent)
    assert (event.data.label, event.data.raw) == ("M1.7K3M9QXZ2", b"M1.7K3M9QXZ2")
    assert before_ns <= event.received_ns <= time.monotonic_ns()
    assert scanner.statistics.good_scan_count == 1
    assert scanner.power_state is PowerState.ONLINE


def test_d24_two_frames_in_one_read_are_two_codes(
    scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """Scans that lie in the buffer together come in order."""
    simulator.type_bytes(b"A1\r\nB2\r\nC3\r\n")
    assert [inbox.next_label() for _ in range(3)] == ["A1", "B2", "C3"]


def test_d23_cr_and_lf_in_two_reads_are_one_end(scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox) -> None:
    """The LF that comes later neither makes an empty code nor sticks to the next one."""
    scanner.is_monitored = True
    simulator.type_bytes(b"A1\r")
    assert inbox.next_label() == "A1"
    simulator.type_bytes(b"\n")
    assert inbox.next(RawEvent).data == b"\n"
    simulator.type_bytes(b"B2\r\n")
    assert inbox.next(DataEvent).data.raw == b"B2"


def test_d25_a_code_arriving_byte_by_byte_is_one_code(
    patient_scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """60 bytes at the pace of 2400 baud are one frame."""
    simulator.type_bytes(b"0123456789" * 6 + b"\r\n", gap_s=0.004)
    assert inbox.next_label() == "0123456789" * 6


def test_d22_a_code_without_a_suffix_ends_by_silence(
    scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """ "Data as is" arrives too, 80 ms later, and the next one is a code of its own."""
    simulator.type_bytes(b"6901234567892")
    assert inbox.next_label() == "6901234567892"
    simulator.type_bytes(b"6900000000001")
    assert inbox.next_label() == "6900000000001"


def test_d27_ten_kilobytes_without_an_end_are_an_error_not_a_code(
    patient_scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """The run is reported once and given up; the code after the next terminator is read."""
    simulator.type_endless(10_000)
    assert inbox.next(ErrorEvent).kind is FaultKind.OVERLONG
    simulator.type_bytes(b"\r\nM1.OK\r\n")
    assert inbox.next_label() == "M1.OK"
    assert inbox.labels == ["M1.OK"]
    assert len(inbox.of(ErrorEvent)) == patient_scanner.statistics.communication_error_count == 1


def test_d29_nul_xon_and_xoff_inside_a_code_do_no_harm(
    scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """They reach `raw` through the real line, and never the label."""
    simulator.type_bytes(b"M1\x00.A\x11B\x13C\r\n")
    event = inbox.next(DataEvent)
    assert (event.data.raw, event.data.label) == (b"M1\x00.A\x11B\x13C", "M1.ABC")


def test_d20_garbage_of_a_wrong_baud_rate_is_no_readable_code(
    scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """Noise is delivered as what it is, unreadable, and the next code is clean."""
    simulator.type_garbage(seed=7)
    simulator.type_bytes(b"\r\n")
    assert not inbox.next(DataEvent).data.is_readable
    simulator.type_code("M1.OK")
    assert inbox.next_label() == "M1.OK"


def test_d44_a_phone_held_in_front_is_one_scan(scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox) -> None:
    """The same bytes within the window are repeats; another code, and the first one after it, are scans."""
    for label in ("PHONE", "PHONE", "PHONE", "OTHER", "PHONE"):
        simulator.type_code(label)
    wait_for(lambda: len(inbox.labels) == 3)
    assert inbox.labels == ["PHONE", "OTHER", "PHONE"]
    assert [event.data.label for event in inbox.of(RepeatEvent)] == ["PHONE", "PHONE"]
    assert scanner.statistics.good_scan_count == 3


@pytest.mark.parametrize(("step_ms", "labels"), [(300, 1), (1499, 1), (1500, 2), (10_000, 2)])
def test_d44_the_window_is_measured_by_the_clock_given(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox, step_ms: int, labels: int
) -> None:
    """0.3 s later is the same phone, 1.5 s and 10 s later is a new scan."""
    now_ns = [0]
    make_scanner(simulator.port, clock_ns=lambda: now_ns[0])
    inbox.until_online()
    simulator.type_code("PHONE")
    inbox.next(DataEvent)
    now_ns[0] = step_ms * 1_000_000
    simulator.type_code("PHONE")
    wait_for(lambda: len(inbox.of(DataEvent)) + len(inbox.of(RepeatEvent)) == 2)
    assert len(inbox.labels) == labels


def test_what_is_scanned_while_disabled_is_dropped(
    patient_scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox
) -> None:
    """Disabled, even half a frame is forgotten; the technician's monitor still sees the bytes."""
    patient_scanner.is_monitored = True

    def type_seen(data: bytes, seen: bytes) -> None:
        simulator.type_bytes(data)
        wait_for(lambda: b"".join(event.data for event in inbox.of(RawEvent)) == seen)

    type_seen(b"HA", b"HA")
    patient_scanner.disable()
    type_seen(b"L\r\nLOST\r\nQ", b"HAL\r\nLOST\r\nQ")
    patient_scanner.enable()
    simulator.type_bytes(b"WHOLE\r\n")
    assert inbox.next_label() == "WHOLE"
    assert inbox.labels == ["WHOLE"]


def test_the_monitor_is_off_unless_switched_on(scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox) -> None:
    """Raw bytes are shown only when somebody looks."""
    simulator.type_code("A1")
    inbox.next(DataEvent)
    assert inbox.of(RawEvent) == []


def test_d63_the_enable_command_is_sent_at_every_start(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """A scanner left disabled by a crash, or power-cycled by a replug, is enabled again."""
    profile = make_profile("[commands]\nenable = '45'\ndisable = '44'\ngood_beep = '07'\nbad_beep = '15'")
    scanner = make_scanner(simulator.port, profile)
    inbox.until_online()
    assert simulator.received(5.0)[:1] == b"E"
    simulator.unplug()
    inbox.until_status(PowerState.OFF_OFFLINE)
    simulator.replug()
    inbox.until_online()
    assert simulator.received(5.0)[:1] == b"E"
    for act, command in (
        (scanner.disable, b"D"),
        (lambda: scanner.signal(is_good=True), b"\x07"),
        (lambda: scanner.signal(is_good=False), b"\x15"),
    ):
        act()
        assert simulator.received(5.0) == command


def test_d43_an_answer_to_a_command_is_no_code(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """The reply of a programmed scanner is told apart from the scan right behind it."""
    make_scanner(simulator.port, make_profile("[replies]\nformat = 'newland'"))
    inbox.until_online()
    simulator.type_bytes(b"\x02\x010000#SCNTRG1\x06;\x03M1.OK\r\n")
    assert inbox.next(ReplyEvent).raw == b"\x02\x010000#SCNTRG1\x06;\x03"
    assert inbox.next_label() == "M1.OK"


def test_an_aim_prefix_becomes_the_symbology(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """The profile's switch reaches the event."""
    make_scanner(simulator.port, make_profile("aim_prefix = true"))
    inbox.until_online()
    simulator.type_code("]E06901234567892")
    data = inbox.next(DataEvent).data
    assert (data.label, data.symbology) == ("6901234567892", Symbology.EAN_UPC)


def test_calls_out_of_order_are_refused(inbox: Inbox) -> None:
    """UnifiedPOS order: open, claim, enable; close is allowed always and twice."""
    scanner = Scanner(PortRef.parse("loop://"), make_profile(), inbox)
    with pytest.raises(ScannerStateError, match="must be open first, it is closed"):
        scanner.claim()
    scanner.open()
    with pytest.raises(ScannerStateError, match="must be claimed first"):
        scanner.enable()
    scanner.disable()
    scanner.close()
    scanner.close()
    assert scanner.state is ScannerState.CLOSED

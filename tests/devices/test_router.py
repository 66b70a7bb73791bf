"""Commands and answers on a line that carries scans: who asked is answered, and no answer ever becomes a code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from devices.events import ErrorEvent, PowerState, ReplyEvent
from devices.framing import FaultKind
from devices.health import HealthCheckLevel, Verdict
from devices.ports import PortRef
from devices.profiles import ScannerProfile
from devices.replies import Outcome, Reply
from devices.scan_line import ScanLine
from devices.scanner import Scanner
from devices.simulators import ScannerSimulator
from tests.devices.answering import Answering
from tests.devices.conftest import MakeScanner
from tests.devices.harness import PATIENCE_S, Inbox, make_profile

MS = 1_000_000
QRYSYS = b"\x7e\x010000@QRYSYS;\x03"
LOCK = b"\x7e\x010000@SETUPE0;\x03"
MODEL = b"\x02\x010000@QRYSYSProduct Name: HR52\r\nFirmware Version: V1.2\x06;\x03"
TAKEN = b"\x02\x010000@SETUPE0\x06;\x03"
NEWLAND = r"""
[commands]
identify = "7E 01 30 30 30 30 40 51 52 59 53 59 53 3B 03"
lock = "7E 01 30 30 30 30 40 53 45 54 55 50 45 30 3B 03"
good_beep = "07"
[replies]
format = "newland"
answered = ["identify", "lock"]
pause_ms = 50
identity = "Product Name: (?P<model>.*)|Firmware Version: (?P<firmware>.*)"
"""


class Bench:
    """One line without a port: bytes in, what is sent and told out, under a clock of its own."""

    def __init__(self, profile: ScannerProfile) -> None:
        self.profile, self.inbox, self.now_ns, self.sent = profile, Inbox(), 0, b""
        self.line = ScanLine(profile, self.inbox, lambda: None, 0, self._send, lambda: self.now_ns)
        self.line.is_enabled = True
        self.line.connected()

    def _send(self, data: bytes) -> None:
        self.sent += data

    def ask(self, command: bytes) -> Future[Reply]:
        return self.line.router.ask(command, is_answered=True)

    def read(self, data: bytes) -> None:
        self.line.received(data, self.now_ns)

    def pass_ms(self, ms: int) -> None:
        self.now_ns += ms * MS
        self.line.silent(self.now_ns)


@pytest.fixture
def bench() -> Bench:
    """A Newland scanner's line."""
    return Bench(make_profile(NEWLAND))


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_d60_a_scan_between_command_and_answer_is_a_scan(bench: Bench, size: int) -> None:
    """However the bytes are split into reads: the scan goes to the counter, the answer to who asked."""
    asked = bench.ask(QRYSYS)
    stream = b"6901234567892\r\n" + MODEL + b"M1.NEXT\r\n"
    for start in range(0, len(stream), size):
        bench.read(stream[start : start + size])
    assert bench.inbox.labels == ["6901234567892", "M1.NEXT"]
    assert asked.result(0) == Reply(Outcome.DONE, MODEL, "Product Name: HR52\nFirmware Version: V1.2")


def test_d61_no_answer_ends_by_itself_and_the_next_command_goes_out(bench: Bench) -> None:
    """Half a second, then `silent`; what waited behind it is sent."""
    first, second = bench.ask(QRYSYS), bench.ask(LOCK)
    assert bench.sent == QRYSYS
    bench.pass_ms(499)
    assert not first.done()
    bench.pass_ms(1)
    assert first.result(0).outcome is Outcome.SILENT
    bench.pass_ms(50)
    assert bench.sent == QRYSYS + LOCK
    bench.read(TAKEN)
    assert second.result(0).outcome is Outcome.DONE


def test_d61_a_late_answer_is_neither_a_code_nor_the_answer_to_the_next_command(bench: Bench) -> None:
    """The tag tells them apart: the answer to the question before does not pass for this one's."""
    bench.ask(QRYSYS)
    bench.pass_ms(500)
    bench.pass_ms(50)
    locked = bench.ask(LOCK)
    bench.read(MODEL)
    assert not locked.done()
    bench.read(TAKEN)
    assert locked.result(0).outcome is Outcome.DONE
    assert bench.inbox.labels == []


def test_d61_a_scanner_that_slept_is_asked_once_more() -> None:
    """Where the profile says so, and never more often; an answer ends it at once."""
    bench = Bench(make_profile(NEWLAND.replace("pause_ms = 50", "retries = 1")))
    first, second = bench.ask(QRYSYS), bench.ask(LOCK)
    bench.pass_ms(500)
    assert bench.sent == QRYSYS * 2
    bench.read(MODEL)
    assert first.result(0).outcome is Outcome.DONE
    assert bench.sent == QRYSYS * 2 + LOCK
    bench.pass_ms(500)
    bench.pass_ms(500)
    assert second.result(0).outcome is Outcome.SILENT
    assert bench.sent == QRYSYS * 2 + LOCK * 2


@pytest.mark.parametrize(("status", "outcome"), [(b"\x15", Outcome.REFUSED), (b"\x05", Outcome.UNKNOWN_COMMAND)])
def test_d62_a_refusal_is_told_as_one(bench: Bench, status: bytes, outcome: Outcome) -> None:
    """NAK: out of range; ENQ: no such command."""
    asked = bench.ask(LOCK)
    bench.read(TAKEN.replace(b"\x06", status))
    assert asked.result(0).outcome is outcome
    assert asked.result(0).is_answered


def test_d43_an_answer_that_nobody_asked_for_is_no_code(bench: Bench) -> None:
    """Somebody held a programming code in front of the scanner: told to the technician, never to the counter."""
    bench.read(TAKEN + b"M1.OK\r\n")
    assert bench.inbox.labels == ["M1.OK"]
    assert [event.raw for event in bench.inbox.of(ReplyEvent)] == [TAKEN]


def test_d31_noise_before_an_answer_does_not_hide_it(bench: Bench) -> None:
    """NUL and FF of a plug that is pushed in belong to nothing."""
    asked = bench.ask(LOCK)
    bench.read(b"\x00\xff" + TAKEN)
    assert asked.result(0).outcome is Outcome.DONE
    bench.pass_ms(1000)
    assert bench.inbox.labels == []


def test_no_answer_begins_inside_a_scan(bench: Bench) -> None:
    """Data with control characters (GS1 separators) is one code, whatever it looks like in the middle."""
    asked = bench.ask(LOCK)
    bench.read(b"01\x1d" + TAKEN + b"\r")
    assert bench.inbox.labels == ["010000@SETUPE0;"]
    assert not asked.done()


def test_commands_keep_the_pause_that_the_family_needs(bench: Bench) -> None:
    """50 ms after the answer, not sooner."""
    bench.ask(LOCK)
    bench.ask(QRYSYS)
    bench.read(TAKEN)
    assert bench.line.wait_s() == pytest.approx(0.05)
    bench.pass_ms(49)
    assert bench.sent == LOCK
    bench.pass_ms(1)
    assert bench.sent == LOCK + QRYSYS


def test_half_an_answer_falls_silent_as_a_fault(bench: Bench) -> None:
    """It is neither held for ever nor a code, and what comes next is read."""
    bench.read(TAKEN[:10])
    assert bench.line.wait_s() == pytest.approx(0.08)
    bench.pass_ms(80)
    assert [event.kind for event in bench.inbox.of(ErrorEvent)] == [FaultKind.INCOMPLETE]
    bench.read(b"M1.OK\r")
    assert bench.inbox.labels == ["M1.OK"]


def test_an_answer_that_never_ends_is_given_up(bench: Bench) -> None:
    """A scanner gone mad costs a fault, not memory, and what it sent is no code."""
    bench.read(b"\x02\x010000" + b"A" * 10_000 + b"\r")
    bench.read(b"M1.OK\r")
    assert bench.inbox.labels[-1] == "M1.OK"
    assert all("0000" not in label for label in bench.inbox.labels)


def test_what_the_line_loses_is_told_to_who_asked(bench: Bench) -> None:
    """Unplugged: the command under way and those behind it end at once; later ones are not even queued."""
    asked = [bench.ask(QRYSYS), bench.ask(LOCK)]
    bench.line.close()
    asked.append(bench.ask(LOCK))
    assert [future.result(0).outcome for future in asked] == [Outcome.OFFLINE] * 3


def test_an_answer_arrives_while_scans_are_disabled() -> None:
    """A technician identifies a scanner before it is used."""
    bench = Bench(make_profile(NEWLAND))
    bench.line.is_enabled = False
    asked = bench.ask(LOCK)
    bench.read(b"LOST\r\n" + TAKEN + b"LOST\r\n")
    assert asked.result(0).outcome is Outcome.DONE
    assert bench.inbox.labels == []


def test_who_hears_an_answer_may_ask_the_next_thing(bench: Bench) -> None:
    """A callback that asks again does not lock up."""
    second: list[Future[Reply]] = []
    bench.ask(LOCK).add_done_callback(lambda _: second.append(bench.ask(QRYSYS)))
    bench.read(TAKEN)
    bench.pass_ms(50)
    bench.read(MODEL)
    assert second[0].result(0).outcome is Outcome.DONE


# --- on real ports -------------------------------------------------------------------------------------------------------


@pytest.fixture
def newland(simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox) -> Iterator[Scanner]:
    """A scanner that answers `QRYSYS` and the lock."""
    answering = Answering(simulator, {QRYSYS: b"6901\r\n" + MODEL, LOCK: TAKEN})
    made = make_scanner(simulator.port, make_profile(NEWLAND))
    inbox.until_online()
    yield made
    answering.stop()


def test_identify_names_model_and_firmware(newland: Scanner, inbox: Inbox) -> None:
    """The profile's pattern picks them out of the answer; the scan in between is a scan."""
    identity = newland.identify().result(PATIENCE_S)
    assert identity is not None
    assert (identity.model, identity.firmware, identity.serial_number) == ("HR52", "V1.2", "")
    assert inbox.next_label() == "6901"


def test_lock_is_answered(newland: Scanner) -> None:
    """Done means that the scanner said so."""
    assert newland.lock().result(PATIENCE_S).outcome is Outcome.DONE


def test_an_internal_health_check_asks_what_the_scanner_can_answer(newland: Scanner) -> None:
    """No health command in the profile: skipped, not passed."""
    report = newland.check_health(HealthCheckLevel.INTERNAL).result(PATIENCE_S)
    assert [(step.name, step.verdict) for step in report.steps] == [
        ("port", Verdict.PASS), ("line", Verdict.PASS), ("identify", Verdict.PASS), ("health", Verdict.SKIPPED),
    ]  # fmt: skip
    assert report.verdict is Verdict.PASS


def test_an_interactive_check_waits_for_a_scan_and_says_only_how_long_it_is(
    newland: Scanner, simulator: ScannerSimulator
) -> None:
    """A beep that nobody confirms is skipped; the code itself is in no report."""
    asked = newland.check_health(HealthCheckLevel.INTERACTIVE)
    while not asked.done():
        simulator.type_code("M1.SECRET")
    steps = {step.name: step for step in asked.result(PATIENCE_S).steps}
    assert (steps["beep"].verdict, steps["beep"].detail) == (Verdict.SKIPPED, "sent")
    assert (steps["scan"].verdict, steps["scan"].detail) == (Verdict.PASS, "9")


def test_a_check_that_nobody_scans_for_fails_in_time(newland: Scanner) -> None:
    """The wait is bounded."""
    report = newland.check_health(HealthCheckLevel.INTERACTIVE, scan_within_s=0.1).result(PATIENCE_S)
    assert (report.steps[-1].verdict, report.steps[-1].detail) == (Verdict.FAIL, "no-scan")
    assert report.verdict is Verdict.FAIL


def test_a_check_of_an_unplugged_scanner_names_the_port(
    simulator: ScannerSimulator, make_scanner: MakeScanner, inbox: Inbox
) -> None:
    """And asks nothing in vain."""
    scanner = make_scanner(simulator.port, make_profile(NEWLAND))
    inbox.until_online()
    simulator.unplug()
    inbox.until_status(PowerState.OFF_OFFLINE)
    steps = scanner.check_health(HealthCheckLevel.INTERNAL).result(PATIENCE_S).steps
    assert steps[0].verdict is Verdict.FAIL
    assert steps[0].detail.startswith("port-")
    assert steps[2].detail == "offline"


def test_an_unplug_ends_the_wait_for_a_scan(scanner: Scanner, simulator: ScannerSimulator, inbox: Inbox) -> None:
    """Not after its twenty seconds, and not only when somebody plugs it in again; away, nobody waits at all."""
    asked = scanner.await_scan(3_600)
    simulator.unplug()
    assert asked.result(PATIENCE_S) is None
    inbox.until_status(PowerState.OFF_OFFLINE)
    assert scanner.await_scan(3_600).result(0) is None


@pytest.mark.parametrize("ask", [Scanner.identify, Scanner.lock, lambda scanner: scanner.await_scan(10)])
def test_closing_ends_every_wait(newland: Scanner, ask: Callable[[Scanner], Future[object]]) -> None:
    """Nobody is left waiting for a port that was given back."""
    asked = ask(newland)
    newland.close()
    asked.result(1)


def test_what_a_profile_does_not_have_is_said(inbox: Inbox) -> None:
    """No command, no identity: at once, and without a port."""
    bare = Scanner(PortRef.parse("loop://"), make_profile(), inbox)
    assert bare.lock().result(0).outcome is Outcome.UNSUPPORTED
    assert bare.identify().result(0) is None
    assert bare.check_health(HealthCheckLevel.INTERNAL).result(0).verdict is Verdict.FAIL

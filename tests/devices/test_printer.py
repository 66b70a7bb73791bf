"""A printer on a real port: what comes out, and what is told of it, whatever happens to paper, cover and cable."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.escpos import Paper
from devices.paper_sheet import CodeRow
from devices.ports import PortRef
from devices.printer import NotPrinted, Printed, Printer, PrinterEvent, PrinterTold, PrintJob
from devices.printer_port import printer_transport
from devices.printer_simulator import PrinterSimulator
from devices.printer_status import PrinterStatus, StatusReader, Trouble
from devices.simulators import CABLE_KINDS, CableKind
from devices.slip import Code, Line
from devices.transport import LineSettings
from tests.devices.harness import FAST_BACKOFF_S, PATIENCE_S, wait_for

COPY = "补打"


class Told:
    """What a printer told, in order; waits with a deadline."""

    def __init__(self) -> None:
        self.events: list[PrinterEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: PrinterEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, event: PrinterEvent) -> None:
        """Wait for it; what came before is forgotten."""
        with self._changed:
            found = self._changed.wait_for(lambda: event in self.events, PATIENCE_S)
            assert found, f"no {event}, but {self.events}"
            del self.events[: self.events.index(event) + 1]


@contextmanager
def at(simulated: PrinterSimulator, **options: Any) -> Iterator[tuple[Printer, Told]]:
    told = Told()
    printer = Printer(simulated.port, LineSettings(), Paper(), told, backoff_s=FAST_BACKOFF_S, **options)
    printer.start()
    try:
        yield printer, told
    finally:
        printer.stop()


def job(name: str = "1") -> PrintJob:
    body = (Line(f"小票 {name}"), Line("获得 128 积分"), Code("T1.ABC"))
    return PrintJob(name, body, (Line(COPY), *body))


@pytest.mark.parametrize("kind", CABLE_KINDS)
def test_a_slip_comes_out(kind: CableKind) -> None:
    """Over a serial line and over the network; the printer says so itself."""
    with PrinterSimulator(kind) as simulated, at(simulated) as (printer, told):
        printer.print(job())
        told.until(Printed("1", is_copy=False, is_confirmed=True))
        assert simulated.sheet.text.splitlines()[:2] == ["小票 1", "获得 128 积分"]
        assert [row.text for row in simulated.sheet.rows if isinstance(row, CodeRow)] == ["T1.ABC"]
        assert (simulated.sheet.cuts, simulated.sheet.unknown) == (1, [])


@pytest.mark.parametrize("kind", [kind for kind in CABLE_KINDS if kind == "pty"])
def test_a_slip_comes_out_of_a_device_file(tmp_path: Path, kind: CableKind) -> None:
    """As the kernel's USB printer is one: no line settings, opened by its name; unplugged, it comes back."""
    with PrinterSimulator(kind) as simulated:
        (tmp_path / "lp0").symlink_to(simulated.port.value)
        told = Told()
        port = PortRef.parse(f"device:{tmp_path / 'lp0'}")
        printer = Printer(port, LineSettings(), Paper(), told, backoff_s=FAST_BACKOFF_S)
        assert type(printer_transport(port.value, LineSettings())).__name__ == "FileTransport"
        printer.start()
        try:
            printer.print(job())
            told.until(Printed("1", is_copy=False, is_confirmed=True))
            simulated.unplug()
            told.until(PrinterTold("port-gone"))
            printer.print(job("2"))
            simulated.replug()
            told.until(Printed("2", is_copy=False, is_confirmed=True))
        finally:
            printer.stop()


def test_slips_come_in_their_order() -> None:
    """Handed over at once, none is lost and none waits for the screen."""
    with PrinterSimulator() as simulated, at(simulated) as (printer, told):
        began = time.monotonic()
        for number in range(8):
            printer.print(job(str(number)))
        assert time.monotonic() - began < 0.5
        told.until(Printed("7", is_copy=False, is_confirmed=True))
        titles = [line for line in simulated.sheet.text.splitlines() if line.startswith("小票")]
        assert titles == [f"小票 {number}" for number in range(8)]


def test_d70_no_answer_is_unknown() -> None:
    """A printer that never says anything gets its slip all the same, and nobody claims that it came out."""
    with PrinterSimulator(is_silent=True) as simulated, at(simulated) as (printer, told):
        told.until(PrinterTold("", is_known=False))
        printer.print(job())
        told.until(Printed("1", is_copy=False, is_confirmed=False))
        wait_for(lambda: simulated.sheet.cuts == 1)  # sent is not yet printed: that is why it is not confirmed


def test_d70_one_that_answered_and_is_silent_is_off() -> None:
    """Its slips wait for it instead of going nowhere."""
    with PrinterSimulator() as simulated, at(simulated) as (printer, told):
        told.until(PrinterTold(""))
        simulated._is_silent = True
        printer.print(job())
        told.until(PrinterTold(Trouble.SILENT))
        assert simulated.printed == b""
        simulated._is_silent = False
        told.until(Printed("1", is_copy=False, is_confirmed=True))


@pytest.mark.parametrize("trouble", [Trouble.PAPER_OUT, Trouble.COVER_OPEN, Trouble.OFFLINE, Trouble.FAULT], ids=str)
def test_d71_d72_it_waits_for_paper_and_cover(trouble: Trouble) -> None:
    """Nothing is sent to a printer that says that it cannot; when it can, the slip comes, and is no copy."""
    with PrinterSimulator() as simulated:
        simulated.trouble(trouble)
        with at(simulated) as (printer, told):
            told.until(PrinterTold(trouble, is_paper_low=trouble is Trouble.PAPER_OUT))
            printer.print(job())
            simulated.trouble(None)
            told.until(Printed("1", is_copy=False, is_confirmed=True))
            assert COPY not in simulated.sheet.text


def test_d71_paper_near_its_end_is_told() -> None:
    """And printed on."""
    with PrinterSimulator() as simulated:
        simulated.paper_low(True)
        with at(simulated) as (printer, told):
            told.until(PrinterTold("", is_paper_low=True))
            printer.print(job())
            told.until(Printed("1", is_copy=False, is_confirmed=True))


@pytest.mark.parametrize("keeps_buffer", [True, False])
def test_d71_paper_out_in_the_middle(keeps_buffer: bool) -> None:
    """The slip comes once more from its start, marked as a copy, whether the printer kept the rest of the first or not."""
    with PrinterSimulator() as simulated, at(simulated) as (printer, told):
        told.until(PrinterTold(""))
        simulated.paper_for(20)
        printer.print(job())
        told.until(PrinterTold(Trouble.PAPER_OUT, is_paper_low=True))
        if not keeps_buffer:
            simulated.forget_buffer()
        simulated.trouble(None)
        printer.print(job("2"))
        told.until(Printed("1", is_copy=True, is_confirmed=keeps_buffer))
        told.until(Printed("2", is_copy=False, is_confirmed=True))
        assert f"{COPY}\n小票 1" in simulated.sheet.text
        assert simulated.sheet.cuts == (3 if keeps_buffer else 2)


def test_d73_d78_it_does_not_know_when_it_is_done() -> None:
    """One without `GS r`: its slip is taken as printed while it says that it is well."""
    with PrinterSimulator(has_end_of_job=False) as simulated, at(simulated) as (printer, told):
        printer.print(job())
        told.until(Printed("1", is_copy=False, is_confirmed=False))


def test_d74_unplugged_in_the_middle() -> None:
    """After the replug it comes again, as a copy."""
    with PrinterSimulator() as simulated, at(simulated) as (printer, told):
        told.until(PrinterTold(""))
        simulated.trouble(Trouble.OFFLINE)  # what is sent now is not printed
        simulated._trouble = None
        simulated.paper_for(0)
        printer.print(job())
        told.until(PrinterTold(Trouble.PAPER_OUT, is_paper_low=True))
        simulated.unplug()
        told.until(PrinterTold("port-gone"))
        simulated.forget_buffer()
        simulated.trouble(None)
        simulated.replug()
        told.until(Printed("1", is_copy=True, is_confirmed=True))
        assert simulated.sheet.text.startswith(COPY)


def test_d78_d79_what_nobody_asked_for_changes_nothing() -> None:
    """An automatic status between the answers, and noise."""
    reader = StatusReader()
    assert reader.feed(b"\x10\x00\x00\x00\x16\x12") is None
    assert reader.feed(b"\x14\x00\x00\x00\x12") == PrinterStatus(None)
    assert reader.jobs_ended == 0
    with PrinterSimulator() as simulated, at(simulated) as (printer, told):
        told.until(PrinterTold(""))
        simulated.say(b"\x10\x00\x00\x00" * 3 + b"\xff\x80")
        printer.print(job())
        told.until(Printed("1", is_copy=False, is_confirmed=True))


def test_d80_an_open_drawer_is_no_trouble() -> None:
    """Bit 2 of the first answer."""
    for printer in (0x16, 0x12):
        assert StatusReader().feed(bytes([printer, 0x12, 0x12])) == PrinterStatus(None)


def test_a_slip_whose_customer_has_left_is_given_up() -> None:
    """A printer that comes back after lunch does not print the morning."""
    later_ns = 0
    with PrinterSimulator() as simulated:
        simulated.trouble(Trouble.PAPER_OUT)
        with at(simulated, clock_ns=lambda: time.monotonic_ns() + later_ns) as (printer, told):
            told.until(PrinterTold(Trouble.PAPER_OUT, is_paper_low=True))
            printer.print(job())
            later_ns = 121 * 10**9
            told.until(NotPrinted("1"))
            simulated.trouble(None)
            printer.print(job("2"))
            told.until(Printed("2", is_copy=False, is_confirmed=True))
            assert "小票 1" not in simulated.sheet.text

"""The receipt printer of this till: receipts, voids and reports as slips, and what becomes of it as the counter's events.

Nobody waits for it: a sale is done when it is in the journal, whatever the paper says.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from config import data
from config.settings import Settings
from devices.errors import PortInvalidError, plain_code
from devices.escpos import encode
from devices.paper_preview import PreviewRow, preview_rows
from devices.paper_sheet import read_sheet
from devices.ports import PortRef
from devices.printer import NotPrinted, Printed, Printer, PrinterEvent, PrinterTold, PrintJob
from devices.printer_profiles import PrinterProfile, read_printers
from devices.slip import Slip
from local_db.errors import LocalDbError
from protocol.training import is_training
from till.counting import amount_of
from till.errors import RefusedError
from till.events import (
    Event,
    PrinterChanged,
    ReceiptGivenUp,
    ReceiptMade,
    ReceiptPrinted,
    ReportGivenUp,
    SaleVoided,
)
from till.i18n import _
from till.papers import DAY, SHIFT, VOID
from till.receipt_words import receipt_rows
from till.receipts import Receipt
from till.report_figures import ShiftReport
from till.report_sections import report_sections
from till.report_words import Section, report_title
from till.slips import receipt_slip, report_slip, way_slip
from till.text import day_text

if TYPE_CHECKING:
    from till.counter import Counter
    from till.vouchers import Issued

_log = logging.getLogger(__name__)

_PORT_CODES: Final = {
    "port-missing": "printer-missing",
    "port-gone": "printer-missing",
    "port-forbidden": "printer-forbidden",
    "port-taken": "printer-taken",
    "port-stalled": "printer-stalled",
}


def find_printer(profile_id: str) -> PrinterProfile:
    """A profile of config/printers. Raises `RefusedError("profile-unknown")`."""
    profile = read_printers(data("printers")).profiles.get(profile_id)
    if profile is None:
        raise RefusedError("profile-unknown", profile=profile_id)
    return profile


class PrinterPost:
    """The one printer of a till, if it has one."""

    def __init__(self, settings: Settings, counter: Counter) -> None:
        self._settings, self._counter = settings, counter
        self._printer: Printer | None = None
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._kept: list[str] = []
        self._is_in_trouble = True
        """Until it has said how it is."""
        self._forget: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Open the assigned printer, if one is. It may come later, or come back: events say so. Never raises.

        What waited when the program ended waits on.
        """
        if not self._settings.printer_port:
            return
        try:
            profile = find_printer(self._settings.printer_profile)
            port = PortRef.parse(self._settings.printer_port)
        except (RefusedError, PortInvalidError) as error:  # written by hand; the shop opens without paper
            _log.error("no printer: %s", error)
            return
        self._printer = Printer(port, profile.line, profile.paper, self._pass_on)
        self._printer.start()
        if self.is_automatic:
            self._forget = self._counter.subscribe(self._take)
        self._kept = self._counter.reports.papers.kept()
        for name in self._kept:
            self._print(name, is_copy=True)

    def stop(self) -> None:
        """Let the port go; what is not printed is kept by its name, and can be printed again from the journal."""
        self._forget()
        if self._printer is not None:
            self._printer.stop()
            self._printer, self._is_in_trouble = None, True
            self._keep()

    def print_again(self, receipt: Receipt) -> None:
        """补打小票: marked as a copy. Raises `RefusedError("no-printer")`."""
        self._need_printer()
        self._hand_over(str(receipt.seq), *[self._slip(receipt, is_copy=True)] * 2)

    def print_void(self, sale: UUID, shift: str) -> None:
        """The slip of a sale that was taken back, marked as a copy. Raises `RefusedError`: `no-printer`, `not-a-sale`."""
        self._need_printer()
        self._print(f"{VOID}{self._counter.reports.papers.void_of(sale, shift)}", is_copy=True)

    def print_report(self, report: ShiftReport) -> None:
        """班中小计, 交班单 or 日结单. Raises `RefusedError("no-printer")`."""
        self._need_printer()
        slip = self._report_slip(report)
        self._hand_over(f"{DAY}{report.day}" if report.day else f"{SHIFT}{report.shift}", slip, slip)

    def print_sections(self, title: str, sections: Sequence[Section]) -> None:
        """What is on the screen and has no name to be found by again. Raises `RefusedError("no-printer")`."""
        self._need_printer()
        slip = report_slip(self._counter.store.settings.name, title, sections)
        self._hand_over("", slip, slip)

    @property
    def is_automatic(self) -> bool:
        """Whether slips come by themselves."""
        return self._settings.print_receipts == "always"

    def print_way(self, seq: int, store: str, way: Sequence[str], said: str) -> None:
        """查一笔 on paper: the way of a sale and what is said of it. Raises `RefusedError("no-printer")`."""
        if self._printer is None:
            raise RefusedError("no-printer")
        slip = way_slip(store, way, said, is_training=is_training(self._counter.terminal))
        self._printer.print(PrintJob(str(seq), slip, slip))

    @property
    def is_assigned(self) -> bool:
        """Whether there is one, and it may print."""
        return self._printer is not None

    def preview(self, receipt: Receipt) -> list[PreviewRow]:
        """What its paper looks like, read from the bytes that the printer would be sent. Raises as `Counter.issued`."""
        paper = find_printer(self._settings.printer_profile).paper
        return preview_rows(read_sheet(encode(self._slip(receipt, is_copy=True), paper)), paper)

    def _take(self, event: Event) -> None:
        match event:
            case ReceiptMade(receipt):
                self._print(str(receipt.seq), receipt)
            case SaleVoided(seq):
                self._print(f"{VOID}{seq}")
            case _:
                pass

    def _print(self, name: str, receipt: Receipt | None = None, *, is_copy: bool = False) -> None:
        """By its name; `receipt` where it is at hand. What cannot be made is said, for what it tells of is done."""
        try:
            if name.startswith((SHIFT, DAY)):
                first = copy = self._report_slip(self._counter.reports.papers.report(name))
            else:
                receipt = receipt or self._counter.reports.papers.receipt(int(name.removeprefix(VOID)))
                is_void = name.startswith(VOID)
                first, copy = (self._slip(receipt, is_copy=one, is_void=is_void) for one in (is_copy, True))
        except (LocalDbError, RefusedError, ValueError) as error:
            _log.warning("no slip of %s: %s", name, error)
            self._given_up(name)
        else:
            self._hand_over(name, first, copy)

    def _hand_over(self, name: str, first: Slip, copy: Slip) -> None:
        if self._printer is None:
            return
        with self._lock:
            self._waiting.append(name)
        self._printer.print(PrintJob(name, first, copy))
        self._keep()

    def _done(self, name: str) -> None:
        with self._lock:
            if name in self._waiting:
                self._waiting.remove(name)
        self._keep()

    def _keep(self) -> None:
        """Only while something is wrong: a sale whose slip comes at once pays for nothing."""
        with self._lock:
            names = [name for name in self._waiting if name] if self._is_in_trouble else []
            if names == self._kept:
                return
            self._kept = names
            try:
                self._counter.reports.papers.keep(names)
            except LocalDbError as error:
                _log.warning("what waits for the printer is not kept: %s", error)

    def _need_printer(self) -> None:
        if self._printer is None:
            raise RefusedError("no-printer")

    def _report_slip(self, report: ShiftReport) -> Slip:
        counter = self._counter
        sections = report_sections(report, counter.store, counter.local)
        return report_slip(counter.store.settings.name, report_title(report), sections)

    def _slip(self, receipt: Receipt, *, is_copy: bool, is_void: bool = False) -> Slip:
        counter = self._counter
        rows = receipt_rows(receipt, counter.store, counter.local, is_void=is_void)
        vouchers, witness = self._vouchers(receipt), counter.witness(receipt.seq)
        return receipt_slip(rows, witness, vouchers, is_copy=is_copy, claim=receipt.claim)

    def _vouchers(self, receipt: Receipt) -> list[tuple[str, str]]:
        """Code and caption of each that the sale gave."""
        if receipt.refund is not None or not any(taken.units for taken in receipt.redemptions):
            return []
        try:
            return [(one.text, self._caption(one)) for one in self._counter.issued(receipt.seq)]
        except RefusedError:  # used already, or nothing that a code can stand for
            return []

    def _caption(self, issued: Issued) -> str:
        name = amount_of(self._counter.store.programme, issued.kind, 1)
        until = _("valid until {day}").format(day=day_text(issued.last_day)) if issued.last_day else ""
        return f"{name}  {until}".rstrip()

    def _pass_on(self, event: PrinterEvent) -> None:
        match event:
            case Printed(name, is_copy, is_confirmed):
                self._done(name)
                if (seq := _seq_of(name)) is not None:
                    self._counter.tell(ReceiptPrinted(seq, is_copy, is_confirmed))
            case NotPrinted(name):
                self._done(name)
                self._given_up(name)
            case PrinterTold(code, is_paper_low, is_known):
                self._is_in_trouble = bool(code)
                self._keep()
                self._counter.tell(PrinterChanged(_PORT_CODES.get(plain_code(code), code), is_paper_low, is_known))

    def _given_up(self, name: str) -> None:
        seq = _seq_of(name)
        self._counter.tell(ReceiptGivenUp(seq) if seq is not None else ReportGivenUp())


def _seq_of(name: str) -> int | None:
    """Of a receipt or of a void; None for a report."""
    number = name.removeprefix(VOID)
    return int(number) if number.isdecimal() else None

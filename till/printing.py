"""The receipt printer of this till: every receipt as a slip, and what becomes of it as the counter's events.

Nobody waits for it: a sale is done when it is in the journal, whatever the paper says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

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
from till.events import Event, PrinterChanged, ReceiptGivenUp, ReceiptMade, ReceiptPrinted
from till.i18n import _
from till.receipt_words import receipt_rows
from till.receipts import Receipt
from till.slips import receipt_slip, way_slip
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
        self._forget: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Open the assigned printer, if one is. It may come later, or come back: events say so. Never raises."""
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
        if self._settings.print_receipts == "always":
            self._forget = self._counter.subscribe(self._take)

    def stop(self) -> None:
        """Let the port go; what is not printed can be printed again from the journal."""
        self._forget()
        if self._printer is not None:
            self._printer.stop()
            self._printer = None

    def print_again(self, receipt: Receipt) -> None:
        """补打小票: marked as a copy. Raises `RefusedError("no-printer")`."""
        if self._printer is None:
            raise RefusedError("no-printer")
        copy = self._slip(receipt, is_copy=True)
        self._printer.print(PrintJob(str(receipt.seq), copy, copy))

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
        if not isinstance(event, ReceiptMade) or self._printer is None:
            return
        receipt = event.receipt
        try:
            first, copy = (self._slip(receipt, is_copy=is_copy) for is_copy in (False, True))
        except (LocalDbError, RefusedError) as error:  # the sale is done; its receipt is on the screen
            _log.warning("no slip of %d: %s", receipt.seq, error)
            self._counter.tell(ReceiptGivenUp(receipt.seq))
        else:
            self._printer.print(PrintJob(str(receipt.seq), first, copy))

    def _slip(self, receipt: Receipt, *, is_copy: bool) -> Slip:
        counter = self._counter
        rows = receipt_rows(receipt, counter.store, counter.local)
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
                self._counter.tell(ReceiptPrinted(int(name), is_copy, is_confirmed))
            case NotPrinted(name):
                self._counter.tell(ReceiptGivenUp(int(name)))
            case PrinterTold(code, is_paper_low, is_known):
                self._counter.tell(PrinterChanged(_PORT_CODES.get(plain_code(code), code), is_paper_low, is_known))

"""What the screens ask of a till's devices: `till.scanners.ScannerPost`, `till.printing.PrinterPost`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from devices.paper_preview import PreviewRow
from terminal.i18n import Bilingual
from till.receipts import Receipt


class Port(Protocol):
    """A serial port of this machine. `ref` is what is kept of it; `suggested` the profiles that fit its USB id."""

    @property
    def ref(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def usb_id(self) -> str: ...
    @property
    def suggested(self) -> tuple[str, ...]: ...


class Profile(Protocol):
    """One family of scanners."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> Bilingual: ...


class Status(Protocol):
    """What is assigned and how it is. `port` is empty for a keyboard wedge."""

    @property
    def port(self) -> str: ...
    @property
    def profile(self) -> str: ...
    @property
    def is_online(self) -> bool: ...
    @property
    def code(self) -> str: ...
    @property
    def good_scans(self) -> int: ...
    @property
    def errors(self) -> int: ...


class Technician(Protocol):
    """Ports and the scanner. All calls may take a while: not on the screen's thread."""

    def list_ports(self) -> Sequence[Port]: ...

    def profiles(self) -> Sequence[Profile]: ...

    def assign(self, port: str, profile: str) -> None: ...

    def monitor(self, on: bool) -> None: ...

    def status(self) -> Status: ...


class ReceiptPrinter(Protocol):
    """The printer, if there is one. Returns at once."""

    def print_again(self, receipt: Receipt) -> None: ...

    @property
    def is_assigned(self) -> bool: ...

    def preview(self, receipt: Receipt) -> list[PreviewRow]: ...

"""What the screens ask of a till's devices: `till.scanners.ScannerPost`, `till.workbench`, `till.printing.PrinterPost`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from uuid import UUID

from terminal.i18n import Bilingual
from till.port_words import Seems
from till.receipts import Receipt
from till.scan_words import DeviceMonth, TracedScan

if TYPE_CHECKING:
    from till.report_figures import ShiftReport
    from till.report_words import Section


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
    @property
    def seems(self) -> Seems: ...


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

    def signal(self, *, is_good: bool) -> None: ...


class Card(Protocol):
    """A technician's card that is good here and now."""

    @property
    def technician(self) -> str: ...


class Change(Protocol):
    """What a template does to one setting."""

    @property
    def setting(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


class Template(Protocol):
    """The store's template: `till.store_template`."""

    def is_code(self, text: str) -> bool: ...

    def code(self) -> str: ...

    def save(self) -> Path: ...

    def would_change(self, text: str) -> Sequence[Change]: ...

    def apply(self, text: str) -> None: ...


class Named(Protocol):
    """What a scanner said of itself; empty where it did not."""

    @property
    def model(self) -> str: ...
    @property
    def firmware(self) -> str: ...
    @property
    def text(self) -> str: ...


class Found(Protocol):
    """Which family answered, and what it said."""

    @property
    def profile(self) -> str: ...
    @property
    def identity(self) -> Named: ...


Question = Literal["identify", "internal", "external", "interactive", "lock", "unlock"]


class Trail(Protocol):
    """Where each scan is written down: `till.scan_trail`."""

    def judged(self, scan: int, text: str, screen: str, code: str, *, begins: bool) -> None: ...


class Workbench(Protocol):
    """What else a technician does: `till.workbench`. Calls that may take a while are not for the screen's thread."""

    @property
    def test_code(self) -> str: ...
    @property
    def template(self) -> Template: ...
    @property
    def trail(self) -> Trail: ...

    def scans(self, limit: int) -> Sequence[TracedScan]: ...

    def counted(self) -> Sequence[DeviceMonth]: ...

    def save_lines(self) -> Path: ...

    def is_card(self, text: str) -> bool: ...

    def open_card(self, text: str) -> Card: ...

    def listen(self, port: str, is_wanted: Callable[[], bool]) -> None: ...

    def stop_listening(self, who: Callable[[], bool] | None = None) -> None: ...

    def use_heard(self, port: str, profile: str) -> None: ...

    def probe(self, port: str) -> Found | None: ...

    def ask(self, question: Question) -> list[str]: ...


class PaperRow(Protocol):
    """A row of a slip, as it comes out."""

    @property
    def text(self) -> str: ...
    @property
    def is_bold(self) -> bool: ...


class ReceiptPrinter(Protocol):
    """The printer, if there is one. Returns at once."""

    def print_again(self, receipt: Receipt) -> None: ...

    def print_way(self, seq: int, store: str, way: Sequence[str], said: str) -> None: ...

    def print_void(self, sale: UUID, shift: str) -> None: ...

    def print_report(self, report: ShiftReport) -> None: ...

    def print_sections(self, title: str, sections: Sequence[Section]) -> None: ...

    @property
    def is_assigned(self) -> bool: ...

    @property
    def is_automatic(self) -> bool: ...

    def preview(self, receipt: Receipt) -> Sequence[PaperRow]: ...

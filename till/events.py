"""Facts that reach the counter by themselves, from the threads of devices and of the background. Frozen, past tense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protocol.cases import Decision
from protocol.push import Outcome
from sync.link import LinkState
from till.hearing_words import Heard
from till.receipts import Receipt


@dataclass(frozen=True)
class CodeScanned:
    """The scanner read a code; `received_ns` is monotonic, when its last byte came.

    `is_repeat`: the same again within 1.5 s. Of a phone that is held in front of the scanner that means nothing, of a product
    it is a second one.
    """

    text: str
    received_ns: int
    is_repeat: bool = False
    size: int = 0
    """Bytes on the line, without what ends a code."""
    symbology: str = ""
    scan: int = 0
    """Its number (`till.scan_trail`); 0 where nobody numbers them."""


@dataclass(frozen=True)
class ScanFailed:
    """Bytes came that make no code (`overlong`, `partial`)."""

    kind: str


@dataclass(frozen=True)
class ScannerChanged:
    """The scanner came or went. `code`: why, for the screen's sentence; when it is there: `scanner-back` after it was away,
    `scanner-moved` where that was under another number, else empty.
    """

    is_online: bool
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class RegisterChanged:
    """The line to the cash register came or went, or a scan did not reach it. `code`: why; `register-back` when it is there
    again, else empty.
    """

    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class RawBytesRead:
    """The technician's line monitor."""

    data: bytes
    received_ns: int


@dataclass(frozen=True)
class ListeningChanged:
    """Somebody listens on a port: with these line settings (`9600 8N1`), or not yet, because of `code`."""

    line: str
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class ScanHeard:
    """What came in while somebody listened. It is used for nothing else."""

    heard: Heard


@dataclass(frozen=True)
class ReceiptMade:
    """Something was sold, or goods came back; it is durable."""

    receipt: Receipt


@dataclass(frozen=True)
class SaleVoided:
    """A sale was taken back, by the entry `seq`; it is durable."""

    seq: int


@dataclass(frozen=True)
class PrinterChanged:
    """How the printer is. `code`: what is wrong, for the screen's sentence; empty where nothing is, or nobody knows."""

    code: str = ""
    is_paper_low: bool = False
    is_known: bool = True


@dataclass(frozen=True)
class ReceiptPrinted:
    """`is_copy`: the first was cut short. `is_confirmed`: the printer says so itself."""

    seq: int
    is_copy: bool = False
    is_confirmed: bool = True


@dataclass(frozen=True)
class ReceiptGivenUp:
    """The printer was not ready for two minutes: its customer has left."""

    seq: int


@dataclass(frozen=True)
class ReportGivenUp:
    """The same of a report, which nobody but its shift's people wait for."""


@dataclass(frozen=True)
class CustomerSideChanged:
    """The customer display, the second screen or the member's keypad came or went. `code`: what is wrong with it, empty for
    nothing, or for what nobody knows: a display never answers.
    """

    device: Literal["display", "screen", "pin-pad"]
    code: str = ""


@dataclass(frozen=True)
class LinkChanged:
    """What the status line says has changed."""

    link: LinkState


@dataclass(frozen=True)
class OutcomesArrived:
    """The ledger has answered for some entries; `again` of them it had known before."""

    outcomes: tuple[Outcome, ...]
    again: int = 0


@dataclass(frozen=True)
class DecisionsArrived:
    """Somebody decided about entries that waited."""

    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class MembersChanged:
    """Rows of these members are newer; empty: it may be anybody's."""

    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoreChanged:
    """Programme, products or staff are newer than before, and so may be every member."""


Event = (
    CodeScanned
    | ScanFailed
    | ScannerChanged
    | RegisterChanged
    | RawBytesRead
    | ListeningChanged
    | ScanHeard
    | ReceiptMade
    | SaleVoided
    | PrinterChanged
    | ReceiptPrinted
    | ReceiptGivenUp
    | ReportGivenUp
    | CustomerSideChanged
    | LinkChanged
    | OutcomesArrived
    | DecisionsArrived
    | MembersChanged
    | StoreChanged
)

"""Facts that reach the counter by themselves, from the threads of devices and of the background. Frozen, past tense."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.push import Outcome
from sync.link import LinkState


@dataclass(frozen=True)
class CodeScanned:
    """The scanner read a code; `received_ns` is monotonic, when its last byte came."""

    text: str
    received_ns: int


@dataclass(frozen=True)
class ScanFailed:
    """Bytes came that make no code (`overlong`, `partial`)."""

    kind: str


@dataclass(frozen=True)
class ScannerChanged:
    """The scanner came or went. `code`: why, for the screen's sentence; empty when it is there."""

    is_online: bool
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class RawBytesRead:
    """The technician's line monitor."""

    data: bytes
    received_ns: int


@dataclass(frozen=True)
class LinkChanged:
    """What the status line says has changed."""

    link: LinkState


@dataclass(frozen=True)
class OutcomesArrived:
    """The ledger has answered for some entries."""

    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class StoreChanged:
    """Programme, products, staff or members are newer than before."""


Event = CodeScanned | ScanFailed | ScannerChanged | RawBytesRead | LinkChanged | OutcomesArrived | StoreChanged

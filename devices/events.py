"""What a scanner reports: facts, delivered from its reader thread to one callback. All times are monotonic ns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devices.decoding import ScanData
from devices.framing import FaultKind


class PowerState(StrEnum):
    """UnifiedPOS power states as far as a serial line can tell them apart."""

    ONLINE = "online"
    OFF_OFFLINE = "off-offline"


@dataclass(frozen=True, slots=True)
class DataEvent:
    """A code was scanned; `received_ns` is when its last byte was read."""

    data: ScanData
    received_ns: int


@dataclass(frozen=True, slots=True)
class RepeatEvent:
    """The same bytes came again within the window: a phone held in front of the scanner, or a second equal product."""

    data: ScanData
    received_ns: int


@dataclass(frozen=True, slots=True)
class ReplyEvent:
    """The scanner answered a host command; never a code."""

    raw: bytes
    received_ns: int


@dataclass(frozen=True, slots=True)
class StatusUpdateEvent:
    """The port came or went; sent on change only. `error_code` is a `DeviceError.code`, None when online."""

    power_state: PowerState
    error_code: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """Bytes that make no code were thrown away."""

    kind: FaultKind
    received_ns: int


@dataclass(frozen=True, slots=True)
class RawEvent:
    """Bytes as they came, before framing: the technician's line monitor, off unless switched on."""

    data: bytes
    received_ns: int


ScannerEvent = DataEvent | RepeatEvent | ReplyEvent | StatusUpdateEvent | ErrorEvent | RawEvent

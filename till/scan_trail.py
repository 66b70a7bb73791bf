"""The way of each scan under one number: bytes, code, what the counter said, the entry, and the ledger's outcome.

Each scan gets its number when it is read. What is kept of a code is its kind and its last signs; of a code that pays, its kind
alone. The rest is told when somebody asks: `till scans`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from local_db.device_log import DeviceLog, ScanRow
from protocol import codes
from protocol.codes import classify
from till.desk import Desk
from till.events import CodeScanned, Event, ReceiptMade, ScanFailed, ScannerChanged

KEYBOARD: Final = "keyboard"
TEST_SCREENS: Final = frozenset({"DevicesScreen", "ListenScreen", "KeysScreen", "ScansScreen"})
"""Where a scan is looked at and sells nothing."""

_MOST_PENDING: Final = 500
_KINDS: Final = {
    codes.MemberCode: "member",
    codes.DynamicMemberCode: "dynamic",
    codes.AuthorisationCode: "authorisation",
    codes.VoucherText: "voucher",
    codes.ProductCode: "product",
    codes.ScaleLabel: "scale-label",
    codes.EnrolmentCode: "enrolment",
    codes.TechnicianCard: "technician",
    codes.TemplateCode: "template",
    codes.ReceiptCode: "receipt",
    codes.ClaimCode: "claim",
    codes.PaymentCode: "payment",
}
_HIDDEN: Final = frozenset({"payment"})


@dataclass(frozen=True)
class _Arrived:
    """A scan that was read and not yet judged."""

    at_us: int
    device: str
    size: int
    symbology: str
    received_ns: int


class ScanTrail:
    """Of one till at work. Called from the scanner's thread and from the screen's; neither waits."""

    def __init__(self, desk: Desk, log: DeviceLog, device: Callable[[], str]) -> None:
        self._desk, self._log, self._device = desk, log, device
        self._arrived: dict[int, _Arrived] = {}
        self._pending: list[int] = []

    def number(self, event: Event) -> Event:
        """An event of the scanner on its way to the counter: a scan gets its number, and all is counted."""
        match event:
            case CodeScanned(is_repeat=is_repeat):
                self._count("repeats" if is_repeat else "scans")
                number = self._log.next_number()
                while len(self._arrived) >= _MOST_PENDING:
                    self._arrived.pop(next(iter(self._arrived)))
                self._arrived[number] = _Arrived(
                    self._desk.clock.now_us(), self._device(), event.size or len(event.text), event.symbology,
                    event.received_ns,
                )  # fmt: skip
                return replace(event, scan=number)
            case ScanFailed(kind=kind):
                self._count(kind)
            case ScannerChanged(is_online=False):
                self._count("lost")
            case _:
                pass
        return event

    def judged(self, scan: int, text: str, screen: str, code: str, *, begins: bool) -> None:
        """What a screen made of a scan. `scan` 0: a scanner that types. `begins`: nothing of a sale was there before it."""
        arrived = self._arrived.pop(scan, None)
        if arrived is None:
            scan = self._log.next_number()
            self._count("scans", KEYBOARD)
            arrived = _Arrived(self._desk.clock.now_us(), KEYBOARD, len(text), "", 0)
        kind, shown = self._known(text)
        answer_us = max(0, (time.monotonic_ns() - arrived.received_ns) // 1_000) if arrived.received_ns else 0
        self._log.put(
            ScanRow(
                scan,
                arrived.at_us,
                arrived.device,
                arrived.size,
                arrived.symbology,
                kind,
                shown,
                screen,
                code,
                answer_us,
            )
        )
        if code:
            self._count("refused", arrived.device)
        elif screen not in TEST_SCREENS:
            self._pending = [scan] if begins else [*self._pending[-_MOST_PENDING:], scan]

    def take(self, event: Event) -> None:
        """Of the counter: a sale ties the scans that made it to its entry."""
        if isinstance(event, ReceiptMade) and self._pending:
            pending, self._pending = tuple(self._pending), []
            self._log.sold(pending, event.receipt.seq)

    def _known(self, text: str) -> tuple[str, str]:
        ranges = self._desk.store.settings.ranges if self._desk.is_ready else ()
        found = classify(text, ranges, member_awaited=True)
        kind = found.reason if isinstance(found, codes.UnknownCode) else _KINDS[type(found)]
        return kind, "" if kind in _HIDDEN else _masked(text, is_whole=kind == "product")

    def _count(self, what: str, device: str = "") -> None:
        month = self._desk.calendar.civil(self._desk.clock.now_us()).strftime("%Y-%m")
        self._log.count(device or self._device(), month, what)


def _masked(text: str, *, is_whole: bool) -> str:
    """A product's number as it is; of everything else the first two and the last four signs, which name nobody."""
    if is_whole:
        return text[:32]
    return f"{text[:2]}..{text[-4:]}" if len(text) > 8 else ".." + text[-2:]

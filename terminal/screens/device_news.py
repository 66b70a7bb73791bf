"""What whoever stands at the till is told of its devices, on whatever screen he is."""

from __future__ import annotations

from typing import Any

from terminal.screens.base import TillScreen
from terminal.words import sentence
from till.events import (
    CustomerSideChanged,
    Event,
    PrinterChanged,
    ReceiptGivenUp,
    RegisterChanged,
    ReportGivenUp,
    ScanFailed,
    ScannerChanged,
)


def say_of_scanner(screen: TillScreen[Any], event: Event) -> None:
    """It went, or it is there again."""
    match event:
        case ScannerChanged(is_online=False, code=code) if code:
            screen.refuse_code(code)
        case ScannerChanged(is_online=True, code="scanner-back" | "scanner-moved" as code):
            screen.say(sentence(code), "success")
        case _:
            pass


def say_of_devices(screen: TillScreen[Any], event: Event) -> None:
    """What has to be done; nothing where all is well, or nobody knows."""
    match event:
        case ScanFailed(kind):
            screen.refuse_code(kind)
        case PrinterChanged(code=code) | CustomerSideChanged(code=code) if code:
            screen.refuse_code(code)
        case RegisterChanged(code="register-back" as code):
            screen.say(sentence(code), "success")
        case RegisterChanged(code=code) if code:
            screen.refuse_code(code)
        case PrinterChanged(is_paper_low=True):
            screen.refuse_code("printer-paper-low")
        case ReceiptGivenUp(seq):
            screen.say(sentence("receipt-given-up", {"seq": seq}))
        case ReportGivenUp():
            screen.refuse_code("report-given-up")
        case _:
            pass

"""What a receipt printer says of itself: the answers to `DLE EOT`, told apart from what else it sends.

One byte each, by their fixed bits: an answer to `DLE EOT` is `0xx1xx10`; the end of a job (`GS r`) is `0xx0xxxx`; an automatic
status that somebody switched on is `0xx1xx00` and three bytes behind it. No answer is no status: unknown, never "fine".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

ASK: Final = b"\x10\x04\x01\x10\x04\x02\x10\x04\x04"
"""Printer, cause of being offline, paper: a printer answers at once, in this order, also while it is offline."""

_ANSWERS = 3


class Trouble(StrEnum):
    """Why nothing is printed, the cause before its consequence."""

    COVER_OPEN = "printer-cover-open"
    PAPER_OUT = "printer-paper-out"
    FAULT = "printer-fault"
    OFFLINE = "printer-offline"
    SILENT = "printer-silent"
    """It answered before and does not now: switched off."""


class PrinterStatus(NamedTuple):
    """As it was told."""

    trouble: Trouble | None
    is_paper_low: bool = False


class StatusReader:
    """Follows the bytes that a printer sends."""

    def __init__(self) -> None:
        self._answers: list[int] = []
        self._skip = 0
        self.jobs_ended = 0
        """How many `GS r` were answered."""

    def forget(self) -> None:
        """What comes answers the next question."""
        self._answers = []

    def feed(self, data: bytes) -> PrinterStatus | None:
        """The status, once all three answers are there."""
        for byte in data:
            if self._skip:
                self._skip -= 1
            elif byte & 0x93 == 0x12:
                self._answers.append(byte)
            elif byte & 0x93 == 0x10:
                self._skip = 3
            elif byte & 0x90 == 0:
                self.jobs_ended += 1
        if len(self._answers) < _ANSWERS:
            return None
        printer, cause, paper = self._answers[-_ANSWERS:]
        self._answers = []
        return PrinterStatus(_trouble(printer, cause, paper), is_paper_low=bool(paper & 0x0C))


def _trouble(printer: int, cause: int, paper: int) -> Trouble | None:
    if cause & 0x04:
        return Trouble.COVER_OPEN
    if cause & 0x20 or paper & 0x60:
        return Trouble.PAPER_OUT
    if cause & 0x40:
        return Trouble.FAULT
    return Trouble.OFFLINE if printer & 0x08 else None

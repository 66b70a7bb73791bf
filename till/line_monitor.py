"""The line monitor: what came over the scanner's line while somebody watched, and as a file for who helps from afar.

A code that could pay is never kept: of a run of sixteen digits and more only the first two are, in the hex too.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from till.errors import RefusedError
from till.events import CodeScanned, Event, RawBytesRead, ScanFailed, ScannerChanged

MOST_READS: Final = 5_000
PER_ROW: Final = 16
_LONG_NUMBER: Final = re.compile(rb"(?<=\d\d)\d{14,}")
"""Payment codes have 16 to 24 digits (`protocol.codes`); what is that long is hidden whatever it is."""


class _Read(NamedTuple):
    """Bytes of one read, or `what` became of those before."""

    at_ns: int
    data: bytes
    what: str = ""


class LineMonitor:
    """Fed with the counter's events; bytes come only while the monitor is on."""

    def __init__(self) -> None:
        self._reads: deque[_Read] = deque(maxlen=MOST_READS)
        self._lock = threading.Lock()

    def take(self, event: Event) -> None:
        """Note what is of the line."""
        with self._lock:
            match event:
                case RawBytesRead(data=data, received_ns=at):
                    self._reads.append(_Read(at, data))
                case CodeScanned(text=text, received_ns=at, scan=scan) if self._reads:
                    self._reads.append(_Read(at, b"", f"scan #{scan}: a code of {len(text)} characters"))
                case ScanFailed(kind=kind) if self._reads:
                    self._reads.append(_Read(self._reads[-1].at_ns, b"", f"no code: {kind}"))
                case ScannerChanged(is_online=is_online, code=code) if self._reads:
                    self._reads.append(_Read(self._reads[-1].at_ns, b"", "online" if is_online else f"away: {code}"))
                case _:
                    pass

    def rows(self) -> list[str]:
        """The dump: ms since the first byte, hex, and what can be printed of it."""
        with self._lock:
            reads = list(self._reads)
        return list(_rows(reads, reads[0].at_ns)) if reads else []

    def save(self, folder: Path, now_us: int) -> Path:
        """Raises `RefusedError`: `monitor-empty`, `monitor-not-written`."""
        rows = self.rows()
        if not rows:
            raise RefusedError("monitor-empty")
        at = datetime.fromtimestamp(now_us // 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
        path = folder / f"line-{at}.txt"
        try:
            path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        except OSError as error:
            raise RefusedError("monitor-not-written", why=str(error.strerror)) from None
        return path


def _rows(reads: list[_Read], began_ns: int) -> Iterator[str]:
    hidden = _hidden(b"".join(read.data for read in reads))
    place = 0
    for read in reads:
        ms = f"{(read.at_ns - began_ns) / 1_000_000:12.3f} ms  "
        if read.what:
            yield f"{ms}# {read.what}"
        for start in range(0, len(read.data), PER_ROW):
            part = read.data[start : start + PER_ROW]
            shown = [(byte, (place + start + at) in hidden) for at, byte in enumerate(part)]
            pairs = " ".join("**" if is_hidden else f"{byte:02x}" for byte, is_hidden in shown)
            signs = "".join("*" if is_hidden else _sign(byte) for byte, is_hidden in shown)
            yield f"{ms}{pairs:<{3 * PER_ROW}} {signs}"
        place += len(read.data)


def _hidden(data: bytes) -> set[int]:
    """The places of digits that may be of a payment code, however its reads were cut."""
    return {place for found in _LONG_NUMBER.finditer(data) for place in range(found.start(), found.end())}


def _sign(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else "."

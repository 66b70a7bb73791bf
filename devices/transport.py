"""A line that carries bytes: what the rest of the room knows of a port.

Five methods, so that pyserial (no release since 2020) can be replaced without touching a scanner.
"""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

import msgspec


class LineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a serial line is set; ignored by addresses that are no real line (`socket://`)."""

    baud: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)] = 9600
    bytesize: Literal[7, 8] = 8
    parity: Literal["N", "E", "O", "M", "S"] = "N"
    stopbits: Literal[1, 2] = 1
    rtscts: bool = False
    xonxoff: bool = False
    """Swallows the bytes 0x11 and 0x13: never with binary data."""
    dsrdtr: bool = False


class Transport(Protocol):
    """One port. `open`, `read`, `write` and `close` belong to one thread; `cancel` may come from any."""

    def open(self) -> None:
        """Open exclusively. Raises a `PortError` that says why not; a closed transport can be opened again."""

    def close(self) -> None:
        """Let go of the port, also of a dead one. Never raises."""

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        """What has arrived, at most `max_bytes`; `b""` after `timeout_s` of silence or when cancelled.

        Raises `TransportLostError`.
        """

    def write(self, data: bytes) -> None:
        """Send all of `data`. Raises `TransportLostError`, or `PortStalledError` when the device holds it back."""

    def cancel(self) -> None:
        """End the read under way, or else the next one, within about 50 ms."""

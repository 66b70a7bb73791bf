"""The sums that vendors put behind their frames."""

from __future__ import annotations

from binascii import crc_hqx


def complement_16(data: bytes) -> bytes:
    """SSI, Mindeo: two's complement of the sum of all bytes, high byte first."""
    return (-sum(data) & 0xFFFF).to_bytes(2, "big")


def crc_xmodem(data: bytes) -> bytes:
    """Grow, Newland EM3095: CRC-16/XMODEM (polynomial 1021, start 0), high byte first."""
    return crc_hqx(data, 0).to_bytes(2, "big")


def hex_text(data: bytes) -> str:
    """As documents write it: `04 E9 FF`."""
    return data.hex(" ").upper()

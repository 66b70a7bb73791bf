"""Bodies: packed with zstd where that pays, unpacked with a limit, lines read from a stream that is not held whole."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, cast

import zstandard

from sync.errors import NotTheLedgerError

PACK_FROM_BYTES = 600
"""Below this a packed body with its header is hardly smaller."""

MAX_LINE_BYTES = 64 * 1024
"""A member's row is about 300 bytes; without a limit a stream without a newline would fill the memory."""

_LEVEL = 3
_MAX_WINDOW_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


def pack(body: bytes) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(body)


def unpack(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    """Undo the content encoding. Raises `NotTheLedgerError` for another one, for damage and past the limit."""
    if encoding in ("", "identity"):
        return body
    unpacked = bytearray()
    for piece in unpacked_pieces([body], encoding):
        unpacked += piece
        if len(unpacked) > limit_bytes:
            raise NotTheLedgerError("not-the-ledger", f"more than {limit_bytes} bytes when unpacked")
    return bytes(unpacked)


def unpacked_pieces(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The same of a stream, never more than 64 kB at a time."""
    if encoding in ("", "identity"):
        yield from pieces
        return
    if encoding != "zstd":
        raise NotTheLedgerError("not-the-ledger", f"content encoding {encoding[:32]!r}")
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
    try:
        # Neither waits for a full buffer: what has arrived is handed on, though the line then falls silent.
        with decompressor.stream_reader(cast("IO[bytes]", _Pieces(pieces))) as reader:
            while piece := reader.read1(_PIECE_BYTES):
                yield piece
    except zstandard.ZstdError as error:
        raise NotTheLedgerError("not-the-ledger", f"not zstd: {error}") from None


def lines(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Whole lines without their newlines, as many as came together. A last one that does not end is not a line."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise NotTheLedgerError("not-the-ledger", "a line without an end")
        yield whole


class _Pieces(io.RawIOBase):
    """A stream of pieces as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed says WriteableBuffer
        while not self._held:
            try:
                self._held = memoryview(next(self._pieces))
            except StopIteration:
                return 0
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

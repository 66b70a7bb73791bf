"""Bodies on their way in and out: bounded before they are read, packed with zstd where both sides can."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import zstandard
from starlette.requests import Request

from ledger.problems import BadRequestError, EncodingError, TooLargeError
from protocol import canonical
from protocol.canonical import Model
from protocol.errors import NotCanonicalError
from protocol.push import MAX_BODY_BYTES

PACK_FROM_BYTES = 600
"""Below this a packed answer with its header is hardly smaller."""

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LEVEL = 3
_MAX_WINDOW_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


async def read_body(request: Request) -> bytes:
    """The body as it travelled. Raises `TooLargeError` as soon as that is certain."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
        raise TooLargeError(MAX_BODY_BYTES)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise TooLargeError(MAX_BODY_BYTES)
    return bytes(body)


def unpack(body: bytes, encoding: str) -> bytes:
    """Undo the content encoding, never past the limit. Raises `TooLargeError`, `EncodingError`, `BadRequestError`."""
    if encoding in ("", "identity"):
        return body
    if encoding != "zstd":
        raise EncodingError(encoding)
    unpacked = bytearray()
    try:
        with zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).stream_reader(body) as reader:
            while piece := reader.read(_PIECE_BYTES):
                unpacked += piece
                if len(unpacked) > MAX_BODY_BYTES:
                    raise TooLargeError(MAX_BODY_BYTES)
    except zstandard.ZstdError as error:
        raise BadRequestError(f"not zstd: {error}") from None
    return bytes(unpacked)


def decode(body: bytes, kind: type[Model]) -> Model:
    """The one model in a body. Raises `BadRequestError`.

    A NUL is in nothing that a person types, and PostgreSQL's text cannot hold it. Only payloads of a journal may have one:
    inside a payload its backslash is escaped once more, and the entry that has it waits for a person by itself.
    """
    if _NUL.search(body):
        raise BadRequestError("it contains NUL characters")
    try:
        return canonical.decode(body, kind)
    except (msgspec.DecodeError, NotCanonicalError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestError(f"not a {kind.__name__}: {error}") from None


def pack(body: bytes) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(body)


def pack_lines(lines: Iterator[bytes]) -> Iterator[bytes]:
    """A zstd frame over many lines, in pieces of about 64 kB. After an empty line what is held goes out."""
    chunker = zstandard.ZstdCompressor(level=_LEVEL).chunker(chunk_size=_PIECE_BYTES)
    for line in lines:
        yield from chunker.compress(line) if line else chunker.flush()  # type: ignore[no-untyped-call]  # its stub lacks it
    yield from chunker.finish()  # type: ignore[no-untyped-call]  # its stub lacks it


def plain_lines(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The same unpacked, in pieces too: a write per line would cost more than the line."""
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= _PIECE_BYTES or not line:
            yield bytes(held)
            held.clear()
    yield bytes(held)

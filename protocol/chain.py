"""The chain that lets a journal prove itself.

Each entry's hash covers the one before it, the terminal, the seq and the *hash* of the payload, so that a damaged payload
does not break the chain behind it. The shape is that of a fiscal till's signature chain (RKSV, Austria, 2017): a receipt's
short code is a witness of everything up to it.
"""

from __future__ import annotations

import base64
import hashlib

from protocol.canonical import Count, Model, Name, encode

HASH_BYTES = 32


class Head(Model, kw_only=True):
    """Where a terminal's chain stood after `seq` entries; `hash` in hex."""

    terminal: Name
    seq: Count
    hash: str

    def signed_bytes(self) -> bytes:
        """What the terminal's key signs."""
        return b"till-head-1\0" + encode(self)

    @property
    def short_code(self) -> str:
        """Eight characters for a receipt: 40 bits of the hash in base32."""
        return base64.b32encode(bytes.fromhex(self.hash)[:5]).decode()


def genesis(terminal: str, public_key: bytes) -> bytes:
    """The hash before the first entry: it binds the chain to the terminal and its key."""
    return hashlib.sha256(b"till-genesis-1\0" + _framed(terminal.encode()) + public_key).digest()


def payload_hash(payload: bytes) -> bytes:
    """SHA-256 of a payload, apart from every other hash in the product by its prefix."""
    return hashlib.sha256(b"till-payload-1\0" + payload).digest()


def link(previous: bytes, terminal: str, seq: int, hash_of_payload: bytes) -> bytes:
    """The hash of entry `seq`, from the one before it and its payload's hash."""
    return hashlib.sha256(
        b"till-entry-1\0" + _framed(terminal.encode()) + seq.to_bytes(8, "big") + previous + hash_of_payload
    ).digest()


def _framed(field: bytes) -> bytes:
    return len(field).to_bytes(2, "big") + field

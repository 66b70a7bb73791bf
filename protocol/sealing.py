"""Sealed for the ledger alone: X25519 (RFC 7748) with a key made for this one message, HKDF-SHA256 (RFC 5869),
ChaCha20-Poly1305 (RFC 8439). Whoever seals cannot open it again; the length says nothing of what is inside.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol.errors import SealError

_PUBLIC_BYTES, _BLOCK, _LENGTH_BYTES = 32, 256, 2
_NONCE = bytes(12)
"""Each key seals one message."""


def seal(data: bytes, public: bytes, about: bytes, secret: bytes) -> bytes:
    """`data` (below 64 KiB) for the owner of `public`. It opens for the same `about` alone. `secret`: 32 fresh random bytes."""
    own = X25519PrivateKey.from_private_bytes(secret)
    ephemeral = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(public))
    framed = len(data).to_bytes(_LENGTH_BYTES, "big") + data
    padded = framed + bytes(-len(framed) % _BLOCK)
    return ephemeral + _cipher(shared, ephemeral, public).encrypt(_NONCE, padded, about)


def unseal(sealed: bytes, private: X25519PrivateKey, about: bytes) -> bytes:
    """What was sealed. Raises `SealError` for anything else, and for another `about`."""
    ephemeral, body = sealed[:_PUBLIC_BYTES], sealed[_PUBLIC_BYTES:]
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        padded = _cipher(shared, ephemeral, private.public_key().public_bytes_raw()).decrypt(_NONCE, body, about)
    except (InvalidTag, ValueError):
        raise SealError("it was not sealed for this key, or not for this") from None
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def _cipher(shared: bytes, ephemeral: bytes, public: bytes) -> ChaCha20Poly1305:
    key = HKDF(SHA256(), 32, salt=None, info=b"till-seal-1\0" + ephemeral + public).derive(shared)
    return ChaCha20Poly1305(key)

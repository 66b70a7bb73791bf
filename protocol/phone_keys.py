"""The slow hash by which a till finds a phone number offline.

Argon2id (RFC 9106), about 50 ms a number: a till hashes one per look-up, who stole a disk hashes ten billion. Slow to read,
not impossible. All phones of a coalition share a salt, so that one hash finds a row; salt and parameters are part of every
key, and a till takes them from any key it has.
"""

from __future__ import annotations

import base64
import binascii

from argon2 import extract_parameters
from argon2.exceptions import HashingError, InvalidHashError
from argon2.low_level import Type, hash_secret

_PASSES, KIB, _LANES, _BYTES = 2, 32_768, 1, 16


def phone_key(phone: str, salt: bytes) -> str:
    """The encoded hash of a normalised phone number (digits alone); equal for equal numbers."""
    return hash_secret(phone.encode(), salt, _PASSES, KIB, _LANES, _BYTES, Type.ID).decode()


def phone_key_like(phone: str, other: str) -> str | None:
    """The key of `phone` with salt and parameters of the key `other`; None where `other` is no key."""
    try:
        used = extract_parameters(other)
        salt = other.split("$")[4]
        raw = base64.b64decode(salt + "=" * (-len(salt) % 4), validate=True)
        key = hash_secret(
            phone.encode(), raw, used.time_cost, used.memory_cost, used.parallelism, used.hash_len, used.type
        )
    except (InvalidHashError, HashingError, IndexError, binascii.Error):
        return None
    return key.decode()

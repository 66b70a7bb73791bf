"""What is stored of secrets, and what people type brought into one form. Phones are hashed by `protocol.phone_keys`.

A PIN costs about 16 ms to check (OWASP's smallest Argon2id: 19 MiB, 2 passes), because a customer waits for it; the parameters
are inside the hash.
"""

from __future__ import annotations

import base64
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_PINS = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=16)


def hash_pin(pin: str) -> str:
    """The hash to keep of a PIN (4 to 8 digits). Raises `ValueError` for anything else."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise ValueError("a PIN has 4 to 8 digits")
    return _PINS.hash(pin)


def pin_fits(pin_hash: str, pin: str) -> bool:
    """Whether `pin` is the one that was hashed; never for a member without a PIN."""
    try:
        return _PINS.verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


def salt_text(salt: bytes) -> str:
    """For the table of settings."""
    return base64.b64encode(salt).decode()


def normal_phone(text: str) -> str:
    """Digits alone, half width, without the country's +86; empty where nothing is left of it."""
    text = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(character for character in text if character in "0123456789")
    return digits[2:] if digits.startswith("86") and len(digits) == 13 else digits


def normal_plate(text: str) -> str:
    """京A·12345 and 京a 12345 are one car."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).upper() if character.isalnum())

"""What people type brought into one form, and the salt as it is stored. `protocol.phone_keys` and `protocol.pins` hash."""

from __future__ import annotations

import base64
import unicodedata


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

"""Finding a member by what he says: his phone, the plate of his car. The ledger alone knows these; it answers a `MemberRow`."""

from __future__ import annotations

import unicodedata
from typing import Literal

from protocol.canonical import Model, Name

LookUpKey = Literal["phone", "plate", "member"]


class LookUpRequest(Model, kw_only=True):
    """`value` as typed: the ledger takes out blanks, dashes and full width. A refusal says `unknown-member`."""

    by: LookUpKey
    value: Name


def normal_phone(text: str) -> str:
    """Digits alone, half width, without the country's +86; empty where nothing is left of it."""
    text = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(character for character in text if character in "0123456789")
    return digits[2:] if digits.startswith("86") and len(digits) == 13 else digits


def normal_plate(text: str) -> str:
    """京A·12345 and 京a 12345 are one car."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).upper() if character.isalnum())

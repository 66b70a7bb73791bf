"""Base45 (RFC 9285): bytes as QR alphanumerics."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}


def encode(data: bytes) -> str:
    """Three characters for two bytes, two for a last single one."""
    out = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out.append(_ALPHABET[digit])
    return "".join(out)


def decode(text: str) -> bytes:
    """Raises `ValueError` for anything that `encode` does not produce."""
    out = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        if len(group) == 1 or any(character not in _VALUE for character in group):
            raise ValueError("not base45")
        number = sum(_VALUE[character] * 45**place for place, character in enumerate(group))
        try:
            out += number.to_bytes(len(group) - 1, "big")
        except OverflowError:
            raise ValueError("not base45") from None
    return bytes(out)

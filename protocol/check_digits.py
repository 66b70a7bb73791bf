"""Check characters of codes: ours (ISO/IEC 7064, MOD 97-10) and those of others (GS1, Luhn)."""

from __future__ import annotations


def mod_97(digits: str) -> str:
    """Two check digits of ISO/IEC 7064 MOD 97-10: they find every single wrong digit and every swap of two."""
    return f"{98 - int(digits) * 100 % 97:02d}"


def mod_97_ok(digits: str) -> bool:
    """Whether the last two digits are the MOD 97-10 check of those before."""
    return digits.isascii() and digits.isdigit() and len(digits) > 2 and int(digits) % 97 == 1


def gtin_ok(text: str) -> bool:
    """Whether `text` is an EAN-8, UPC-A, EAN-13 or GTIN-14 by its check digit (GS1 General Specifications, 7.9)."""
    return len(text) in (8, 12, 13, 14) and gs1_ok(text)


def gs1_ok(text: str) -> bool:
    """Whether `text` ends in GS1's check digit: the same for GTIN, GSRN and SSCC, whatever their length."""
    if not (text.isascii() and text.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return total % 10 == 0


def luhn_ok(text: str) -> bool:
    """Whether `text` passes ISO/IEC 7812's Luhn check."""
    if not (text.isascii() and text.isdigit() and len(text) > 1):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(text))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0

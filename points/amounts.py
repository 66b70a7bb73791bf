"""Amounts at the border: what a cashier types becomes fen, and every number that comes in is checked once.

Money is integer fen, points are integers. Between them the rules calculate with `fractions.Fraction`; nothing is a float.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Final

from points.errors import AmountError

MAX_AMOUNT_FEN: Final = 100_000_000
"""1,000,000.00 yuan: more than any counter sells at once, small enough to catch a barcode typed as an amount."""

MAX_POINTS: Final = 1_000_000_000_000
"""More than any account holds; keeps sums inside the 63 bits of an SQLite integer."""

_PHONE: Final = re.compile(r"1[3-9][0-9]{9}")
_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_FACTOR: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
"""Pieces, or kilograms to the gram."""
_LONGEST_YUAN: Final = len(str(MAX_AMOUNT_FEN // 100))


def parse_amount(text: str) -> int:
    """Fen of what was typed: ``128``, ``128.5`` or ``128.50``, more than zero and at most `MAX_AMOUNT_FEN`.

    Raises `AmountError` with one of the codes ``amount-…``. A phone number is told from an amount, because cashiers type one
    into the wrong field, and it is masked in the error.
    """
    typed = text.strip()
    _refuse_foreign(typed)
    match = _AMOUNT.fullmatch(typed)
    if match is None:
        raise AmountError("amount-not-a-number", _shown(typed))
    yuan, decimals = match[1], match[2] or ""
    if len(decimals) > 2:
        raise AmountError("amount-too-precise", _shown(typed))
    if len(yuan) > _LONGEST_YUAN:
        raise AmountError("amount-too-large", _shown(typed))
    fen = int(yuan) * 100 + int(decimals.ljust(2, "0"))
    if fen == 0:
        raise AmountError("amount-zero", _shown(typed))
    return check_amount(fen)


def parse_sum(text: str) -> int:
    """Fen of an amount, or of several that are added: ``12.5*3+8``. A price times pieces or kilograms is rounded by itself, as
    on a receipt: half a fen up.

    Raises `AmountError` as `parse_amount` does.
    """
    if not any(sign in text for sign in "+*"):
        return parse_amount(text)
    fen = 0
    for term in text.split("+"):
        price, *factors = term.split("*")
        exact = Fraction(parse_amount(price))
        for factor in factors:
            if not _FACTOR.fullmatch(factor.strip()):
                raise AmountError("amount-not-a-number", _shown(text))
            exact *= Fraction(factor.strip())
        fen += int(exact + Fraction(1, 2))
    if fen == 0:
        raise AmountError("amount-zero", _shown(text))
    return check_amount(fen)


def _refuse_foreign(typed: str) -> None:
    """The mistakes that deserve a sentence of their own, before the general one."""
    if not typed:
        raise AmountError("amount-empty", "")
    if any(unicodedata.east_asian_width(char) == "F" for char in typed):
        raise AmountError("amount-full-width", _shown(typed))
    if _PHONE.fullmatch(typed):
        raise AmountError("amount-looks-like-phone", f"{typed[:3]}****{typed[-4:]}")
    if typed[0] in "-\N{MINUS SIGN}":
        raise AmountError("amount-negative", _shown(typed))


def _shown(typed: str) -> str:
    """Fit to stand in a sentence and a log: no control characters, never long."""
    clean = "".join("?" if unicodedata.category(char).startswith("C") else char for char in typed[:24])
    return clean if len(typed) <= 24 else f"{clean}..."


def check_amount(fen: int) -> int:
    """`fen` itself, if it is an integer from 0 to `MAX_AMOUNT_FEN`; raises `AmountError`."""
    if type(fen) is not int:
        raise AmountError("amount-not-a-number", _shown(repr(fen)))
    if fen < 0:
        raise AmountError("amount-negative", str(fen))
    if fen > MAX_AMOUNT_FEN:
        raise AmountError("amount-too-large", _shown(str(fen)))
    return fen


def check_points(points: int) -> int:
    """`points` itself, if it is an integer from 0 to `MAX_POINTS`; raises `AmountError`."""
    if type(points) is not int:
        raise AmountError("points-not-a-number", _shown(repr(points)))
    if points < 0:
        raise AmountError("points-negative", str(points))
    if points > MAX_POINTS:
        raise AmountError("points-too-large", _shown(str(points)))
    return points


def format_fen(fen: int) -> str:
    """``123450`` → ``1,234.50``."""
    yuan, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{cents:02d}"


def format_exact(value: Fraction, places: int = 4) -> str:
    """A fraction as the counter shows it, ``308.4``: cut, never rounded up, after `places` decimals."""
    whole, rest = divmod(abs(value), 1)
    decimals = str(int(rest * 10**places)).rjust(places, "0").rstrip("0")
    sign = "-" if value < 0 and (whole or decimals) else ""
    return f"{sign}{whole:,}.{decimals}" if decimals else f"{sign}{whole:,}"


def percent(share: Fraction) -> str:
    """``Fraction(1, 6)`` → ``16.7``: one decimal, halves up, for sentences in which a percentage is computed (A1)."""
    tenths = int(share * 1000 + Fraction(1, 2))
    return format_exact(Fraction(tenths, 10))

"""Points, vouchers and stamps in words: a bare number is the store's own points, everything else says what it is."""

from __future__ import annotations

from points import Countable, Programme, Text, counted
from till.i18n import _, either
from till.receipts import Receipt, Words
from till.text import harmless, points_text


def amount_of(programme: Programme, kind: str, points: int) -> str:
    """`1,000 points` of the store's own, `洗车券 1张` of another kind."""
    known = programme.kind_by_code.get(kind)
    if known is None or (known is programme.kinds[0] and "积分" in known.name.zh):
        # 积分 is short for 消费积分; an airline's currency is 里程 and nothing else.
        return _("{points} points").format(points=points_text(points))
    return _said(known, points)


def pieces_of(programme: Programme, kind: str, points: int) -> str:
    """The same where the kind has been named beside it: `1,000 points`, `1张`."""
    known = programme.kind_by_code.get(kind)
    if known is None or known.unit is None:
        return amount_of(programme, kind, points)
    return f"{points_text(points)}{_space(either(known.unit))}"


def units_text(count: int, unit: Text | Words | None) -> str:
    """How many pieces or units earn: `3杯`, `60 kWh`; the number alone where nobody has named them."""
    return f"{points_text(count)}{_space(either(unit))}" if unit else points_text(count)


def on_receipt(receipt: Receipt, kind: str, points: int, *, is_signed: bool = False) -> str:
    """As on the day of the sale: a bare number for the store's own points."""
    known = receipt.kinds.get(kind)
    if known is None:
        return f"{points:+,}" if is_signed else points_text(points)
    return _said(known, points, is_signed=is_signed)


def _said(kind: Countable, points: int, *, is_signed: bool = False) -> str:
    return harmless(either(counted(kind, points, is_signed=is_signed)))


def _space(unit: str) -> str:
    """A Chinese measure word stands at its number, an English word apart from it."""
    return harmless(f" {unit}" if unit.isascii() else unit)

"""Ranges of codes that are not ours: plastic cards, scale labels, coupons of the store.

A range is a prefix and the lengths that codes may have. Two ranges that one code could belong to are refused when they
are saved, with such a code as the example.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from protocol.canonical import Model, Name, Positive
from protocol.check_digits import gtin_ok, luhn_ok
from protocol.errors import OverlappingRangesError


class CodeRange(Model, kw_only=True):
    """`prefix` digits or letters, total `length`, a check if there is one, and what the code means.

    A member range gives the `member_no` (the code without prefix where `strip_prefix` says so).
    """

    id: Name
    prefix: str
    length: Positive
    check: Literal["", "gtin", "luhn"] = ""
    means: Literal["member", "product", "scale", "coupon"]
    strip_prefix: bool = False

    def takes(self, text: str) -> bool:
        """Whether `text` belongs to this range."""
        if len(text) != self.length or not text.startswith(self.prefix):
            return False
        return {"": lambda _: True, "gtin": gtin_ok, "luhn": luhn_ok}[self.check](text)

    def value(self, text: str) -> str:
        """What the code says, without the prefix where that is only a mark."""
        return text[len(self.prefix) :] if self.strip_prefix else text


def check_ranges(ranges: Sequence[CodeRange]) -> None:
    """Raises `OverlappingRangesError` when two ranges can meet.

    Check digits do not keep ranges apart: of any ten codes one fits.
    """
    for first, second in combinations(ranges, 2):
        longer, shorter = sorted((first.prefix, second.prefix), key=len, reverse=True)
        if first.length == second.length and longer.startswith(shorter):
            raise OverlappingRangesError(first.id, second.id, longer.ljust(first.length, "0"))

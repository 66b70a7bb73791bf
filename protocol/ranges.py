"""Ranges of codes that are not ours: plastic cards, scale labels, coupons of the store.

A range is a prefix and the length of its codes, ASCII letters and digits throughout. Two ranges that one code could belong
to, or a range that could take our own codes, are refused when they are saved, with such a code as the example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from typing import Annotated, Literal

import msgspec

from protocol.canonical import Model, Name
from protocol.check_digits import gs1_ok, gtin_ok, luhn_ok, mod_97_ok
from protocol.errors import OverlappingRangesError
from protocol.prefixes import MEMBER_PREFIX

Prefix = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z]{1,63}(?!\n)$")]
Length = Annotated[int, msgspec.Meta(ge=2, le=64)]
"""What a card says goes into an entry as its `member`: a `Name`."""

_SEARCHED = 10_000
"""Endings tried for an example: of any hundred codes one satisfies both checks, of any 97 one is ours."""


_Digit = Annotated[int, msgspec.Meta(ge=1, le=64)]
Place = tuple[_Digit, _Digit]
"""From this digit to that one, counted from 1, both of them in it."""


class ScaleTemplate(Model, kw_only=True):
    """Where a scale prints what: the number under which goods stand in the price list, what this piece costs in fen, what it
    weighs in grams. 13 digits: ``21 IIIII PPPPP C``; 18 digits: ``21 IIIII PPPPP WWWWW C``.

    A label that says no price costs what a kilogram does in the price list, by its weight.
    """

    item: Place
    price: Place | None = None
    weight: Place | None = None

    def __post_init__(self) -> None:
        places = sorted(place for place in (self.item, self.price, self.weight) if place)
        if any(first > last for first, last in places) or any(
            one[1] >= other[0] for one, other in pairwise(places)
        ):  # fmt: skip
            raise ValueError("the places of a scale's label go forwards, and none is in another")
        if self.price is None and self.weight is None:
            raise ValueError("a scale's label says a price or a weight")


class CodeRange(Model, kw_only=True):
    """`prefix` digits or letters, total `length`, a check if there is one, and what the code means.

    A member range gives the `member_no` (the code without prefix where `strip_prefix` says so).
    """

    id: Name
    prefix: Prefix
    length: Length
    check: Literal["", "gtin", "luhn", "gs1"] = ""
    """`gs1`: the check digit of a GTIN at any length, such as that of 18 digits that a scale prints."""
    means: Literal["member", "product", "scale", "coupon"]
    strip_prefix: bool = False
    label: ScaleTemplate | None = None
    """Of a range of scale labels; without it they are known for what they are, and not read."""

    def __post_init__(self) -> None:
        if self.label is not None:
            if self.means != "scale":
                raise ValueError(f"range {self.id!r}: only the labels of scales have a template")
            places = (self.label.item, self.label.price, self.label.weight)
            if any(place[1] > self.length for place in places if place):
                raise ValueError(f"range {self.id!r}: its template goes beyond {self.length} digits")
        if len(self.prefix) >= self.length:
            raise ValueError(f"range {self.id!r}: nothing is left behind its prefix")

    def takes(self, text: str) -> bool:
        """Whether `text` belongs to this range."""
        # Not isdigit() alone: full-width １２３ are digits to it.
        if len(text) != self.length or not text.startswith(self.prefix) or not (text.isascii() and text.isalnum()):
            return False
        if self.label is not None and not text.isdigit():
            return False
        return {"": lambda _: True, "gtin": gtin_ok, "luhn": luhn_ok, "gs1": gs1_ok}[self.check](text)

    def value(self, text: str) -> str:
        """What the code says, without the prefix where that is only a mark."""
        return text[len(self.prefix) :] if self.strip_prefix else text


def check_ranges(ranges: Sequence[CodeRange]) -> None:
    """Raises `OverlappingRangesError` when two ranges can meet, or when one could take a static code of ours."""
    for first, second in combinations(ranges, 2):
        if first.length == second.length:
            _refuse_meeting(
                (first.id, first.prefix, first.takes), (second.id, second.prefix, second.takes), first.length
            )
    for own in ranges:
        for prefix in (MEMBER_PREFIX, MEMBER_PREFIX.lower()):
            ours = (prefix, prefix, lambda text: mod_97_ok(text[2:]))
            _refuse_meeting((own.id, own.prefix, own.takes), ours, own.length)


_Taker = tuple[str, str, Callable[[str], bool]]
"""Name, prefix, and whether it takes a code."""


def _refuse_meeting(first: _Taker, second: _Taker, length: int) -> None:
    """Search for a code that both take: check digits alone do not keep ranges apart."""
    longer, shorter = sorted((first[1], second[1]), key=len, reverse=True)
    if not longer.startswith(shorter):
        return
    free = length - len(longer)
    for ending in range(min(_SEARCHED, 10**free)):
        example = longer + (str(ending).zfill(free) if free else "")
        if first[2](example) and second[2](example):
            raise OverlappingRangesError(first[0], second[0], example)

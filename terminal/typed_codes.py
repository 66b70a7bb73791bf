"""What is typed where an amount belongs, and is a code: the scanner is away, or the label is torn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from protocol.codes import MemberCode, ProductCode, ScaleLabel, classify
from protocol.ranges import CodeRange

LONGEST_YUAN: Final = 7
"""No amount has more digits (`points.amounts`)."""


def is_code(typed: str, ranges: Sequence[CodeRange]) -> bool:
    """It begins with a letter, or it is a number that no amount is and that a card or a product has."""
    if not typed.isascii() or not typed:
        return False
    if typed[0].isalpha():
        return True
    if len(typed) <= LONGEST_YUAN or not typed.isdigit():
        return False
    return isinstance(classify(typed, ranges, member_awaited=False), MemberCode | ProductCode | ScaleLabel)

"""Where a business day begins in a journal: a till's time never goes back, so its days rise with the numbers of its entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from protocol.entries import decode_entry
from protocol.errors import UnreadableEntryError


def day_of(payload: bytes) -> str:
    """An entry's business day; empty for one that was damaged."""
    try:
        return decode_entry(payload).business_day
    except UnreadableEntryError:
        return ""


def first_of_day(day: str, last_seq: int, payloads_from: Callable[[int], Iterable[bytes]]) -> int:
    """The first seq that may be of `day`, at most `last_seq` + 1. `payloads_from`: a few entries from a seq on, rising, so that
    damaged ones are looked past."""
    low, high = 1, last_seq + 1
    while low < high:
        middle = (low + high) // 2
        known = next((found for payload in payloads_from(middle) if (found := day_of(payload))), day)
        low, high = (middle + 1, high) if known < day else (low, middle)
    return low

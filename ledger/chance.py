"""The ledger's randomness, for what it names itself: its own entries, its epochs.

A simulation lends it another source for the time of a call.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from protocol.ids import new_id

RandomBits = Callable[[int], int]
"""So many random bits, as a whole number."""

_source: ContextVar[RandomBits] = ContextVar("_source", default=secrets.randbits)


def own_id(now_us: int, bucket: int) -> bytes:
    """The id of an entry that the ledger makes itself."""
    return new_id(now_us // 1_000, bucket, _source.get()(64)).bytes


def random_name() -> str:
    """16 hex digits that no other has."""
    return f"{_source.get()(64):016x}"


@contextmanager
def random_bits_from(source: RandomBits) -> Iterator[None]:
    """All ids in the block, and in what it calls, come from `source`."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)

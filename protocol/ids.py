"""Ids that carry their bucket.

An entry's id is a UUIDv8 (RFC 9562, section 5.8) laid out as a UUIDv7: 48 bits of milliseconds, then, in the 12 bits after
the version, the *bucket* of the account holder, then 62 random bits. Ids sort by time, and because the ledger checks the
bucket against the holder, a unique index on (bucket, id) is unique everywhere: an entry sent again under another member
does not slip past it.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

BUCKETS = 1024
"""For ever: every id, every lot and every shard boundary depends on it."""

_VERSION = 0x8 << 76
_VARIANT = 0b10 << 62


def bucket_of(holder: str) -> int:
    """The bucket of an account holder: a `member_no`, or a terminal where an entry has no member."""
    return int.from_bytes(hashlib.sha256(b"till-bucket-1\0" + holder.encode()).digest()[:2], "big") % BUCKETS


def new_id(unix_ms: int, bucket: int, random_64: int) -> UUID:
    """An id of this millisecond and bucket. `random_64`: 64 random bits, of which 62 are used."""
    if not 0 <= bucket < BUCKETS:
        raise ValueError(bucket)
    return UUID(int=(unix_ms & (1 << 48) - 1) << 80 | _VERSION | bucket << 64 | _VARIANT | random_64 & (1 << 62) - 1)


def bucket_in(entry_id: UUID) -> int:
    """The bucket that an id carries (1,024 and more is possible in a forged one)."""
    return entry_id.int >> 64 & 0xFFF


def is_entry_id(entry_id: UUID) -> bool:
    """Whether version and variant are those of our ids."""
    return entry_id.version == 8 and bucket_in(entry_id) < BUCKETS

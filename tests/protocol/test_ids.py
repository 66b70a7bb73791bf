"""Ids that carry their bucket."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.ids import BUCKETS, bucket_in, bucket_of, is_entry_id, new_id

_ms = st.integers(0, 2**48 - 1)
_buckets = st.integers(0, BUCKETS - 1)
_random = st.integers(0, 2**64 - 1)


@given(_ms, _buckets, _random)
def test_the_bucket_is_carried(ms: int, bucket: int, random: int) -> None:
    """Whatever the time and the random bits, the bucket is read back and the id is one of ours."""
    made = new_id(ms, bucket, random)
    assert bucket_in(made) == bucket
    assert is_entry_id(made)
    assert (made.version, made.variant) == (8, "specified in RFC 4122")


@given(st.integers(0, 2**48 - 2), _buckets, _random, _buckets, _random)
def test_ids_sort_by_time(ms: int, bucket: int, random: int, other_bucket: int, other_random: int) -> None:
    """A later millisecond gives a larger id in every bucket."""
    assert new_id(ms, bucket, random) < new_id(ms + 1, other_bucket, other_random)


@given(_ms, _buckets, st.integers(0, 2**62 - 1), st.integers(0, 2**62 - 1))
def test_62_random_bits_are_kept(ms: int, bucket: int, one: int, other: int) -> None:
    """Ids of one millisecond and bucket differ whenever their random bits do."""
    assert (new_id(ms, bucket, one) == new_id(ms, bucket, other)) == (one == other)


@pytest.mark.parametrize("bucket", [-1, BUCKETS, 4095])
def test_no_id_is_made_of_a_bucket_that_there_is_not(bucket: int) -> None:
    """A bucket outside 0…1,023 is refused, not cut off."""
    with pytest.raises(ValueError, match=str(bucket)):
        new_id(0, bucket, 0)


def test_forged_buckets_show() -> None:
    """An id with a bucket above 1,023, and ids of other makers, are not ours."""
    ours = new_id(1_790_000_000_000, 3, 99)
    assert not is_entry_id(UUID(int=ours.int | 0xFFF << 64))
    assert not is_entry_id(UUID(int=ours.int ^ 0xF << 76))
    assert not is_entry_id(UUID(int=ours.int & ~(0b11 << 62)))
    assert not is_entry_id(uuid4())
    assert not is_entry_id(UUID(int=0))


def test_buckets_of_holders_are_for_ever() -> None:
    """The hash of a holder never changes: every shard boundary stands on it."""
    assert [bucket_of(holder) for holder in ("100000012345", "t1", "张三")] == [918, 156, 634]


def test_members_spread_over_the_buckets() -> None:
    """100,000 consecutive numbers fill all buckets, none with more than twice its share."""
    filled = Counter(bucket_of(str(100_000_000_000 + number)) for number in range(100_000))
    assert len(filled) == BUCKETS
    assert max(filled.values()) < 2 * 100_000 / BUCKETS

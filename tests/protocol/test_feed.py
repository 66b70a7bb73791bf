"""The vector of a reader: where it is, and that it never goes back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import canonical
from protocol.feed import ChangesRequest, Vector
from protocol.ids import BUCKETS

_moves = st.dictionaries(st.sampled_from([0, 1, BUCKETS - 1]), st.integers(0, 5) | st.just(2**53 - 1))


@given(_moves, _moves)
def test_the_digest_says_whether_two_readers_are_at_one_place(one: dict[int, int], other: dict[int, int]) -> None:
    """Digests are equal exactly when all numbers are."""
    first, second = Vector().moved_to(one), Vector().moved_to(other)
    assert (first.digest() == second.digest()) == (first == second) == (first.numbers == second.numbers)


def test_the_digest_covers_documents_and_position() -> None:
    """The same number in another bucket, or as the documents' number, is another place."""
    places = [Vector(), Vector().moved_to({0: 1}), Vector().moved_to({1: 1}), Vector(documents=1)]
    assert len({place.digest() for place in places}) == len({hash(place) for place in places}) == 4
    assert {len(place.digest()) for place in places} == {22}


@given(_moves, _moves)
def test_a_vector_never_goes_back(one: dict[int, int], other: dict[int, int]) -> None:
    """Moving takes the larger number of each bucket, in any order of the moves, and leaves the old vector alone."""
    start = Vector().moved_to(one)
    before = start.digest()
    moved = start.moved_to(other)
    assert all(new >= old for new, old in zip(moved.numbers, start.numbers, strict=True))
    assert moved == Vector().moved_to(other).moved_to(one)
    assert start.digest() == before


@pytest.mark.parametrize("bucket", [-1, BUCKETS, -BUCKETS])
def test_a_bucket_that_there_is_not_moves_nothing(bucket: int) -> None:
    """An index from the end, or behind it, is refused."""
    with pytest.raises(ValueError, match=str(bucket)):
        Vector().moved_to({bucket: 5})


@pytest.mark.parametrize("numbers", [(), (0,) * (BUCKETS - 1), (0,) * (BUCKETS + 1), (-1,) * BUCKETS])
def test_a_vector_has_a_number_for_each_bucket(numbers: tuple[int, ...]) -> None:
    """Too few, too many or negative numbers are no vector, here or in a request."""
    with pytest.raises(ValueError):  # noqa: PT011  # the length, or the sentence about zero
        Vector(numbers)
    with pytest.raises(msgspec.ValidationError):
        canonical.decode(canonical.encode({"numbers": list(numbers)}), ChangesRequest)

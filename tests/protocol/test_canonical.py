"""One value, one sequence of bytes."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import canonical
from protocol.canonical import MAX_INTEGER
from protocol.errors import NotCanonicalError
from protocol.feed import Balance, Changes, MemberRow

ROW = MemberRow(member="m1", position=5, name="张*丰", balances={"points": Balance(available=10, owed=2)})
GOOD = canonical.encode(ROW)

_plain: st.SearchStrategy[Any] = st.recursive(
    st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(_plain)
def test_plain_values_come_back(value: object) -> None:
    """What is encoded decodes to itself, from exactly those bytes."""
    assert canonical.decode(canonical.encode(value), object) == value


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 9), max_size=9))
def test_order_of_insertion_does_not_show(value: dict[str, int]) -> None:
    """Two dicts that are equal have the same bytes, sorted by code point as RFC 8785's readers expect of ASCII."""
    backwards = dict(reversed(value.items()))
    assert canonical.encode(value) == canonical.encode(backwards)
    assert list(json.loads(canonical.encode(value))) == sorted(value)


def test_the_form_itself() -> None:
    """The bytes are known by heart: hashes in journals depend on them for ever."""
    assert (
        '{"balances":{"points":{"available":10,"owed":2}},"member":"m1","name":"张*丰","position":5}'.encode()
    ) == GOOD


SECOND_SPELLINGS = {
    "white space": GOOD.replace(b'"position":5', b'"position": 5'),
    "a line feed behind": GOOD + b"\n",
    "unsorted keys": b'{"position":5,"member":"m1"}',
    "a duplicate key": b'{"member":"m0","member":"m1","position":5}',
    "minus zero": b'{"member":"m1","position":-0}',
    "an escaped letter": b'{"member":"\\u006d1","position":5}',
    "an escaped slash": b'{"member":"m\\/1","position":5}',
    "escaped Chinese": b'{"member":"\\u5f20","position":5}',
    "capital hex digits": b'{"member":"\\u000B","position":5}',
    "a default said aloud": b'{"member":"m1","name":"","position":5}',
    "an inner default said aloud": b'{"balances":{"points":{"available":0}},"member":"m1","position":5}',
}


@pytest.mark.parametrize("data", SECOND_SPELLINGS.values(), ids=SECOND_SPELLINGS)
def test_second_spellings_are_refused(data: bytes) -> None:
    """Bytes that mean a row and are not its one form are refused."""
    with pytest.raises(NotCanonicalError):
        canonical.decode(data, MemberRow)


NOT_A_ROW = {
    "1.0": b'{"member":"m1","position":1.0}',
    "1e2": b'{"member":"m1","position":1e2}',
    "null": b'{"member":null,"position":5}',
    "an unknown field": b'{"member":"m1","position":5,"zzz":1}',
    "a missing field": b'{"member":"m1"}',
    "a huge integer": b'{"member":"m1","position":9007199254740992}',
    "a googol": b'{"member":"m1","position":1' + b"0" * 100 + b"}",
    "a fraction": b'{"member":"m1","position":5.5}',
    "a boolean for a number": b'{"member":"m1","position":true}',
    "a number for a text": b'{"member":1,"position":5}',
    "NaN": b'{"member":"m1","position":NaN}',
    "Infinity": b'{"member":"m1","position":Infinity}',
    "a lone surrogate": b'{"member":"\\ud800","position":5}',
    "bytes that are not UTF-8": b'{"member":"\xff","position":5}',
    "a surrogate in UTF-8": b'{"member":"\xed\xa0\x80","position":5}',
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "half of it": GOOD[: len(GOOD) // 2],
    "twice": GOOD + GOOD,
    "nothing": b"",
    "a list": b"[]",
}


@pytest.mark.parametrize("data", NOT_A_ROW.values(), ids=NOT_A_ROW)
def test_what_is_not_a_row_is_a_decode_error(data: bytes) -> None:
    """Every unreadable form ends in the one documented error."""
    with pytest.raises(msgspec.DecodeError):
        canonical.decode(data, MemberRow)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_a_decode_error(opening: bytes) -> None:
    """A tower of brackets does not exhaust the stack of whoever reads it."""
    with pytest.raises(msgspec.DecodeError, match="nested"):
        canonical.decode(opening * 200_000, object)


@given(st.binary(max_size=60))
def test_random_bytes_never_raise_anything_else(data: bytes) -> None:
    """Whatever arrives, the reader answers with one of its two errors, or the bytes were canonical."""
    try:
        value = canonical.decode(data, object)
    except (msgspec.DecodeError, NotCanonicalError):
        return
    assert canonical.encode(value) == data


def test_integers_as_keys_have_a_form() -> None:
    """A page of changes, whose buckets are integers, can be signed and comes back."""
    changes = Changes(rows=(ROW,), read={10: 7, 9: 8})
    data = canonical.encode(changes)
    assert canonical.decode(data, Changes) == changes
    assert canonical.encode(Changes(rows=(ROW,), read={9: 8, 10: 7})) == data

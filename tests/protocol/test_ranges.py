"""Code ranges that could meet are refused, with a code that shows it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import canonical
from protocol.check_digits import mod_97_ok
from protocol.codes import MemberCode, classify
from protocol.errors import OverlappingRangesError
from protocol.ranges import CodeRange, check_ranges


def code_range(prefix: str, length: int, check: Any = "", name: str = "a") -> CodeRange:
    """A range of member cards."""
    return CodeRange(id=name, prefix=prefix, length=length, check=check, means="member")


_ranges = st.builds(
    lambda prefix, more, check, name: code_range(prefix, len(prefix) + more, check, name),
    st.text("12", min_size=1, max_size=3), st.integers(1, 3), st.sampled_from(["", "luhn", "gtin"]), st.sampled_from("ab"),
)  # fmt: skip


@given(_ranges, _ranges)
def test_an_overlap_is_refused_exactly_when_a_code_shows_it(first: CodeRange, second: CodeRange) -> None:
    """Two ranges are refused when, and only when, some code belongs to both; the example is such a code."""
    longest = max(first.length, second.length)
    shared = [
        text
        for length in range(2, longest + 1)
        for text in candidates(first, length)
        if first.takes(text) and second.takes(text)
    ]
    if not shared:
        check_ranges((first, second))
        return
    with pytest.raises(OverlappingRangesError) as caught:
        check_ranges((first, second))
    assert caught.value.example in shared
    assert caught.value.example in str(caught.value)


def candidates(of: CodeRange, length: int) -> list[str]:
    """All codes of digits with the prefix of a range."""
    free = length - len(of.prefix)
    return [of.prefix + str(ending).zfill(free) for ending in range(10**free)] if free > 0 else []


def test_cards_and_labels_of_different_length_do_not_meet() -> None:
    """The same prefix with another length is another range."""
    check_ranges((code_range("13", 18), code_range("13", 10), code_range("14", 18)))


def test_an_example_satisfies_both_checks() -> None:
    """Where both ranges have a check digit, the example passes both."""
    with pytest.raises(OverlappingRangesError) as caught:
        check_ranges((code_range("2", 13, "gtin"), code_range("21", 13, "luhn", "b")))
    assert code_range("2", 13, "gtin").takes(caught.value.example)
    assert code_range("21", 13, "luhn").takes(caught.value.example)


@pytest.mark.parametrize("prefix", ["M", "m", "M1", "m1", "M10"])
def test_a_range_cannot_hide_our_own_codes(prefix: str) -> None:
    """A range that would take a member's static code for a card is refused, with that code."""
    hiding = code_range(prefix, 14)
    with pytest.raises(OverlappingRangesError) as caught:
        check_ranges((hiding,))
    example = caught.value.example
    assert hiding.takes(example)
    assert mod_97_ok(example[2:])
    assert classify(example, (), member_awaited=True) == MemberCode(example[2:-2], "code")


@pytest.mark.parametrize(
    "changes",
    [{"prefix": ""}, {"prefix": "１"}, {"prefix": "1\n"}, {"prefix": "[b]"}, {"length": 0}, {"length": 65}, {"length": 2**53},
     {"prefix": "1234", "length": 4}, {"prefix": "1234", "length": 3}, {"means": "money"}, {"check": "crc"}, {"x": 1}],
)  # fmt: skip
def test_a_range_that_means_nothing_is_not_read(changes: dict[str, Any]) -> None:
    """No prefix, one that is no code, a length beyond an entry's member or behind the prefix: refused when read."""
    document = {"id": "a", "prefix": "12", "length": 8, "means": "member"} | changes
    with pytest.raises(msgspec.ValidationError):
        canonical.decode(canonical.encode(document), CodeRange)


@pytest.mark.parametrize(
    "label",
    [
        {"item": [3, 7]},
        {"item": [3, 7], "price": [7, 12]},
        {"item": [7, 3], "price": [8, 12]},
        {"item": [3, 7], "price": [8, 14]},
        {"item": [0, 7], "price": [8, 12]},
    ],
)
def test_a_template_that_no_scale_prints_is_refused(label: dict[str, list[int]]) -> None:
    """Neither price nor weight, places that meet, go backwards or beyond the code."""
    told = {"id": "a", "prefix": "21", "length": 13, "means": "scale", "label": label}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told, CodeRange)


def test_only_a_scale_has_a_template() -> None:
    """A member's card says no price."""
    told = {"id": "a", "prefix": "21", "length": 13, "means": "member", "label": {"item": [3, 7], "price": [8, 12]}}
    with pytest.raises(msgspec.ValidationError, match="only the labels of scales"):
        msgspec.convert(told, CodeRange)

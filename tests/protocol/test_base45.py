"""Base45 as RFC 9285 has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import base45

VECTORS = [
    (b"AB", "BB8"),
    (b"Hello!!", "%69 VD92EX0"),
    (b"base-45", "UJCLQE7W581"),
    (b"ietf!", "QED8WEX0"),
    (b"", ""),
]


@pytest.mark.parametrize(("data", "text"), VECTORS)
def test_the_vectors_of_the_rfc(data: bytes, text: str) -> None:
    """Sections 4.3 and 4.4 of the RFC, both ways."""
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=200))
def test_bytes_come_back(data: bytes) -> None:
    """Any bytes are read back, and the text has the length that the RFC gives."""
    text = base45.encode(data)
    assert base45.decode(text) == data
    assert len(text) == len(data) // 2 * 3 + len(data) % 2 * 2


@pytest.mark.parametrize("text", ["GGW", ":::", "5::", "A", "AB8A", "bb8", "B_8", "ＢＢ８", "BB8\n", "::"])
def test_what_no_bytes_encode_to_is_refused(text: str) -> None:
    """Too large groups, a lone character, lower case and foreign characters are refused."""
    with pytest.raises(ValueError, match="base45"):
        base45.decode(text)


@given(st.text("0123456789ABCXYZ $%*+-./:", max_size=12))
def test_one_text_for_the_same_bytes(text: str) -> None:
    """Whatever decodes is exactly what those bytes encode to."""
    try:
        data = base45.decode(text)
    except ValueError:
        return
    assert base45.encode(data) == text

"""A redemption allowed by the member's phone: what the till asks, what the ledger signs, and what a forger can try."""

from __future__ import annotations

from uuid import UUID

import pytest
import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M

from protocol import base45, dynamic_codes
from protocol.authorisations import (
    MAX_CHALLENGE_CHARACTERS,
    Authorisation,
    Challenge,
    challenge_text,
    kind_tag,
    make,
    quote_tag,
    read,
    read_challenge,
    terminal_tag,
)
from protocol.errors import ChallengeError, CodeError
from protocol.ids import bucket_of, new_id
from protocol.prefixes import AUTHORISATION_PREFIX, DYNAMIC_PREFIX
from tests.protocol.makers import MEMBER, NOW_US, STRANGER, WORKING, ring

SALE = new_id(NOW_US // 1_000, bucket_of(MEMBER), 7)
QUOTE = quote_tag(SALE, "voucher-10", "base", 500, 11_800)
ASKED = Challenge(SALE, 500, terminal_tag("zhongshan-02"), kind_tag("base"), QUOTE)
GIVEN = Authorisation(SALE, "zhongshan-02", MEMBER, "base", 500, QUOTE)
PAGE = "https://points.example.com"
RING = ring(WORKING)


def refused(text: str) -> str:
    """The stable word with which an authorisation is refused."""
    with pytest.raises(CodeError) as caught:
        read(text, RING)
    return caught.value.code


@given(
    st.integers(0, 2**64 - 1),
    st.integers(1, 2**32 - 1),
    st.sampled_from(["", "/A/"]),
    st.sampled_from([str, str.lower]),
)
def test_a_challenge_says_what_is_asked(random: int, points: int, before: str, case: type[str]) -> None:
    """Read back from the whole address, from what stands behind it, and in a browser's other case."""
    asked = ASKED._replace(id=new_id(NOW_US // 1_000, bucket_of(MEMBER), random), points=points)
    text = challenge_text(PAGE, asked)
    assert read_challenge(case(text)) == asked
    assert read_challenge(before + text.rpartition("/")[2]) == asked


def test_a_challenge_fits_a_small_screen() -> None:
    """Version 4: 33 modules and a quiet zone of four are 21 rows of half blocks. The longest address still fits at level L."""
    longest = "https://" + "p" * (MAX_CHALLENGE_CHARACTERS - len(challenge_text("", ASKED)) - 8)
    for page, level in ((PAGE, ERROR_CORRECT_M), (longest, ERROR_CORRECT_L)):
        drawn = qrcode.QRCode(error_correction=level)
        drawn.add_data(challenge_text(page, ASKED), optimize=0)
        drawn.make(fit=True)
        assert (drawn.version or 99) <= 4
    with pytest.raises(ValueError, match="115 characters"):
        challenge_text(longest + "p", ASKED)


@pytest.mark.parametrize("points", [0, -1, 2**32])
def test_points_that_cannot_be_asked_for(points: int) -> None:
    """Four bytes, and something."""
    with pytest.raises(ValueError, match=str(points)):
        challenge_text(PAGE, ASKED._replace(points=points))


@given(st.text(max_size=200))
def test_any_text_is_no_challenge(text: str) -> None:
    """Whatever a phone is pointed at ends in one refusal."""
    with pytest.raises(ChallengeError) as caught:
        read_challenge(text)
    assert caught.value.code == "challenge-unreadable"


@pytest.mark.parametrize(
    "wrong", [ASKED._replace(id=UUID(int=5)), ASKED._replace(id=UUID("018f5a5e-0000-7000-8000-000000000000"))]
)
def test_a_challenge_under_a_foreign_id(wrong: Challenge) -> None:
    """An id that carries no bucket can be nobody's."""
    with pytest.raises(ChallengeError):
        read_challenge(challenge_text(PAGE, wrong))


def test_the_quote_binds_to_one_sale() -> None:
    """Another sale, reward, kind, cost or amount to pay has another tag."""
    other = new_id(NOW_US // 1_000, bucket_of(MEMBER), 8)
    tags = {
        QUOTE,
        quote_tag(other, "voucher-10", "base", 500, 11_800),
        quote_tag(SALE, "voucher-20", "base", 500, 11_800),
        quote_tag(SALE, "voucher-10", "green", 500, 11_800),
        quote_tag(SALE, "voucher-10", "base", 501, 11_800),
        quote_tag(SALE, "voucher-10", "base", 500, 11_801),
    }
    assert len(tags) == 6


def test_an_authorisation_says_what_was_reserved() -> None:
    """All of it comes back, years later too: a reservation ends by no clock."""
    for issued_s in (0, NOW_US // 1_000_000):
        assert read(make(GIVEN, issued_s, WORKING), RING) == GIVEN


def test_an_authorisation_fits_version_10() -> None:
    """With long names too, at level M; longer ones are not made."""
    longest = GIVEN._replace(terminal="t" * 24, kind="k" * 16)
    drawn = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    drawn.add_data(make(longest, NOW_US // 1_000_000, WORKING), optimize=0)
    drawn.make(fit=True)
    assert (drawn.version or 99) <= 10
    with pytest.raises(ValueError, match="characters, at most"):
        make(GIVEN._replace(terminal="t" * 64, kind="k" * 64), 0, WORKING)


def test_only_certified_keys_authorise() -> None:
    """A stranger's signature is forged; so is that of a key whose certificate the root never signed."""
    assert refused(make(GIVEN, 0, STRANGER)) == "authorisation-forged"


@given(st.integers(0, len(base45.decode(make(GIVEN, 0, WORKING)[3:])) * 8 - 1))
def test_no_bit_can_be_flipped(bit: int) -> None:
    """Any flipped bit is refused."""
    token = bytearray(base45.decode(make(GIVEN, 0, WORKING).removeprefix(AUTHORISATION_PREFIX)))
    token[bit // 8] ^= 1 << bit % 8
    text = AUTHORISATION_PREFIX + base45.encode(bytes(token))
    assert refused(text) in {"authorisation-unreadable", "authorisation-forged"}


def other_prefix(text: str, prefix: str) -> str:
    """The same token, called something else."""
    return prefix + text[3:]


@pytest.mark.parametrize("key", [WORKING, STRANGER])
def test_one_token_never_stands_for_another(key: Ed25519PrivateKey) -> None:
    """A dynamic code is no authorisation, and an authorisation proves nobody, whatever they are called."""
    code = dynamic_codes.make(MEMBER, 1_790_000_000, b"12345678", key)
    assert refused(other_prefix(code, AUTHORISATION_PREFIX)).startswith("authorisation-")
    with pytest.raises(CodeError):
        dynamic_codes.read(other_prefix(make(GIVEN, 0, key), DYNAMIC_PREFIX), RING, None)

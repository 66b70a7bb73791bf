"""The technician's card: who made it, for whom, until when, and what a forger can try."""

from __future__ import annotations

import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_M

from protocol.codes import TechnicianCard, TemplateCode, classify
from protocol.dynamic_codes import CLOCK_TOLERANCE_S
from protocol.dynamic_codes import make as make_dynamic
from protocol.errors import CodeError
from protocol.prefixes import TECHNICIAN_PREFIX
from protocol.technician_cards import MAX_DAYS, MAX_QR_CHARACTERS, make, read
from tests.protocol.makers import MEMBER, STRANGER, WORKING, ring

ISSUED_S = 1_790_000_000
EXPIRES_S = ISSUED_S + 7 * 86_400
NUMBER = bytes.fromhex("010203040506")
STORE = "zhongshan"
CARD = make("李工", STORE, ISSUED_S, EXPIRES_S, NUMBER, WORKING)
RING = ring(WORKING)


def refused(text: str, now_s: int | None = ISSUED_S, store: str = STORE) -> str:
    """The stable word with which `text` is refused."""
    with pytest.raises(CodeError) as caught:
        read(text, RING, None if now_s is None else now_s * 1_000_000, store)
    return caught.value.code


def test_a_card_says_whose_it_is() -> None:
    """Name, store, times and number come back."""
    found = read(CARD, RING, ISSUED_S * 1_000_000, STORE)
    assert found == ("李工", STORE, ISSUED_S, EXPIRES_S, NUMBER.hex())


@pytest.mark.parametrize(
    ("now_s", "outcome"),
    [
        (ISSUED_S - CLOCK_TOLERANCE_S - 1, "technician-early"),
        (ISSUED_S - CLOCK_TOLERANCE_S, ""),
        (EXPIRES_S, ""),
        (EXPIRES_S + 1, "technician-expired"),
        (None, "technician-clock"),
    ],
)
def test_d102_a_card_has_its_time(now_s: int | None, outcome: str) -> None:
    """To the second; and without a clock that is trusted it opens nothing."""
    if outcome:
        assert refused(CARD, now_s) == outcome
    else:
        assert now_s is not None
        assert read(CARD, RING, now_s * 1_000_000, STORE).technician == "李工"


def test_a_card_is_for_its_store_or_for_all() -> None:
    """Another store's opens nothing."""
    assert refused(CARD, store="airport") == "technician-store"
    every = make("李工", "", ISSUED_S, EXPIRES_S, NUMBER, WORKING)
    assert read(every, RING, ISSUED_S * 1_000_000, "airport").store == ""


def test_only_certified_keys_make_cards() -> None:
    """Nor does another code of the coalition, put behind our prefix, become one."""
    assert refused(make("李工", "", ISSUED_S, EXPIRES_S, NUMBER, STRANGER)) == "technician-forged"
    dynamic = make_dynamic(MEMBER, ISSUED_S, b"12345678", WORKING)
    assert refused(TECHNICIAN_PREFIX + dynamic.partition(":")[2]) == "technician-unreadable"


def test_no_card_lives_longer_than_it_may() -> None:
    """It cannot be taken back: neither made nor believed beyond that."""
    with pytest.raises(ValueError, match="李工"):
        make("李工", "", ISSUED_S, ISSUED_S + MAX_DAYS * 86_400 + 1, NUMBER, WORKING)


def test_a_card_fits_its_code() -> None:
    """QR version 8, level M, all in upper case."""
    assert len(CARD) <= MAX_QR_CHARACTERS
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(CARD)
    assert code.best_fit(start=1) <= 8
    with pytest.raises(ValueError, match="characters"):
        make("x" * 24, "y" * 32, ISSUED_S, EXPIRES_S, NUMBER, WORKING)


@given(st.integers(0, len(CARD) - 1), st.sampled_from("0A9Z$ é"))
def test_a_changed_card_opens_nothing(place: int, character: str) -> None:
    """Whatever was changed."""
    changed = CARD[:place] + character + CARD[place + 1 :]
    if changed != CARD:
        assert refused(changed) in ("technician-unreadable", "technician-forged")


def test_a_scan_of_it_is_known_wherever_it_comes() -> None:
    """Also from a scanner that is set to small letters; a template too."""
    assert classify(CARD.lower(), member_awaited=True) == TechnicianCard(CARD)
    assert classify("s1:abc", member_awaited=True) == TemplateCode("S1:ABC")

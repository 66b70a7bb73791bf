"""A voucher's code: who made it, which voucher it is, and what a forger can try."""

from __future__ import annotations

from uuid import UUID

import cbor2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from devices.qr import qr_matrix
from protocol import base45
from protocol.authorisations import kind_tag
from protocol.codes import VoucherText, classify
from protocol.dynamic_codes import make as make_dynamic
from protocol.entries import encode_entry
from protocol.errors import CodeError
from protocol.voucher_codes import (
    MAX_ISSUED_CHARACTERS,
    MAX_QR_CHARACTERS,
    VoucherCode,
    is_issued_by,
    make,
    make_issued,
    read,
    read_issued,
    voucher_of,
)
from tests.protocol.makers import MEMBER, STRANGER, WORKING, ring, sale
from tests.protocol.test_dynamic_codes import HOSTILE_CBOR

SALE = sale()
PAYLOAD = encode_entry(SALE)
VOUCHER = voucher_of(MEMBER, SALE.id, "wash-voucher", 0, "2026-12-14")
SIGNED, ISSUED = make(VOUCHER, WORKING), make_issued(VOUCHER, PAYLOAD)
RING = ring(WORKING)


def refused(text: str) -> str:
    """The stable word with which `text` is refused, by whichever reader its prefix leads to."""
    with pytest.raises(CodeError) as caught:
        read_issued(text) if text.startswith("T1:") else read(text, RING)
    return caught.value.code


def proved(text: str) -> VoucherCode | None:
    """The voucher of a till's code whose hash fits the entry, its last day as in the entry; None for any other."""
    try:
        code = read_issued(text)
    except CodeError as error:
        return None if error.code == "voucher-unreadable" else VOUCHER._replace(member="another refusal")
    return code.voucher._replace(last_day=VOUCHER.last_day) if is_issued_by(code, PAYLOAD) else None


@pytest.mark.parametrize("last_day", ["2026-12-14", "2000-01-02", ""])
def test_both_codes_say_which_voucher(last_day: str) -> None:
    """Member, entry, kind, number and last day come back; the two codes of one voucher have one nonce."""
    voucher = VOUCHER._replace(last_day=last_day, number=65_535)
    made = read_issued(make_issued(voucher, PAYLOAD))
    assert read(make(voucher, WORKING), RING) == made.voucher == voucher
    assert made.voucher.nonce == voucher.nonce
    assert is_issued_by(made, PAYLOAD)


def test_each_voucher_has_a_nonce_of_its_own() -> None:
    """By entry, kind and number; the day and the member are none of it. It is no nonce of a dynamic code."""
    others = [
        VOUCHER,
        VOUCHER._replace(number=1),
        VOUCHER._replace(kind=kind_tag("stamps")),
        VOUCHER._replace(issued=UUID(int=VOUCHER.issued.int + 1)),
    ]
    assert len({one.nonce for one in others}) == 4
    assert VOUCHER._replace(last_day="", member="1").nonce == VOUCHER.nonce
    assert VOUCHER.nonce.startswith("v")


def test_a_voucher_is_over_after_its_last_day() -> None:
    """On it, it is good; one without an end is good for ever."""
    assert [VOUCHER.is_over(day) for day in ("2026-12-13", "2026-12-14", "2026-12-15")] == [False, False, True]
    assert not VOUCHER._replace(last_day="").is_over("2999-01-01")


def test_a_key_past_its_time_signed_it_all_the_same() -> None:
    """A voucher lives longer than a minute, and longer than the key that was in use on the day it was shown."""
    assert read(SIGNED, ring(WORKING, valid_until=5)) == VOUCHER


def test_only_the_ledger_signs() -> None:
    """A stranger's code is forged; a dynamic code under this prefix is no voucher."""
    assert refused(make(VOUCHER, STRANGER)) == "voucher-forged"
    assert refused("V1:" + make_dynamic(MEMBER, 5, b"12345678", WORKING)[3:]) == "voucher-unreadable"


def test_only_who_has_the_entry_makes_it() -> None:
    """Another entry, another number of pieces, another member's sale: the hash does not fit."""
    code = read_issued(ISSUED)
    assert not is_issued_by(code, encode_entry(sale(gross_fen=1, due_fen=1)))
    assert not is_issued_by(code._replace(voucher=VOUCHER._replace(number=1)), PAYLOAD)
    assert not is_issued_by(code._replace(voucher=VOUCHER._replace(kind=b"xx")), PAYLOAD)
    assert not is_issued_by(code._replace(proof=b""), PAYLOAD)


@given(st.integers(0, len(base45.decode(SIGNED.removeprefix("V1:"))) * 8 - 1))
def test_no_bit_of_the_signed_one_can_be_flipped(bit: int) -> None:
    token = bytearray(base45.decode(SIGNED.removeprefix("V1:")))
    token[bit // 8] ^= 1 << bit % 8
    assert refused("V1:" + base45.encode(bytes(token))) in {"voucher-unreadable", "voucher-forged"}


@given(st.integers(0, (38 + len(MEMBER)) * 8 - 1))
def test_no_bit_of_the_issued_one_names_another_voucher(bit: int) -> None:
    """Whatever is read of it is not proved, but for its last day, which the ledger and the till look up in the entry."""
    packed = bytearray(base45.decode(ISSUED.removeprefix("T1:")))
    packed[bit // 8] ^= 1 << bit % 8
    text = "T1:" + base45.encode(bytes(packed))
    assert proved(text) in (None, VOUCHER)


@given(st.one_of(st.binary(max_size=150), st.sampled_from([bytes.fromhex(one) for one in HOSTILE_CBOR.values()])))
def test_any_bytes_are_refused(token: bytes) -> None:
    """Never another exception, never a voucher that is proved."""
    assert proved("T1:" + base45.encode(token)) is None
    assert refused("V1:" + base45.encode(token)) in {"voucher-unreadable", "voucher-forged"}


@given(st.text(max_size=300))
def test_any_text_is_refused(text: str) -> None:
    assert proved("T1:" + text) is None
    for prefix in ("", "V1:"):
        with pytest.raises(CodeError, match=r"voucher|sort|CBOR|character"):
            read(prefix + text, RING)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {2: MEMBER, 7: VOUCHER.name},
        {2: 5, 7: VOUCHER.name, -65540: 1},
        {2: "", 7: VOUCHER.name, -65540: 1},
        {2: "a\nb", 7: VOUCHER.name, -65540: 1},
        {2: MEMBER, 7: VOUCHER.name[:-1], -65540: 1},
        {2: MEMBER, 7: b"x" * 20, -65540: 1},
        {2: MEMBER, 7: VOUCHER.name, -65540: -1},
        {2: MEMBER, 7: VOUCHER.name, -65540: 1 << 40},
        {2: MEMBER, 7: VOUCHER.name, -65540: "2026-12-14"},
        [2],
    ],
)
def test_claims_of_the_wrong_type_are_refused(claims: object) -> None:
    """Even the ledger's signature does not make a voucher of what is none."""
    from tests.protocol.test_dynamic_codes import signed

    assert refused("V1:" + signed(cbor2.dumps(claims))[3:]) == "voucher-unreadable"


def test_they_fit_their_qr_codes_and_a_camera_reads_them() -> None:
    """Version 8 on a phone; version 4 on the till's screen of 80x24."""
    for text, version in ((SIGNED, 8), (ISSUED, 4)):
        matrix = qr_matrix(text, max_version=version)
        image = Image.new("L", ((len(matrix) + 8) * 4,) * 2, 255)
        for y, row in enumerate(matrix):
            for x, is_dark in enumerate(row):
                if is_dark:
                    image.paste(0, ((x + 4) * 4, (y + 4) * 4, (x + 5) * 4, (y + 5) * 4))
        assert [found.text for found in zxingcpp.read_barcodes(image, try_invert=False)] == [text]
        assert classify(text.lower(), member_awaited=True) == VoucherText(text)
    assert len(SIGNED) <= MAX_QR_CHARACTERS
    assert len(ISSUED) <= MAX_ISSUED_CHARACTERS


def test_one_that_would_not_fit_is_not_made() -> None:
    """Of a member with 20 digits both are; of one with 64 none is."""
    short, long = (VoucherCode("9" * length, SALE.id, kind_tag("x"), 0, "") for length in (20, 64))
    assert make(short, WORKING)
    assert make_issued(short, PAYLOAD)
    with pytest.raises(ValueError, match="characters"):
        make(long, WORKING)
    with pytest.raises(ValueError, match="characters"):
        make_issued(long, PAYLOAD)

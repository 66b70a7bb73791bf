"""The member's dynamic code: who made it, when, and what a forger can try."""

from __future__ import annotations

import cbor2
import pytest
import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey
from hypothesis import given
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_M

from protocol import base45
from protocol.dynamic_codes import CLOCK_TOLERANCE_S, LIFETIME_S, MAX_QR_CHARACTERS, make, read
from protocol.errors import CodeError
from protocol.prefixes import DYNAMIC_PREFIX as PREFIX
from protocol.signing import key_id, public_bytes
from tests.protocol.makers import MEMBER, STRANGER, WORKING, ring

ISSUED_S = 1_790_000_000
NONCE = b"\x01\x02\x03\x04\x05\x06\x07\x08"
CODE = make(MEMBER, ISSUED_S, NONCE, WORKING)
RING = ring(WORKING)


def refused(text: str, now_s: int | None = ISSUED_S) -> str:
    """The stable word with which `text` is refused."""
    with pytest.raises(CodeError) as caught:
        read(text, RING, None if now_s is None else now_s * 1_000_000)
    return caught.value.code


def test_a_code_says_whose_it_is() -> None:
    """Member, times and nonce come back, with a trusted clock and without one."""
    for now_us in (ISSUED_S * 1_000_000, None):
        assert read(CODE, RING, now_us) == (MEMBER, ISSUED_S, ISSUED_S + LIFETIME_S, "0102030405060708")


@pytest.mark.parametrize(
    ("after_s", "outcome"),
    [
        (-CLOCK_TOLERANCE_S - 1, "dynamic-early"),
        (-CLOCK_TOLERANCE_S, ""),
        (LIFETIME_S + CLOCK_TOLERANCE_S, ""),
        (LIFETIME_S + CLOCK_TOLERANCE_S + 1, "dynamic-expired"),
        (86_400, "dynamic-expired"),
    ],
)
def test_a_code_has_its_minute(after_s: int, outcome: str) -> None:
    """It counts for its lifetime and the tolerance of the clocks on both sides, to the second."""
    now_s = ISSUED_S + after_s
    if outcome:
        assert refused(CODE, now_s) == outcome
    else:
        assert read(CODE, RING, now_s * 1_000_000).member == MEMBER


@pytest.mark.parametrize("now_s", [ISSUED_S, None])
def test_only_certified_keys_make_codes(now_s: int | None) -> None:
    """A stranger's code is forged, whatever the clock."""
    assert refused(make(MEMBER, ISSUED_S, NONCE, STRANGER), now_s) == "dynamic-forged"


def test_a_key_past_its_time_makes_no_codes() -> None:
    """A working key that has ended is not believed where the time is known."""
    with pytest.raises(CodeError, match="not a code of this coalition"):
        read(CODE, ring(WORKING, valid_until=5), ISSUED_S * 1_000_000)


@given(st.integers(0, len(base45.decode(CODE.removeprefix(PREFIX))) * 8 - 1))
def test_no_bit_can_be_flipped(bit: int) -> None:
    """Any flipped bit of the token, signed or around what is signed, is refused."""
    token = bytearray(base45.decode(CODE.removeprefix(PREFIX)))
    token[bit // 8] ^= 1 << bit % 8
    assert refused(PREFIX + base45.encode(bytes(token))) in {"dynamic-unreadable", "dynamic-forged"}


@given(st.integers(0, len(CODE) - 1), st.sampled_from("0123456789ABCXYZ $%*+-./:a\0\x1b张"))
def test_no_character_can_be_changed(at: int, character: str) -> None:
    """Any other character anywhere is refused."""
    changed = CODE[:at] + character + CODE[at + 1 :]
    if changed != CODE:
        assert refused(changed) in {"dynamic-unreadable", "dynamic-forged"}


def signed(payload: bytes, header: dict[int, object] | None = None, key: Ed25519PrivateKey = WORKING) -> str:
    """Anything at all, signed like a code."""
    signer = COSEKey.new({1: 1, -1: 6, -2: public_bytes(key), -4: key.private_bytes_raw()})
    kid = bytes.fromhex(key_id(public_bytes(WORKING)))
    token = COSE.new().encode_and_sign(payload, signer, protected=header or {1: -8, 4: kid})
    assert isinstance(token, bytes)
    return PREFIX + base45.encode(token)


def test_a_stranger_cannot_borrow_a_key_id() -> None:
    """A code signed by another key under the name of ours is forged."""
    claims = cbor2.dumps({2: MEMBER, 4: ISSUED_S + 60, 6: ISSUED_S, 7: NONCE})
    assert refused(signed(claims, key=STRANGER)) == "dynamic-forged"
    assert read(signed(claims), RING, None).member == MEMBER


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {2: MEMBER, 4: ISSUED_S, 6: ISSUED_S},
        {2: 5, 4: ISSUED_S, 6: ISSUED_S, 7: NONCE},
        {2: MEMBER, 4: "x", 6: ISSUED_S, 7: NONCE},
        {2: MEMBER, 4: ISSUED_S, 6: 1.5, 7: NONCE},
        {2: MEMBER, 4: ISSUED_S, 6: ISSUED_S, 7: "text"},
        [2, MEMBER],
        None,
        "x",
    ],
)
def test_claims_of_the_wrong_type_are_refused(claims: object) -> None:
    """Even the ledger's signature does not make a member of what is none."""
    assert refused(signed(cbor2.dumps(claims))) == "dynamic-unreadable"


HOSTILE_CBOR = {
    "nothing": "",
    "a break": "ff",
    "an array of 2^64": "9bffffffffffffffff",
    "an array of 2^63": "9b7fffffffffffffff",
    "a map of 2^63": "bb7fffffffffffffff",
    "bytes of 2^63": "5b7fffffffffffffff",
    "an endless array": "9f",
    "140 arrays": "81" * 140 + "00",
    "140 tags": "c1" * 140 + "00",
    "a decimal beyond decimals": "c4821b7fffffffffffffff01",
    "a bigfloat beyond decimals": "c5821b7fffffffffffffff01",
    "a fraction by zero": "d81e820100",
    "a date of the year 10^11": "c11b7fffffffffffffff",
    "a date that is NaN": "c1f97e00",
    "a torn pattern": "d823615b",
    "a pattern that is a list": "d8238101",
    "a set of maps": "d9010281a0",
    "a value that holds itself": "d81c81d81d00",
    "a shared value that there is not": "d81d05",
    "a torn UUID": "d8256161",
    "a tag without an array": "d200",
    "a Sign1 of three": "d283404040",
    "a Sign1 of texts": "d28460a06060",
    "a Sign1 with a torn header": "d28441ffa04040",
    "a header that is a number": "d2844105a04040",
    "a MAC instead": "d18443a10126a04040",
    "headers beside the signed ones": "d28443a10127a1044104404040",
}


@pytest.mark.parametrize("token", HOSTILE_CBOR.values(), ids=HOSTILE_CBOR)
def test_cbor_bombs_are_unreadable(token: str) -> None:
    """Whatever CBOR can be made to do before a signature is checked ends in one refusal."""
    assert refused(PREFIX + base45.encode(bytes.fromhex(token))) == "dynamic-unreadable"


@given(st.binary(max_size=140))
def test_random_tokens_are_refused(token: bytes) -> None:
    """No random token gets through, and none raises anything else."""
    assert refused(PREFIX + base45.encode(token)) in {"dynamic-unreadable", "dynamic-forged"}


@given(st.binary(max_size=60), st.binary(max_size=40))
def test_random_headers_and_payloads_are_refused(protected: bytes, payload: bytes) -> None:
    """A well-formed Sign1 around random parts is refused as well."""
    token = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, b"s" * 20]))
    assert refused((PREFIX + base45.encode(token))[:MAX_QR_CHARACTERS]) in {"dynamic-unreadable", "dynamic-forged"}


def test_nothing_stands_beside_what_is_signed() -> None:
    """The same code with an unsigned header more would be a second spelling of it: refused."""
    token = cbor2.loads(base45.decode(CODE.removeprefix(PREFIX)))
    protected, _beside, payload, signature = token.value
    unsigned: list[object] = [{4: b"x"}, {"note": 1}, []]
    for beside in unsigned:
        changed = cbor2.CBORTag(18, [protected, beside, payload, signature])
        assert refused(PREFIX + base45.encode(cbor2.dumps(changed))) == "dynamic-unreadable"


def test_other_algorithms_are_not_looked_at() -> None:
    """A header that names ES256 or none, over a signature that fits, is refused."""
    token = cbor2.loads(base45.decode(CODE.removeprefix(PREFIX)))
    kid = bytes.fromhex(key_id(public_bytes(WORKING)))
    for header in ({1: -7, 4: kid}, {4: kid}, {1: -8}, {1: -8, 4: kid.hex()}):
        changed = cbor2.CBORTag(18, [cbor2.dumps(header), *token.value[1:]])
        assert refused(PREFIX + base45.encode(cbor2.dumps(changed))) in {"dynamic-unreadable", "dynamic-forged"}


@pytest.mark.parametrize(
    "text", ["", "D1", "D1:", CODE[3:], CODE.lower(), CODE + "A" * 222, " " + CODE, "D1:" + "A" * 10_240]
)
def test_torn_texts_are_unreadable(text: str) -> None:
    """Without the prefix, in another case, too long or empty: refused before anything is decoded."""
    assert refused(text) == "dynamic-unreadable"


def test_a_code_fits_version_8() -> None:
    """The code of a 12-digit member is one QR of at most version 8, level M, all alphanumerics."""
    drawn = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    drawn.add_data(CODE, optimize=0)
    drawn.make(fit=True)
    assert (drawn.version or 99) <= 8
    assert len(CODE) <= MAX_QR_CHARACTERS


def test_a_code_that_would_not_fit_is_not_made() -> None:
    """The longest member whose code fits is read again; one character more is refused when made."""
    longest = max(length for length in range(1, 64) if fits(length))
    assert read(make("9" * longest, ISSUED_S, NONCE, WORKING), RING, None).member == "9" * longest
    assert longest >= 16
    assert not fits(longest + 1)


def fits(length: int) -> bool:
    """Whether a member of that many digits can have a dynamic code."""
    try:
        make("9" * length, ISSUED_S, NONCE, WORKING)
    except ValueError:
        return False
    return True

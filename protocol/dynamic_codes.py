"""The member's dynamic code: a CBOR Web Token (RFC 8392) signed with Ed25519, in base45, checked without a network.

It lives about a minute and the phone shows a new one every 15 s. Inside QR version 8 level M: 221 alphanumerics.
"""

from __future__ import annotations

from typing import NamedTuple

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey, CWTError

from protocol import base45
from protocol.errors import CodeError, SignatureError
from protocol.prefixes import DYNAMIC_PREFIX
from protocol.signing import KeyRing, key_id, public_bytes

LIFETIME_S = 60
MAX_QR_CHARACTERS = 221
CLOCK_TOLERANCE_S = 30
"""A till's clock against the ledger's, as last measured, is better than this; more would lengthen the minute."""


class _Claim:
    """Keys `sub`, `exp`, `iat`, `cti` of RFC 8392, section 3.1."""

    SUBJECT, EXPIRES, ISSUED, NONCE = 2, 4, 6, 7


class _Cose:
    """Tag, header labels and the algorithm of a COSE_Sign1 (RFC 9052, sections 2 and 3.1; RFC 9053, section 2.2)."""

    SIGN1 = 18
    ALG, KID, EDDSA = 1, 4, -8


_KTY, _KEY_ID, _CRV, _X, _D, _OKP, _ED25519 = 1, 2, -1, -2, -4, 1, 6
"""Labels and values of a COSE key (RFC 9052, section 7; RFC 9053, section 7.2)."""


class DynamicCode(NamedTuple):
    """What a code says: whose it is, when it was made and ends (s UTC), and its nonce in hex."""

    member: str
    issued_s: int
    expires_s: int
    nonce: str


def make(member: str, issued_s: int, nonce: bytes, key: Ed25519PrivateKey) -> str:
    """A code of `member`, valid for `LIFETIME_S` from `issued_s` (s UTC). `nonce`: 8 random bytes.

    Raises `ValueError` for a `member` so long that the code would outgrow its QR version.
    """
    claims = {
        _Claim.SUBJECT: member, _Claim.ISSUED: issued_s, _Claim.EXPIRES: issued_s + LIFETIME_S, _Claim.NONCE: nonce,
    }  # fmt: skip
    signer = COSEKey.new({_KTY: _OKP, _CRV: _ED25519, _X: public_bytes(key), _D: key.private_bytes_raw()})
    header = {_Cose.ALG: _Cose.EDDSA, _Cose.KID: bytes.fromhex(key_id(public_bytes(key)))}
    token = COSE.new().encode_and_sign(cbor2.dumps(claims), signer, protected=header)
    if not isinstance(token, bytes):
        raise TypeError(token)
    text = DYNAMIC_PREFIX + base45.encode(token)
    if len(text) > MAX_QR_CHARACTERS:
        raise ValueError(f"{len(text)} characters, at most {MAX_QR_CHARACTERS}")
    return text


def read(text: str, keys: KeyRing, now_us: int | None) -> DynamicCode:
    """Check a scanned code against the ledger's keys and, where the clock can be trusted, against `now_us`.

    Raises `CodeError` with code `dynamic-unreadable`, `dynamic-forged`, `dynamic-expired` or `dynamic-early`.
    """
    token = _token(text)
    try:
        kid = _kid(token)
        public = keys.public(kid.hex(), now_us)
        verifier = COSEKey.new({_KTY: _OKP, _CRV: _ED25519, _X: public, _KEY_ID: kid})
        payload = COSE.new().decode(token, verifier)
    except (CWTError, SignatureError):
        raise CodeError("dynamic-forged", "not a code of this coalition") from None
    code = _claims(payload)
    if now_us is not None:
        _check_time(code, now_us // 1_000_000)
    return code


def _token(text: str) -> bytes:
    if not text.startswith(DYNAMIC_PREFIX) or len(text) > MAX_QR_CHARACTERS:
        raise CodeError("dynamic-unreadable", "not a dynamic code")
    try:
        return base45.decode(text.removeprefix(DYNAMIC_PREFIX))
    except ValueError:
        raise CodeError("dynamic-unreadable", "a dynamic code with a character that cannot be in it") from None


def _kid(token: bytes) -> bytes:
    """The key id in the protected header: which of the overlapping working keys to check with."""
    match _loads(token):
        case cbor2.CBORTag(tag=_Cose.SIGN1, value=[bytes(protected), {**rest}, bytes(), bytes()]) if not rest:
            match _loads(protected):
                case {_Cose.ALG: _Cose.EDDSA, _Cose.KID: bytes(kid)}:
                    return kid
    raise CodeError("dynamic-unreadable", "not a CBOR Web Token")


def _loads(data: bytes) -> object:
    """CBOR of somebody who may not mean well: nobody has signed it yet."""
    try:
        return cbor2.loads(data)
    except (cbor2.CBORError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        # Tags of CBOR make decimals, dates, sets and patterns, each with errors of its own.
        raise CodeError("dynamic-unreadable", "not CBOR") from None


def _claims(payload: bytes) -> DynamicCode:
    match _loads(payload):
        case {
            _Claim.SUBJECT: str(member), _Claim.ISSUED: int(issued),
            _Claim.EXPIRES: int(expires), _Claim.NONCE: bytes(nonce),
        }:  # fmt: skip
            return DynamicCode(member, issued, expires, nonce.hex())
    raise CodeError("dynamic-unreadable", "a dynamic code that does not say whose it is")


def _check_time(code: DynamicCode, now_s: int) -> None:
    if now_s > code.expires_s + CLOCK_TOLERANCE_S:
        raise CodeError("dynamic-expired", "the code has expired")
    if now_s < code.issued_s - CLOCK_TOLERANCE_S:
        raise CodeError("dynamic-early", "the code is from the future: one of the clocks is wrong")

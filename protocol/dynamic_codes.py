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
from protocol.signing import KeyRing, key_id, public_bytes

PREFIX = "D1:"
LIFETIME_S = 60
MAX_QR_CHARACTERS = 221
CLOCK_TOLERANCE_S = 30
"""A till's clock against the ledger's, as last measured, is better than this; more would lengthen the minute."""

_SUBJECT, _EXPIRES, _ISSUED, _NONCE = 2, 4, 6, 7
"""Claim keys `sub`, `exp`, `iat`, `cti` of RFC 8392, section 3.1."""

_KTY, _KEY_ID, _CRV, _X, _D, _OKP, _ED25519 = 1, 2, -1, -2, -4, 1, 6
_ALG, _KID, _EDDSA = 1, 4, -8
"""Labels and values of a COSE key (RFC 9052, section 7; RFC 9053, section 7.2)."""


class DynamicCode(NamedTuple):
    """What a code says: whose it is, when it was made and ends (s UTC), and its nonce in hex."""

    member: str
    issued_s: int
    expires_s: int
    nonce: str


def make(member: str, issued_s: int, nonce: bytes, key: Ed25519PrivateKey) -> str:
    """A code of `member`, valid for `LIFETIME_S` from `issued_s` (s UTC). `nonce`: 8 random bytes."""
    claims = {_SUBJECT: member, _ISSUED: issued_s, _EXPIRES: issued_s + LIFETIME_S, _NONCE: nonce}
    signer = COSEKey.new({_KTY: _OKP, _CRV: _ED25519, _X: public_bytes(key), _D: key.private_bytes_raw()})
    header = {_ALG: _EDDSA, _KID: bytes.fromhex(key_id(public_bytes(key)))}
    token = COSE.new().encode_and_sign(cbor2.dumps(claims), signer, protected=header)
    if not isinstance(token, bytes):
        raise TypeError(token)
    return PREFIX + base45.encode(token)


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
    except (CWTError, SignatureError, ValueError, KeyError):
        raise CodeError("dynamic-forged", "not a code of this coalition") from None
    code = _claims(payload)
    if now_us is not None:
        _check_time(code, now_us // 1_000_000)
    return code


def _token(text: str) -> bytes:
    if not text.startswith(PREFIX) or len(text) > MAX_QR_CHARACTERS:
        raise CodeError("dynamic-unreadable", "not a dynamic code")
    try:
        return base45.decode(text.removeprefix(PREFIX))
    except ValueError:
        raise CodeError("dynamic-unreadable", "a dynamic code with a character that cannot be in it") from None


def _kid(token: bytes) -> bytes:
    """The key id in the protected header: which of the overlapping working keys to check with."""
    try:
        message = cbor2.loads(token)
        header = cbor2.loads(message.value[0])
        kid = header[_KID]
    except (cbor2.CBORError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise CodeError("dynamic-unreadable", "not a CBOR Web Token") from None
    if not isinstance(kid, bytes):
        raise CodeError("dynamic-unreadable", "not a CBOR Web Token")
    return kid


def _claims(payload: bytes) -> DynamicCode:
    claims = cbor2.loads(payload)
    member, issued, expires, nonce = (claims.get(key) for key in (_SUBJECT, _ISSUED, _EXPIRES, _NONCE))
    if not (
        isinstance(member, str) and isinstance(issued, int) and isinstance(expires, int) and isinstance(nonce, bytes)
    ):
        raise CodeError("dynamic-unreadable", "a dynamic code that does not say whose it is")
    return DynamicCode(member, issued, expires, nonce.hex())


def _check_time(code: DynamicCode, now_s: int) -> None:
    if now_s > code.expires_s + CLOCK_TOLERANCE_S:
        raise CodeError("dynamic-expired", "the code has expired")
    if now_s < code.issued_s - CLOCK_TOLERANCE_S:
        raise CodeError("dynamic-early", "the code is from the future: one of the clocks is wrong")

"""CBOR Web Tokens (RFC 8392) as text for a QR code: signed with Ed25519 by a working key of the ledger, in base45.

What a phone shows a till, checked there without a network: dynamic codes, authorisations and vouchers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey, CWTError

from protocol import base45
from protocol.errors import CodeError, SignatureError
from protocol.signing import KeyRing, key_id, public_bytes


class Claim:
    """Keys `sub`, `aud`, `exp`, `iat`, `cti` of RFC 8392, section 3.1; those below -65536 are ours (section 9.1.1)."""

    SUBJECT, AUDIENCE, EXPIRES, ISSUED, IDENTITY = 2, 3, 4, 6, 7
    POINTS, KIND, QUOTE, LAST_DAY = -65_537, -65_538, -65_539, -65_540


class _Cose:
    """Tag, header labels and the algorithm of a COSE_Sign1 (RFC 9052, sections 2 and 3.1; RFC 9053, section 2.2)."""

    SIGN1 = 18
    ALG, KID, EDDSA = 1, 4, -8


_KTY, _KEY_ID, _CRV, _X, _D, _OKP, _ED25519 = 1, 2, -1, -2, -4, 1, 6
"""Labels and values of a COSE key (RFC 9052, section 7; RFC 9053, section 7.2)."""


class Form(NamedTuple):
    """How one sort of token looks: `word` begins the codes of its errors, `prefix` its text."""

    word: str
    prefix: str
    max_characters: int


def make(form: Form, claims: Mapping[int, object], key: Ed25519PrivateKey) -> str:
    """The token's text. Raises `ValueError` for claims so long that it would outgrow its QR version."""
    signer = COSEKey.new({_KTY: _OKP, _CRV: _ED25519, _X: public_bytes(key), _D: key.private_bytes_raw()})
    header = {_Cose.ALG: _Cose.EDDSA, _Cose.KID: bytes.fromhex(key_id(public_bytes(key)))}
    token = COSE.new().encode_and_sign(cbor2.dumps(dict(claims)), signer, protected=header)
    if not isinstance(token, bytes):
        raise TypeError(token)
    text = form.prefix + base45.encode(token)
    if len(text) > form.max_characters:
        raise ValueError(f"{len(text)} characters, at most {form.max_characters}")
    return text


def read(form: Form, text: str, keys: KeyRing, now_us: int | None) -> object:
    """The claims of a token that a key of the ring signed, for the caller to take apart: anything CBOR can say.

    Raises `CodeError` with code `WORD-unreadable` or `WORD-forged`.
    """
    token = _token(form, text)
    try:
        kid = _kid(form, token)
        public = keys.public(kid.hex(), now_us)
        verifier = COSEKey.new({_KTY: _OKP, _CRV: _ED25519, _X: public, _KEY_ID: kid})
        payload = COSE.new().decode(token, verifier)
    except (CWTError, SignatureError):
        raise CodeError(f"{form.word}-forged", "not a code of this coalition") from None
    return _loads(form, payload)


def unreadable(form: Form, why: str) -> CodeError:
    """For claims that are not those of this form."""
    return CodeError(f"{form.word}-unreadable", why)


def _token(form: Form, text: str) -> bytes:
    if not text.startswith(form.prefix) or len(text) > form.max_characters:
        raise unreadable(form, "not a code of this sort")
    try:
        return base45.decode(text.removeprefix(form.prefix))
    except ValueError:
        raise unreadable(form, "a code with a character that cannot be in it") from None


def _kid(form: Form, token: bytes) -> bytes:
    """The key id in the protected header: which of the overlapping working keys to check with."""
    match _loads(form, token):
        case cbor2.CBORTag(tag=_Cose.SIGN1, value=[bytes(protected), {**rest}, bytes(), bytes()]) if not rest:
            match _loads(form, protected):
                case {_Cose.ALG: _Cose.EDDSA, _Cose.KID: bytes(kid)}:
                    return kid
    raise unreadable(form, "not a CBOR Web Token")


def _loads(form: Form, data: bytes) -> object:
    """CBOR of somebody who may not mean well: nobody has signed it yet."""
    try:
        return cbor2.loads(data)
    except (cbor2.CBORError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        # Tags of CBOR make decimals, dates, sets and patterns, each with errors of its own.
        raise unreadable(form, "not CBOR") from None

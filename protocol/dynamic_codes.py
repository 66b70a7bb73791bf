"""The member's dynamic code: a signed token (`protocol.tokens`) that is checked without a network.

It lives about a minute and the phone shows a new one every 15 s. Inside QR version 8 level M: 221 alphanumerics.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import tokens
from protocol.errors import CodeError
from protocol.prefixes import DYNAMIC_PREFIX
from protocol.signing import KeyRing
from protocol.tokens import Claim

LIFETIME_S = 60
MAX_QR_CHARACTERS = 221
CLOCK_TOLERANCE_S = 30
"""A till's clock against the ledger's, as last measured, is better than this; more would lengthen the minute."""

_FORM = tokens.Form("dynamic", DYNAMIC_PREFIX, MAX_QR_CHARACTERS)


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
        Claim.SUBJECT: member, Claim.ISSUED: issued_s, Claim.EXPIRES: issued_s + LIFETIME_S, Claim.IDENTITY: nonce,
    }  # fmt: skip
    return tokens.make(_FORM, claims, key)


def read(text: str, keys: KeyRing, now_us: int | None) -> DynamicCode:
    """Check a scanned code against the ledger's keys and, where the clock can be trusted, against `now_us`.

    Raises `CodeError` with code `dynamic-unreadable`, `dynamic-forged`, `dynamic-expired` or `dynamic-early`.
    """
    code = _code(tokens.read(_FORM, text, keys, now_us))
    if now_us is not None:
        _check_time(code, now_us // 1_000_000)
    return code


def _code(claims: object) -> DynamicCode:
    match claims:
        case {
            Claim.SUBJECT: str(member), Claim.ISSUED: int(issued),
            Claim.EXPIRES: int(expires), Claim.IDENTITY: bytes(nonce),
        }:  # fmt: skip
            return DynamicCode(member, issued, expires, nonce.hex())
    raise tokens.unreadable(_FORM, "a dynamic code that does not say whose it is")


def _check_time(code: DynamicCode, now_s: int) -> None:
    if now_s > code.expires_s + CLOCK_TOLERANCE_S:
        raise CodeError("dynamic-expired", "the code has expired")
    if now_s < code.issued_s - CLOCK_TOLERANCE_S:
        raise CodeError("dynamic-early", "the code is from the future: one of the clocks is wrong")

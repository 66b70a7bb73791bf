"""The technician's card: a signed token (`protocol.tokens`) that opens a till's technician screens by a scan.

Checked without a network, against the root key through the certificate of the working key that signed it, and against the
till's clock: a clock that cannot be trusted opens nothing. Whoever holds the card, or a photograph of it, has what it gives, so
it is short-lived, may be for one store, and gives neither points nor money. Inside QR version 8 level M: 221 alphanumerics.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import tokens
from protocol.dynamic_codes import CLOCK_TOLERANCE_S
from protocol.errors import CodeError
from protocol.prefixes import TECHNICIAN_PREFIX
from protocol.signing import KeyRing
from protocol.tokens import Claim

MAX_QR_CHARACTERS: Final = 221
MAX_DAYS: Final = 31
"""No card lives longer: it cannot be taken back."""

MAX_NAME: Final = 24
MAX_STORE: Final = 32
_NUMBER_BYTES: Final = 6
_FORM: Final = tokens.Form("technician", TECHNICIAN_PREFIX, MAX_QR_CHARACTERS)


class TechnicianCard(NamedTuple):
    """Whose it is, for which store (empty: all of the coalition), from when to when (s UTC), and its number in hex."""

    technician: str
    store: str
    issued_s: int
    expires_s: int
    number: str


def make(
    technician: str, store: str, issued_s: int, expires_s: int, number: bytes, key: Ed25519PrivateKey
) -> str:  # fmt: skip
    """The card's text. `number`: 6 random bytes. Raises `ValueError` for a name, store or life that is too long."""
    card = TechnicianCard(technician, store, issued_s, expires_s, number.hex())
    if not _is_sound(card):
        raise ValueError(card)
    claims = {
        Claim.SUBJECT: technician, Claim.AUDIENCE: store, Claim.EXPIRES: expires_s, Claim.ISSUED: issued_s,
        Claim.IDENTITY: number,
    }  # fmt: skip
    return tokens.make(_FORM, claims, key)


def read(text: str, keys: KeyRing, now_us: int | None, store: str) -> TechnicianCard:
    """Check a scanned card at a till of `store`; `now_us` None: its clock cannot be trusted.

    Raises `CodeError`: `technician-unreadable`, `technician-forged`, `technician-clock`, `technician-expired`,
    `technician-early`, `technician-store`.
    """
    card = _card(tokens.read(_FORM, text, keys, now_us))
    if now_us is None:
        raise CodeError(
            "technician-clock", "the till's clock cannot be trusted: nobody knows whether the card is over"
        )
    now_s = now_us // 1_000_000
    if now_s > card.expires_s:
        raise CodeError("technician-expired", "the card has expired")
    if now_s < card.issued_s - CLOCK_TOLERANCE_S:
        raise CodeError("technician-early", "the card is from the future: one of the clocks is wrong")
    if card.store not in ("", store):
        raise CodeError("technician-store", "the card is for another store")
    return card


def _card(claims: object) -> TechnicianCard:
    match claims:
        case {
            Claim.SUBJECT: str(technician), Claim.AUDIENCE: str(store), Claim.EXPIRES: int(expires),
            Claim.ISSUED: int(issued), Claim.IDENTITY: bytes(number),
        }:  # fmt: skip
            card = TechnicianCard(technician, store, issued, expires, number.hex())
            if _is_sound(card):
                return card
    raise tokens.unreadable(_FORM, "a technician's card that does not say whose it is, or until when")


def _is_sound(card: TechnicianCard) -> bool:
    return (
        0 < len(card.technician) <= MAX_NAME
        and card.technician.isprintable()
        and len(card.store) <= MAX_STORE
        and (not card.store or card.store.isprintable())
        and len(card.number) == 2 * _NUMBER_BYTES
        and 0 < card.expires_s - card.issued_s <= MAX_DAYS * 86_400
    )

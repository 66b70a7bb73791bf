"""A voucher as a QR code: it says whose it is and which one, and proves the member for that one piece and nothing else.

The ledger signs the one that the member's page shows (`V1:`), so any till checks it without a network; it stays inside QR
version 8, level M. The till that issues a voucher makes one at once (`T1:`), inside version 4, where no signature has room: in
its place stands a hash over the entry that issued it, which the till and the ledger have and nobody else can make up. Both are
good until the voucher's last day, and both have the same nonce: one voucher, one sale.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import base45, tokens
from protocol.authorisations import kind_tag
from protocol.ids import is_entry_id
from protocol.prefixes import ISSUED_VOUCHER_PREFIX, VOUCHER_PREFIX
from protocol.signing import KeyRing
from protocol.tokens import Claim

MAX_QR_CHARACTERS: Final = 221
"""Of QR version 8, level M."""

MAX_ISSUED_CHARACTERS: Final = 90
"""Of QR version 4, level M."""

MAX_NUMBER: Final = 0xFFFF
NONCE_MARK: Final = "v"
"""How the nonce of a voucher begins. That of a dynamic code is hex."""

_FORM = tokens.Form("voucher", VOUCHER_PREFIX, MAX_QR_CHARACTERS)
_ISSUED_FORM = tokens.Form("voucher", ISSUED_VOUCHER_PREFIX, MAX_ISSUED_CHARACTERS)
_DAY_0 = date(2000, 1, 1)
_NAMED, _PROOF = 20, 16
"""Bytes that name a voucher, and of the hash that proves it."""


class VoucherCode(NamedTuple):
    """One piece of a kind that `issued`, an entry, gave to `member`; `number` counts the pieces of that entry from 0.

    `kind` is `kind_tag` of its name; `last_day` YYYY-MM-DD, empty for a voucher that does not end.
    """

    member: str
    issued: UUID
    kind: bytes
    number: int
    last_day: str

    @property
    def name(self) -> bytes:
        """Which voucher it is: 20 bytes."""
        return self.issued.bytes + self.kind + self.number.to_bytes(2, "big")

    @property
    def nonce(self) -> str:
        """It belongs to the one sale in which the voucher is used, for ever."""
        return NONCE_MARK + hashlib.sha256(b"till-voucher-nonce-1\0" + self.name).hexdigest()[:16]

    def is_over(self, day: str) -> bool:
        """Whether it has ended before this business day, YYYY-MM-DD."""
        return bool(self.last_day) and self.last_day < day


class IssuedCode(NamedTuple):
    """A code that a till made, as read: nothing of it is proved before `proof` is compared (`is_issued_by`)."""

    voucher: VoucherCode
    proof: bytes


def voucher_of(member: str, issued: UUID, kind: str, number: int, last_day: str) -> VoucherCode:
    """By the kind's name."""
    return VoucherCode(member, issued, kind_tag(kind), number, last_day)


def make(voucher: VoucherCode, key: Ed25519PrivateKey) -> str:
    """The code that the ledger signs. Raises `ValueError` for a member so long that it would outgrow its QR version."""
    claims = {
        Claim.SUBJECT: voucher.member, Claim.IDENTITY: voucher.name, Claim.LAST_DAY: _days(voucher.last_day),
    }  # fmt: skip
    return tokens.make(_FORM, claims, key)


def read(text: str, keys: KeyRing) -> VoucherCode:
    """Check a code against the ledger's keys, those too whose time is over: a voucher may outlive the key that signed it.

    Raises `CodeError` with code `voucher-unreadable` or `voucher-forged`. Whether it is over, or used, the caller asks.
    """
    match tokens.read(_FORM, text, keys, None):
        case {Claim.SUBJECT: str(member), Claim.IDENTITY: bytes(name), Claim.LAST_DAY: int(days)} if (
            len(name) == _NAMED
        ):
            return _voucher(_FORM, member, name, days)
    raise tokens.unreadable(_FORM, "a voucher that does not say which")


def make_issued(voucher: VoucherCode, payload: bytes) -> str:
    """The code that a till makes of a voucher which the entry with this payload issued.

    Raises `ValueError` for a member so long that it would outgrow its QR version.
    """
    packed = voucher.name + _days(voucher.last_day).to_bytes(2, "big") + _proof(voucher, payload)
    text = ISSUED_VOUCHER_PREFIX + base45.encode(packed + voucher.member.encode())
    if len(text) > MAX_ISSUED_CHARACTERS:
        raise ValueError(f"{len(text)} characters, at most {MAX_ISSUED_CHARACTERS}")
    return text


def read_issued(text: str) -> IssuedCode:
    """Take apart a code that a till made. Raises `CodeError` with code `voucher-unreadable`. It proves nothing yet."""
    if not text.startswith(ISSUED_VOUCHER_PREFIX) or len(text) > MAX_ISSUED_CHARACTERS:
        raise tokens.unreadable(_ISSUED_FORM, "not a voucher of a till")
    try:
        packed = base45.decode(text.removeprefix(ISSUED_VOUCHER_PREFIX))
        member = packed[_NAMED + 2 + _PROOF :].decode()
    except ValueError:
        raise tokens.unreadable(_ISSUED_FORM, "not a voucher of a till") from None
    days, proof = packed[_NAMED : _NAMED + 2], packed[_NAMED + 2 : _NAMED + 2 + _PROOF]
    voucher = _voucher(_ISSUED_FORM, member, packed[:_NAMED], int.from_bytes(days, "big"))
    return IssuedCode(voucher, proof)


def is_issued_by(code: IssuedCode, payload: bytes) -> bool:
    """Whether the entry with this payload issued it: who has not seen the entry cannot say so."""
    return hmac.compare_digest(code.proof, _proof(code.voucher, payload))


def _proof(voucher: VoucherCode, payload: bytes) -> bytes:
    member = voucher.member.encode()
    said = voucher.name + len(member).to_bytes(2, "big") + member + payload
    return hashlib.sha256(b"till-voucher-1\0" + said).digest()[:_PROOF]


def _voucher(form: tokens.Form, member: str, name: bytes, days: int) -> VoucherCode:
    if not member.isprintable() or not 0 < len(member) <= 64 or not 0 <= days <= MAX_NUMBER:
        raise tokens.unreadable(form, "a voucher of nobody, or without a day")
    issued = UUID(bytes=name[:16])
    if not is_entry_id(issued):
        raise tokens.unreadable(form, "a voucher that no entry issued")
    last_day = (_DAY_0 + timedelta(days)).isoformat() if days else ""
    return VoucherCode(member, issued, name[16:18], int.from_bytes(name[18:], "big"), last_day)


def _days(last_day: str) -> int:
    """Since 2000-01-01; 0 for a voucher that does not end."""
    return (date.fromisoformat(last_day) - _DAY_0).days if last_day else 0

"""自助积分: the claim on the points of a sale that had no member, as a code on its receipt.

Such a sale is booked on an account of its own, which is nobody's until somebody claims it. The code is a secret of 16 random
bytes with the last day on which it is good; the account's number is a hash over both. So who has the entry, or the books, has
no code, no code follows from another, and a day that was changed by hand leads to no account.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from protocol.canonical import Count, Model, Name, Text
from protocol.prefixes import CLAIM_PREFIX

CLAIM_PAGE: Final = "/C/"
"""Where the member's page takes a claim."""

SECRET_BYTES: Final = 16
_DAY_0 = date(2000, 1, 1)
_DAYS_BYTES = 2
_ACCOUNT = "claim-"
_TEXT = r"([A-Z2-7]{29})"
_CODE = re.compile(rf"(?:{CLAIM_PREFIX}|https?://[^/\s]{{1,255}}{CLAIM_PAGE})?{_TEXT}", re.ASCII | re.IGNORECASE)


class Claim(NamedTuple):
    """`until`: the last day, YYYY-MM-DD, by the coalition's calendar."""

    secret: bytes
    until: str

    @property
    def text(self) -> str:
        """29 characters that a QR holds as alphanumerics."""
        return base64.b32encode(self._packed).decode().rstrip("=")

    @property
    def account(self) -> str:
        """The number under which the sale is booked."""
        return _ACCOUNT + hashlib.sha256(b"till-claim-1\0" + self._packed).hexdigest()[:32]

    def address(self, page: str) -> str:
        """What the receipt's code says: where the member's page takes it, or where there is no page, what a till reads."""
        return page.rstrip("/").upper() + CLAIM_PAGE + self.text if page else CLAIM_PREFIX + self.text

    @property
    def _packed(self) -> bytes:
        days = (date.fromisoformat(self.until) - _DAY_0).days
        return days.to_bytes(_DAYS_BYTES, "big") + self.secret


def new_claim(random_bits: Callable[[int], int], until: str) -> Claim:
    """A claim that nobody can guess. `random_bits`: so many random bits, as a whole number."""
    return Claim(random_bits(8 * SECRET_BYTES).to_bytes(SECRET_BYTES, "big"), until)


def read_claim(text: str) -> Claim | None:
    """The claim in what a scanner or a page was given; None for what is none."""
    found = _CODE.fullmatch(text.strip())
    if not found:
        return None
    packed = base64.b32decode(found[1].upper() + "===")
    days, secret = packed[:_DAYS_BYTES], packed[_DAYS_BYTES:]
    claim = Claim(secret, (_DAY_0 + timedelta(int.from_bytes(days, "big"))).isoformat())
    return claim if claim.text == found[1].upper() else None


def is_claim_account(member: str) -> bool:
    """Whether a number is nobody's, but that of a sale whose points can be claimed."""
    return member.startswith(_ACCOUNT)


ClaimState = Literal["claimed", "waits", "taken", "ended", "voided", "too-many", "not-yours", "unknown"]
"""`waits`: the sale has not arrived; its points come with it. `taken`: somebody else was first. `not-yours`: who works in the
store and rang it up, or an account that takes nothing. `unknown`: no claim."""


class ClaimRequest(Model, kw_only=True):
    """A till asks for a member who stands there with the receipt. `code`: as it was scanned."""

    member: Name
    code: Text


class ClaimAnswer(Model, kw_only=True):
    """Asked again it is the same. `points`: by kind, of a claim that is through."""

    state: ClaimState
    points: dict[str, Count] = {}
    until: str = ""

"""What a scanned text is.

The store's table of ranges is asked first, then our own prefixes, then general patterns, and, only while a member is
awaited, the codes that pay: an 18-digit scale label of fresh produce begins like one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from protocol.check_digits import gs1_ok, gtin_ok, mod_97, mod_97_ok
from protocol.claims import read_claim
from protocol.prefixes import (
    AUTHORISATION_PREFIX,
    CLAIM_PREFIX,
    DYNAMIC_PREFIX,
    ENROLMENT_PREFIX,
    ISSUED_VOUCHER_PREFIX,
    MEMBER_PREFIX,
    RECEIPT_PREFIX,
    TECHNICIAN_PREFIX,
    TEMPLATE_PREFIX,
    VOUCHER_PREFIX,
)
from protocol.ranges import CodeRange, ScaleTemplate

MAX_CODE_LENGTH = 512
MAX_MEMBER_DIGITS = 64
"""An entry's `member` is a `Name`."""

_PAYMENT = (
    ("wechat", re.compile(r"1[0-5]\d{16}")),
    ("alipay", re.compile(r"(2[5-9]|30)\d{14,22}")),
    ("unionpay", re.compile(r"62\d{17}")),
)
"""WeChat Pay: 18 digits from 10 to 15; Alipay: 16-24 digits from 25 to 30; UnionPay: 19 digits from 62 (their public docs)."""

_RECEIPT = re.compile(r"W1 ([0-9A-Za-z_-]{1,64}) ([0-9]{1,16}) ([A-Z2-7]{8,52})", re.ASCII | re.IGNORECASE)

_DIGITAL_LINK = re.compile(
    r"https?://[^/\s]+/(?:[^/\s]+/)*?(?:01/(?P<gtin>\d{14})|8018/(?P<gsrn>\d{18}))(?:[/?#].*)?",
    re.ASCII | re.IGNORECASE,
)
"""GS1 Digital Link URI Syntax 1.4: 01 is a GTIN, padded to 14 digits, 8018 a GSRN of a recipient."""


class MemberCode(NamedTuple):
    """A static code or a card: it says who, and proves nothing."""

    member: str
    medium: Literal["code", "card"]


class DynamicMemberCode(NamedTuple):
    """A code of the member's phone that lives about a minute; `text` as scanned."""

    text: str


class AuthorisationCode(NamedTuple):
    """A redemption that the member allowed on his phone; `text` as scanned (`protocol.authorisations`)."""

    text: str


class VoucherText(NamedTuple):
    """A voucher of a member, signed by the ledger or made by a till; `text` as scanned (`protocol.voucher_codes`)."""

    text: str


class ProductCode(NamedTuple):
    """A GTIN or a store's own product code."""

    code: str


class ScaleLabel(NamedTuple):
    """A label of fresh produce printed by a scale: under which number it stands in the price list, what this piece costs, and
    what it weighs. No `item`: nobody said how this scale prints it."""

    text: str
    item: str = ""
    price_fen: int | None = None
    grams: int | None = None


class EnrolmentCode(NamedTuple):
    """What the ledger shows to pair a till."""

    text: str


class TechnicianCard(NamedTuple):
    """What opens the technician's screens (`protocol.technician_cards`); `text` as scanned."""

    text: str


class TemplateCode(NamedTuple):
    """Settings for a till, for the technician's screens alone; `text` as scanned."""

    text: str


class ReceiptCode(NamedTuple):
    """What a receipt carries: the till, the number of its entry, the beginning of its hash (`protocol.chain_check`)."""

    terminal: str
    seq: int
    code: str


class ClaimCode(NamedTuple):
    """A receipt whose points can be claimed; `text` as scanned (`protocol.claims`)."""

    text: str


class PaymentCode(NamedTuple):
    """A code that pays. It is refused with a sentence, and never stored, logged or sent: it is not even kept here."""

    scheme: str


class UnknownCode(NamedTuple):
    """Nothing to sell or earn with. `reason`: `check-digit` (ours, misread), `too-long`, `foreign`, `coupon` (not ours)."""

    reason: Literal["check-digit", "too-long", "foreign", "coupon"]


Code = (
    MemberCode
    | DynamicMemberCode
    | AuthorisationCode
    | VoucherText
    | ProductCode
    | ScaleLabel
    | EnrolmentCode
    | TechnicianCard
    | TemplateCode
    | ReceiptCode
    | ClaimCode
    | PaymentCode
    | UnknownCode
)


def member_code(member_no: str) -> str:
    """The static code of a member: `M1`, the digits, two check digits. 14 characters: QR version 1."""
    if not (member_no.isascii() and member_no.isdigit() and len(member_no) <= MAX_MEMBER_DIGITS):
        raise ValueError(member_no)
    return MEMBER_PREFIX + member_no + mod_97(member_no)


def classify(text: str, ranges: Sequence[CodeRange] = (), *, member_awaited: bool) -> Code:
    """What `text` is, in a store with these ranges. `text` is stripped of controls already (devices, wedge)."""
    text = text.strip()
    if len(text) > MAX_CODE_LENGTH:
        return UnknownCode("too-long")
    for code_range in ranges:
        if code_range.takes(text):
            return _of_range(code_range, text)
    return _claim(text) or _our_own(text) or _general(text, member_awaited=member_awaited)


def _of_range(code_range: CodeRange, text: str) -> Code:
    value = code_range.value(text)
    match code_range.means:
        case "member":
            return MemberCode(value, "card")
        case "product":
            return ProductCode(value)
        case "scale":
            return _scale_label(code_range.label, text) if code_range.label else ScaleLabel(value)
        case "coupon":
            return UnknownCode("coupon")


def _scale_label(template: ScaleTemplate, text: str) -> ScaleLabel:
    def digits(place: tuple[int, int]) -> str:
        return text[place[0] - 1 : place[1]]

    price = int(digits(template.price)) if template.price else None
    grams = int(digits(template.weight)) if template.weight else None
    return ScaleLabel(text, digits(template.item), price, grams)


def _claim(text: str) -> ClaimCode | None:
    """On paper it is an address of the member's page, or where there is none our own prefix."""
    is_likely = text[:4].upper() == "HTTP" or text[:3].upper() == CLAIM_PREFIX
    return ClaimCode(text) if is_likely and read_claim(text) else None


def _our_own(text: str) -> Code | None:
    # A scanner may be set to another case; our codes mean the same in both.
    start = text[:3].upper()
    if start == DYNAMIC_PREFIX:
        return DynamicMemberCode(text.upper())
    if start == AUTHORISATION_PREFIX:
        return AuthorisationCode(text.upper())
    if start in (VOUCHER_PREFIX, ISSUED_VOUCHER_PREFIX):
        return VoucherText(text.upper())
    if start == TECHNICIAN_PREFIX:
        return TechnicianCard(text.upper())
    if start == TEMPLATE_PREFIX:
        return TemplateCode(text.upper())
    if start == ENROLMENT_PREFIX + " ":
        return EnrolmentCode(text)
    if start == RECEIPT_PREFIX + " " and (receipt := _RECEIPT.fullmatch(text)):
        return ReceiptCode(receipt[1].lower(), int(receipt[2]), receipt[3].upper())
    if start[:2] == MEMBER_PREFIX and text[2:].isdigit():
        if len(text) > len(MEMBER_PREFIX) + MAX_MEMBER_DIGITS + 2:
            return UnknownCode("too-long")
        return MemberCode(text[2:-2], "code") if mod_97_ok(text[2:]) else UnknownCode("check-digit")
    return None


def _general(text: str, *, member_awaited: bool) -> Code:
    if member_awaited:
        for scheme, pattern in _PAYMENT:
            if pattern.fullmatch(text):
                return PaymentCode(scheme)
    if gtin_ok(text):
        return ProductCode(text)
    link = _DIGITAL_LINK.fullmatch(text)
    if link and link["gtin"] and gtin_ok(link["gtin"]):
        return ProductCode(_as_printed(link["gtin"]))
    if link and link["gsrn"] and gs1_ok(link["gsrn"]):
        return MemberCode(link["gsrn"], "card")
    return UnknownCode("foreign")


def _as_printed(gtin_14: str) -> str:
    """A GTIN without the zeros that pad it, as its bar code says it: of 8, 12, 13 or 14 digits."""
    return next(gtin_14[14 - length :] for length in (8, 12, 13, 14) if not gtin_14[: 14 - length].strip("0"))

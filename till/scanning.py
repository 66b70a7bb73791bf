"""A scan goes where it belongs: member, product, or a sentence that says why not."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import msgspec

from local_db.cache import CacheReader
from protocol.codes import (
    AuthorisationCode,
    ClaimCode,
    Code,
    DynamicMemberCode,
    EnrolmentCode,
    MemberCode,
    PaymentCode,
    ProductCode,
    ReceiptCode,
    ScaleLabel,
    TechnicianCard,
    TemplateCode,
    UnknownCode,
    VoucherText,
    classify,
)
from protocol.documents import Product
from protocol.dynamic_codes import DynamicCode, read
from protocol.entries import Identified
from protocol.training import is_training_member
from till import vouchers
from till.desk import Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.members import MemberView, view
from till.persons import is_one_person, led


class MemberIdentified(NamedTuple):
    """Who stands at the counter, and what proves it."""

    member: MemberView
    proof: MemberProof


class ProductScanned(NamedTuple):
    """A product of the price list."""

    product: Product


class SameCodeAgain(NamedTuple):
    """The phone was still in front of the scanner: nothing to do."""


class MemberConfirmed(NamedTuple):
    """A newer dynamic code of the member who is at the counter: he agrees."""

    proof: MemberProof


class AuthorisationScanned(NamedTuple):
    """What a member's phone shows once he allowed a redemption; `till.authorising` says for which."""

    text: str


class VoucherScanned(NamedTuple):
    """A voucher of a member: who he is, what proves that one piece, and the rewards here that take it."""

    member: MemberView
    proof: MemberProof
    rewards: tuple[str, ...]


class ReceiptScanned(NamedTuple):
    """A receipt of somebody who comes back; `till.refundable` says of which sale."""

    text: str


class ClaimScanned(NamedTuple):
    """A receipt whose points can be claimed; `till.claiming` asks for them."""

    text: str


Scan = (
    MemberIdentified
    | ProductScanned
    | SameCodeAgain
    | MemberConfirmed
    | AuthorisationScanned
    | VoucherScanned
    | ReceiptScanned
    | ClaimScanned
)


def scan(desk: Desk, text: str, draft: SaleDraft, *, is_repeat: bool = False) -> Scan:
    """What a scanned or typed code means in the middle of `draft`. Raises `RefusedError` with a code for the sentence.

    `is_repeat`: the scanner read the same a moment ago; that counts for products alone.
    """
    member_awaited = draft.member is None
    code: Code = classify(text, desk.store.settings.ranges, member_awaited=member_awaited)
    if is_repeat and not isinstance(code, ProductCode | ScaleLabel):
        return SameCodeAgain()
    match code:
        case MemberCode(member, medium):
            return MemberIdentified(
                identify(desk, member, "card" if medium == "card" else "code"), MemberProof("static")
            )
        case DynamicMemberCode(scanned):
            return _dynamic(desk, scanned, draft)
        case AuthorisationCode(scanned):
            return AuthorisationScanned(scanned)
        case VoucherText(scanned):
            return _voucher(desk, scanned)
        case ReceiptCode():
            return ReceiptScanned(text)
        case ClaimCode(scanned):
            return ClaimScanned(scanned)
        case ProductCode(number):
            return ProductScanned(find_product(desk.cache(), number))
        case ScaleLabel(item=item) if item:
            return ProductScanned(_weighed(find_product(desk.cache(), item), code))
        case _:
            raise _refusal(code)


def _refusal(
    code: PaymentCode | ScaleLabel | EnrolmentCode | TechnicianCard | TemplateCode | UnknownCode,
) -> RefusedError:
    """Of what nobody sells or earns with."""
    match code:
        case PaymentCode(scheme):
            return RefusedError("payment-code", scheme=scheme)
        case ScaleLabel(_):
            return RefusedError("scale-label")
        case EnrolmentCode(_):
            return RefusedError("enrolment-code")
        case TechnicianCard(_) | TemplateCode(_):
            return RefusedError("technician-code")
        case UnknownCode(reason):
            return RefusedError(f"code-{reason}")


def identify(desk: Desk, member: str, identified: Identified) -> MemberView:
    """The member with this number. One whom the ledger has not told of earns all the same.

    Raises `RefusedError("training-member")` for one to practise with, unless this is training.
    """
    if is_training_member(member) and not desk.is_training:
        raise RefusedError("training-member")
    row, as_of_us = led(desk, member) or (None, None)
    return view(desk, row, row.member if row else member, as_of_us, identified)


def known_now(desk: Desk, member: MemberView) -> MemberView:
    """The same member as this till knows him now (`Counter.refresh`)."""
    found = identify(desk, member.member, member.identified)
    if found.member == member.member and not found.name:
        found = replace(found, name=member.name, last4=member.last4)  # the ledger was asked for them
    if found.member == member.member and member.is_known:
        found = replace(found, tier=member.tier, is_new=member.is_new)  # the receipt still welcomes him
    return found if found.is_known or not member.is_known else member


def find_product(cache: CacheReader, number: str) -> Product:
    """The product with this code, with or without leading zeros. Raises `RefusedError("product-unknown")`."""
    for spelling in dict.fromkeys((number, number.lstrip("0"), number.zfill(13))):
        product = cache.product(spelling)
        if product is not None:
            return product
    raise RefusedError("product-unknown", product=number[-13:])


def _weighed(product: Product, label: ScaleLabel) -> Product:
    """What this piece costs: as the scale printed it, else by its weight and the price of a kilogram, half a fen up."""
    fen = label.price_fen
    if fen is None:
        fen = (product.price_fen * (label.grams or 0) + 500) // 1_000
    if not fen:
        raise RefusedError("scale-label-empty")
    return msgspec.structs.replace(product, price_fen=fen)


def _dynamic(desk: Desk, text: str, draft: SaleDraft) -> Scan:
    trusted_now = desk.clock.now_us() if desk.clock.is_trusted else None
    code = read(text, desk.keys, trusted_now)
    # Without a clock the minute cannot be checked: the code still says who, and the ledger can still check it.
    proof = MemberProof("dynamic", text, code.nonce, code.issued_s, is_timely=trusted_now is not None)
    if draft.member is not None and is_one_person(desk, draft.member.member, code.member):
        return _same_member(draft, proof, code)
    if desk.journal.nonce_owner(code.nonce) is not None:
        raise RefusedError("dynamic-used")
    return MemberIdentified(identify(desk, code.member, "dynamic"), proof)


def _voucher(desk: Desk, text: str) -> VoucherScanned:
    shown = vouchers.shown(desk, text)
    member = identify(desk, shown.member, "code")
    if member.spendable(shown.proof.kind) < 1:
        raise RefusedError("voucher-not-held", kind=shown.proof.kind)
    return VoucherScanned(member, shown.proof, shown.rewards)


def _same_member(draft: SaleDraft, proof: MemberProof, code: DynamicCode) -> Scan:
    known = draft.proof
    if known is not None and known.nonce == code.nonce:
        return SameCodeAgain()
    if known is not None and known.nonce and code.issued_s < known.issued_s:
        raise RefusedError("dynamic-older")
    return MemberConfirmed(proof)

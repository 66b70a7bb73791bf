"""Finding a member who shows no code. What is found this way earns; it proves nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from protocol.feed import MemberRow
from protocol.look_up import LookUpKey, normal_phone, normal_plate
from protocol.phone_keys import phone_key_like
from sync.errors import SyncError
from till.desk import Desk
from till.errors import RefusedError
from till.joining import PHONE, joined_here
from till.members import MemberView, view
from till.scanning import identify

_MEMBER = re.compile(r"\d{6,16}", re.ASCII)
_PLATE = re.compile(r"\w{5,10}")


def look_up(desk: Desk, text: str, *, is_online: bool) -> MemberView:
    """The member that a text names: the cache is asked first, then the ledger where it can be.

    Raises `RefusedError` with `look-up-malformed`, `member-unknown`, `member-unknown-offline`, or `look-up-unanswered`.
    """
    key, value = read_key(text, desk.store.settings.look_ups)
    cached, phone = _from_cache(desk, key, value)
    if cached is not None:
        known = identify(desk, cached.member, "lookup")
        return known if known.name or not is_online else _named(desk, known)
    if phone and (joined := joined_here(desk, phone)):
        told = identify(desk, joined.member, "lookup")
        return told if told.is_known else joined
    if not is_online:
        raise RefusedError("member-unknown-offline")
    try:
        row = desk.ledger.look_up(key, value)
    except SyncError as error:
        raise RefusedError("look-up-unanswered") from error
    if row is None:
        raise RefusedError("member-unknown")
    return view(desk, row, row.member, desk.as_of_us(), "lookup")


def _named(desk: Desk, member: MemberView) -> MemberView:
    """Who was not here for long is a number to this till; the ledger has his name. His points are those of the cache."""
    try:
        row = desk.ledger.look_up("member", member.member)
    except SyncError:
        return member
    return replace(member, name=row.name, last4=row.last4) if row and row.member == member.member else member


def read_key(text: str, keys: Sequence[LookUpKey]) -> tuple[LookUpKey, str]:
    """Which of the store's keys a typed text is, and the key without blanks, dashes and full width.

    What has letters is a plate, eleven digits are a phone, other digits a member number. Raises `RefusedError`.
    """
    has_letters = any(character.isalpha() for character in text)
    phone, plate = normal_phone(text), normal_plate(text)
    found: tuple[tuple[LookUpKey, str, bool], ...] = (
        ("plate", plate, has_letters and bool(_PLATE.fullmatch(plate))),
        ("phone", phone, not has_letters and bool(PHONE.fullmatch(phone))),
        ("member", plate, not has_letters and bool(_MEMBER.fullmatch(plate))),
    )
    for key, value, fits in found:
        if fits and key in keys:
            return key, value
    raise RefusedError("look-up-malformed-plate" if "plate" in keys else "look-up-malformed")


def _from_cache(desk: Desk, key: LookUpKey, value: str) -> tuple[MemberRow | None, str]:
    """His row; of a phone its key too, where the cache has any to make it like."""
    cache = desk.cache()
    if key == "member":
        return cache.member(value), ""
    sample = cache.any_phone_key() if key == "phone" else None
    wanted = phone_key_like(value, sample) if sample else None
    return (cache.member_by_phone_key(wanted), wanted) if wanted else (None, "")

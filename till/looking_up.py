"""Finding a member who shows no code. What is found this way earns; it proves nothing."""

from __future__ import annotations

import re

from protocol.feed import MemberRow
from protocol.phone_keys import phone_key_like
from sync.errors import SyncError
from till.desk import Desk
from till.errors import RefusedError
from till.members import MemberView, view
from till.scanning import identify

_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_MEMBER = re.compile(r"\d{6,16}", re.ASCII)


def look_up(desk: Desk, key: str, value: str, *, is_online: bool) -> MemberView:
    """A member by phone or number: the ledger is asked where it can be, the cache otherwise.

    Raises `RefusedError` with `look-up-malformed`, `member-unknown`, or `member-unknown-offline`.
    """
    value = value.strip()
    if not {"phone": _PHONE, "member": _MEMBER}.get(key, re.compile(r"\S{2,32}")).fullmatch(value):
        raise RefusedError("look-up-malformed", key=key)
    cached = _from_cache(desk, key, value)
    if cached is not None:
        return identify(desk, cached.member, "lookup")
    row = _from_ledger(desk, key, value) if is_online else None
    if row is None:
        raise RefusedError("member-unknown" if is_online else "member-unknown-offline", key=key)
    return view(row, row.member, desk.journal, desk.store.programme, desk.as_of_us(), "lookup")


def _from_cache(desk: Desk, key: str, value: str) -> MemberRow | None:
    cache = desk.cache()
    if key == "member":
        return cache.member(value)
    sample = cache.any_phone_key() if key == "phone" else None
    wanted = phone_key_like(value, sample) if sample else None
    return cache.member_by_phone_key(wanted) if wanted else None


def _from_ledger(desk: Desk, key: str, value: str) -> MemberRow | None:
    try:
        return desk.ledger.look_up(key, value)
    except SyncError:
        return None

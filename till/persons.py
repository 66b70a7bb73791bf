"""One person with several numbers: who was merged goes on as somebody else, and what holds for one number holds for all."""

from __future__ import annotations

from local_db.cache import CachedMember
from local_db.errors import CacheDamagedError
from protocol.feed import MemberRow
from till.desk import Desk
from till.errors import RefusedError


def led(desk: Desk, member: str) -> CachedMember | None:
    """The row that a number leads to, its own where it was not merged. Raises `RefusedError("cache-rebuilding")`."""
    found = desk.cached_member(member)
    seen = {member}
    while found is not None and found.row.status == "merged" and found.row.merged_into not in seen:
        seen.add(found.row.merged_into)
        found = desk.cached_member(found.row.merged_into)
    return found


def row_of(desk: Desk, member: str) -> MemberRow | None:
    """A number's own row; None without a cache too: what is redeemed online needs none."""
    try:
        found = desk.cached_member(member)
    except (RefusedError, CacheDamagedError):
        return None
    return found.row if found else None


def is_one_person(desk: Desk, member: str, other: str) -> bool:
    """Whether two numbers lead to one member, as far as it is known here."""
    if member == other:
        return True
    found, theirs = led(desk, member), led(desk, other)
    return found is not None and theirs is not None and found.row.member == theirs.row.member


def numbers_of(desk: Desk, member: str) -> frozenset[str]:
    """The member's number and all that were merged into it; his own alone without a cache: online nobody needs one."""
    row = row_of(desk, member)
    return frozenset({member, *row.merged}) if row else frozenset({member})


def works_here(desk: Desk, row: MemberRow) -> bool:
    """Whether the list of the store's staff names one of his numbers."""
    numbers = {row.member, *row.merged}
    return any(person.member in numbers for person in desk.store.staff.values() if person.member)


def is_own(desk: Desk, staff: str, member: str) -> bool:
    """Whether a member is the one who is signed in with this staff number, as far as the list of the staff says."""
    person = desk.store.staff.get(staff)
    return person is not None and bool(person.member) and person.member in numbers_of(desk, member)


def is_hot(desk: Desk, member: str) -> bool:
    """Whether one of his numbers is on the hot list."""
    return not desk.store.hot.isdisjoint(numbers_of(desk, member))

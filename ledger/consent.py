"""What a member may say yes or no to. Without a word from him the first two hold, the third does not.

`ledger.withdrawing` does what a no asks for.

`name`    the tills of merchants where he was are told his masked name, last four digits and the hash of his phone. Without it
          all tills are told his number, rank, status and points, as of a stranger.
`habit`   how many points he took in which store last, for points set aside there before an outage. Without it that is deleted
          and not kept again; what lies set aside is called back.
`personal`  what he usually takes at a merchant, offers to him alone, and whether he comes more often than before. It is asked
          for: nothing of this is kept before he agreed, and with a no it is deleted. Limits and tiers are no part of it: they
          are rules of the programme, the same for everybody, on counts that nobody looks through for another purpose.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.schema_page import Consent
from protocol.ids import bucket_of

Key = tuple[int, str]
"""(bucket, member)"""

Purpose = Literal["name", "habit", "personal"]
PURPOSES: Final[tuple[Purpose, ...]] = ("name", "habit", "personal")
ASKED_FIRST: Final[tuple[Purpose, ...]] = ("personal",)
"""Profiling: silence is a no."""


class Said(NamedTuple):
    """What holds, and since when he said so (µs UTC; 0: he never said anything)."""

    is_given: bool
    changed_at: int = 0


def consents_of(connection: Connection, member: str) -> dict[Purpose, Said]:
    """By purpose, all of them."""
    key = bucket_of(member), member
    found = rows.find(connection, Consent, ("bucket", "member"), [key], "purpose, is_given, changed_at")
    said = {purpose: Said(bool(is_given), at) for purpose, is_given, at in found}
    return {purpose: said.get(purpose, Said(is_given=purpose not in ASKED_FIRST)) for purpose in PURPOSES}


def refusing(connection: Connection, keys: Collection[Key], purpose: Purpose) -> set[Key]:
    """Those of the members who said no; one query."""
    wanted = [(*key, purpose) for key in keys]
    columns = ("bucket", "member", "purpose")
    return set(rows.find(connection, Consent, columns, wanted, "bucket, member", "t.is_given = 0"))


def agreeing(connection: Connection, keys: Collection[Key], purpose: Purpose) -> set[Key]:
    """Those of the members who said yes; one query."""
    wanted = [(*key, purpose) for key in keys]
    columns = ("bucket", "member", "purpose")
    return set(rows.find(connection, Consent, columns, wanted, "bucket, member", "t.is_given = 1"))


def hand_over(connection: Connection, old: Key, new: Key) -> None:
    """Two numbers become one: a no that was said for either holds for both."""
    refused = rows.find(connection, Consent, ("bucket", "member"), [old], "purpose, changed_at", "t.is_given = 0")
    rows.put(connection, Consent, [(*new, purpose, 0, at) for purpose, at in refused])

"""What a member usually takes at a merchant: how often which reward, of those who agreed that it is remembered (A6, A10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from ledger import rows
from ledger.consent import agreeing
from ledger.schema_standing import PersonalOffer, Usual
from ledger.visits import Scope

Key = tuple[int, str]
"""(bucket, member)"""

AT_LEAST = 2
"""Once is no habit."""


def remember_taken(connection: Connection, taken: Mapping[tuple[int, str, str, str], int]) -> None:
    """(bucket, member, merchant, reward) → times, below zero where it was taken back. One query a batch in which somebody
    redeemed, and a statement where one of them agreed."""
    wanted = {key: times for key, times in taken.items() if times}
    if not wanted:
        return
    agreed = agreeing(connection, {key[:2] for key in wanted}, "personal")
    rows.add(connection, Usual, "times", [(*key, times) for key, times in wanted.items() if key[:2] in agreed])


def usual_told(connection: Connection, keys: Sequence[Key], scope: Scope) -> dict[Key, str]:
    """The reward that each takes most often at the reader's merchant; of equal ones the first by name."""
    wanted = [(*key, scope.merchant) for key in keys]
    columns = "bucket, member, reward, times"
    found = rows.find(connection, Usual, ("bucket", "member", "merchant"), wanted, columns, f"t.times >= {AT_LEAST}")
    best: dict[Key, tuple[int, str]] = {}
    for bucket, member, reward, times in found:
        key = bucket, member
        best[key] = min(best.get(key, (-times, reward)), (-times, reward))
    return {key: reward for key, (_times, reward) in best.items()}


def offers_told(connection: Connection, keys: Sequence[Key], scope: Scope) -> dict[Key, dict[str, str]]:
    """What the reader's merchant offers to each in person, with its last day."""
    wanted = [(*key, scope.merchant) for key in keys]
    columns = "bucket, member, id, until"
    offers: dict[Key, dict[str, str]] = defaultdict(dict)
    for bucket, member, what, until in rows.find(
        connection,
        PersonalOffer,
        ("bucket", "member", "merchant"),
        wanted,
        columns,
        f"t.until >= '{scope.yesterday}'",
    ):
        offers[bucket, member][what] = until
    return offers


def forget_personal(connection: Connection, keys: Iterable[Key]) -> None:
    """All that was kept for him alone."""
    for key in keys:
        for table in ("usual", "personal_offer"):
            rows.execute(connection, f"DELETE FROM {table} WHERE bucket = ? AND member = ?", *key)


def hand_over(connection: Connection, old: Key, new: Key) -> None:
    """Two numbers became one: what was kept goes along where the one who goes on agreed, and is forgotten where he did not."""
    if new in agreeing(connection, [new], "personal"):
        taken = rows.find(connection, Usual, ("bucket", "member"), [old], "merchant, reward, times")
        rows.add(connection, Usual, "times", [(*new, *one) for one in taken])
        forget_personal(connection, [old])
    else:
        forget_personal(connection, [old, new])
